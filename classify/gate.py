"""May a candidate take the place of the model in use? Every condition must hold; each is told with its figures.

Measured on a frozen holdout that neither of the two has learned from, and on must-pass letters:
1. the candidate has seen no letter of the holdout;
2. macro-F1 is at most half a point lower, and the paired bootstrap does not call it worse;
3. no topic of twenty letters or more loses over three points of recall;
4. calibration (ECE) is worse by a point at most;
5. every must-pass letter is right;
6. it is fast and small enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classify import measure
from classify.evaluate import Answers, ask, speed
from classify.examples import Example
from classify.model import Model
from service.errors import ConfigError

F1_LOSS, RECALL_LOSS, ECE_LOSS = 0.005, 0.03, 0.01
RECALL_LETTERS = 20
SLOWEST_MS = 8.0  # CPU, 99th percentile
BIGGEST = 15_000_000  # bytes
_CHANGED_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of the gate."""

    name: str
    holds: bool
    told: str  # its figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the gate found."""

    candidate: str  # versions
    in_use: str
    conditions: tuple[Condition, ...]
    changed: tuple[str, ...]  # letters decided otherwise: id, topic by the one in use, by the candidate, the right one

    @property
    def passes(self) -> bool:
        """Whether every condition holds."""
        return all(one.holds for one in self.conditions)


def compare(
    candidate: Model, in_use: Model, holdout: Sequence[Example], must_pass: Sequence[Example], *, size: int
) -> Comparison:
    """Puts both to the same letters; `size` is that of the candidate's file. ConfigError without a holdout."""
    if not holdout:
        raise ConfigError("no holdout: name letters that no model has learned from with --on FILE.jsonl")
    old, new = ask(in_use, holdout), ask(candidate, holdout)
    return Comparison(
        candidate=candidate.version,
        in_use=in_use.version,
        conditions=(
            _unseen(candidate, holdout),
            _macro_f1(old, new),
            _recall(old, new),
            _calibration(old, new),
            _must_pass(candidate, must_pass),
            _fast_and_small(new, size),
        ),
        changed=_changed(old, new, holdout),
    )


def _unseen(candidate: Model, holdout: Sequence[Example]) -> Condition:
    seen = sum(example.number in candidate.learned for example in holdout)
    return Condition(name="holdout unseen", holds=not seen, told=f"{seen} of {len(holdout)} letters were learned from")


def _names(answers: Answers, topics: list[str]) -> tuple[measure.Integers, measure.Integers]:
    """Right and said as places in a common list: the two models may know different topics."""
    places = np.array([topics.index(topic) for topic in answers.topics])
    return places[answers.right], places[answers.said]


def _macro_f1(old: Answers, new: Answers) -> Condition:
    topics = sorted({*old.topics, *new.topics})
    right, before = _names(old, topics)
    _, after = _names(new, topics)
    gain, low, high = measure.paired_bootstrap(right, before, after, measure.macro_f1)
    told = f"{measure.macro_f1(right, after):.4f}, {gain:+.4f} (95 % {low:+.4f} to {high:+.4f})"
    return Condition(name="macro-F1", holds=gain >= -F1_LOSS and high >= 0, told=told)


def _recall(old: Answers, new: Answers) -> Condition:
    lost = []
    for topic in sorted({*old.topics}):
        before, after = _recall_of(old, topic), _recall_of(new, topic)
        if before is not None and after is not None and before - after > RECALL_LOSS:
            lost.append(f"{topic} {before:.3f} to {after:.3f}")
    return Condition(name="recall by topic", holds=not lost, told=", ".join(lost) or "no topic loses over 3 points")


def _recall_of(answers: Answers, topic: str) -> float | None:
    """None for a topic of too few letters."""
    if topic not in answers.topics:
        return None
    of_topic = answers.right == answers.topics.index(topic)
    return float(answers.hit[of_topic].mean()) if of_topic.sum() >= RECALL_LETTERS else None


def _calibration(old: Answers, new: Answers) -> Condition:
    before, after = measure.ece(old.best, old.hit), measure.ece(new.best, new.hit)
    return Condition(name="calibration", holds=after <= before + ECE_LOSS, told=f"ECE {before:.4f} to {after:.4f}")


def _must_pass(candidate: Model, must_pass: Sequence[Example]) -> Condition:
    wrong = [one.id for one in must_pass if candidate.predict(one.subject, one.text).topic != one.topic]
    told = f"{len(must_pass) - len(wrong)} of {len(must_pass)} right"
    return Condition(name="must-pass letters", holds=not wrong, told=", wrong: ".join([told, *wrong[:5]]))


def _fast_and_small(new: Answers, size: int) -> Condition:
    slow = speed(new.seconds)["p99"]
    told = f"{slow:.1f} ms a letter at the 99th percentile, {size / 1e6:.1f} MB"
    return Condition(name="speed and size", holds=slow <= SLOWEST_MS and size <= BIGGEST, told=told)


def _changed(old: Answers, new: Answers, holdout: Sequence[Example]) -> tuple[str, ...]:
    said = [
        (example, old.topics[before], new.topics[after])
        for example, before, after in zip(holdout, old.said.tolist(), new.said.tolist(), strict=True)
    ]
    return tuple(
        f"{example.id}: {before} to {after} (right: {example.topic})"
        for example, before, after in said
        if before != after
    )[:_CHANGED_SHOWN]
