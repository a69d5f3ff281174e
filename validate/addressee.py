"""To whom an official letter goes: the line at the top of its head.

A post in the dative or an office behind "в", and whatever hangs on it in another case: "Главному специалисту отдела
обращений". An account may begin alike ("Бухгалтеру нужна выписка", "Инженеру электронная подпись, а директору отказ"),
so a line that may tell something is none. Behind a comma only genitives hang on: "Министру цифрового развития, связи".
"""

import re

from validate.dictionary import cases_of, is_short_adjective, is_verb

_POSTS = (
    r"руководител[юя]|начальник[уа]|директор[уа]|министр[уа]|прокурор[уа]|главе|заведующ(?:е|ей|ему|его)|председател[юя]|оператор[уа]"
    r"|(?:(?:главн|старш|ведущ|генеральн|исполнительн|дежурн|техническ)(?:ому|ему) )?(?:специалист|инженер|менеджер"
    r"|администратор|сотрудник|заместител|директор|бухгалтер|юрист|губернатор|мэр|уполномоченном)[ую]"
)
_OFFICES = (
    r"в (?:служб|отдел|управлени|департамент|техподдержк|техническ|поддержк|министерств|минцифр|мфц|администраци"
    r"|федеральн|центр|канцеляри|гос)\w*"
)
BEGINS = rf"(?:{_POSTS}|(?P<office>{_OFFICES}))(?![а-яё])"  # for texts in lower case too, with "ё" as "е"
_LINE = re.compile(rf"\s*{BEGINS}(?P<on> [^.!?…:\n]{{0,70}})?\s*,?", re.IGNORECASE)
_TELLS = re.compile(
    r"(?<![а-яё])(?:а|но|без|не|ни|нет|никак|пора|уже|ещ[её]|опять|снова|вчера|сегодня)(?![а-яё])", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+")
_ASK_THE_ACCUSATIVE = frozenset("в во на за через про по".split())
_ADJECTIVE_ENDS = ("ое", "ее", "ый", "ий", "ой", "ые", "ие", "ую", "юю")


def is_addressee(line: str) -> bool:
    """Whether a line says to whom the letter goes, and tells nothing."""
    whole = _LINE.fullmatch(line)
    if not whole or _TELLS.search(line):
        return False
    first, *more = (whole["on"] or "").split(",")
    if any(part.strip()[:1].islower() and not _in_genitive(part) for part in more):
        return False
    office = whole["office"]
    return not names_a_thing(first, before="в" if office and office.lower().endswith(_ADJECTIVE_ENDS) else "")


def _in_genitive(words: str) -> bool:
    return all(word == "и" or "gent" in cases_of(word) for word in _WORD.findall(words.lower()))


def names_a_thing(words: str, *, before: str = "") -> bool:
    """Whether a verb, a short adjective or a nominative stands in what hangs on a post: then the line tells something.

    Capitals are names, in whatever case. Behind a preposition, and adjectives behind it, what looks like a nominative
    is an accusative ("за электронный приём"); `before` is the word before the first.
    """
    for word in _WORD.findall(words):
        if not word.islower() or len(word) < 2:
            before = word
            continue
        cases = cases_of(word)
        accusative = cases == {"nomn", "accs"} and before in _ASK_THE_ACCUSATIVE
        if is_verb(word) or is_short_adjective(word) or cases == {"nomn"} or (cases == {"nomn", "accs"} and not accusative):
            return True
        before = before if accusative and word.endswith(_ADJECTIVE_ENDS) else word
    return False
