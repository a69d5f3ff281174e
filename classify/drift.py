"""Does mail still look like what the model learned from? The distance of two weeks' topics or confidences.

PSI (population stability index): the sum over bins of (now - then) · ln(now / then). Under 0.1 nothing moved, over 0.25
something did: read a few letters, and train on new ones.
"""

import math
from collections import Counter
from typing import TypeVar

MOVED, MUCH_MOVED = 0.1, 0.25
_FEWEST = 0.5  # letters an empty bin counts as, so that its logarithm is finite
T = TypeVar("T")


def psi(then: Counter[T], now: Counter[T]) -> float:
    """Of two counts over the same bins."""
    bins = set(then) | set(now)
    before, after = _shares(then, bins), _shares(now, bins)
    return sum((after[one] - before[one]) * math.log(after[one] / before[one]) for one in bins)


def _shares(counts: Counter[T], bins: set[T]) -> dict[T, float]:
    filled = {one: max(float(counts[one]), _FEWEST) for one in bins}
    return {one: count / sum(filled.values()) for one, count in filled.items()}
