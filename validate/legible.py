"""Makes text readable for the readers: invisible characters out, look-alike digits to digits, spaces to spaces.

People paste numbers from PDF files, banking apps and messengers. Seen in practice: zero-width spaces inside an
ИНН, a Cyrillic О for a zero, full-width digits, non-breaking spaces, й and ё as two code points (Apple Mail).
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import normalize

from validate.findings import Found

# What each reader looks at, so that a megabyte of text costs no more than a long letter.
# People state who they are at the top or at the bottom of a letter, never in the middle of a book.
HEAD = 20_000
TAIL = 5_000

_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_ONE_FOR_ONE = str.maketrans(
    {**dict.fromkeys(_SPACES, " "), **{chr(0xFF10 + n): str(n) for n in range(10)}, "\uff1a": ":", "\r": "\n"}
)
_NOT_PLAIN = re.compile(f"[{re.escape(''.join(map(chr, _ONE_FOR_ONE)))}]")
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\x00]+")
_COMBINING = re.compile("[еЕиИ][\u0306\u0308]")
_ODD = re.compile(f"{_INVISIBLE.pattern}|{_COMBINING.pattern}")
_ODD_SIGN = re.compile(f"{_INVISIBLE.pattern[:-2]}\u0306\u0308]")  # without one of these there is none
# The look back stands behind the first sign: a search skips to such signs only when they come first.
_LOOKALIKE_RUN = re.compile(r"[\dOoОоЗзlI|б](?<![\w.\-].)[\dOoОоЗзlI|б.\- ]{5,30}(?![\w])")
_LOOKALIKE = str.maketrans(
    {"O": "0", "o": "0", "О": "0", "о": "0", "З": "3", "з": "3", "l": "1", "I": "1", "|": "1", "б": "6"}
)
_MIN_DIGIT_SHARE = 0.6
_MARGIN = (45, 80, 68)  # shortest and longest line that a margin breaks; what a line and the next word would exceed
_ENDINGS = (".", "!", "?", "…", ":", ";")
_FIELD_LINE = re.compile(
    r"\s*(?:инн|снилс|огрн|ф\.?\s?и\.?\s?о|тел|моб|дата|время|паспорт|e-?mail|номер|заявител|личный кабинет|от |с уважением)",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Legible:
    """Text as the readers see it, and the way back to how it stands in the letter."""

    text: str
    raw: str
    places: tuple[int, ...]  # places[i] is where text[i] stands in raw; empty when they agree

    def as_written(self, found: Found) -> Found:
        """The same value with its words as they stand in the letter."""
        start = self.text.find(found.written)
        if start < 0:
            return found
        end = start + len(found.written)
        if self.places:
            start, end = self.places[start], self.places[end]
        return Found(value=found.value, written=self.raw[start:end])


def legible(text: str) -> Legible:
    """Text cut to HEAD and TAIL, made legible; idempotent, linear."""
    raw = text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n\n{text[-TAIL:]}"
    clean, places = _without_odd(raw)
    if _NOT_PLAIN.search(clean):
        clean = clean.translate(_ONE_FOR_ONE)
    return Legible(text=_unwrapped(_LOOKALIKE_RUN.sub(_digits, clean)), raw=raw, places=places)


def _unwrapped(text: str) -> str:
    """Lines that a mail program broke at its margin become one again: the line's end becomes a space.

    A break is the margin's when the next word would not have fitted, the line ends no sentence, and the next line
    is no field, no name and no number on its own.
    """
    lines = text.split("\n")
    out = [lines[0]]
    for line, following in pairwise(lines):
        out.append(" " if _is_margin(line, following) else "\n")
        out.append(following)
    return "".join(out)


def _is_margin(line: str, following: str) -> bool:
    first, _, rest = following.lstrip().partition(" ")
    if (
        not _MARGIN[0] <= len(line) <= _MARGIN[1]
        or len(line) + 1 + len(first) <= _MARGIN[2]
        or line.rstrip().endswith(_ENDINGS)
    ):
        return False
    if (
        not first
        or "\t" in line + following
        or _FIELD_LINE.match(following)
        or first.startswith(("-", "—", "•", "*", ">"))
    ):
        return False
    if first[0].isupper():
        return rest.count(" ") >= 4 and not line.lstrip().lower().startswith("от ")  # "от кого" heads a letter
    return any(c.isalpha() for c in following)


def _without_odd(raw: str) -> tuple[str, tuple[int, ...]]:
    """Drops what is invisible and composes й and ё; the places are empty when nothing changed."""
    if raw.isascii() or not _ODD_SIGN.search(raw) or not _ODD.search(raw):
        return raw, ()
    out: list[str] = []
    places: list[int] = []
    last = 0
    for odd in _ODD.finditer(raw):
        out.append(raw[last : odd.start()])
        places.extend(range(last, odd.start()))
        if _COMBINING.fullmatch(odd[0]):
            out.append(normalize("NFC", odd[0]))
            places.append(odd.start())
        last = odd.end()
    out.append(raw[last:])
    places.extend(range(last, len(raw) + 1))
    return "".join(out), tuple(places)


def _digits(run: re.Match[str]) -> str:
    """Look-alikes become digits only where most of the run is digits: "77О7О83893", never "Обо"."""
    words = run[0]
    solid = sum(c not in ".- " for c in words)
    if solid < 6 or sum(c.isdigit() for c in words) < _MIN_DIGIT_SHARE * solid:
        return words
    return words.translate(_LOOKALIKE)


def line_of(text: str, position: int) -> tuple[int, int]:
    """Start and end of the line that holds a position."""
    end = text.find("\n", position)
    return text.rfind("\n", 0, position) + 1, len(text) if end < 0 else end


def before(text: str, position: int, count: int) -> str:
    """Up to `count` characters before a position, lower case, on the same line, ё as е."""
    start = max(text.rfind("\n", 0, position) + 1, position - count)
    return text[start:position].lower().replace("ё", "е")


def after(text: str, position: int, count: int) -> str:
    """Up to `count` characters after a position, lower case, on the same line, ё as е."""
    return text[position : position + count].partition("\n")[0].lower().replace("ё", "е")


def cell_under(text: str, position: int) -> tuple[int, int] | None:
    """Where the cell under a heading stands: tables come as lines of cells by TAB; null outside a table."""
    start, end = line_of(text, position)
    column = text.count("\t", start, position)
    if "\t" not in text[start:end] or end >= len(text):
        return None
    below, below_end = line_of(text, end + 1)
    for _ in range(column):
        below = text.find("\t", below, below_end) + 1
        if not below:
            return None
    cell_end = text.find("\t", below, below_end)
    return below, below_end if cell_end < 0 else cell_end
