"""Does mail still look like what the model learned from? Topic mix, confidence and unknown words, week against week.

PSI (population stability index): the sum over bins of (now - then) · ln(now / then). Under 0.1 nothing moved, over 0.25
something did: read a few letters, and train on new ones.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

MOVED, MUCH_MOVED = 0.1, 0.25
_FEWEST = 0.5  # letters an empty bin counts as, so that its logarithm is finite
_BINS = 10
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the model made of one letter; kept without a word of it."""

    topic: str
    confidence: float
    known: float  # share of its lemmas that the model knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One week against another."""

    topics: float  # PSI
    confidence: float  # PSI over ten bins
    unknown_then: float  # mean share of lemmas that the model does not know
    unknown_now: float

    @property
    def worst(self) -> float:
        """The larger PSI."""
        return max(self.topics, self.confidence)


def drift(then: Sequence[Seen], now: Sequence[Seen]) -> Drift | None:
    """None when one of the weeks has no letters."""
    if not then or not now:
        return None
    return Drift(
        topics=psi(Counter(one.topic for one in then), Counter(one.topic for one in now)),
        confidence=psi(_bins(then), _bins(now)),
        unknown_then=sum(1 - one.known for one in then) / len(then),
        unknown_now=sum(1 - one.known for one in now) / len(now),
    )


def psi(then: Counter[T], now: Counter[T]) -> float:
    """Of two counts over the same bins."""
    bins = set(then) | set(now)
    before, after = _shares(then, bins), _shares(now, bins)
    return sum((after[one] - before[one]) * math.log(after[one] / before[one]) for one in bins)


def _bins(seen: Sequence[Seen]) -> Counter[int]:
    return Counter(min(int(one.confidence * _BINS), _BINS - 1) for one in seen)


def _shares(counts: Counter[T], bins: set[T]) -> dict[T, float]:
    filled = {one: max(float(counts[one]), _FEWEST) for one in bins}
    return {one: count / sum(filled.values()) for one, count in filled.items()}
