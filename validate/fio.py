"""Reads who writes: surname and given name, the patronymic when there, in the nominative.

Every full name of the letter is collected with the words around it; then the writer is chosen:

1. A name beside a label or in the first person ("ФИО:", "Заявитель", "меня зовут", "я,", "от …") is the writer's.
2. Next a name in the signature or alone on its line, then a name that begins a line and is followed by field data.
3. Next a name in the subject, and last one that merely stands in the text and that nothing gives to another.
4. Never the person greeted, an operator, official or doctor, a relative, the name of a street, school or company.
5. Who writes for a relative is the applicant, unless the letter labels another; the relative named after
   "за" or "от имени" is taken only where nobody else is named.

Initials are no full name, nor is a given name with a patronymic alone. Quoted mail and the From header never count.
"""

import re
from dataclasses import dataclass

from validate.findings import Found
from validate.legible import line_of
from validate.name_places import NamePlace, places_in

_LABEL = re.compile(
    r"(?:ф\.? ?и\.? ?о\.?|фамилия[,/ ]+имя(?:[,/ и]+отчество)?|имя,? фамилия|заявитель\w*|заявительниц[аы]|обративш\w+|полное имя|мои данные|"
    r"меня зовут|зовут меня|мое имя|мое фио|моя фамилия|имя|данные|пишет(?: вам)?|вам пишет|беспокоит(?: вас)?|вас беспокоит|обращается(?: к вам)?|к вам обращается|автор|отправитель|пользователь|"
    r"владелец(?: уч[её]тной записи| аккаунта| кабинета)?|гражданин\w*|гражданк\w+|гр-?н?к?[аи]?\.?|пенсионер\w*|на имя|на мое имя|оформлен\w* на|зарегистрирован\w* на|подпись|с уважением|"
    r"name|full name|fio)(?:\s*\((?:полностью|заявителя|[^)\n]{0,25})\))?(?: заявител\w+| пользовател\w+| обратившегося| мо[её]| полностью| гражданина| владельца| владелицы| клиента)?[\s:=.,—–\-\t|]*$"
)
_FIRST_PERSON = re.compile(
    r"(?:(?<![а-яё])я\s?(?:[,—–:\-]|это|есть)?\s?(?:,\s?)?(?:ип|гражданин\w*|гражданка|гр\.?|пенсионер\w*|инвалид \w+ группы,?|многодетн\w+ мать,?|индивидуальный предприниматель|директор\s+\S+|руководитель\s+\S+|собственник\s*\S*|житель\w*\s+\S*|[а-я]+ [а-я]+,)?\s*|(?<![а-яё])(?:от|это|ваш|ваша|мы)\s?:?\s*(?:кого:?\s*)?(?:гр\.?|гражданина|гражданки|ип|заявител\w+|пользовател\w+|пенсионер\w+|индивидуального предпринимателя|\(фио\):?)?\s*)$"
)
_GENITIVE = re.compile(
    r"(?:(?<![а-яё])(?:от|у|для|без|гражданина|гражданки|гр\.|заявителя|заявительницы|пользователя|пенсионерки|пенсионера|имени|предпринимателя|данные|учетная запись|кабинет|фамилию|жалоба|обращение|заявление)\s*:?\s*)$"
)
_BY = re.compile(r"(?:(?<![а-яё])(?:мной|мною|с|со|пишется)[,\s]*)$")
_GREETED = re.compile(
    r"(?:уважаем\w+|здравствуй\w*|добр\w+ (?:день|вечер|утро)|приветствую|привет|дорог\w+|спасибо|благодар\w+|обращени\w+ к)[,\s!]*(?:\w+\s?){0,2}$"
)
_OFFICIAL = (
    r"врач\w*|доктор\w*|терапевт\w*|педиатр\w*|хирург\w*|стоматолог\w*|окулист\w*|кардиолог\w*|невролог\w*|оператор\w*|специалист\w*|консультант\w*|сотрудни\w+|менеджер\w*|инспектор\w*|инженер\w*|"
    r"директор\w*|начальни\w+|руководител\w+|заведующ\w+|министр\w*|глав[аеуы]|губернатор\w*|мэр\w*|президент\w*|нотариус\w*|судь\w+|пристав\w*|следовател\w+|участков\w+|"
    r"депутат\w*|паспортистк\w+|регистратор\w*|администратор\w*|бухгалтер\w*|секретар\w+|учител\w+|воспитател\w+|преподавател\w+|тренер\w*|работни\w+|девушк\w+|юрист\w*|адвокат\w*|агент\w*|продав\w+|покупател\w+|подпис\w+|исполнител\w+|дежурн\w+|медсестр\w+|майор\w*|капитан\w*|лейтенант\w*|начальниц\w+|риелтор\w*|хозя\w+|собственник\w*|арендатор\w*|должник\w*|взыскател\w+|ответчик\w*|однофамил\w+|мастер\w*|работодател\w+|доверенн\w+ лиц\w+|кандидат\w*|поддержк\w+"
)
_RELATIVE = (
    r"муж\w{0,4}|жен[аыеуо]й?|супруг\w*|сын\w{0,4}|сыночк\w*|доч\w{1,5}|дочк\w+|реб[её]н\w+|дет\w{1,3}|мать|матери|матерью|мам\w{1,3}|отец|отц\w{1,3}|пап\w{1,3}|брат\w{0,3}|сестр\w{1,3}|бабушк\w+|дедушк\w+|дед\w{0,2}|"
    r"внук\w{0,3}|внуч\w+|сосед\w*|коллег\w+|т[её]щ\w+|свекр\w+|свекров\w*|т[её]т\w{1,3}|дяд\w{1,3}|племянни\w+|друг\w{0,3}|подруг\w+|умерш\w+|покойн\w+|опекаем\w+|подопечн\w+|ученик\w*|ученица|студент\w*|двоюродн\w+|родственни\w+|крестни\w+|мамочк\w+|бывш\w+"
)
_OTHERS = re.compile(
    rf"(?<![а-яё])(?:{_OFFICIAL}|{_RELATIVE})(?:[\s,:;—–(\-]+(?:мо[йяеёю]\w{{0,2}}|по фамилии|по имени|дежурн\w+|фио|зовут|номер \d+|№\s?\d+|[а-яё]+(?:ой|ого|ий|ая|ый|ции|ния|ки|та|ов|ии|ра|фн|мфц|загс\w*|поддержки)|мфц|загс\w*|\d+))*[\s,:;—–(«\"\-]*$"
)
_OF_OTHERS = re.compile(rf"(?:ф\.?и\.?о\.?|имя|данные|фамилия)\s+(?:{_OFFICIAL}|{_RELATIVE})[\s:—–\-\t]*$")
_NAMED_AFTER = re.compile(
    r"(?:(?<![а-яё])(?:ул|улиц\w|пер|переул\w+|пр|просп|проспект\w*|площад\w+|пл|шоссе|бульвар\w*|б-р|наб|набережн\w+|школ\w+|лице\w+|гимнази\w+|университет\w*|больниц\w+|музе\w+|театр\w*|парк\w*|им|имени|памятник\w*|дк|сквер\w*|стадион\w*|микрорайон\w*|мкр|завод\w*|институт\w*|аэропорт\w*|кодекс\w*|метро)\.?\s*)$"
)
_COMPANY = re.compile(r"(?:ооо|зао|оао|пао|ао|нко|ано|фонд|магазин\w*|фирм\w+|компани\w+|торгов\w+ дом)\s*[«\"“„']\s*$")
_FOR = re.compile(
    rf"(?<![а-яё])(?:за|от имени|в интересах|для|по просьбе|по доверенности от|вместо|помога\w+)\s+(?:(?:сво\w+|мо\w+)\s+)?(?:{_RELATIVE})?[\s,:(—–\-]*$"
)
_RELATION_AFTER = re.compile(
    rf"^\s*[,(—–\-]+\s*(?:мо[йяеё]|наш\w?|ваш\w?|сво\w+|это)?\s*(?:{_OFFICIAL}|{_RELATIVE})(?![а-яё])"
)
_ACTS_AFTER = re.compile(
    r"^[\s,]*(?:(?:мне|мо\w+|нам|меня|по телефону|грубо|просто|не|сначала|который\w*|которая|со мной|из|в|во|на|с)\s+){0,3}(?:сказал|ответил|отказал|нахам|нагруб|положил|бросил|объясн|заявил|утвержда|обеща|провер|приня|переключ|посовет|предлож|сообщ|говор|отвеча|представил|попросил|трубк|разговарива|консульт|выписал|назнач|веду?т|родил|умер|прожива|учит|ходит|работает)\w*"
)
_DATA_AFTER = re.compile(
    r"^\s*[,;:.—–\-(|\t]*\s*(?:мой\s+|номер\s+)?(?:инн|снилс|тел|паспорт|г\.?р|лк|лс|кабинет|личный|уч[её]тн|аккаунт|дата|\d|е-?mail|почта|адрес|прож|зарегистр|огрн|$|\n)",
    re.I,
)
_SENTENCE = re.compile(r"[.!?;]\s+(?=[А-ЯЁA-Z«\"])|[!?;]\s*|\n\s*\n")

