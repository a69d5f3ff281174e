"""Which lines of a letter's own text tell its story, and which are furniture around it.

Furniture: rows of a table, lines of a form ("Город: Тула"), the head of an official letter (to whom, from whom, where
he lives), a heading, an official foot (a date, a rule, initials), and below the story the firm, the position and the
name of who signs. A line that holds a verb tells something, whatever else it looks like.
"""

import re

from intake.signers import is_name, is_signer
from validate.addressee import is_addressee, names_a_thing
from validate.dictionary import is_verb
from validate.name_leads import is_officials

_HEAD = 8  # lines in which the head of an official letter stands
_FOOT = 6  # lines below the story that are looked at
NAME = "\ue000"  # stands for a name that was found, one over two lines too
_CELL_TELLS = 6  # words in a cell that tell a story
_STORY_LABEL = re.compile(
    r"^[\s\-–—•*]{0,4}(?:\d[.)]\s?)?(?:(?:краткое |подробное )?описание|суть|проблема|что случилось|что произошло|текст|вопрос|ситуация|содержание|сообщение)"
    r"(?: (?:проблемы|обращения|ситуации|заявления|вопроса|дела|события|сообщения))?\s?(?:[:|\t]|\s[—–-])\s*",
    re.I,
)
_FORM = re.compile(
    r"^[\s\-–—•*]{0,4}(?:\d[.)]\s?)?(?:мо[йяёе] )?(?:фамилия|имя|отчество|ф\.?\s?и\.?\s?о\.?|город|регион|область|район|адрес\w*(?: [а-яё]+)?|прописка|место жительства|дата(?: и время)?(?: [а-яё]+)?|время|"
    r"число|подпись|тема|организация|компания|должность|отдел|директор|руководитель|сумма|банк|телефон|тел|моб|e-?mail|почта|паспорт|полис|индекс|контакт\w*(?: [а-яё]+)?|заявитель|кому|от кого|куда)"
    r"(?:,? (?:подпись|имя|отчество))*\.?\s?(?:[:=\t|]|\s[—–-]\s)",
    re.I,
)
_FIELD = re.compile(r"(?<![а-яё])(?:ф\.?\s?и\.?\s?о\.?|инн|снилс|огрн|дата|телефон|тел\.?|e-?mail|почта|адрес|кабинет)\s?:", re.I)
_STORY_WITHIN = re.compile(
    r"[\s,;.](?:(?:краткое )?описание|суть|проблема|что (?:случилось|произошло))(?: (?:проблемы|обращения|ситуации|вопроса))?\s?:\s*", re.I
)
_LIVES = re.compile(
    r"\s*(?:(?:от|я,?)\s[^.!?\n]{0,80}?,?\s)?(?:проживающ\w+|зарегистрированн\w+|прописанн\w+|адрес|прож\.|паспорт)(?![а-яё])[^!?\n]{0,160}",
    re.I,
)
_HEADING = re.compile(
    r"\s*(?:(?:повторное |письменное |коллективное )?(?:заявление|обращение|жалоба|претензия|запрос|ходатайство|просьба|вопрос))[\s.:!]*",
    re.I,
)
# An official foot: the day, a rule to sign on, who signs; each alone too, in any order.
_DAY = r"(?i:[«\"]?\d{1,2}[»\"]?[. ](?:\d{1,2}|[а-я]{3,8})[. ](?:20)?\d\d(?!\d)\s?(?:г\.\s?г\.|года|г\.?(?![а-яё]))?)"
_INITIALS = r"(?:[А-ЯЁ][а-яё\-]{1,30} [А-ЯЁ]\.\s?(?:[А-ЯЁ]\.)?|[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.)?\s?[А-ЯЁ][а-яё\-]{1,30})"
_SIGNED = re.compile(
    rf"\s*(?:\d{{1,2}}[.)] )?(?:от )?(?:(?>{_DAY}|{_INITIALS}|{NAME}|(?i:подпись)|М\.\s?П\.|[_/\\()–—-]+)[\s.,]*+){{1,10}}+"
)
_WHO = rf"(?:{NAME}|{_INITIALS})[\s.,]*"
# Who writes, by a title: "от директора ООО «Ромашка» Сизовой А. Б."; a day behind "от" is no title.
_FROM = (
    r"\s*(?:(?:[Зз]аявление|[Оо]бращение|[Хх]одатайство) )?[Оо][Тт]\s+"
    r"(?!(?i:\d|понедельник|вторник|сред[уы]|четверг|пятниц|суббот|воскресень|вчера|сегодня|прошл))"
)
_SENDER = re.compile(rf"{_FROM}[^!?\n]{{0,160}}?\s{_WHO}")
_FROM_TITLE = re.compile(rf"{_FROM}[^!?.\n]{{4,160}}")
_NAME_ALONE = re.compile(rf"\s*{_WHO}")
_WORDS = re.compile(r"[А-Яа-яёЁ]{2,}")
_SIGNED_BY = re.compile(
    r"\s*(?:[^.!?\n]{0,60}\|[^.!?\n]{0,60}|[A-Za-zА-ЯЁ«][^.!?\n]{0,50}[»\"](?:, [^.!?\n]{0,40}\.?)?|"
    r"(?:глава|директор|специалист|менеджер|бухгалтер|инженер|начальник|руководитель|председатель|секретарь|юрист|заместитель|ведущий|главный|старший|управление|отдел)[^.!?\n]{0,60}"
    r"(?:\s[А-ЯЁ][а-яё\-]+ [А-ЯЁ]\.\s?[А-ЯЁ]?\.?)?)\s*",
    re.I,
)
# A farewell on a line of its own at the end; thanks and pleas may be all that an answer says.
_FAREWELL = re.compile(
    r"\s*(?:(?:с нетерпением |очень |буду )?(?:жду|ждать|ждём|ждем|ожидаю) (?:от вас |вашего |скорого |скорейшего |быстрого )*ответа"
    r"|всего (?:вам )?(?:самого )?(?:доброго|хорошего|наилучшего)|до свидания|удачи(?: вам)?(?: в работе)?|всех (?:вам )?благ"
    r"|(?:хорошего|удачного|доброго|приятного) (?:вам )?(?:рабочего )?(?:дня|вечера))[\s.,!)]*",
    re.I,
)


