"""Labels that may be wrong: letters whose given topic a model that had not seen them holds unlikely.

Confident learning's self-confidence (Northcutt 2021): the out-of-fold probability of the given label, least first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classify import folds
from classify.calibrate import Calibration
from classify.examples import Example
from classify.recipe import Counts, Recipe
from classify.train import labels, out_of_fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One letter to look at again."""

    id: str
    topic: str  # as labelled
    likely: str  # as the others' letters would have it
    given: float  # probability of the label
    likeliest: float  # of the likely topic


def doubtful(examples: Sequence[Example], recipe: Recipe, calibration: Calibration, *, most: int = 50) -> list[Doubt]:
    """The labels least believed, worst first; only letters whose likeliest topic is another."""
    topics, right = labels(examples)
    (unseen,) = out_of_fold(Counts(examples), right, folds.honest(examples), [recipe])
    once = np.unique(unseen.places, return_index=True)[1]  # of letters drawn several times, the first
    shares = calibration.shares(unseen.scores[once], unseen.known[once], unseen.words[once])
    doubts = [
        Doubt(
            id=examples[place].id,
            topic=examples[place].topic,
            likely=topics[int(row.argmax())],
            given=float(row[right[place]]),
            likeliest=float(row.max()),
        )
        for place, row in zip(unseen.places[once].tolist(), shares, strict=True)
        if row.argmax() != right[place]
    ]
    return sorted(doubts, key=lambda doubt: doubt.given)[:most]
