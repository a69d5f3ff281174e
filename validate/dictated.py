"""Numbers spelt out in words, as dictation writes them: "семь семь два пять девять ноль" is 772590."""

import re
from dataclasses import dataclass

from intake.caseless import Caseless
from validate.findings import Found

_UNITS = {
    "ноль": 0, "нуль": 0, "один": 1, "одна": 1, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6, "семь": 7, "восемь": 8, "девять": 9,
}  # fmt: skip
_TEENS = {
    "десять": 10, "одиннадцать": 11, "двенадцать": 12, "тринадцать": 13, "четырнадцать": 14, "пятнадцать": 15, "шестнадцать": 16,
    "семнадцать": 17, "восемнадцать": 18, "девятнадцать": 19,
}  # fmt: skip
_TENS = {
    "двадцать": 20, "тридцать": 30, "сорок": 40, "пятьдесят": 50, "шестьдесят": 60, "семьдесят": 70, "восемьдесят": 80, "девяносто": 90,
}  # fmt: skip
_HUNDREDS = {
    "сто": 100, "двести": 200, "триста": 300, "четыреста": 400, "пятьсот": 500, "шестьсот": 600, "семьсот": 700, "восемьсот": 800, "девятьсот": 900,
}  # fmt: skip
_ANY = "|".join(sorted((*_UNITS, *_TEENS, *_TENS, *_HUNDREDS), key=len, reverse=True))
_RUN = Caseless(rf"(?<![а-яё])(?:{_ANY})(?:[ ,\-–]{{1,3}}(?:{_ANY}))+(?![а-яё])")
_LEAST = 5  # digits; fewer are a time or a count


@dataclass(frozen=True, slots=True)
class Dictated:
    """A text with its spelt numbers in digits, and how each was spelt."""

    text: str
    spelt: dict[str, str]  # digits: words

    def as_spelt(self, found: Found) -> Found:
        """The same value with the words it was spelt in."""
        return Found(value=found.value, written=self.spelt.get(found.written, found.written))


def dictated(text: str) -> Dictated | None:
    """A text whose spelt numbers of _LEAST digits or more stand in digits; null when it has none."""
    spelt: dict[str, str] = {}

    def figures(run: re.Match[str]) -> str:
        digits = _digits(re.findall("[а-яё]+", run[0].lower()))
        if len(digits) < _LEAST:
            return run[0]
        spelt[digits] = run[0]
        return digits

    out = _RUN.sub(figures, text)
    return Dictated(out, spelt) if spelt else None


def _digits(words: list[str]) -> str:
    """Hundreds take the tens and units after them, tens the units: "семьдесят семь двадцать" is 7720."""
    out: list[int] = []
    room = 0  # below this the last number may still grow
    for word in words:
        for table, leaves in ((_HUNDREDS, 100), (_TENS, 10), (_TEENS, 0), (_UNITS, 0)):
            if word in table:
                value = table[word]
                if 0 < value < room:
                    out[-1] += value
                else:
                    out.append(value)
                room = leaves
                break
    return "".join(map(str, out))
