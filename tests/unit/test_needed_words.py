"""The words that a pattern needs are read off the pattern; where one is missing, it fits nowhere."""

import re

import pytest

from intake.needed_words import needed_words

NEEDED = [
    ("огрн", ["огрн"]),
    ("(?<![а-я])вчера(?![а-я])", ["вчера"]),
    ("сч[её]т", ["счет", "счёт"]),
    ("кабинет\\w{0,20}", ["кабинет"]),
    ("(?:номер )?кабинета?", ["кабинет"]),
    ("(?:личн|мо)(?:его|ему)? кабинет", [" кабинет"]),
    ("жалоба|жалобу", ["жалоба", "жалобу"]),
    ("заявление|заявлени", ["заявлени"]),
    ("(?:отц|пап)(?:ы|у)", ["отц", "пап"]),
    ("(?:руб){2,3}", ["руб"]),
    ("(?=кабинет)\\w+", ["кабинет"]),
    ("(?P<n>\\d{2}):(?P<m>\\d{2})", [":"]),
]
NOT_KNOWN = [
    "",
    "\\d+",
    "(?:руб)?",
    "(?:руб|\\d+)",
    "(?!руб)\\w",
    "(?i:руб)",
    "[^р]",
    "(руб)?(?(1)\\d|\\w)",
    "|".join(map(chr, range(0x430, 0x44A))),
]


@pytest.mark.parametrize(("pattern", "words"), NEEDED)
def test_a_pattern_needs_one_of_its_words(pattern: str, words: list[str]) -> None:
    assert sorted(needed_words(pattern)) == words


@pytest.mark.parametrize("pattern", NOT_KNOWN)
def test_of_what_may_be_left_out_nothing_is_needed(pattern: str) -> None:
    assert needed_words(pattern) == ()


def test_a_comment_in_a_pattern_is_no_word_of_it() -> None:
    assert needed_words("огрн # вчера", re.VERBOSE) == ("огрн",)
