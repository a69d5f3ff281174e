"""Figures against those of scikit-learn or worked by hand; calibration, thresholds and drift on cases one can check."""

from collections import Counter

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

from classify import measure
from classify.calibrate import Calibration, calibrate, threshold
from classify.drift import MUCH_MOVED, psi

RNG = np.random.default_rng(3)
RIGHT = RNG.integers(0, 5, 400)
SAID = np.where(RNG.random(400) < 0.7, RIGHT, RNG.integers(0, 5, 400))


def test_rates_by_topic_are_those_of_scikit_learn() -> None:
    precision, recall, f1, n = precision_recall_fscore_support(RIGHT, SAID)
    found = measure.by_topic(RIGHT, SAID)
    for topic in range(5):
        assert found[topic] == {
            "n": n[topic],
            "precision": pytest.approx(precision[topic], abs=1e-4),
            "recall": pytest.approx(recall[topic], abs=1e-4),
            "f1": pytest.approx(f1[topic], abs=1e-4),
        }
    assert measure.macro_f1(RIGHT, SAID) == pytest.approx(f1_score(RIGHT, SAID, average="macro"))
    assert (measure.confusion(RIGHT, SAID, 5) == confusion_matrix(RIGHT, SAID)).all()


def test_a_topic_never_said_has_no_precision_and_breaks_nothing() -> None:
    found = measure.by_topic(np.array([0, 0, 1]), np.array([0, 0, 0]))
    assert found[1] == {"n": 1, "precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    best = np.array([0.95] * 10 + [0.55] * 10)
    hit = np.array([True] * 9 + [False] + [True] * 3 + [False] * 7)
    assert measure.ece(best, hit) == pytest.approx((abs(0.95 - 0.9) + abs(0.55 - 0.3)) / 2)


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert measure.wilson(9, 10) == (pytest.approx(0.5958, abs=1e-3), pytest.approx(0.9821, abs=1e-3))
    assert measure.wilson(0, 0) == (0.0, 1.0)


def test_the_bootstrap_sees_a_better_model_and_no_difference_between_equals() -> None:
    better = np.where(RNG.random(400) < 0.9, RIGHT, SAID)
    gain, low, high = measure.paired_bootstrap(RIGHT, SAID, better, measure.macro_f1)
    assert low < gain < high
    assert low > 0
    assert measure.paired_bootstrap(RIGHT, SAID, SAID, measure.macro_f1) == (0, 0, 0)


def test_calibrated_shares_are_honest_on_other_letters_of_the_kind() -> None:
    scores = RNG.normal(0, 1, (6000, 4))
    true = np.exp(scores / 0.5)
    true /= true.sum(axis=1, keepdims=True)
    right = np.array([RNG.choice(4, p=row) for row in true])
    known, words = np.full(6000, 0.9), np.full(6000, 30.0)
    learned = calibrate(scores[:3000], known[:3000], right[:3000])
    shares = learned.shares(scores[3000:], known[3000:], words[3000:])
    assert shares.sum(axis=1) == pytest.approx(1)
    assert measure.ece(shares.max(axis=1), shares.argmax(axis=1) == right[3000:]) < 0.04


CURVE = Calibration(temperature=0.2, slope=1.0, known=1.5, start=-1.0)


@pytest.mark.parametrize("scores", [[2.0, 0.1, -1.0], [0.0, 0.0, 0.0], [5.0, 4.9, -9.0], [-3.0, -3.1, -3.2]])
def test_the_less_a_letter_is_known_the_less_sure_is_the_answer_and_the_order_stays(scores: list[float]) -> None:
    rows = np.array([scores] * 5)
    shares = CURVE.shares(rows, np.array([0.0, 0.2, 0.5, 0.8, 1.0]), np.full(5, 20.0))
    assert (np.diff(shares.max(axis=1)) >= -1e-9).all()
    assert shares[0] == pytest.approx(1 / 3)
    for row in shares:
        assert (np.diff(row) <= 1e-9).all()


@pytest.mark.parametrize("words", [0.0, 1.0, 2.0])
def test_a_letter_of_a_word_or_two_is_doubtful_however_well_they_are_known(words: float) -> None:
    few = CURVE.shares(np.array([[3.0, 0.0, 0.0]]), np.array([1.0]), np.array([words]))
    enough = CURVE.shares(np.array([[3.0, 0.0, 0.0]]), np.array([1.0]), np.array([3.0]))
    assert few.max() < 0.6 < enough.max()


def test_the_threshold_keeps_the_wanted_error_on_other_letters() -> None:
    best = RNG.random(80_000)
    hit = RNG.random(80_000) < best
    for wanted in (0.02, 0.05, 0.1):
        chosen = threshold(best[:40_000], hit[:40_000], wanted=wanted)
        over = best[40_000:] >= chosen
        assert over.mean() > 0.01
        assert 1 - hit[40_000:][over].mean() <= wanted * 1.3
    assert threshold(best, np.zeros(80_000, dtype=bool), wanted=0.1) == 1.0


def test_drift_is_nothing_for_the_same_mail_and_much_for_other_mail() -> None:
    assert psi(Counter(a=2, b=1), Counter(a=200, b=100)) == 0
    assert psi(Counter(a=200, b=100), Counter(a=100, c=200)) > MUCH_MOVED
    assert psi(Counter(a=50, b=50), Counter(a=80, b=20)) == pytest.approx(0.3 * np.log(1.6) + 0.3 * np.log(2.5))
