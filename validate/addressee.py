"""To whom an official letter goes: the line at the top of its head.

A post in the dative or an office behind "в", and whatever hangs on it in another case: "Главному специалисту отдела
обращений". An account may begin alike ("Бухгалтеру нужна выписка", "Инженеру электронная подпись, а директору отказ"),
so a line that may tell something is none.
"""

import re

from validate.dictionary import cases_of, is_short_adjective, is_verb

_POSTS = (
    r"руководител[юяь]|начальник[уа]?|директор[уа]?|министр[уа]?|прокурор[уа]?|главе|заведующ\w+|председател[юя]|оператор[уа]"
    r"|(?:(?:главн|старш|ведущ|генеральн|исполнительн|дежурн|техническ)(?:ому|ему) )?(?:специалист|инженер|менеджер"
    r"|администратор|сотрудник|заместител|директор|бухгалтер|юрист|губернатор|мэр|уполномоченном)[ую]"
)
_OFFICES = (
    r"в (?:служб|отдел|управлени|департамент|техподдержк|техническ|поддержк|министерств|минцифр|мфц|администраци"
    r"|федеральн|центр|канцеляри|гос)\w*"
)
BEGINS = rf"(?:{_POSTS}|{_OFFICES})(?![а-яё])"  # for texts in lower case too, with "ё" as "е"
_LINE = re.compile(rf"\s*{BEGINS}(?P<on> [^.!?…:\n]{{0,70}})?\s*,?", re.IGNORECASE)
_GOES_ON = re.compile(
    r",\s*[а-яё]|(?<![а-яё])(?:а|но|без|не|ни|нет|никак|пора|уже|ещ[её]|опять|снова|вчера|сегодня)(?![а-яё])", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+")
_ASK_THE_ACCUSATIVE = frozenset("в во на за через про по".split())


def is_addressee(line: str) -> bool:
    """Whether a line says to whom the letter goes, and tells nothing."""
    whole = _LINE.fullmatch(line)
    if not whole:
        return False
    on = whole["on"] or ""
    return not _GOES_ON.search(on) and not names_a_thing(on, behind_in=line.lstrip()[:2].lower() == "в ")


def names_a_thing(words: str, *, behind_in: bool = False) -> bool:
    """Whether a verb, a short adjective or a nominative stands in what hangs on a post: then the line tells something.

    Capitals are names, in whatever case. Behind a preposition, and behind "в" at the line's beginning (`behind_in`),
    what looks like a nominative may be an accusative.
    """
    before = "в" if behind_in else ""
    for word in _WORD.findall(words):
        if word.islower() and len(word) > 1:
            if is_verb(word) or is_short_adjective(word):
                return True
            cases = cases_of(word)
            if cases == {"nomn"} or (cases == {"nomn", "accs"} and before not in _ASK_THE_ACCUSATIVE):
                return True
        before = before if behind_in else word
    return False
