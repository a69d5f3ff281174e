"""Tells whether the words before a name give it to somebody else: an official, a relative, a street."""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_FAR = 4  # words between "оператор" and the name at most: "оператор горячей линии по фамилии Петрова"
_WORDS = re.compile(r"[а-яёa-z]+(?:-[а-яё]+)?\.?|[«\"“„,:;(]|\d+")
_OWN_VOICE = frozenset("я мы меня мной мною мне нас нам это от пишу обращаюсь прошу заявитель".split())


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
                frozenset(w for w in words if not w.endswith("*")), tuple(w.rstrip("*") for w in words if w.endswith("*"))
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


def is_place(words: list[str]) -> bool:
    """Whether the name is a street's, a school's, a company's in quotation marks."""
    lists = _lists()
    return bool(words) and (words[-1] in lists["places"] or words[-1] in "«\"“„")


def has_title(words: list[str]) -> bool:
    """Whether one of the words is a title that people write under for their firm."""
    lists = _lists()
    return any(word in lists["titles"] for word in words)


def names_other(word: str) -> bool:
    """Whether one word is an official or a relative: "…, мой муж", "…, оператор"."""
    lists = _lists()
    return word in lists["officials"] or word in lists["others"]
