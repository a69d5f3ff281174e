"""How good answers are: accuracy, macro-F1, calibration, coverage against error, slices, and differences that count."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 10
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Truths = NDArray[np.bool_]


def figures(shares: Floats, right: Integers) -> dict[str, Any]:
    """The main figures of probabilities (letters × topics) against the places of the right topics."""
    said, best = shares.argmax(axis=1), shares.max(axis=1)
    hit = said == right
    low, high = wilson(int(hit.sum()), len(hit))
    return {
        "letters": len(right),
        "accuracy": rounded(hit.mean()),
        "accuracy_95": [rounded(low), rounded(high)],
        "macro_f1": rounded(np.mean([one["f1"] for one in by_topic(right, said).values()])),
        "hit_at_3": rounded((np.argsort(-shares, axis=1)[:, :3] == right[:, None]).any(axis=1).mean()),
        "ece10": rounded(ece(best, hit)),
        "accuracy_top80": rounded(accuracy_of_surest(best, hit, 0.8)),
    }


def by_topic(right: Integers, said: Integers) -> dict[int, dict[str, float]]:
    """Letters, precision, recall and F1 of each topic that occurs."""
    found = {}
    for topic in np.union1d(right, said).tolist():
        both = int(((right == topic) & (said == topic)).sum())
        wanted, given = int((right == topic).sum()), int((said == topic).sum())
        precision, recall = both / given if given else 0.0, both / wanted if wanted else 0.0
        f1 = 2 * both / (wanted + given)
        found[topic] = {
            "n": wanted, "precision": rounded(precision), "recall": rounded(recall), "f1": rounded(f1),
        }  # fmt: skip
    return found


def ece(best: Floats, hit: Truths) -> float:
    """Expected calibration error over ten equal bins of confidence."""
    return float(sum(abs(one["accuracy"] - one["confidence"]) * one["n"] for one in reliability(best, hit)) / len(hit))


def reliability(best: Floats, hit: Truths) -> list[dict[str, float]]:
    """Each filled bin of confidence: letters, mean confidence, accuracy."""
    bins = np.minimum((best * BINS).astype(int), BINS - 1)
    return [
        {"n": int(here.sum()), "confidence": float(best[here].mean()), "accuracy": float(hit[here].mean())}
        for here in (bins == n for n in np.unique(bins))
    ]


def accuracy_of_surest(best: Floats, hit: Truths, share: float) -> float:
    """Accuracy on the most confident share of the letters."""
    order = np.argsort(-best, kind="stable")
    return float(hit[order[: max(1, round(len(hit) * share))]].mean())


def coverage_curve(best: Floats, hit: Truths, *, points: int = 50) -> list[tuple[float, float]]:
    """Share of letters that nobody looks at, and the share of those that is wrong."""
    order = np.argsort(-best, kind="stable")
    errors = np.cumsum(~hit[order]) / np.arange(1, len(order) + 1)
    ends = np.unique(np.linspace(1, len(order), points).astype(int)) - 1
    return [((int(end) + 1) / len(order), float(errors[end])) for end in ends]


def covered(best: Floats, hit: Truths, threshold: float) -> dict[str, float | None]:
    """What a threshold gives: the share of letters over it, and the share of those that is wrong."""
    over = best >= threshold
    return {
        "threshold": threshold,
        "coverage": rounded(over.mean()),
        "error": rounded(1 - hit[over].mean()) if over.any() else None,
    }


def confusion(right: Integers, said: Integers, topics: int) -> Integers:
    """Counts, right topics × said topics."""
    counts = np.zeros((topics, topics), dtype=np.int64)
    np.add.at(counts, (right, said), 1)
    return counts


def slices(hit: Truths, names: Sequence[str | None]) -> dict[str, dict[str, float]]:
    """Letters and accuracy by what a letter is called; letters without a name are left out."""
    called = np.array([name or "" for name in names])
    return {
        name: {"n": int((called == name).sum()), "accuracy": rounded(hit[called == name].mean())}
        for name in sorted(set(called.tolist()) - {""})
    }


def wilson(good: int, letters: int, *, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    if not letters:
        return 0.0, 1.0
    share, spread = good / letters, z * z / letters
    middle = share + spread / 2
    half = z * float(np.sqrt(share * (1 - share) / letters + spread / letters / 4))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def paired_bootstrap(
    right: Integers, one: Integers, other: Integers, figure: Callable[[Integers, Integers], float], *, draws: int = 1000
) -> tuple[float, float, float]:
    """`other` less `one` by a figure, and its 95 % interval over draws of the same letters for both."""
    rng = np.random.default_rng(7)
    drawn = rng.integers(0, len(right), (draws, len(right)))
    differences = [figure(right[rows], other[rows]) - figure(right[rows], one[rows]) for rows in drawn]
    low, high = np.percentile(differences, [2.5, 97.5])
    return figure(right, other) - figure(right, one), float(low), float(high)


def macro_f1(right: Integers, said: Integers) -> float:
    """The mean of the topics' F1."""
    topics = int(max(right.max(), said.max())) + 1
    counts = confusion(right, said, topics)
    sums = counts.sum(axis=0) + counts.sum(axis=1)
    present = sums > 0
    return float((2 * np.diag(counts)[present] / sums[present]).mean())


def rounded(value: Any) -> float:
    """Four digits."""
    return round(float(value), 4)
