"""The recipe: two TF-IDF blocks (lemmas and their pairs, pieces of words) and a linear SVC over both.

Measured on letters of other writers (bench/classify.py): lemmas alone lose 3 points, pieces alone half a point,
logistic regression a third, naive Bayes three; a subject in a block of its own loses half a point to one joined with
the text.
Word vectors (navec; words or whole letters by e5-small) gain nothing that is not noise, and are left out.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from classify.examples import Example, spoilt
from classify.features import known_words

BLOCKS = ("lemmas", "pieces")
FEW = 90  # letters a topic on average; under it every word counts, above it those of two letters
SENDERS = 5  # of a desk's own letters, a word is learned from so many different senders
_SEED = 7
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What is chosen by measurement on the letters themselves."""

    strength: float = 0.7  # C of the SVC
    balance: float = 1.0  # weight of a topic: (1 / its share) to this power; 0 is as often as it comes
    noise: int = 0  # spoilt copies of each letter to learn from as well


CHOICE = tuple(Recipe(strength=c, balance=b) for c in (0.1, 0.3, 0.7, 2.0) for b in (1.0, 0.25))


@dataclass(frozen=True, slots=True)
class Fitted:
    """A linear model over named features."""

    vectorizers: dict[str, TfidfVectorizer]
    weights: Floats  # features × topics
    bias: Floats

    def scores(self, examples: Sequence[Example]) -> Floats:
        """Scores, letters × topics."""
        blocks = [self.vectorizers[name].transform([e.features[name] for e in examples]) for name in BLOCKS]
        return np.asarray(hstack(blocks).tocsr() @ self.weights + self.bias)

    def known(self, examples: Sequence[Example]) -> tuple[Floats, Floats]:
        """How much of each letter was ever learned: share and number of its lemmas."""
        vocabulary = self.vectorizers["lemmas"].vocabulary_
        pairs = [known_words(e.features["lemmas"], vocabulary) for e in examples]
        return np.array([share for share, _ in pairs]), np.array([float(number) for _, number in pairs])


class Prepared:
    """Letters made into TF-IDF once, to try several recipes on."""

    def __init__(self, examples: Sequence[Example], *, topics: int, copies: int = 0) -> None:
        self.letters, self.topics, self.copies = len(examples), topics, copies
        learned = [*examples, *(spoilt(example, n) for n in range(copies) for example in examples)]
        few = len(examples) < FEW * topics
        self.vectorizers, blocks = {}, []
        for name in BLOCKS:
            vectorizer = TfidfVectorizer(
                analyzer=_as_is, vocabulary=_vocabulary(examples, name, 1 if few else 2), sublinear_tf=True
            )
            vectorizer.fit([example.features[name] for example in examples])
            self.vectorizers[name] = vectorizer
            blocks.append(vectorizer.transform([example.features[name] for example in learned]))
        self.matrix: csr_matrix = hstack(blocks).tocsr()

    def fit(self, right: Integers, recipe: Recipe) -> Fitted:
        """The model of these letters; `right` are the places of their topics. A topic without letters scores low."""
        labels = np.tile(right, 1 + self.copies)
        present, counts = np.unique(right, return_counts=True)
        shares = (len(right) / (len(present) * counts)) ** recipe.balance
        svc = LinearSVC(
            C=recipe.strength,
            class_weight=dict(zip(present.tolist(), shares.tolist(), strict=True)),
            random_state=_SEED,
            max_iter=3000,
        ).fit(self.matrix, labels)
        weights, bias = np.zeros((self.matrix.shape[1], self.topics)), np.full(self.topics, -3.0)
        if len(present) == 2:  # a single separating plane: one side each
            weights[:, present] = np.vstack([-svc.coef_[0], svc.coef_[0]]).T
            bias[present] = [-svc.intercept_[0], svc.intercept_[0]]
        else:
            weights[:, present] = svc.coef_.T
            bias[present] = svc.intercept_
        return Fitted(self.vectorizers, weights, bias)


def _as_is(features: list[str]) -> list[str]:
    return features


def _vocabulary(examples: Sequence[Example], name: str, least: int) -> list[str]:
    """Features of enough letters: `least` of a corpus, or five different senders of the desk's own."""
    written: dict[str, int] = defaultdict(int)
    senders: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        for feature in set(example.features[name]):
            if example.sender is None:
                written[feature] += 1
            else:
                senders[feature].add(example.sender)
    enough = {feature for feature, count in written.items() if count >= least}
    enough |= {feature for feature, known in senders.items() if len(known) >= SENDERS}
    return sorted(enough) or ["\0"]  # scikit-learn refuses an empty one
