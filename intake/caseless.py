"""Patterns that take capitals and small letters alike, and cost little where they find nothing, which is nearly always.

`re.I` looks up the case of each sign anew at each place and skips nothing, so that Russian text costs it three to five
times as much as without. So the text is made small once for all patterns; each is tried on that first, and only where
one of the words stands that it needs; and only at the places where it fits is the text itself asked: what is found,
and how it is written, is what `re.I` finds.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from intake.needed_words import needed_words

_KEPT = re.compile(r"(\\.|\(\?P)|.", re.DOTALL)  # of a pattern's own text: \S is not \s


class Caseless:
    """A pattern compiled with re.I."""

    __slots__ = ("_needed", "_quick", "_whole")

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._whole = re.compile(pattern, flags | re.IGNORECASE)
        small = _KEPT.sub(lambda m: m[1] or m[0].lower(), pattern)
        self._quick = re.compile(small, flags)
        self._needed = needed_words(small, flags)

    def search(self, text: str) -> re.Match[str] | None:
        """As re.Pattern has it."""
        start = self._first(text)
        return None if start < 0 else self._whole.search(text, start)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """As re.Pattern has it."""
        start = self._first(text)
        return iter(()) if start < 0 else self._from(text, start)

    def sub(self, made: Callable[[re.Match[str]], str], text: str) -> str:
        """As re.Pattern has it."""
        return text if self._first(text) < 0 else self._whole.sub(made, text)

    def _from(self, text: str, start: int) -> Iterator[re.Match[str]]:
        low = _small(text)
        if len(low) != len(text):
            yield from self._whole.finditer(text, start)
            return
        for place in self._quick.finditer(low, start):
            if found := self._whole.match(text, place.start()):
                yield found

    def _first(self, text: str) -> int:
        """Where the text itself is to be asked from; -1: nowhere."""
        low = _small(text)
        if len(low) != len(text):  # İ alone becomes two signs
            return 0
        for word in self._needed:  # bare, for it is asked two hundred times a letter
            if word in low:
                break
        else:
            if self._needed:
                return -1
        found = self._quick.search(low)
        return found.start() if found else -1


@lru_cache(maxsize=8)
def _small(text: str) -> str:
    return text.lower()
