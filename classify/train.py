"""Training: letters in, a model folder out, the same bytes each time on the same machine kind.

1. Each recipe of a short list is tried out of fold: by writer where writers are known, by chance where not.
2. The one that is best at the first topic, and at the first three, is taken.
3. Its out-of-fold scores give the calibration and the thresholds.
4. The model is fitted on everything, written aside and renamed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from classify import features, folds, measure, model_file, words
from classify.calibrate import WANTED_ERROR, WANTED_ERRORS, calibrate, threshold
from classify.examples import Example, checksum
from classify.recipe import CHOICE, FEW, Fitted, Floats, Integers, Prepared, Recipe
from service.errors import ConfigError

_EVEN = 2.0  # the largest topic may have so many times the letters of the smallest, and weights change nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfFold:
    """What models said of letters that they had not seen."""

    scores: Floats  # letters × topics
    known: Floats  # the share of each letter's lemmas that its model knew
    words: Floats  # and their number
    judged: Integers  # places of the letters that were judged at all


def train(examples: Sequence[Example], out: Path, *, wanted_error: float = WANTED_ERROR) -> dict[str, Any]:
    """Writes the model into `out` and returns its description; ConfigError when there is too little to learn from."""
    topics, right = labels(examples)
    recipe, unseen = _chosen(examples, topics, right)
    judged = unseen.judged
    calibration = calibrate(unseen.scores[judged], unseen.known[judged], right[judged])
    shares = calibration.shares(unseen.scores[judged], unseen.known[judged], unseen.words[judged])
    hit = shares.argmax(axis=1) == right[judged]
    wanted = sorted({*WANTED_ERRORS, wanted_error})
    thresholds = {f"{error:g}": threshold(shares.max(axis=1), hit, wanted=error) for error in wanted}
    fitted = _prepared(examples, topics, recipe).fit(right, recipe)
    description = {
        "topics": topics,
        "recipe": asdict(recipe),
        "calibration": asdict(calibration),
        "thresholds": thresholds,
        "threshold": thresholds[f"{wanted_error:g}"],
        "letters": dict(sorted(Counter(example.topic for example in examples).items())),
        "corpus_sha256": checksum(examples),
        "out_of_fold": measure.figures(shares, right[judged]),
    }
    return model_file.write(out, description, _parts(fitted, examples))


def labels(examples: Sequence[Example]) -> tuple[list[str], Integers]:
    """The topics in order, and the place of each letter's."""
    topics = sorted({example.topic for example in examples})
    if len(topics) < 2:
        raise ConfigError(f"{len(examples)} letters of {len(topics)} topic: letters of two topics or more are needed")
    return topics, np.array([topics.index(example.topic) for example in examples])


def out_of_fold(
    examples: Sequence[Example], splits: Sequence[folds.Fold], recipes: Sequence[Recipe]
) -> dict[Recipe, OutOfFold]:
    """Each letter's scores by each recipe, from a model without the letters of its fold."""
    topics, right = labels(examples)
    scores = {recipe: np.full((len(examples), len(topics)), np.nan) for recipe in recipes}
    known, words_known = np.zeros(len(examples)), np.zeros(len(examples))
    for learned, judged in splits:
        if len(np.unique(right[learned])) < 2:
            continue
        unseen = [examples[n] for n in judged]
        prepared = _prepared([examples[n] for n in learned], topics, recipes[0])
        for recipe in recipes:
            fitted = prepared.fit(right[learned], recipe)
            scores[recipe][judged] = fitted.scores(unseen)
        known[judged], words_known[judged] = fitted.known(unseen)
    return {
        recipe: OutOfFold(scores=found, known=known, words=words_known, judged=np.flatnonzero(~np.isnan(found[:, 0])))
        for recipe, found in scores.items()
    }


def _prepared(examples: Sequence[Example], topics: list[str], recipe: Recipe) -> Prepared:
    return Prepared(examples, topics=len(topics), copies=recipe.noise)


def _chosen(examples: Sequence[Example], topics: list[str], right: Integers) -> tuple[Recipe, OutOfFold]:
    """Steps 1 and 2."""
    counts = np.bincount(right)
    even = counts.max() <= _EVEN * counts.min()
    recipes = [recipe for recipe in CHOICE if recipe.balance == 1 or not even]
    splits = folds.honest(examples)
    tried = out_of_fold(examples, splits, recipes)
    if not len(tried[recipes[0]].judged):
        raise ConfigError(f"{len(examples)} letters: too few to hold some back; two of each topic are needed at least")
    best = max(recipes, key=lambda recipe: _worth(tried[recipe], right))
    if not FEW * len(topics) <= len(examples) < folds.BIG:
        return best, tried[best]
    spoilt = replace(best, noise=1)
    return spoilt, out_of_fold(examples, splits, [spoilt])[spoilt]


def _worth(unseen: OutOfFold, right: Integers) -> float:
    order = np.argsort(-unseen.scores[unseen.judged], axis=1)
    wanted = right[unseen.judged][:, None]
    return float((order[:, :1] == wanted).any(axis=1).mean() + (order[:, :3] == wanted).any(axis=1).mean())


def _parts(fitted: Fitted, examples: Sequence[Example]) -> model_file.Parts:
    """What is kept: each block's features with idf and weights, and the lemmas of the forms that were learned."""
    blocks, start = {}, 0
    for name, vectorizer in fitted.vectorizers.items():
        learned = vectorizer.get_feature_names_out().tolist()
        weights = fitted.weights[start : start + len(learned)]
        blocks[name] = model_file.Block(features=learned, idf=vectorizer.idf_, weights=weights)
        start += len(learned)
    return model_file.Parts(
        blocks=blocks,
        bias=fitted.bias,
        lemmas=_lemmas(examples, blocks["lemmas"].features),
        learned=frozenset(example.number for example in examples),
    )


def _lemmas(examples: Sequence[Example], learned: Sequence[str]) -> dict[str, str]:
    """The lemma of each word form in the letters, where the lemma was learned: spares the dictionary at work."""
    kept = set(learned)
    forms = {word.form for example in examples for word in words.words(example.subject, example.text)}
    found = {form: features.lemma(form) for form in sorted(forms)}
    return {form: lemma for form, lemma in found.items() if lemma in kept}
