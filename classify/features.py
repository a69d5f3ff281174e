"""From a letter's own words to features: lemmas and their pairs, and pieces of words.

Numbers, addresses and links are masked, ё is е, and Latin look-alikes inside a Russian word are turned back, so that
the same trouble gives the same features however it is typed.
"""

import re
from functools import lru_cache
from itertools import pairwise

import pymorphy3  # type: ignore[import-untyped]  # ships no annotations

LETTER_MOST = 6000  # characters of a letter that are looked at
_MASKS = (
    (re.compile(r"https?://\S+|www\.\S+"), " ссылкамаска "),
    (re.compile(r"[\w.+-]{1,64}@[\w.-]{1,100}"), " почтамаска "),
    (re.compile(r"\d[\d\s().,:/-]{0,40}"), " 0 "),
)
_LOOKALIKES = str.maketrans("aeopcxyktmhb", "аеорсхукмтнв")
_LATIN_IN_RUSSIAN = re.compile(r"\b(?=\w{0,40}[а-я])(?=\w{0,40}[a-z])\w{2,40}\b")
_OURS = re.compile(r"\[?(?:№|N|No)\s?\d\d-\d{7,10}-\d")  # our ticket's number: the subject says our words
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?|0|\d+")


@lru_cache(maxsize=1)
def _analyser() -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer()


@lru_cache(maxsize=100_000)
def lemma(word: str) -> str:
    """The dictionary form of a lower-case word, ё as е."""
    return str(_analyser().parse(word)[0].normal_form).replace("ё", "е")


def plain(text: str) -> str:
    """Lower case, masked, one alphabet a word."""
    text = text[:LETTER_MOST].lower().replace("ё", "е")
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return _LATIN_IN_RUSSIAN.sub(lambda found: found[0].translate(_LOOKALIKES), text)


def joined(subject: str, text: str) -> str:
    """Subject and text as one; the subject stands first, unless it is that of a letter of ours that is answered."""
    return plain(text if _OURS.search(subject) else f"{subject}\n{text}")


def lemmas(text: str) -> list[str]:
    """Lemmas of a plain text and their pairs."""
    words = [lemma(word) for word in WORD.findall(text)]
    return words + [f"{left} {right}" for left, right in pairwise(words)]


def pieces(text: str) -> list[str]:
    """Pieces of three to five characters within each word of a plain text, its edges marked by blanks."""
    found: list[str] = []
    for word in WORD.findall(text):
        padded = f" {word} "
        for size in (3, 4, 5):
            found += [padded[at : at + size] for at in range(max(1, len(padded) - size + 1))]
    return found