_OWN, _SIGNATURE, _SUBJECT = "own", "signature", "subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    fio: str
    written: str
    score: int
    order: int


def find_fio(own: str, *, signature: str = "", subject: str = "") -> Found | None:
    """The writer's name, "Фамилия Имя Отчество"; null where the letter states none in full."""
    persons: list[_Person] = []
    for where, text in ((_OWN, own), (_SIGNATURE, signature), (_SUBJECT, subject)):
        for place in places_in(text, _wanted):
            score = _score(text, place, where)
            if score > 0:
                persons.append(_Person(fio=place.fio, written=place.written, score=score, order=len(persons)))
    if not persons:
        return None
    best = max(persons, key=lambda p: (p.score, -p.order))
    fuller = [p for p in persons if p.fio.startswith(best.fio + " ")]
    return Found(value=(fuller[0] if fuller else best).fio, written=(fuller[0] if fuller else best).written)


def _lead(text: str, start: int) -> str:
    """What stands before a name: its line, or the line above when the name begins its own."""
    line_start, _ = line_of(text, start)
    lead = text[max(line_start, start - 90) : start]
    if not lead.strip(' \t-–—•*>«"(') and line_start:
        above_start, above_end = line_of(text, line_start - 1)
        lead = text[max(above_start, above_end - 90) : above_end] + "\n" + lead
    return lead.lower().replace("ё", "е")


