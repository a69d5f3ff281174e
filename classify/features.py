"""From the forms of a letter's words to what the model weighs: lemmas, their pairs, and pieces of words."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from classify.words import MASKS, reading

PIECES = (3, 4, 5)  # characters


def lemma(form: str) -> str:
    """The dictionary form of a lower-case word, ё as е; a mask stays a mask."""
    return form if form in MASKS else reading(form)[0]


def with_pairs(lemmas: Sequence[str]) -> list[str]:
    """Lemmas and their pairs."""
    return [*lemmas, *(f"{left} {right}" for left, right in pairwise(lemmas))]


def pieces(form: str) -> list[str]:
    """Pieces of three to five characters of one word, its edges marked by blanks."""
    padded = f" {form} "
    return [padded[at : at + size] for size in PIECES for at in range(max(1, len(padded) - size + 1))]


def of_letter(forms: Sequence[str]) -> dict[str, list[str]]:
    """All features of a letter by block, repeated as often as they occur; a mask is a word without pieces."""
    return {
        "lemmas": with_pairs([lemma(form) for form in forms]),
        "pieces": [piece for form in forms if form not in MASKS for piece in pieces(form)],
    }


def known_words(lemmas: Iterable[str], vocabulary: dict[str, int]) -> tuple[float, int]:
    """Share and number of different lemmas (no pairs) that a vocabulary holds; zeros for a letter without words."""
    single = {lemma for lemma in lemmas if " " not in lemma}
    number = sum(lemma in vocabulary for lemma in single)
    return (number / len(single) if single else 0.0), number
