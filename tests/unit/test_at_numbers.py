"""A pattern of numbers, tried where numbers begin, finds what it finds when tried everywhere."""

import re

import pytest

from validate.at_numbers import at_numbers

PATTERNS = (r"(?<!\d)\d\d", r"(?<![\d\-.])\d{3}-\d\d(?![\d\-])", r"(?<![\d.])[0-2]?\d[./]\d+", r"(?<!\d)\d+ \d+")
TEXTS = ("", "нет чисел", "12 123", "123-45, 1.123-45; -123-45", "1.2/33 4.5.6", "1 2 3 4", "١٢ и 12", "a1b22c333-44")


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("text", TEXTS)
def test_it_finds_what_the_pattern_finds_everywhere(pattern: str, text: str) -> None:
    everywhere = re.compile(pattern)
    assert [m.span() for m in at_numbers(everywhere, text)] == [m.span() for m in everywhere.finditer(text)]
