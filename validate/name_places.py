"""Finds the places of full names in a text, whosever they are.

Anchors, each cheap, so that few words are ever looked up:

1. "Фамилия: …", "Имя: …", "Отчество: …", each in its line or cell (name_labels.py);
2. a patronymic (its ending shows it, capitals or none): the given name stands before it, the surname beside them;
3. two capitalised words in a row, one of them a known given name; without capitals only beside a label, alone on a line,
   at the end of a line or before a number;
4. words in Latin letters, and names that no rule fits, where a name is to be expected (name_rows.py).
"""

import re
from functools import lru_cache
from itertools import pairwise

from validate.agreement import Agreed, agree
from validate.dictionary import is_common_word, is_place_name
from validate.name_labels import take_labelled
from validate.name_rows import take_east_asian, take_foreign
from validate.name_words import NamePlace, Search, Source, Wanted, Word, is_labelled, line_is, no_names, search_of
from validate.names import JOINED_OGLU, OGLU, given_readings, is_listed_given, is_patronymic
from validate.surnames import looks_like_surname

# The last letters of every patronymic, so that few words are looked at closely.
_FATHERLY = tuple(
    "ич ича ичу ичем ичом иче вна вны вне вну вной вною чна чны чне чну чной шна шны шне шну шной ыч ыча ычу ычем "
    "оглы оглу углы кызы гызы кизи угли угил угль уулу улы оглиз заде".split()  # a list of endings reads as text
)
_FATHERLY_SHORT = frozenset(ending[-2:] for ending in _FATHERLY)
_PARTICLES = frozenset(
    "де ди дю фон ван дер ден дель ла ле аль эль ас ибн мак сан тер дос да".split()
)  # a list of words reads as text
_SIGNS_AFTER = re.compile(
    r"[\s.,;:!)]*(?:$|\n|(?:мой )?(?:инн|снилс|тел|моб|паспорт|каб|кабинет|лк|id|уч[её]тка)(?![а-яё])|\+?\d[\d\s()\-]{4})",
    re.I,
)
_OPENS_AFTER = re.compile(r"\s?,|\s(?:тут|здесь|пишу)(?![а-яё])", re.I)
_FATHER_AFTER = re.compile(r"[,\s]{1,3}(?:а )?(?:по )?отчеств[оу][\s:,—–\-]{1,3}(?P<f>[А-Яа-яЁё\-]{5,30})")


def places_in(text: str, source: Source, wanted: Wanted) -> list[NamePlace]:
    """Every full name of a text in the order they stand; `wanted` says which case the words before a place ask for."""
    if not text:
        return []
    search = search_of(text, source, wanted)
    words = search.words
    take_labelled(search)
    for index, word in enumerate(words):
        if word.low[-2:] in _FATHERLY_SHORT and word.low.endswith(_FATHERLY) and not search.full() and _is_father(word):
            _around_patronymic(search, index)
    take_east_asian(search)
    for index in _likely_pairs(search):
        if index not in search.taken and index + 1 not in search.taken:
            _two_words(search, index)
    take_foreign(search)
    return sorted(search.places, key=lambda p: p.start)


def _is_father(word: Word) -> bool:
    if OGLU.fullmatch(word.text) or JOINED_OGLU.match(word.text):
        return True
    if not word.capital and is_common_word(word.text):
        return False  # "исправна", "равна"
    return is_patronymic(word.text)


def _likely_pairs(search: Search) -> list[int]:  # every pair of words is looked at, so kept bare
    """The first words of the pairs worth a look: capitals, or a surname's ending where capitals tell nothing."""
    shapes = [_shape(word.low) for word in search.words]
    marked = [word.capital and not search.shouting for word in search.words]
    return [
        index
        for index, ((a, b), capitals) in enumerate(zip(pairwise(shapes), pairwise(marked), strict=True))
        if (a and b and a + b > _PLAIN * 2) or all(capitals)
    ]


_NO_NAME, _PLAIN, _SURNAME = 0, 1, 2


