"""Tells whether the words before a name give it to somebody else: an official, a relative, a street."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

_FAR = 4  # words between "оператор" and the name at most: "оператор горячей линии по фамилии Петрова"
_WORDS = re.compile(r"[а-яёa-z]+(?:-[а-яё]+)?\.?|[«\"“„,:;(]|\d+")
_OWN_VOICE = frozenset("я мы а но меня мной мною мне нас нам это от пишу обращаюсь прошу заявитель".split())


@dataclass(frozen=True, slots=True)
class WordList:
    """Whole words and beginnings of words."""

    whole: frozenset[str]
    beginnings: tuple[str, ...]

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and (word in self.whole or word.startswith(self.beginnings))


@lru_cache(maxsize=1)
def _lists() -> dict[str, WordList]:
    lists = {}
    for line in files("validate").joinpath("name_lists/not_the_writer.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, *words = line.split()
            lists[name] = WordList(
                frozenset(w for w in words if not w.endswith("*")),
                tuple(w.rstrip("*") for w in words if w.endswith("*")),
            )
    return lists


def words_before(lead: str) -> list[str]:
    """The words and telling signs of a lead (lower case, ё as е), nearest last."""
    return [word.rstrip(".") for word in _WORDS.findall(lead)]


def is_others(words: list[str], *, far: int = _FAR) -> bool:
    """Whether an official or a relative stands before the name, with no "я" or "от" between."""
    lists = _lists()
    steps = 0
    for word in reversed(words):
        if word in _OWN_VOICE or steps > far:
            return False
        if word in lists["officials"] or word in lists["others"]:
            return True
        steps += word.isalpha()
    return False


def is_spoken_of_others(words: list[str]) -> bool:
    """Whether any of the words is an official's or a relative's."""
    lists = _lists()
    return any(word in lists["officials"] or word in lists["others"] for word in words)


def is_place(words: list[str], *, nominative: bool = False) -> bool:
    """Whether the name is a street's, a school's, a company's in quotation marks; a nominative is no street's."""
    lists = _lists()
    return bool(words) and ((words[-1] in lists["places"] and not nominative) or words[-1] in '«"“„')


def has_title(words: list[str]) -> bool:
    """Whether one of the words is a title that people write under for their firm."""
    lists = _lists()
    return any(word in lists["titles"] for word in words)


class Others(StrEnum):
    """What a word beside a name makes of it."""

    OFFICIAL = "official"
    CHILD = "child"  # a child or somebody in one's care
    ADULT = "adult"  # a parent, a spouse, a grandparent
    WRITER = "writer"  # a role in which people write: собственник, пенсионерка, опекун


def role_of(words: list[str]) -> Others | None:
    """The role that the words right before or after a name give it; the nearest that says one."""
    lists = _lists()
    for word in reversed(words[-3:]):
        for name, role in (
            ("writers", Others.WRITER),
            ("children", Others.CHILD),
            ("adults", Others.ADULT),
            ("officials", Others.OFFICIAL),
        ):
            if word in lists[name]:
                return role
    return None
