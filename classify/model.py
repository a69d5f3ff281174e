"""The trained model, asked: a letter's subject and own words in, topic probabilities and the words that weighed out."""

from collections import Counter
from collections.abc import Sequence
from heapq import nlargest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classify import features, model_file, words
from classify.calibrate import Calibration
from classify.prediction import Prediction

WHY_MOST = 5
_WORDS_KEPT = 50_000  # forms whose features are remembered
_Integers = NDArray[np.int64]
_Floats = NDArray[np.float32]
_NONE: _Integers = np.zeros(0, dtype=np.int64)
_Gifts = NDArray[np.float64]  # a number for each word of a letter
_Weighed = tuple[_Integers, _Floats, _Integers]  # places of features, their values here, which of them each found is


class Model:
    """A model in memory; asked from one thread at a time, its arrays shared between forked workers."""

    def __init__(self, description: dict[str, Any], parts: model_file.Parts, *, threshold: float | None) -> None:
        self.description = description
        self.version: str = description["version"]
        self.topics: tuple[str, ...] = tuple(description["topics"])
        self.threshold: float = description["threshold"] if threshold is None else threshold
        self._calibration = Calibration(**description["calibration"])
        self._of_nothing: str | None = description.get("of_nothing")
        self._parts = parts
        self._places = {
            name: {feature: place for place, feature in enumerate(block.features)}
            for name, block in parts.blocks.items()
        }
        self._remembered: dict[str, tuple[str, _Integers]] = {}  # of forms that were asked for lately

    def predict(self, subject: str, text: str) -> Prediction:
        """Topic probabilities for a letter's subject and own words; never raises on any text."""
        said = words.words(subject, text)
        forms = [self._remembered.get(word.form) or self._look_up(word.form) for word in said]
        lemmas, pieces = [lemma for lemma, _ in forms], [places for _, places in forms]
        weighed = {
            "lemmas": self._weighed("lemmas", self._lemma_places(lemmas)),
            "pieces": self._weighed("pieces", np.concatenate([_NONE, *pieces])),
        }
        scores = self._parts.bias.astype(np.float64)
        for name, (places, values, _) in weighed.items():
            scores += values @ self._parts.blocks[name].weights[places]
        known, number = features.known_words(lemmas, self._places["lemmas"])
        shares = self._calibration.shares(scores[None, :], np.array([known]), np.array([float(number)]))[0]
        if number == 0 and self._of_nothing is not None:
            shares = self._nothing_known()
        order = np.argsort(-shares, kind="stable")
        best = int(order[0])
        return Prediction(
            topics=tuple((self.topics[n], float(shares[n])) for n in order),
            needs_review=bool(shares[best] < self.threshold),
            why=_why(
                said,
                self._by_pieces(pieces, weighed["pieces"], best) + self._by_lemmas(lemmas, weighed["lemmas"], best),
            ),
            model=self.version,
            unknown=round(1 - known, 4) if lemmas else None,
        )

    def _nothing_known(self) -> _Gifts:
        """The topic of letters without words, as likely as not: a letter of which no word is known is like them."""
        return np.where(np.array(self.topics) == self._of_nothing, 0.5, 0.5 / (len(self.topics) - 1))

    @property
    def learned(self) -> frozenset[int]:
        """Numbers of the letters it learned from."""
        return self._parts.learned

    def _lemma(self, form: str) -> str:
        return self._parts.lemmas.get(form) or features.lemma(form)

    def _lemma_places(self, lemmas: Sequence[str]) -> _Integers:
        places = self._places["lemmas"]
        return np.array([places[one] for one in features.with_pairs(lemmas) if one in places], dtype=np.int64)

    def _look_up(self, form: str) -> tuple[str, _Integers]:
        """A word's lemma and the places of its pieces; a mask has none."""
        places, pieces = self._places["pieces"], features.pieces(form) if form not in words.MASKS else []
        found = self._lemma(form), np.array([places[one] for one in pieces if one in places], dtype=np.int64)
        if len(self._remembered) >= _WORDS_KEPT:
            self._remembered.clear()
        self._remembered[form] = found
        return found

    def _weighed(self, name: str, found: _Integers) -> _Weighed:
        """TF-IDF as scikit-learn has it: (1 + ln count) · idf, of length one."""
        places, which, counts = np.unique(found, return_inverse=True, return_counts=True)
        values = (1 + np.log(counts)) * self._parts.blocks[name].idf[places]
        length = float(np.linalg.norm(values))
        return places, (values / length if length else values).astype(np.float32), which

    def _by_pieces(self, pieces: Sequence[_Integers], weighed: _Weighed, best: int) -> _Gifts:
        """What each word's pieces gave the best topic; what a piece gave is shared out among its places."""
        places, values, which = weighed
        given = values * self._parts.blocks["pieces"].weights[places, best] / np.bincount(which, minlength=len(places))
        owners = np.repeat(np.arange(len(pieces)), list(map(len, pieces)))
        return np.bincount(owners, weights=given[which], minlength=len(pieces)).astype(np.float64)

    def _by_lemmas(self, lemmas: Sequence[str], weighed: _Weighed, best: int) -> _Gifts:
        """What each word's lemma gave the best topic, shared out likewise."""
        places, values, _ = weighed
        given = values * self._parts.blocks["lemmas"].weights[places, best]
        of_place = dict(zip(places.tolist(), given.tolist(), strict=True))
        known = self._places["lemmas"]
        each = {lemma: of_place.get(known.get(lemma, -1), 0.0) / often for lemma, often in Counter(lemmas).items()}
        return np.array([each[lemma] for lemma in lemmas], dtype=np.float64)


def _why(said: Sequence[words.Word], gifts: _Gifts) -> tuple[str, ...]:
    """Whole words as they stand in the letter, by what each gave the best topic."""
    worth: dict[str, float] = {}
    written: dict[str, str] = {}
    for (as_written, form), gift in zip(said, gifts.tolist(), strict=True):
        if form not in worth:
            worth[form], written[form] = gift, as_written
        else:
            worth[form] += gift
    named = {form: gain for form, gain in worth.items() if gain > 0 and len(form) > 2 and form not in words.MASKS}
    return tuple(written[form] for form in nlargest(WHY_MOST, named, key=named.__getitem__))


def load(path: Path | None, *, threshold: float | None) -> Model:
    """The model in a folder, or the shipped one; ConfigError with the remedy when it cannot be used."""
    description, parts = model_file.read(path if path is not None else model_file.shipped())
    return Model(description, parts, threshold=threshold)
