"""The recipe: two TF-IDF blocks (lemmas and their pairs, pieces of words) and a linear SVC over both.

Features are counted once (`Counts`); every fold then picks its own vocabulary and weights from the counts, so that
trying a recipe costs one fit and nothing else.

Measured on letters of other writers (bench/classify.py floors): lemmas alone lose a point and a half, pieces alone one;
on the first 1,400 letters logistic regression lost a third, naive Bayes three. Left out: word vectors, their clusters,
and letters with words left out, which gain nothing; pairs across a few words, a subject apart, first and last sentences
apart, clauses that deny apart, which gain less than half a point each.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, hstack, vstack
from sklearn.svm import LinearSVC

from classify.examples import Example, spoilt

BLOCKS = ("lemmas", "pieces")
FEW = 90  # letters a topic on average; under it every word counts, above it those of two letters
LEMMAS_WEIGH, LEMMAS_WEIGH_FEW = 1.0, 0.7  # beside pieces: the fewer the letters, the more words are met but once
SENDERS = 5  # of a desk's own letters, a word is learned from so many different senders
_ABSENT = -3.0  # bias of a topic that none of the letters has
_SEED = 7
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What is chosen by measurement on the letters themselves."""

    strength: float = 1.0  # C of the SVC
    balance: float = 1.0  # weight of a topic: (1 / its share) to this power; 0 is as often as it comes
    noise: bool = False  # a spoilt copy of each letter to learn from as well


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What one kind of feature counts for: which of the counted features were learned, and their idf."""

    columns: Integers
    idf: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A linear model over counted features."""

    blocks: dict[str, Block]
    weights: dict[str, Floats]  # features × topics, by block
    bias: Floats


class Counts:
    """How often each feature stands in each of these letters, counted once."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = examples
        self.names: dict[str, list[str]] = {}
        self._counts: dict[str, csr_matrix] = {}
        self._copies: dict[str, csr_matrix] = {}
        for name in BLOCKS:
            self.names[name] = sorted({feature for example in examples for feature in example.features[name]})
            self._counts[name] = _counted((e.features[name] for e in examples), self.names[name])
        self._single = np.array([" " not in lemma for lemma in self.names["lemmas"]], dtype=bool)
        self._of_senders = _of_senders(examples)

    def learn(self, rows: Integers, right: Integers, topics: int, recipes: Sequence[Recipe]) -> list[Fitted]:
        """A model of these letters by each recipe; `right` are the places of the topics of all letters."""
        few = len(rows) < FEW * topics
        blocks = {name: self._block(name, rows, 1 if few else 2) for name in BLOCKS}
        weighing = {"lemmas": LEMMAS_WEIGH_FEW if few else LEMMAS_WEIGH, "pieces": 1.0}
        learned = {
            noise: self._matrix(blocks, rows, weighing, noise=noise) for noise in {recipe.noise for recipe in recipes}
        }
        return [_fitted(blocks, weighing, learned[one.noise], right[rows], topics, one) for one in recipes]

    def scores(self, fitted: Fitted, rows: Integers) -> Floats:
        """Scores, letters × topics."""
        found = np.tile(fitted.bias, (len(rows), 1))
        for name, block in fitted.blocks.items():
            found += _weighed(self._counts[name][rows], block) @ fitted.weights[name]
        return found

    def known(self, fitted: Fitted, rows: Integers) -> tuple[Floats, Floats]:
        """How much of each letter was ever learned: share and number of its lemmas, pairs aside."""
        stands = self._counts["lemmas"][rows] > 0
        learned = np.zeros(len(self._single), dtype=bool)
        learned[fitted.blocks["lemmas"].columns] = True
        number = np.asarray(stands @ (learned & self._single).astype(np.float64)).ravel()
        whole = np.asarray(stands @ self._single.astype(np.float64)).ravel()
        return number / np.maximum(whole, 1), number

    def _block(self, name: str, rows: Integers, least: int) -> Block:
        """Features of enough letters: `least` of a corpus, or five different senders of the desk's own."""
        stands = (self._counts[name][rows] > 0).astype(np.float64)
        senders = self._of_senders[rows]
        own = np.asarray(senders.sum(axis=1)).ravel() > 0
        of_corpus = np.asarray(stands[~own].sum(axis=0)).ravel()
        of_senders = np.asarray(((senders.T @ stands) > 0).sum(axis=0)).ravel()
        columns = np.flatnonzero((of_corpus >= least) | (of_senders >= SENDERS))
        letters = np.asarray(stands.sum(axis=0)).ravel()[columns]
        return Block(columns=columns, idf=np.log((1 + len(rows)) / (1 + letters)) + 1)

    def _matrix(
        self, blocks: dict[str, Block], rows: Integers, weighing: dict[str, float], *, noise: bool
    ) -> csr_matrix:
        parts = [self._counts] + ([self._spoilt()] if noise else [])
        return vstack(
            [hstack([_weighed(part[n][rows], block) * weighing[n] for n, block in blocks.items()]) for part in parts]
        ).tocsr()

    def _spoilt(self) -> dict[str, csr_matrix]:
        """The same of a spoilt copy of each letter; features that no clean letter has are not counted."""
        if not self._copies:
            copies = [spoilt(example, 0) for example in self.examples]
            self._copies = {name: _counted((e.features[name] for e in copies), self.names[name]) for name in BLOCKS}
        return self._copies


