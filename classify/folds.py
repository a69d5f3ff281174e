"""Which letters are judged by a model that has not seen them: by writer, by persona and border pair, or by chance."""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from classify.examples import Example

FOLDS = 5
FOLDS_BIG = 3  # for sets whose models take long
BIG = 4000  # letters
SMALL, REPEATS = 2000, 4  # under so many letters, so many draws
_SEED = 7
Fold = tuple[NDArray[np.int64], NDArray[np.int64]]  # places of letters: learned from, judged


def honest(examples: Sequence[Example]) -> list[Fold]:
    """By writer where three or more are known: the nearest thing to letters written by others; else by chance.

    Few letters are drawn several times, for one draw of five folds chooses by luck.
    """
    repeats = REPEATS if len(examples) < SMALL else 1
    return by_writer(examples) or [fold for repeat in range(repeats) for fold in by_chance(examples, draw=repeat)]


def by_writer(examples: Sequence[Example]) -> list[Fold]:
    """Each writer's letters judged by a model of the others'; many writers are left out several at a time.

    Letters without a writer are always learned from; [] where fewer than three writers are known.
    """
    writers = np.array([example.writer or "" for example in examples])
    names = sorted(set(writers.tolist()) - {""})
    if len(names) < 3:
        return []
    parts = [names[n::FOLDS] for n in range(min(FOLDS, len(names)))]
    return [(np.flatnonzero(~np.isin(writers, part)), np.flatnonzero(np.isin(writers, part))) for part in parts]


def by_persona(examples: Sequence[Example]) -> list[Fold]:
    """Letters of one persona, and of one border pair, stay on one side; [] where neither is known."""
    if not any(example.persona for example in examples):
        return []
    groups = [_group(example) for example in examples]
    topics = [example.topic for example in examples]
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=_SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a topic of fewer letters than folds is split as it can be
        return list(splitter.split(topics, topics, groups))


def _group(example: Example) -> str:
    if example.border:
        return " ".join(sorted((example.topic, example.border)))
    return example.persona or example.id


def by_chance(examples: Sequence[Example], *, draw: int = 0) -> list[Fold]:
    """Stratified; topics of one to three letters go where they fall. [] where no topic has two."""
    topics = np.array([example.topic for example in examples])
    most = int(np.unique(topics, return_counts=True)[1].max())
    if most < 2:
        return []
    folds = max(2, min(FOLDS if len(topics) < BIG else FOLDS_BIG, most))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return list(StratifiedKFold(folds, shuffle=True, random_state=_SEED + draw).split(topics, topics))