@lru_cache(maxsize=8192)
def _shape(low: str) -> int:
    """Whether a word is no part of a name, may be one, or has a surname's ending."""
    return _NO_NAME if low in no_names() else _SURNAME if looks_like_surname(low) else _PLAIN


def _around_patronymic(search: Search, index: int) -> None:
    """The given name before a patronymic, the surname before or after them: the side that looks more like one wins."""
    words = search.words
    first = index - 1 if OGLU.fullmatch(words[index].text) else index  # "Эльдар оглы" is two words
    given = first - 1
    if (
        given < 0
        or words[given].low in no_names()
        or {index, given} & search.taken
        or not all(search.adjacent(i) for i in range(given, index))
    ):
        return
    if index + 1 < len(words) and given_readings(words[index + 1].text) and not given_readings(words[given].text):
        return  # "… от Абрамович Анны": a surname with a patronymic's ending
    fathers = tuple(words[i].text for i in range(first, index + 1))
    options: list[tuple[float, int, Agreed]] = []
    for place, favour in ((given - 1, 1.5), (index + 1, 1.0)):
        if not 0 <= place < len(words) or place in search.taken or not _may_be_surname(words[place], words[given]):
            continue
        over_lines = place < given or search.alone(place)
        if not search.adjacent(min(place, index), newline=over_lines):
            continue
        agreed = agree(
            words[place].text,
            words[given].text,
            fathers,
            wanted=search.wanted(search.text, words[min(place, given)].start),
        )
        if agreed:
            options.append((favour * (2.0 if looks_like_surname(words[place].text) else 1.0), place, agreed))
    if options:
        _, place, agreed = max(options, key=lambda o: o[0])
        start, prefix = _before_surname(search, place) if place < given else (place, "")
        search.take(min(start, given), max(place, index), prefix + str(agreed), parts=3, case=agreed.case)


def _before_surname(search: Search, place: int) -> tuple[int, str]:
    """What belongs to a surname before it: "Ван дер Берг", "Кузнецова - Штерн"."""
    words, start, prefix = search.words, place, ""
    while start and words[start - 1].low in _PARTICLES and search.adjacent(start - 1, newline=False):
        start -= 1
        prefix = words[start].text + " " + prefix
    if prefix[:1].isupper():
        return start, prefix
    before = words[place - 1] if place else None
    if before and re.fullmatch(r"\s?[-–]\s?", search.text[before.end : words[place].start]):
        joined = before.capital and words[place].capital and looks_like_surname(before.text)
        if joined and before.low not in no_names() and not is_common_word(before.text):
            return place - 1, before.text + "-"
    return place, ""


def _may_be_surname(word: Word, given: Word) -> bool:
    if word.low in no_names() or (len(word.text) < 2 and word.text != "Ю"):
        return False
    if is_patronymic(word.text) and not word.low.endswith(("ич", "ича", "ичу", "ичем")):
        return False
    if given.capital and not word.capital:
        return looks_like_surname(word.text) and not is_common_word(word.text)
    if word.capital:
        return looks_like_surname(word.text) or not is_place_name(word.text)
    return looks_like_surname(word.text) or not is_common_word(word.text)


