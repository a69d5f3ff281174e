"""Rows of capitalised words that no Russian rule fits: East Asian names, names in Latin letters, unknown ones."""

import re

from validate.agreement import agree
from validate.dictionary import is_common_word
from validate.foreign_names import (
    begins_east_asian,
    believed_name,
    is_latin_given,
    is_latin_patronymic,
    is_middle_part,
    latin_name,
)
from validate.name_words import Search, Source, Word, is_labelled, line_is, no_names
from validate.names import given_readings, is_listed_given, is_patronymic
from validate.surnames import looks_like_surname

_DATA_AFTER = re.compile(
    r"[\s,;:.(—–\-]{0,4}(?:(?:мой |ип )?(?:инн|inn|снилс|snils|тел|tel|паспорт|pas+port|отчеств\w+|без отчества|г\.? ?р)(?![а-яёa-z])|\+?\d[\d\s()\-]{4}|$)",
    re.I,
)
_IN_BRACKETS = re.compile(r"\s?\((?P<c>[А-ЯЁ][а-яё\-]+(?:\s[А-ЯЁ][а-яё\-]+){1,2})\)")


def take_east_asian(search: Search) -> None:
    """ "Нгуен Тхи Хоа", "Ли Мэй": a known surname first, two or three words, none a Russian given name."""
    for first, last in _rows(search):
        words = search.words
        if last - first > 2 or not begins_east_asian(words[first].text):
            continue
        given = [words[i].text for i in range(first + 1, last + 1)]
        labelled = is_labelled(search.text, words[first].start)
        two = len(given) == 1 and not given_readings(given[0]) and (labelled or not looks_like_surname(given[0]))
        three = len(given) == 2 and (is_middle_part(given[0]) or not any(is_listed_given(word) for word in given))
        if two or three:
            _believe(search, first, last)


def take_foreign(search: Search) -> None:
    """Rows that no rule took, beside a label, alone on a line, or before the data of a person."""
    if search.shouting and not search.text[:600].isascii():
        return
    for first, last in _rows(search):
        if not set(range(first, last + 1)) & search.taken:
            _believe(search, first, last)
    if search.text.isascii():
        _small_latin(search)


def _rows(search: Search) -> list[tuple[int, int]]:
    """First and last index of two to four capitalised words in a row."""
    if search.full():
        return []
    out = []
    done = -1
    for index, word in enumerate(search.words[:-1]):
        if not word.capital or index <= done or not search.words[index + 1].capital:
            continue
        last = index
        while last + 1 < len(search.words) and last - index < 3 and _goes_on(search, last):
            last += 1
        if last > index:
            out.append((index, last))
            done = last
    return out


def _goes_on(search: Search, index: int) -> bool:
    return search.words[index + 1].capital and search.adjacent(index, newline=False)


def _believe(search: Search, first: int, last: int) -> None:
    row = search.words[first : last + 1]
    words = tuple(word.text for word in row)
    labelled = is_labelled(search.text, row[0].start)
    alone = line_is(search.text, row[0].start, row[-1].end)
    begins = search.text[: row[0].start].rstrip(" \t-–—•*").endswith(("\n", ".", "!", "?")) or not row[0].start
    data = begins and _DATA_AFTER.match(search.text, row[-1].end) is not None
    russian = _IN_BRACKETS.match(search.text, row[-1].end)  # "Kim Ji Hun (Ким Джи Хун)"
    if any(word.low in no_names() or len(word.text) < 2 or is_patronymic(word.text) for word in row) or not (
        labelled or alone or data or russian or (len(row) == 3 and is_latin_patronymic(words[-1]))
    ):
        return
    if all(word.isupper() for word in words) and min(map(len, words)) < 4 and not begins_east_asian(words[0]):
        return  # "Отдел АСУ ТП"
    if words[0].isascii() or not re.search("[а-яё]", "".join(words), re.I):
        if russian:
            _take_brackets(search, russian["c"])
            return
        name = latin_name(words, labelled=labelled or data)
        if name:
            search.take(first, last, name, parts=min(3, len(words)), case="nom", guessed=True)
    elif (
        len(words) == 2
        and (labelled or data)
        and any(map(looks_like_surname, words))
        and not (data or begins_east_asian(words[0]))
    ):
        _decline(search, first, words)
    elif (labelled or data or search.source is Source.SIGNATURE or alone) and (name := believed_name(words)):
        if alone and not labelled and not data and search.source is Source.OWN and not _strange(words):
            return
        search.take(first, last, name, parts=2, case="nom", guessed=True)


def _strange(words: tuple[str, ...]) -> bool:
    """Whether the dictionary knows no word of a row: such a line alone is a name."""
    return not any(is_common_word(word) for word in words) and begins_east_asian(words[0])


def _decline(search: Search, first: int, words: tuple[str, ...]) -> None:
    family, given = words if looks_like_surname(words[0]) else words[::-1]
    agreed = agree(family, given, wanted=search.wanted(search.text, search.words[first].start), believe=True)
    if agreed:
        search.take(first, first + 1, str(agreed), parts=2, case=agreed.case)


def _take_brackets(search: Search, written: str) -> None:
    """A name in Latin letters with its Russian spelling behind it: the Russian one is taken as it stands."""
    start = search.text.find(written)
    row = [i for i, word in enumerate(search.words) if start <= word.start < start + len(written)]
    search.places[:] = [place for place in search.places if not start <= place.start < start + len(written)]
    search.take(row[0], row[-1], written, parts=2, case="nom")


def _small_latin(search: Search) -> None:
    """ "kobzev denis" at the end of a letter in Latin letters."""
    words = search.words
    if len(words) < 2 or {len(words) - 1, len(words) - 2} & search.taken:
        return
    pair = (words[-2].text, words[-1].text)
    if words[-1].capital or not any(is_latin_given(word) for word in pair) or not _latin_surname(words[-2], words[-1]):
        return
    name = latin_name(pair, labelled=False)
    if name and search.adjacent(len(words) - 2, newline=False):
        search.take(len(words) - 2, len(words) - 1, name, parts=2, case="nom", guessed=True)


def _latin_surname(a: Word, b: Word) -> bool:
    return any(re.search(r"(?:[oe]v|in|yn|sk[iy]y?|enko|uk|yan)a?$", word.low) is not None for word in (a, b))
