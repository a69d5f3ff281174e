"""Patterns that begin with a digit, tried where a number begins and nowhere else.

A pattern that looks behind its first sign is tried at each sign of a text; a letter has a thousand, and a dozen numbers.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

_NUMBER = re.compile(r"\d\d*")  # a search skips to a first sign, not to the first of many


def at_numbers(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """pattern.finditer(text), for one that begins with a digit and allows none before it."""
    end = 0
    for start in _starts(text):
        if start >= end and (found := pattern.match(text, start)):
            end = found.end()
            yield found


@lru_cache(maxsize=8)
def _starts(text: str) -> tuple[int, ...]:
    return tuple(number.start() for number in _NUMBER.finditer(text))
