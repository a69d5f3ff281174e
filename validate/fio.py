"""Reads who writes: surname and given name, the patronymic when there, in the nominative.

Every full name of the letter is collected with the words around it; then the writer is chosen:

1. A name beside a label or in the first person ("ФИО:", "Заявитель", "меня зовут", "я, …", "от …") is the writer's.
2. Next a full name alone on its line, then one in the signature: people write from each other's mailboxes,
   so what closes the letter's own text weighs more than what the mail program adds under it.
3. Next a name that begins a line or is followed by field data ("…, ИНН …"), then one in the subject.
4. Never the person greeted, an operator, official or doctor, a relative, the name of a street, school or company.
5. Who writes for a relative is the applicant, unless the letter labels another; the relative named after
   "за" or "от имени" is taken only where nobody else is named.

Initials are no full name, nor is a given name with a patronymic alone. Quoted mail and the From header never count.
"""

import re
from dataclasses import dataclass

from validate.bystanders import has_title, is_others, is_place, names_other, words_before
from validate.findings import Found
from validate.legible import line_of
from validate.name_places import NamePlace, Source, places_in
from validate.names import Case

_REACH = 90  # characters before a name that are looked at
_LABEL = re.compile(
    r"(?:ф\.? ?и\.? ?о\.?|фамилия[,/ ]+имя(?:[,/ и]+отчество)?|имя,?(?: и)? фамилия|фамилия и имя|заявител\w*|обративш\w+|полное имя|"
    r"мои данные|меня зовут|зовут меня|мое имя|моя фамилия|имя|данные|пишет(?: вам)?|вам пишет|(?:вас )?беспокоит(?: вас)?|"
    r"(?:к [вн]ам )?обраща(?:ется|лся|лась)(?: к [вн]ам)?|(?:к нам )?обратил(?:ся|ась)|прислать|направить|выслать|ответить|автор(?: письма)?|отправитель|пользовател\w+|клиент|владел(?:ец|ица|ьца|ицы)(?: \w+ записи| \w+)?|"
    r"гражданин\w*|гражданк\w+|гр-?н?к?[аи]?\.?|оформлен\w* на|зарегистрирован\w* на|на имя|"
    r"full name|name(?: is)?|fio|menya zovut|контакт\w{0,3}(?: лиц\w)?|исполнитель|исп)"
    r"(?: ?\([^)\n]{0,30}\))?(?: (?:заявител\w+|пользовател\w+|обратившегося|мое|полностью|гражданина|владельца|владелицы|клиента|мои))?"
    r"[\s:=.,—–\-\t|\n]*$"
)
_FIRST_PERSON = re.compile(
    r"(?<![а-яё])(?:я(?: же)?[\s,—–:\-]*(?:это|есть)?|от|это|ваш|ваша|мной|мною|у меня|мне|меня|ot|ya)[\s,:—–\-]*(?:кого:?\s*)?"
    r"(?:(?:гр\.?|граждан\w+|ип|заявител\w+|пользовател\w+|пенсионер\w*|индивидуальн\w+ предпринимател\w+|инвалид\w*(?: \S+ группы)?|"
    r"ветеран\w*(?: труда)?|жител\w+(?: \S+ \S+| \S+)?|многодетн\w+ мат\w+|самозанят\w+|студент\w*|"
    r"(?:директор|руководитель|бухгалтер|главный бухгалтер|председатель|представитель|собственник)(?: \S+){0,3}))?[\s,:—–\-]*$"
)
_KIN = (
    r"(?<![а-яё])я[\s,—–\-]*(?:е[её]|его|их)?\s*(?:дочь|сын|жена|муж|мать|мама|отец|папа|внук|внучка|сестра|брат|опекун|представитель|сосед\w*)"
    r"(?: [а-я\-]+){0,4}\s*[,—–\-]\s*$|(?<![а-яё])(?:теперь я|стала|ныне|теперь)\s*[—–:\-]?\s*$"
)
_AS_KIN = re.compile(_KIN)  # "я её дочь, Павлова Нина": the writer; "я опекун Сони Беловой" is not
_CLOSING = re.compile(r"(?:(?:подпись|уважением|с ув\.?|признательностью|regards|uvazheniem)[\s,.!:—–\-|]*|(?:благодарю|спасибо)\s*[,.!\n][\s,.!]*)$")
_GENITIVE = re.compile(
    r"(?<![а-яё])(?:от|у|для|без|меня|гражданина|гражданки|гр\.|заявителя|заявительницы|пользователя|пользовательницы|пенсионерки|"
    r"пенсионера|имени|имя|предпринимателя|кабинет|жалоба|обращение|заявление|ип|запись|владельца|владелицы)[\s,:]*$"
)
_CASES_BY_WORD: tuple[tuple[re.Pattern[str], frozenset[Case]], ...] = (
    (re.compile(r"(?<![а-яё])(?:мной|мною)[,\s]*$"), frozenset({"ins"})),
    (re.compile(r"(?<![а-яё])мне[,\s]*$"), frozenset({"dat"})),
    (re.compile(r"(?:оформлен|зарегистрирован|записан)\w* на\s*$"), frozenset({"acc"})),
)
_GREETED = re.compile(
    r"(?:уважаем\w+|здравствуй\w*|добр\w+ (?:день|вечер|утро)|приветствую|привет|дорог\w+|спасибо|благодар\w+|обращаюсь к|вниманию)"
    r"[,\s!]*(?:\w+\s?){0,2}$"
)
_FOR = re.compile(
    r"(?<![а-яё])(?:за|от имени|в интересах|по просьбе|по доверенности от|вместо|помогаю|пишу по поводу)\s+(?:(?:сво\w{1,4}|мо\w{1,3})\s+)?"
    r"(?:[а-я]{3,12}[,\s:(—–\-]+)?$"
)
_DATA_AFTER = re.compile(
    r"^\s*[,;:.—–\-(|\t]*\s*(?:мой\s+|номер\s+|№\s*)?(?:инн|и\.н|снилс|тел|моб|паспорт|г\.?\s?р|лк|лс|кабинет|личн|уч[её]тн|аккаунт|дата|\d|"
    r"e-?mail|почта|адрес|прож|зарегистр|огрн|\n|$)"
)
_ACTS_AFTER = re.compile(
    r"^[\s,]*(?:(?:мне|мо\w{1,3}|нам|меня|по телефону|грубо|просто|не|сначала|котор\w{2}|со мной|из|в|во|на|с|вчера|сегодня|по)\s+){0,3}"
    r"(?:сказал|ответил|отказал|нахам|нагруб|положил|бросил|объясн|заявил|утвержда|обеща|провер|приня|переключ|посовет|предлож|сообщ|"
    r"говор|отвеча|представил|попросил|трубк|разговарива|консульт|выписал|назнач|вед[её]т|родил|умер|прожива|учит|ходит|работает|"
    r"подписал|подпись|написал|прислал|вынес|выдал|болен|больна)"
)
_BREAK = re.compile(r"[.!?;]\s+|[!?;]|\n\s*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    fio: str
    written: str
    score: int


def find_fio(own: str, *, signature: str = "", subject: str = "") -> Found | None:
    """The writer's name, "Фамилия Имя Отчество"; null where the letter states none in full."""
    persons = [
        _Person(fio=place.fio, written=place.written, score=score)
        for source, text in ((Source.OWN, own), (Source.SIGNATURE, signature), (Source.SUBJECT, subject))
        for place in places_in(text, source, _cases_by_lead)
        if (score := _score(text, place, source)) > 0
    ]
    if not persons:
        return None
    best = max(persons, key=lambda p: p.score)
    fullest = next((p for p in persons if p.fio.startswith(best.fio + " ")), best)
    return Found(value=fullest.fio, written=fullest.written)


def _lead(text: str, start: int) -> str:
    """What stands before a name on its line, lower case, ё as е.

    A name that begins its line takes the line above when that leads to it: a short one, one that ends in a colon,
    comma or dash, or one that was broken for its length ("… записать сына / Иванова Петра Сергеевича к врачу").
    """
    line_start, line_end = line_of(text, start)
    lead = text[max(line_start, start - _REACH) : start]
    if line_start and not lead.strip(" \t-–—•*>«\"("):
        above_start, above_end = line_of(text, line_start - 1)
        above = text[max(above_start, above_end - _REACH) : above_end].rstrip()
        broken = len(above) > 55 and above[-1].isalpha() and line_end - start > 45
        if broken or above.endswith((":", ",", "—", "–", "-")) or len(above) < 25:
            lead = above + "\n" + lead
    return lead.lower().replace("ё", "е")


def _cases_by_lead(text: str, start: int) -> frozenset[Case]:
    """Which case the word before a name asks for; empty when it asks for none."""
    lead = _lead(text, start)
    if _GENITIVE.search(lead):
        return frozenset({"gen"})
    return next((cases for pattern, cases in _CASES_BY_WORD if pattern.search(lead)), frozenset())


def _score(text: str, place: NamePlace, source: Source) -> int:
    """How surely this is the writer, by the rules of the module's docstring; 0 is never."""
    if place.labelled:
        return 100
    lead = _lead(text, place.start)
    sentence = _BREAK.split(lead)[-1]
    words = words_before(sentence)
    tail = text[place.end : place.end + 80].lower().replace("ё", "е")
    if is_place(words_before(sentence.rpartition("\n")[2])):
        return 0
    bonus = place.parts - 30 * place.latin
    if _FOR.search(sentence):
        return 12
    if _is_self(lead, sentence, words):
        return 100 + bonus
    if source is Source.SIGNATURE or _CLOSING.search(lead):
        return 80 + bonus
    score = _unlabelled(text, place, source, sentence, words, tail)
    return max(0, score + bonus) if score else 0


def _is_self(lead: str, sentence: str, words: list[str]) -> bool:
    """A label or the first person, and nobody else's: "ФИО ребёнка" labels the child."""
    label = _LABEL.search(lead)
    if label:
        return not is_others(words_before(_BREAK.split(lead[: label.start()])[-1]), far=1) and not is_others(words, far=1)
    return (_FIRST_PERSON.search(sentence) or _AS_KIN.search(sentence)) is not None


def _unlabelled(text: str, place: NamePlace, source: Source, sentence: str, words: list[str], tail: str) -> int:  # one name's surroundings, each looked at once
    """A name that nothing labels: by where it stands, unless somebody else is spoken of."""
    start, _ = line_of(text, place.start)
    _, end = line_of(text, place.end)
    alone = not (text[start : place.start] + text[place.end : end]).strip(" \t\n.,;:!-–—•*()|")
    same_line = sentence.rpartition("\n")[2]
    if _GREETED.search(same_line):
        return 0
    if is_others(words):
        titled = place.end >= end - 1 and has_title(words_before(same_line)) and _FIRM.search(text[start:end]) is not None
        return 60 if titled else 0
    if _is_relation(tail) or (not alone and _ACTS_AFTER.search(tail)):
        return 0
    if alone:
        return 85 if place.parts > 2 else 76
    if place.starts_line and (_DATA_AFTER.search(tail) or place.case == "nom"):
        return 65 if _DATA_AFTER.search(tail) else 30
    if source is Source.SUBJECT:
        return 40
    if sentence.strip() == "ип":
        return 65
    if _DATA_AFTER.search(tail) and (place.case == "nom" or not sentence.strip()):
        return 55
    return 8 if place.parts > 2 and not sentence.strip() else 0


_FIRM = re.compile(r"(?<![А-ЯЁа-яё])(?:ООО|АО|ЗАО|ПАО|ИП|СНТ|ТСЖ|ТСН|НКО|ГБУ|МБОУ|МУП|ГУП|[Оо]рганизац|[Кк]омпани)|«")


def _is_relation(tail: str) -> bool:
    """Whether what follows makes the name somebody else's: "…, мой муж", "… (оператор)"."""
    m = re.match(r"\s*[,(—–\-]+\s*(?:мо[йяе]|наш\w?|ваш\w?|сво\w{1,3}|это)?\s*([а-я]+)", tail)
    return m is not None and names_other(m[1]) and not _FIRM.search(tail.upper())
