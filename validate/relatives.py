"""Tells whether the words around the label of a number give it to a relative, an employee or the writer.

A relative spoken of near a number is no owner yet: people write "не могу записать сына к врачу, ИНН …" and sign
"Орлова Вера Павловна (мама), ИНН …". The number is the relative's where the label stands right beside the relative
("ИНН мужа", "у мужа ИНН"), beside the relative's name ("сын Орлов Пётр, ИНН") or after "его"; where the relative is
the one of whom the clause tells ("ребёнку присвоен ИНН"); and never where the writer says "мой".
"""

import re

from validate.whose import EMPLOYEE, OTHERS_PERSON

FAR = 80  # characters before a label that may hold a relative and the name beside it
_NEAR = 30  # and those within which a relative alone counts
_KIN = re.compile(rf"{OTHERS_PERSON.pattern}[а-яё]*", re.I)
_EMPLOYEE = re.compile(rf"{EMPLOYEE.pattern}[а-яё]*", re.I)
_AS_ONE = re.compile(r"(?<![а-яё])(?:я|как|являюсь)[\s—–-]{1,3}$", re.I)
_WORD = re.compile(r"[а-яё]+", re.I)
_SENTENCE = re.compile(r"[\d;!?.]")  # words before a label belong to it only after these
# … which an initial and a date of birth are not
_INITIAL = re.compile(r"(?<![а-яё])([А-ЯЁ])\.", re.I)
_BORN = re.compile(r"(?<!\d)(?:\d\d?\.\d\d?\.\d{4}|\d{4})(?:\s?г\.?\s?р\.?|\s?года? рождения)", re.I)
_MINE = re.compile(r"(?<!не )(?<![а-яё])мо(?:й|его|ему|ём|ем|им)\W{0,4}$", re.I)
_OWN = re.compile(r"(?<![а-яё])сво(?:й|его|ему|ём|ем|им)\W{0,4}$", re.I)
_SUBJECT = (
    r"(?:реб[её]нок|сын|сынок|дочь|дочка|муж|жена|супруга?|мать|мама|отец|папа|бабушка|дедушка|брат|сестра|внук|внучка|"
    r"свекровь|т[её]ща|сосед|соседка)(?![а-яё])"
)
_DOER = re.compile(rf"(?<![а-яё])(?<!на )(?<!за )(?<!про ){_SUBJECT}", re.I)
# "ИНН внук нашёл …": he found it, it is not his
_TOLD_BY = re.compile(
    rf"(?<![а-яё])(?:(?:мне|мой|моя)\s)?{_SUBJECT}\s(?:мне\s|уже\s)?(?:наш[её]л|нашла|отыскал|подсказал|продиктовал|записал|написал|выписал|"
    r"переписал|прочитал|прочел|прочёл|посмотрел|показал|сказал|дал|прислал|диктует|подсказывает|говорит|пишет)а?(?![а-яё])",
    re.I,
)
_ROLE_AFTER = re.compile(rf"[\s,(—–-]+(?:многодетная\s|одинокая\s)?{_SUBJECT}", re.I)
_GUARDIAN = re.compile(
    r"(?<![а-яё])(?:опекун|попечител|представител)[а-яё]*\s(?:мо[а-яё]{2,3}\s|сво[а-яё]{2,3}\s)?$", re.I
)
# What is done about a relative, not what is his: "записать сына", "на ребёнка"
_INFINITIVE = re.compile(r"[а-яё]{2}(?:ть|ти|ться|чь)\s(?:мо[а-яё]{1,3}\s|сво[а-яё]{1,3}\s)?$", re.I)
_OBJECT = re.compile(r"(?:реб[её]нка|сына|дочь|дочку|мужа|жену|супруг[ау]|мать|маму|отца|папу|бабушку|дедушку|внука|внучку|брата|сестру)", re.I)  # fmt: skip
_ABOUT = re.compile(r"(?<![а-яё])(?:на|со?|об?|про|к)\s(?:мо[а-яё]{1,3}\s|сво[а-яё]{1,3}\s)?$", re.I)
_AT = re.compile(r"(?<![а-яё])у\s(?:мо[а-яё]{1,3}\s|сво[а-яё]{1,3}\s)?$", re.I)
_GOES_ON = re.compile(r"в|во|к|ко|на|из|из-за|с|со|от|по|до|[а-яё]{2,}(?:ли|ло|лся|ют|ет|ит|ился)", re.I)  # no name
_CHILD = re.compile(r"реб[её]н|сын|доч|внук|внуч", re.I)
_STILL_BESIDE = frozenset(("номер", "новый", "этот", "по", "сам", "личный"))  # "сына номер ИНН"
_ITS = frozenset(("его", "ее", "её", "их"))


