"""From scores to probabilities that mean what they say, and to the threshold under which a person looks.

Learned from letters judged by models that had not seen them nor their writers, so that letters by others are meant:
1. one temperature turns scores into shares (least log loss);
2. the best share is corrected by how much of the letter the model knows (a logistic curve over both), because a letter
   of new words is wrong more often than its shares say;
3. a letter of which less than half is known, or no more than a word or two, is nothing that was learned from: its
   answer is flattened besides.
Isotonic and sigmoid curves per topic were left out: with a hundred letters a topic they are worse than one temperature.

What learns is imported where it learns: scipy and scikit-learn are 60 MB that a daemon never needs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

KNOWN_ENOUGH = 0.5  # share of a letter's lemmas that the model knows; under it the answer is flattened
WORDS_ENOUGH = 3  # different lemmas that the model knows; under it likewise
WANTED_ERRORS = (0.01, 0.02, 0.05, 0.1)  # a threshold for each is kept in the model
WANTED_ERROR = 0.02  # of the letters that no person looks at
_SLIP = 1.0  # standard errors by which the wanted error is undercut, so that it is kept on other letters too
_TINY = 1e-6
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The numbers of steps 1 and 2."""

    temperature: float
    slope: float  # of the best share's log-odds
    known: float  # of the known share; never negative: knowing less never makes surer
    start: float

    def shares(self, scores: Floats, known: Floats, words: Floats) -> Floats:
        """Probabilities, letters × topics, of scores and of the share and the number of known words of each letter."""
        raw = softened(scores, self.temperature)
        best = raw.max(axis=1)
        sure = 1 / (1 + np.exp(-(self.slope * _log_odds(best) + self.known * known + self.start)))
        trust = np.minimum(1, known / KNOWN_ENOUGH) * np.minimum(1, words / WORDS_ENOUGH)
        return _best_moved(raw, best, sure * trust**2)


def softened(scores: Floats, temperature: float) -> Floats:
    """Softmax of scores at a temperature, row by row."""
    powers = np.exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _log_odds(share: Floats) -> Floats:
    held = np.clip(share, _TINY, 1 - _TINY)
    return np.asarray(np.log(held / (1 - held)))


def _best_moved(raw: Floats, best: Floats, wanted: Floats) -> Floats:
    """Rows with the best share as wanted and the order kept: lowered towards equal shares, raised from the others."""
    topics = raw.shape[1]
    wanted = np.clip(wanted, 1 / topics, 1 - _TINY)
    spread = np.clip((best - wanted) / np.maximum(best - 1 / topics, _TINY), 0, 1)[:, None]
    lowered = (1 - spread) * raw + spread / topics
    raised = raw * ((1 - wanted) / np.maximum(1 - best, _TINY))[:, None]
    raised[np.arange(len(raw)), raw.argmax(axis=1)] = wanted
    return np.where((wanted > best)[:, None], raised, lowered)


def calibrate(scores: Floats, known: Floats, right: Integers) -> Calibration:
    """From out-of-fold scores, the known shares and the places of the right topics."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  # see above

    temperature = _temperature(scores, right)
    raw = softened(scores, temperature)
    hit = raw.argmax(axis=1) == right
    if hit.all() or not hit.any():  # nothing to learn a curve from
        return Calibration(temperature=temperature, slope=1.0, known=0.0, start=0.0)
    odds = _log_odds(raw.max(axis=1))
    curve = LogisticRegression(C=10).fit(np.column_stack([odds, known]), hit)
    slope, weight = (round(float(value), 6) for value in curve.coef_[0])
    if weight < 0 or slope <= 0:
        curve = LogisticRegression(C=10).fit(odds[:, None], hit)
        slope, weight = max(round(float(curve.coef_[0][0]), 6), 0.05), 0.0
    return Calibration(temperature=temperature, slope=slope, known=weight, start=round(float(curve.intercept_[0]), 6))


def _temperature(scores: Floats, right: Integers) -> float:
    from scipy.optimize import minimize_scalar  # noqa: PLC0415  # see above

    def loss(log_temperature: float) -> float:
        shares = softened(scores, float(np.exp(log_temperature)))
        return float(-np.log(shares[np.arange(len(right)), right] + 1e-12).mean())

    return float(np.round(np.exp(minimize_scalar(loss, bounds=(-4, 2), method="bounded").x), 6))


def threshold(best: Floats, hit: NDArray[np.bool_], *, wanted: float, draws: float = 1) -> float:
    """The lowest probability above which the letters keep the wanted error with a standard error to spare.

    1.0 (every letter is looked at) when none does. `draws` is how often each letter stands there.
    """
    order = np.argsort(-best, kind="stable")
    count = np.arange(1, len(order) + 1)
    errors = np.cumsum(~hit[order]) / count
    good = np.flatnonzero(errors + _SLIP * np.sqrt(wanted * (1 - wanted) * draws / count) <= wanted)
    return float(np.floor(best[order][good[-1]] * 1e6) / 1e6) if len(good) else 1.0  # up would be past 0.999999
