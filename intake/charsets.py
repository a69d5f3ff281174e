"""Bytes to text as real mail needs it: by the declared charset when it fits, by letter statistics when it does not.

Seen in practice: windows-1251 and koi8-r declared as us-ascii, iso-8859-1, utf-8 or not at all; utf-8 declared
as windows-1251; names no codec knows ("cp-1251", "win-1251", "x-unknown").
"""

import codecs
import re
from collections import Counter
from functools import lru_cache
from math import log

SAMPLE = 2048  # bytes weighed; more would not change the answer

_ALIASES = {
    "win-1251": "cp1251",
    "win1251": "cp1251",
    "windows1251": "cp1251",
    "cp-1251": "cp1251",
    "ansi-1251": "cp1251",
    "x-cp1251": "cp1251",
    "koi8": "koi8-r",
    "koi-8": "koi8-r",
    "koi8r": "koi8-r",
    "koi-8-r": "koi8-r",
    "cp-866": "cp866",
    "dos-866": "cp866",
    "utf": "utf-8",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "ks_c_5601-1987": "cp949",
    "x-mac-cyrillic": "mac-cyrillic",
    "iso-8859-8-i": "iso-8859-8",
    "gb2312": "gb18030",
}
_CYRILLIC = ("cp1251", "koi8-r", "cp866")  # the order breaks ties
_SAYS_NOTHING = {"ascii", "iso8859-1", "cp1252", "iso8859-15"}  # declared by mailers that do not know
_ASCII_WITH_ESCAPES = {"utf-7", "hz", "iso2022_jp", "iso2022_jp_2", "iso2022_kr"}
# Share of each letter in Russian text, per mille.
_SHARES = {
    **dict(zip("оеаинтсрвлкмдпу", (109, 85, 80, 74, 67, 63, 55, 47, 45, 44, 35, 32, 30, 28, 26), strict=True)),
    **dict(zip("яыьгзбчйхжшюцщэфъё", (20, 19, 17, 17, 16, 16, 14, 12, 10, 9, 7, 6, 5, 4, 3, 3, 1, 2), strict=True)),
}
_LIKELY = {letter: log(share / 1000) for letter, share in _SHARES.items()}
_OTHER_CYRILLIC, _TYPOGRAPHIC, _CAPITAL, _JUNK, _MIXED = -7.5, -4.0, -0.2, -12.0, -7.0  # in the same measure
_NOT_RUSSIAN = -9.0  # a mean below this is no Russian text
_PLAINLY_RUSSIAN = -4.0  # measured on Russian letters: -3.3 to -3.0; on Chinese and Japanese: below -6
_SURELY_RUSSIAN = -3.4  # no other reading of such bytes comes nearer than _NEARLY
_NEARLY, _NEARLY_IN_ALL = 0.4, 6.0  # a declared charset so near to the best, by letter or over all letters, is believed
_TYPOGRAPHY = frozenset("«»—–№…“”„’‘•§°\xa0\xad·©®™€")
_LOWER_BEFORE_UPPER = re.compile("[А-ЯЁ](?<=[а-яё].)")
_LATIN = re.compile("[A-Za-z]")
_CYRILLIC_BESIDE_LATIN = re.compile("[A-Za-z][А-Яа-яЁё№°©]|[А-Яа-яЁё][A-Za-z]")
_HIGH_RUNS = re.compile(rb"[\x80-\xff]+(?:[\x09-\x7f]{1,3}[\x80-\xff]+)*")
_BROKEN_PAIRS = 4  # valid utf-8 sequences for each broken one: still utf-8, cut or damaged


@lru_cache(maxsize=256)
def known(name: str) -> str | None:
    """The codec's own name for a declared charset, or null when no codec for text has it."""
    name = name.strip().strip("\"'").lower()
    try:
        info = codecs.lookup(_ALIASES.get(name, name))
        return info.name if info._is_text_encoding else None  # no public way to tell rot13 from text
    except (LookupError, ValueError, UnicodeError):
        return None


def decode(data: bytes, declared: str | None = None) -> str:
    """Text of the bytes; never raises. The declared charset is a hint that the bytes may contradict.

    1. Pure ASCII is ASCII. 2. A byte-order mark says what it is. 3. Valid utf-8 is utf-8, whatever was declared:
    no Cyrillic single-byte text is valid by accident. 4. A declared charset that is not one of those which mailers
    write without knowing is taken when its reading is nearly as Russian as the best one's. 5. The most Russian one.
    """
    codec = known(declared) if declared else None
    if data.isascii():
        return _ascii(data, codec)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if (text := _strictly(data.removeprefix(codecs.BOM_UTF8), "utf-8")) is not None:
        return text
    return data.decode(single_byte(data, codec), "replace")


def single_byte(data: bytes, codec: str | None) -> str:
    """Which codec reads bytes that are no valid utf-8 best; utf-8 itself when they are only cut or damaged."""
    if _is_damaged_utf8(data):
        return "utf-8"
    foreign = codec and codec not in _SAYS_NOTHING | {*_CYRILLIC, "utf-8"} and _strictly(data, codec) is not None
    trusted = codec if foreign or codec in _CYRILLIC else None
    sample = b" ".join(_HIGH_RUNS.findall(data[: SAMPLE * 8]))[:SAMPLE] if len(data) > SAMPLE else data
    if trusted in _CYRILLIC and russian(sample.decode(trusted, "replace")) > _SURELY_RUSSIAN:
        return trusted
    scores = {name: russian(sample.decode(name, "replace")) for name in _CYRILLIC}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] < _NOT_RUSSIAN:
        return trusted or "cp1252"
    if foreign and codec and scores[best] < _PLAINLY_RUSSIAN:
        return codec
    if trusted and trusted != best:
        ahead = scores[best] - russian(sample.decode(trusted, "replace"))
        letters = len(sample) - len(sample.decode("ascii", "ignore"))
        if ahead < _NEARLY or ahead * letters < _NEARLY_IN_ALL:
            return trusted
    return best


def russian(text: str) -> float:
    """How likely the text is Russian: the mean logarithm of its letters' shares, less what Russian never has."""
    counts = {c: n for c, n in Counter(text).items() if c > "\x7f"}
    if not counts:
        return 0.0
    points = sum(n * _likely(c) for c, n in counts.items())
    odd = len(_LOWER_BEFORE_UPPER.findall(text))
    if _LATIN.search(text):
        odd += len(_CYRILLIC_BESIDE_LATIN.findall(text))
    return (points + odd * _MIXED) / sum(counts.values())


@lru_cache(maxsize=1024)
def _likely(char: str) -> float:
    if char in _TYPOGRAPHY:
        return _TYPOGRAPHIC
    if char.isalpha() and "\u0400" <= char <= "\u04ff":
        return _LIKELY.get(char.lower(), _OTHER_CYRILLIC) + _CAPITAL * char.isupper()
    return _JUNK


def _is_damaged_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = len(text) - len(text.encode("ascii", "ignore")) - broken
    return whole > _BROKEN_PAIRS * broken


def _ascii(data: bytes, codec: str | None) -> str:
    """Seven bits are more than ASCII only in the charsets that escape, and in utf-16."""
    if codec in _ASCII_WITH_ESCAPES or (codec and codec.startswith("utf-16") and b"\0" in data):
        return data.decode(codec, "replace")
    return data.decode("ascii")


def _strictly(data: bytes, codec: str | None) -> str | None:
    try:
        return data.decode(codec or "ascii")
    except (UnicodeError, LookupError, ValueError):
        return None