def _two_words(search: Search, index: int) -> None:
    """Surname and given name in either order; without capitals only where a name is to be expected."""
    a, b = search.words[index], search.words[index + 1]
    short = min(len(a.text), len(b.text)) < 2
    if (
        (short and not _signs_short(search, a, b))
        or a.low in no_names()
        or b.low in no_names()
        or is_patronymic(b.text)
    ):
        return
    if a.text.isupper() and b.text.isupper() and not search.shouting and min(len(a.text), len(b.text)) < 4:
        return  # "АСУ ТП"
    marked = a.capital and b.capital and not search.shouting
    shaped = looks_like_surname(a.text) or looks_like_surname(b.text)
    if not marked and not (shaped and _expected(search, a, b)):
        return
    if not search.adjacent(index, newline=False) and not (
        search.alone(index) and search.alone(index + 1) and search.adjacent(index)
    ):
        return
    father = _FATHER_AFTER.match(search.text, b.end)
    fathers = (father["f"],) if father and is_patronymic(father["f"]) else ()
    if _given_twice(search, index):
        return
    options: list[tuple[float, Agreed]] = []
    for family, given, favour in ((a, b, 1.5), (b, a, 1.0)):
        if not fathers and _is_no_surname(search, family, a, b):
            continue
        if given_readings(given.text) and not (is_patronymic(family.text) and family is b):
            agreed = agree(family.text, given.text, fathers, wanted=search.wanted(search.text, a.start))
            if agreed:
                options.append((agreed.weight * favour, agreed))
    if options and (fathers or not _father_follows(search, index + 1)):
        agreed = max(options, key=lambda o: o[0])[1]
        start, prefix = _before_surname(search, index) if agreed.words[0][0] == a.text[0].upper() else (index, "")
        last, second = _second_given(search, index + 1) if agreed.case == "nom" and start == index else (index + 1, "")
        search.take(start, last, prefix + str(agreed) + second, parts=3 if fathers else 2, case=agreed.case)


def _signs_short(search: Search, a: Word, b: Word) -> bool:
    """ "О Сергей": a Korean surname of one letter and a given name in the nominative sign a letter."""
    if a.text not in ("О", "Ю") or not any(reading.case == "nom" for reading in given_readings(b.text)):
        return False
    signed = line_is(search.text, a.start, b.end) or is_labelled(search.text, a.start)
    return signed and re.match(r"[\s.]*$|[ .]*\n", search.text[b.end : b.end + 80]) is not None


def _father_follows(search: Search, index: int) -> bool:
    """Whether a patronymic stands after a word: two words before one that does not fit them are not the whole name."""
    after = search.words[index + 1] if index + 1 < len(search.words) else None
    return after is not None and is_patronymic(after.text) and search.adjacent(index, newline=False)


def _given_twice(search: Search, index: int) -> bool:
    """ "Освальдас Эдмундо Баярунас": two given names before a surname that is none, alone on a line."""
    if index + 2 >= len(search.words) or not search.adjacent(index + 1, newline=False):
        return False
    a, b, c = search.words[index : index + 3]
    names = is_listed_given(a.text) and is_listed_given(b.text) and not is_listed_given(c.text)
    if not (names and a.capital and b.capital and c.capital and line_is(search.text, a.start, c.end)):
        return False
    search.take(index, index + 2, f"{c.text} {a.text} {b.text}", parts=3, case="nom")
    return True


def _second_given(search: Search, index: int) -> tuple[int, str]:
    """ "Гонсалес Мария Хосе": one more given name that ends the line."""
    words = search.words
    if index + 1 < len(words) and words[index + 1].capital and search.adjacent(index, newline=False):
        more = words[index + 1]
        if is_listed_given(more.text) and _SIGNS_AFTER.match(search.text, more.end) and not is_patronymic(more.text):
            return index + 1, " " + more.text
    return index, ""


def _expected(search: Search, a: Word, b: Word) -> bool:
    """Whether two words that capitals do not mark stand where a name does: alone, labelled, or as a signature."""
    if line_is(search.text, a.start, b.end) or is_labelled(search.text, a.start):
        return True
    opens = not search.text[: a.start].strip() and _OPENS_AFTER.match(search.text, b.end)
    if not opens and not _SIGNS_AFTER.match(search.text, b.end):
        return False
    family, given = (a, b) if is_listed_given(b.text) else (b, a)
    return is_listed_given(given.text) and looks_like_surname(family.text) and not is_common_word(family.text)


def _is_no_surname(search: Search, family: Word, a: Word, b: Word) -> bool:
    """ "Мальчик Платон", "мужского пола": without a patronymic a common word is a surname only alone on a line."""
    if not is_common_word(family.text):
        return False
    if not family.capital:
        return True
    return not (
        looks_like_surname(family.text)
        or line_is(search.text, a.start, b.end)
        or is_labelled(search.text, a.start)
        or (_SIGNS_AFTER.match(search.text, b.end) is not None and is_listed_given((b if family is a else a).text))
    )