def around(lead: str, gap: str, *, writer: str) -> str:
    """The words that tell whose a number is, lower case; of relatives and employees only the one whose it is.

    `lead` is what stands before the label on its line, FAR characters at most, `gap` what stands between label and
    number, `writer` the name that the letter was found to be from, as written; empty when none was.
    """
    gap = _TOLD_BY.sub("", gap)
    if _MINE.search(gap):
        return ""
    said = _SENTENCE.split(_INITIAL.sub(r"\1", _BORN.sub("", lead)))[-1]
    if _MINE.search(lead) or (_OWN.search(lead) and not _DOER.search(said)):
        return gap.lower()
    writer = _INITIAL.sub(r"\1", writer)
    owner = "" if _is_of_writer(said, writer) else _owner(said) or _employee(said)
    near = EMPLOYEE.sub("", _KIN.sub("", _SENTENCE.split(lead[-_NEAR:])[-1]))
    return f"{owner} {near} {gap}".lower()


def _owner(said: str) -> str:
    """The relative in the words before a label whose the number is; empty when there is none."""
    kin = next(reversed(list(_KIN.finditer(said))), None)
    if kin is None:
        return ""
    head, between = said[: kin.start()], said[kin.end() :]
    words = [word for word in _WORD.findall(between) if word not in _STILL_BESIDE]
    parted = "," in between
    if words and words[-1].lower() in _ITS:
        return kin[0]
    if _GUARDIAN.search(head) or (parted and not words and _ABOUT.search(head)):
        return ""
    far = len(between) >= _NEAR
    if all(word[0].isupper() for word in words) and not (far and said.isupper()):
        return kin[0]
    goes_on = any(_GOES_ON.fullmatch(word) for word in words)
    return "" if far or (goes_on and _is_spoken_of(head, kin[0], parted=parted)) else kin[0]


def _employee(said: str) -> str:
    """The word of an employee with nothing but a name before the label: "сотрудник Ежова М. К., ИНН"."""
    word = next(reversed(list(_EMPLOYEE.finditer(said))), None)
    if word is None or _AS_ONE.search(said[: word.start()]):
        return ""
    return word[0] if all(w[0].isupper() for w in _WORD.findall(said[word.end() :])) else ""


def _is_of_writer(said: str, writer: str) -> bool:
    """Whether the writer's name stands before the label with nobody else's after it: "Орлова В. П. (мама), ИНН"."""
    if not writer or writer not in said:
        return False
    rest = said[said.rindex(writer) + len(writer) :]
    if role := _ROLE_AFTER.match(rest):
        rest = rest[role.end() :]
        return not any(word[0].isupper() or word in _ITS for word in _WORD.findall(rest))
    return not _KIN.search(rest) and not any(word in _ITS for word in _WORD.findall(rest))


def _is_spoken_of(head: str, kin: str, *, parted: bool) -> bool:
    """Whether something is done about the relative, or befalls a child, and the label begins anew after it."""
    if _INFINITIVE.search(head) and _OBJECT.fullmatch(kin):
        return True
    if not parted or _DOER.fullmatch(kin) or _AT.search(head):
        return False
    return _ABOUT.search(head) is not None or _CHILD.match(kin) is not None
