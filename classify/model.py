"""The trained model: plain arrays and JSON, no pickle; loaded, checked, and asked.

A linear model over two TF-IDF blocks (lemmas and their pairs; pieces of words), its scores turned into probabilities by
one temperature. Letters of which little is known to the model get a flatter answer, and so a person.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classify import features
from classify.prediction import Prediction
from service.errors import ConfigError

FORMAT = 1
KNOWN_ENOUGH = 0.5  # share of a letter's lemmas in the vocabulary; under it the answer is flattened
WHY_MOST = 5
Floats = NDArray[np.float32]
Block = tuple[str, Callable[[str], list[str]]]
BLOCKS: tuple[Block, ...] = (("lemmas", features.lemmas), ("pieces", features.pieces))


class Model:
    """A model in memory; asked from one thread at a time, shared read-only between forked workers."""

    def __init__(self, meta: dict[str, Any], arrays: dict[str, Floats], *, threshold: float | None) -> None:
        self.version: str = meta["version"]
        self.topics: tuple[str, ...] = tuple(meta["topics"])
        self.threshold = meta["threshold"] if threshold is None else threshold
        self.temperature: float = meta["temperature"]
        self._vocabulary = {name: {word: n for n, word in enumerate(meta[name])} for name, _ in BLOCKS}
        self._words = {name: meta[name] for name, _ in BLOCKS}
        self._arrays = arrays

    def predict(self, subject: str, text: str) -> Prediction:
        """Topic probabilities for a letter's subject and own words; never raises on any text."""
        plain = features.joined(subject, text)
        scores, known, weights = self._scores(plain)
        shares = _softmax(scores / self.temperature)
        shares = _flattened(shares, known)
        order = np.argsort(-shares)
        best = int(order[0])
        return Prediction(
            topics=tuple((self.topics[n], float(shares[n])) for n in order),
            needs_review=bool(shares[best] < self.threshold),
            why=self._why(plain, weights, best),
            model=self.version,
        )

    def _scores(self, plain: str) -> tuple[Floats, float, dict[str, tuple[NDArray[np.int64], Floats]]]:
        """Scores by topic, the share of known lemmas, and each block's features with their values."""
        scores = self._arrays["bias"].copy()
        weights: dict[str, tuple[NDArray[np.int64], Floats]] = {}
        known = 0.0
        for name, make in BLOCKS:
            counted = Counter(make(plain))
            vocabulary = self._vocabulary[name]
            found = [(vocabulary[word], count) for word, count in counted.items() if word in vocabulary]
            if name == "lemmas":
                single = [word for word in counted if " " not in word]
                known = sum(word in vocabulary for word in single) / len(single) if single else 0.0
            if not found:
                continue
            index = np.array([place for place, _ in found])
            values = (1 + np.log(np.array([count for _, count in found], dtype=np.float32))) * self._arrays[
                f"{name}_idf"
            ][index]
            values /= float(np.linalg.norm(values))
            scores += values @ self._arrays[name][index]
            weights[name] = (index, values)
        return scores, known, weights

    def _why(self, plain: str, weights: dict[str, tuple[NDArray[np.int64], Floats]], best: int) -> tuple[str, ...]:
        """Whole words as they stand in the letter, by what their lemma and their pieces gave the best topic."""
        gain: dict[str, dict[str, float]] = {}
        for name, _ in BLOCKS:
            index, values = weights.get(name, (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)))
            given = values * self._arrays[name][index, best]
            words = self._words[name]
            gain[name] = {words[place]: float(value) for place, value in zip(index, given, strict=True)}
        worth = {
            word: gain["lemmas"].get(features.lemma(word), 0.0)
            + sum(gain["pieces"].get(piece, 0.0) for piece in set(features.pieces(word)))
            for word in dict.fromkeys(features.WORD.findall(plain))
            if len(word) > 2 and not word.endswith("маска")
        }
        best_words = sorted(worth, key=lambda word: -worth[word])[:WHY_MOST]
        return tuple(word for word in best_words if worth[word] > 0)


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum(), dtype=np.float32)


def _flattened(shares: Floats, known: float) -> Floats:
    """Moves the answer towards "anything" as the known share falls under KNOWN_ENOUGH: an unlike letter is doubtful."""
    trust = min(1.0, known / KNOWN_ENOUGH) ** 2
    return np.asarray(trust * shares + (1 - trust) / len(shares), dtype=np.float32)


def load(path: Path | None, *, threshold: float | None) -> Model:
    """The model in a folder, or the shipped one; ConfigError with the remedy when it cannot be used."""
    place = path if path is not None else Path(str(resources.files("classify").joinpath("model")))
    try:
        meta = json.loads((place / "model.json").read_text(encoding="utf-8"))
        raw = (place / "weights.npz").read_bytes()
    except (OSError, ValueError) as error:
        raise ConfigError(f"{place}: no model can be read there. Train one: priemnaya train --out {place}") from error
    if meta.get("format") != FORMAT:
        raise ConfigError(f"{place}: a model of format {meta.get('format')}, not {FORMAT}. Train it anew.")
    if hashlib.sha256(raw).hexdigest() != meta.get("weights_sha256"):
        raise ConfigError(f"{place}: weights.npz is not the file that model.json describes. Train it anew.")
    with np.load(place / "weights.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name].astype(np.float32) for name in stored.files}
    return Model(meta, arrays, threshold=threshold)