def _fitted(
    blocks: dict[str, Block],
    weighing: dict[str, float],
    matrix: csr_matrix,
    right: Integers,
    topics: int,
    recipe: Recipe,
) -> Fitted:
    """What a block weighs goes into its weights, so that asking the model needs to know nothing of it."""
    weights, bias = _separated(matrix, np.tile(right, matrix.shape[0] // len(right)), topics, recipe)
    parts = np.split(weights, [len(blocks["lemmas"].columns)])
    return Fitted(
        blocks=blocks,
        weights={name: part * weighing[name] for name, part in zip(BLOCKS, parts, strict=True)},
        bias=bias,
    )


def _counted(letters: Iterable[Sequence[str]], names: Sequence[str]) -> csr_matrix:
    places = {name: place for place, name in enumerate(names)}
    columns: list[int] = []
    counts: list[int] = []
    ends = [0]
    for features in letters:
        found = sorted((places[one], count) for one, count in Counter(features).items() if one in places)
        columns += [place for place, _ in found]
        counts += [count for _, count in found]
        ends.append(len(columns))
    return csr_matrix((np.array(counts, dtype=np.float64), columns, ends), shape=(len(ends) - 1, len(names)))


def _of_senders(examples: Sequence[Example]) -> csr_matrix:
    """Letters × senders; a row of zeros is a letter of a corpus."""
    names = sorted({example.sender for example in examples if example.sender is not None})
    return _counted(([example.sender] if example.sender is not None else [] for example in examples), names)


def _weighed(counts: csr_matrix, block: Block) -> csr_matrix:
    """TF-IDF: (1 + ln count) · idf, each letter of length one."""
    found = counts[:, block.columns].tocsr()
    found.data = 1 + np.log(found.data)
    found = (found @ diags(block.idf)).tocsr()
    length = np.sqrt(np.asarray(found.multiply(found).sum(axis=1)).ravel())
    return (diags(1 / np.where(length > 0, length, 1)) @ found).tocsr()


def _separated(matrix: csr_matrix, right: Integers, topics: int, recipe: Recipe) -> tuple[Floats, Floats]:
    """Weights and bias of a linear SVC, topics that have no letters scoring low."""
    present, counts = np.unique(right, return_counts=True)
    shares = (len(right) / (len(present) * counts)) ** recipe.balance
    weights, bias = np.zeros((matrix.shape[1], topics)), np.full(topics, _ABSENT)
    if not matrix.shape[1]:  # letters without a word, which a fold may have even where the whole has not
        bias[present] = 0
        return weights, bias
    svc = LinearSVC(
        C=recipe.strength,
        class_weight=dict(zip(present.tolist(), shares.tolist(), strict=True)),
        random_state=_SEED,
        max_iter=3000,
    ).fit(matrix, right)
    if len(present) == 2:  # a single separating plane: one side each
        weights[:, present] = np.vstack([-svc.coef_[0], svc.coef_[0]]).T
        bias[present] = [-svc.intercept_[0], svc.intercept_[0]]
    else:
        weights[:, present] = svc.coef_.T
        bias[present] = svc.intercept_
    return weights, bias
