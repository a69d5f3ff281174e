"""A model put to letters with known topics: what it said, how long it took, and the figures of both."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from classify import measure
from classify.examples import Example, spoilt
from classify.measure import Floats, Integers, Truths, rounded
from classify.model import Model

_NOISE = 9  # the number of the spoilt copy; training has copy 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a model said of some letters."""

    topics: list[str]  # the model's, and after them those of the letters that it does not know
    right: Integers  # places of the right topics
    shares: Floats  # letters × topics
    seconds: Floats  # CPU, a letter
    threshold: float

    @property
    def said(self) -> Integers:
        """Places of the topics said."""
        return np.asarray(self.shares.argmax(axis=1))

    @property
    def best(self) -> Floats:
        """Confidence."""
        return np.asarray(self.shares.max(axis=1))

    @property
    def hit(self) -> Truths:
        """Whether each was right."""
        return np.asarray(self.said == self.right)


def ask(model: Model, examples: Sequence[Example]) -> Answers:
    """Puts each letter to the model, one at a time, as the desk does."""
    model.predict("", "первое письмо открывает словарь")
    topics = [*model.topics, *sorted({e.topic for e in examples} - set(model.topics))]
    places = {topic: place for place, topic in enumerate(topics)}
    shares, seconds = np.zeros((len(examples), len(topics))), np.zeros(len(examples))
    for n, example in enumerate(examples):
        began = time.process_time()
        said = model.predict(example.subject, example.text)
        seconds[n] = time.process_time() - began
        for topic, share in said.topics:
            shares[n, places[topic]] = share
    right = np.array([places[example.topic] for example in examples])
    return Answers(topics=topics, right=right, shares=shares, seconds=seconds, threshold=model.threshold)


def evaluated(model: Model, examples: Sequence[Example]) -> dict[str, Any]:
    """All figures of a model on these letters, ready for JSON; nothing assumes the fourteen topics."""
    answers = ask(model, examples)
    best, hit = answers.best, answers.hit
    over = measure.covered(best, hit, answers.threshold)
    wanted = model.description["thresholds"]
    return {
        "model": model.version,
        **measure.figures(answers.shares, answers.right),
        "threshold": answers.threshold,
        "coverage": over["coverage"],
        "error_of_covered": over["error"],
        "coverage_at_wanted_error": {name: measure.covered(best, hit, one) for name, one in wanted.items()},
        "noise": _noise(model, examples, answers),
        "milliseconds": speed(answers.seconds),
        "by_topic": {
            answers.topics[place]: one for place, one in measure.by_topic(answers.right, answers.said).items()
        },
        "slices": slices(examples, answers.hit),
        "confusions": confusions(answers),
    }


def _noise(model: Model, examples: Sequence[Example], answers: Answers) -> dict[str, float]:
    """Accuracy on the same letters with typos in one word of ten, no capitals, no signs, lost spaces."""
    noisy = ask(model, [spoilt(example, _NOISE) for example in examples])
    loss = answers.hit.mean() - noisy.hit.mean()
    return {"accuracy": rounded(noisy.hit.mean()), "loss": rounded(loss)}


def speed(seconds: Floats) -> dict[str, float]:
    """CPU milliseconds a letter."""
    return {"median": rounded(np.median(seconds) * 1e3), "p99": rounded(np.percentile(seconds, 99) * 1e3)}


def slices(examples: Sequence[Example], hit: Truths) -> dict[str, dict[str, dict[str, float]]]:
    """Accuracy by difficulty, writer, border topic and length, where the letters say so."""
    lengths = [_length(example) for example in examples]
    names: dict[str, Sequence[str | None]] = {
        "difficulty": [example.difficulty for example in examples],
        "writer": [example.writer for example in examples],
        "border": [example.border for example in examples],
        "words": lengths,
    }
    return {name: found for name, called in names.items() if (found := measure.slices(hit, called))}


def _length(example: Example) -> str:
    count = len(example.text.split())
    return next((f"{low:03}+" for low in (100, 50, 25, 12) if count >= low), "000+")


def confusions(answers: Answers, *, most: int = 20) -> list[dict[str, Any]]:
    """The commonest mistakes: right topic, topic said, how often."""
    counts = measure.confusion(answers.right, answers.said, len(answers.topics))
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None, kind="stable")[:most]
    pairs = [(int(place) // len(answers.topics), int(place) % len(answers.topics)) for place in order]
    return [
        {"topic": answers.topics[right], "said": answers.topics[said], "n": int(counts[right, said])}
        for right, said in pairs
        if counts[right, said]
    ]