def _wanted(text: str, start: int) -> frozenset:  # type: ignore[type-arg]  # cases of names.Case
    lead = _lead(text, start)
    if _GENITIVE.search(lead):
        return frozenset({"gen"})
    if _BY.search(lead):
        return frozenset({"ins"})
    return frozenset()


def _score(text: str, place: NamePlace, where: str) -> int:
    """How surely this is the writer, by the rules of the module's docstring; 0 is never."""
    lead = _lead(text, place.start)
    sentence = _SENTENCE.split(lead)[-1]
    tail = text[place.end : place.end + 80].lower().replace("ё", "е")
    alone = _alone(text, place)
    if _NAMED_AFTER.search(sentence) or _COMPANY.search(sentence):
        return 0
    if _OF_OTHERS.search(sentence):
        return 0
    if where == _SIGNATURE:
        return 80 + place.parts
    if _FOR.search(sentence):
        return 12
    label = _LABEL.search(lead)
    if label and not _OTHERS.search(sentence[: max(0, len(sentence) - len(label[0]))].rstrip(" ,") + " "):
        return 100 + place.parts
    if _FIRST_PERSON.search(sentence) and not _RELATION_AFTER.search(tail):
        return 95 + place.parts
    if _GREETED.search(lead) and not alone:
        return 0
    if not alone and (_OTHERS.search(sentence) or _RELATION_AFTER.search(tail) or _ACTS_AFTER.search(tail)):
        return 0
    if alone:
        return 70 + place.parts
    if place.starts_line and _DATA_AFTER.search(tail):
        return 65 + place.parts
    if where == _SUBJECT:
        return 40
    if _DATA_AFTER.search(tail):
        return 35
    return 20 if place.case == "nom" and place.starts_line else 8 if place.parts >= 3 else 0


def _alone(text: str, place: NamePlace) -> bool:
    start, _ = line_of(text, place.start)
    _, end = line_of(text, place.end)
    return not (text[start : place.start] + text[place.end : end]).strip(" \t\n.,;:!-–—•*()|")
