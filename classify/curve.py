"""The learning curve: what more letters would give."""

from collections.abc import Sequence

import numpy as np

from classify import folds
from classify.examples import Example
from classify.recipe import Counts, Integers, Recipe
from classify.train import labels, out_of_fold

_FEWEST = 25


def learning_curve(examples: Sequence[Example], recipe: Recipe, *, draws: int = 2) -> list[tuple[int, float]]:
    """(letters a topic, accuracy on letters held back), doubling from 25; the last point has all there are."""
    _, right = labels(examples)
    counts = Counts(examples)
    rng = np.random.default_rng(7)
    splits = folds.honest(examples)
    most = min(int(np.bincount(right[learned]).max()) for learned, _ in splits)
    sizes = [size for n in range(12) if (size := _FEWEST * 2**n) < most] + [most]
    found = []
    for size in sizes:
        few = [(_drawn(right, learned, size, rng), judged) for _ in range(draws) for learned, judged in splits]
        (unseen,) = out_of_fold(counts, right, few, [recipe])
        found.append((size, float((unseen.scores.argmax(axis=1) == right[unseen.places]).mean())))
    return found


def _drawn(right: Integers, learned: Integers, size: int, rng: np.random.Generator) -> Integers:
    of_topic = [learned[right[learned] == topic] for topic in np.unique(right[learned])]
    return np.concatenate([rng.permutation(letters)[:size] for letters in of_topic])