def told_lines(body: str) -> list[str]:
    """The lines that tell, in their order; blank lines stay, a label before a story goes."""
    lines = body.split("\n")
    out: list[str] = []
    for number, line in enumerate(lines):
        if not line.strip():
            out.append(line)
        elif "\t" in line or line.count(" | "):
            out += _cells(line)
        elif label := _STORY_LABEL.match(line):
            out.append(line[label.end() :])
        elif within := _story_within(line):
            out.append(line[within:])
        elif not _is_furniture(line, at_top=number < _HEAD and len(lines) > 1) and not _is_sender(lines, number):
            out.append(line)
    return _without_foot(out)


def _cells(line: str) -> list[str]:
    """What a row of a table tells: the cell beside a story's label, or a cell that is a story."""
    cells = [cell.strip() for cell in re.split(r"\t| \| ", line.strip().strip("|")) if cell.strip()]
    label = _STORY_LABEL.match(cells[0] + "\t") if cells else None
    if label and len(cells) > 1:
        return [" ".join(cells[1:])]
    return [cell for cell in cells if len(_WORDS.findall(cell)) >= _CELL_TELLS and _has_verb(cell)]


def _story_within(line: str) -> int:
    """Where the story begins in a form written in one line: "ФИО: … ИНН: … Описание: …"; 0 in any other line."""
    label = _STORY_WITHIN.search(line) if _FIELD.match(line.lstrip()) else None
    if not label or len(_FIELD.findall(line, 0, label.start())) < 2 or _has_verb(line[: label.start()]):
        return 0
    return label.end()


def _is_furniture(line: str, *, at_top: bool) -> bool:
    if _SIGNED.fullmatch(line) or _HEADING.fullmatch(line):
        return True
    form = _FORM.match(line)
    if form:
        return not _has_verb(line[form.end() :])
    return at_top and not _has_verb(line) and (is_addressee(line) or _LIVES.fullmatch(line) is not None)


def _is_sender(lines: list[str], number: int) -> bool:
    """Whether a line of the head says by a title who writes, alone or with the name under it.

    No verb stands in it or above; where the name is only initials, nothing but the addressee, a heading or nobody does.
    """
    if number >= _HEAD or len(lines) < 2 or not lines[number].lstrip()[:1].isalpha():
        return False
    line, below = lines[number], lines[number + 1] if number + 1 < len(lines) else ""
    above = lines[number - 1] if number else ""
    whole = _SENDER.fullmatch(line) or (_FROM_TITLE.fullmatch(line) and _NAME_ALONE.fullmatch(below))
    titled = line.lower().replace("ё", "е")
    if not whole or _has_verb(above + "\n" + line) or names_a_thing(line.partition(" ")[2]) or is_officials(titled):
        return False
    heads = is_addressee(above) or _HEADING.fullmatch(above) or _NAME_ALONE.fullmatch(above)
    return not above.strip() or bool(heads) or NAME in line + below


def _without_foot(lines: list[str]) -> list[str]:
    """Off the bottom, who signs and a farewell; not the whole of a letter."""
    end = len(lines)
    for _ in range(_FOOT):
        while end and not lines[end - 1].strip():
            end -= 1
        line = lines[end - 1].strip() if end > 1 else ""
        if not line or not (_FAREWELL.fullmatch(line) or _is_signers(line)):
            break
        end -= 1
    return lines[:end] if any(line.strip() for line in lines[:end]) else lines


def _is_signers(line: str) -> bool:
    return not _has_verb(line) and bool(_SIGNED_BY.fullmatch(line) or is_name(line) or is_signer(line))


_OF_FORMS = frozenset("выдан выдана выдано прошу зарегистрирован зарегистрирована".split())  # verbs that forms use


def _has_verb(text: str) -> bool:
    words = [word.lower() for word in _WORDS.findall(text)[:15]]
    return "не" in words or any(is_verb(word) for word in words if word not in _OF_FORMS)
