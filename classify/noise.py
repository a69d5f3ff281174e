"""What mail does to a letter: typos, lost spaces and signs, no capitals, look-alike letters. For training and tests.

Everything is drawn from a generator that the caller seeds, so that the same letter is spoilt the same way each time.
"""

import random
from collections.abc import Callable

TYPOS = 0.1  # share of words with one typo
_LOST_SPACES = 0.03
_LOOKALIKES = 0.02  # share of words with Latin look-alikes
_LATIN = str.maketrans("аеорсух", "aeopcyx")
_ROWS = ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
_BESIDE = {letter: row[max(0, at - 1) : at] + row[at + 1 : at + 2] for row in _ROWS for at, letter in enumerate(row)}
_SIGNS = str.maketrans(dict.fromkeys(",.!?;:«»\"'()—–…", " "))


def noisy(text: str, rng: random.Random, *, typos: float = TYPOS) -> str:
    """No capitals, no signs, typos in a share of the words, some spaces lost, some letters Latin."""
    words = text.lower().translate(_SIGNS).split()
    spoilt = [_typo(word, rng) if len(word) > 3 and rng.random() < typos else word for word in words]
    spoilt = [word.translate(_LATIN) if rng.random() < _LOOKALIKES else word for word in spoilt]
    return "".join(word + ("" if rng.random() < _LOST_SPACES else " ") for word in spoilt).strip()


def _typo(word: str, rng: random.Random) -> str:
    at = rng.randrange(len(word) - 1)
    kinds: tuple[Callable[[], str], ...] = (
        lambda: word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        lambda: word[:at] + word[at + 1 :],
        lambda: word[:at] + word[at] + word[at:],
        lambda: word[:at] + rng.choice(_BESIDE.get(word[at], word[at])) + word[at + 1 :],
    )
    return rng.choice(kinds)()
