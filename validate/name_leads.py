"""What stands before a name: its lead, and the case that the last word of it asks for."""

import re

from validate.addressee import BEGINS
from validate.dictionary import is_short_adjective, is_verb
from validate.legible import line_of
from validate.names import Case

_REACH = 90  # characters before a name that are looked at
_ABBREVIATIONS = (
    r"(?<!\bул)(?<!\bим)(?<!\bгр)(?<!\bпр)(?<!\bпер)(?<!\bг)(?<!\bд)(?<!\bс)(?<!\bув)(?<!\bпросп)(?<!\bпл)(?<!\bр-н)"
)
BREAK = re.compile(rf"{_ABBREVIATIONS}[.!?;]\s+|[!?;]|\n\s*\n")

_GENITIVE = re.compile(
    r"(?<![а-яё])(?:от|у|для|без|меня|гражданина|гражданки|гр\.|заявителя|заявительницы|пользователя|пользовательницы|пенсионерки|"
    r"пенсионера|имени|имя|предпринимателя|кабинет|жалоба|обращение|заявление|ип|запись|владельца|владелицы)[\s,:]*$"
)
_CASES_BY_WORD: tuple[tuple[re.Pattern[str], frozenset[Case]], ...] = (
    (re.compile(r"(?<![а-яё])(?:мной|мною|нами)[,\s]*$"), frozenset({"ins"})),
    (
        re.compile(
            r"(?<![а-яё])(?:мне|прошу|отвечать|ответить|(?:помочь|помогите|выдать|вернуть|направить|предоставить|восстановить|выслать)(?: (?:доступ|ответ|деньги|справку))?)[,\s]*$"
        ),
        frozenset({"dat"}),
    ),
    (re.compile(r"(?:оформлен|зарегистрирован|записан)\w* на\s*$"), frozenset({"acc"})),
)


def lead_of(text: str, start: int) -> str:
    """What stands before a name on its line, lower case, ё as е.

    A name that begins its line takes the line above when that leads to it: a short one, one that ends in a colon,
    comma or dash, or one that was broken for its length ("… записать сына / Иванова Петра Сергеевича к врачу").
    """
    line_start, line_end = line_of(text, start)
    lead = text[max(line_start, start - _REACH) : start]
    if line_start and not lead.strip(' \t-–—•*>«"('):
        above_start, above_end = line_of(text, line_start - 1)
        above = text[max(above_start, above_end - _REACH) : above_end].rstrip()
        broken = len(above) > 55 and above[-1].isalpha() and line_end - start > 45
        if broken or above.endswith((":", ",", "—", "–", "-")) or len(above) < 25:
            lead = above + "\n" + lead
    return lead.lower().replace("ё", "е")


def cases_by_lead(text: str, start: int) -> frozenset[Case]:
    """Which case the word before a name asks for; empty when it asks for none."""
    lead = lead_of(text, start)
    if _GENITIVE.search(lead) or title_from(text, start):
        return frozenset({"gen"})
    return next((cases for pattern, cases in _CASES_BY_WORD if pattern.search(lead)), frozenset())


_MOST_FROM = 200  # characters of a line that says from whom the letter is
_HEAD = 10  # lines in which the head of a letter stands
_FROM = re.compile(
    r"[\s\-–—•*]{0,4}(?:(?:заявление|обращение|ходатайство) )?от (?!(?:имени|лица|всех|всей|души|нас) )(?P<title>[а-я][^!?]{3,})"
)
# What stands above that line: nothing, to whom the letter goes, a heading or a greeting alone; "Отказ / от директора" is no head,
# and no more is a line that ends a sentence ("Директору отказ. / от директора").
_ABOVE = re.compile(
    rf"\s*(?:(?:{BEGINS}|кому(?![а-я])|администра\w+|(?:служба|отдел|портал|техподдержка|поддержка)(?![а-я]))"
    r"[^!?]*(?<=\S)(?<![а-я]{2}\.)\s*|"
    r"(?:заявление|обращение|ходатайство|жалоба|претензия)[\s.:]*|"
    r"(?:здравствуйте|добр\w+ (?:день|вечер|утро)|уважаем)[^.!?\n]{0,60}[.!,]*\s*)?"
)

# Behind "от" these are complained of, or sent what is told; nobody writes here as one: "Претензия / от налогового инспектора".
_OFFICIAL = re.compile(
    r"(?<![а-я])(?:инспектор\w*|пристав\w*|участков\w+|следовател\w+|дознавател\w+|судь[ия]|прокурор\w*|полици\w*|сотрудни\w+|специалист\w*|"
    r"оператор\w*|консультант\w*|чиновни\w+|начальник\w*(?! отдела кадров)|регистратор\w*|паспортист\w+|нотариус\w*|министр\w*|налогов\w+|мфц|банка|"
    r"лейтенант\w*|капитан\w*|майор\w*|коллектор\w*|продавц\w+|работодател\w+|сосед\w*|должник\w?|мошенни\w+)(?![а-я])"
)


def is_officials(title: str) -> bool:
    """Whether a title (lower case, ё as е) is of those who are complained of."""
    return _OFFICIAL.search(title) is not None


def title_from(text: str, start: int) -> str | None:
    """The title in a letter's head before a name: "от директора ООО «Ромашка» / Сизова Петра Борисовича".

    The line begins with "от", and no verb stands in it nor in what stands above it up to a blank line.
    """
    head = text[max(0, start - _MOST_FROM) : start]
    cut = head.rfind("\n", 0, max(0, len(head.rstrip()))) + 1  # the name may stand under the title
    line_start = start - len(head) + cut
    if not cut and line_start:
        return None
    m = _FROM.fullmatch(head[cut:].lower().replace("ё", "е"))
    if m is None or text.count("\n", 0, line_start) >= _HEAD or is_officials(m["title"]):
        return None
    block = text[max(0, line_start - _MOST_FROM) : line_start].lower().replace("ё", "е")
    above = block.rpartition("\n\n")[2]
    if ("\n\n" not in block and line_start > _MOST_FROM) or not _ABOVE.fullmatch(above):
        return None
    told = re.findall("[а-я]+", above + m["title"])
    if "не" in told or any(is_verb(word) or is_short_adjective(word) for word in told):
        return None
    return m["title"]
