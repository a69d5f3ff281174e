"""Training: letters in, a model folder out, the same bytes each time on the same machine kind.

1. Features of each letter, as they are; 2. out-of-fold scores, grouped by who wrote the letter where that is known;
3. the temperature that makes those scores honest probabilities; 4. the threshold that keeps the wanted error; 5. the
model fitted on everything, written aside and renamed.
"""

import hashlib
import json
import warnings
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GroupKFold, StratifiedKFold
from sklearn.svm import LinearSVC

from classify import features
from classify.model import BLOCKS, FORMAT
from service.errors import ConfigError

STRENGTH = 0.4  # C of the linear SVC, by leave-one-writer-out on the corpus
MIN_LETTERS = {"lemmas": 2, "pieces": 3}  # a feature of fewer letters is not learned
FOLDS = 5
WANTED_ERROR = 0.02  # of the letters that no person looks at


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One letter and its topic."""

    text: str  # plain, subject and text joined
    topic: str
    writer: str | None  # who wrote it, where that is known


def read(paths: Sequence[Path]) -> list[Example]:
    """The rows of JSONL files, or of the *.jsonl of folders; ConfigError names a row that cannot be used."""
    files = [file for path in paths for file in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]
    examples = []
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
        for number, line in enumerate(lines, 1):
            examples.append(_example(line, file, number))
    return examples


def _example(line: str, file: Path, number: int) -> Example:
    try:
        row = json.loads(line)
        text, topic = row["text"], row["topic"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f'{file}:{number}: not a row {{"text", "topic"}}') from error
    writer = file.stem if "persona" in row else None
    return Example(text=features.joined(row.get("subject") or "", text), topic=topic, writer=writer)


def train(examples: Sequence[Example], out: Path) -> dict[str, Any]:
    """Writes the model into `out` and returns its metadata; ConfigError when there is too little to learn from."""
    topics = sorted({example.topic for example in examples})
    if len(topics) < 2:
        raise ConfigError(f"{len(examples)} letters of {len(topics)} topics: at least two topics are needed")
    right = np.array([topics.index(example.topic) for example in examples])
    counted = {name: [make(example.text) for example in examples] for name, make in BLOCKS}
    scores = _out_of_fold(examples, counted, right, len(topics))
    judged = ~np.isnan(scores[:, 0])
    temperature = _temperature(scores[judged], right[judged])
    shares = _shares(scores[judged], temperature)
    fitted = _fit(counted, right, len(topics))
    meta = {
        "format": FORMAT,
        "sklearn": sklearn.__version__,
        "topics": topics,
        "temperature": temperature,
        "threshold": _threshold(shares, right[judged]),
        "letters": dict(sorted(Counter(example.topic for example in examples).items())),
        "corpus_sha256": hashlib.sha256("\n".join(f"{e.topic}\t{e.text}" for e in examples).encode()).hexdigest(),
        "out_of_fold": _figures(shares, right[judged]),
    }
    return _write(out, meta, fitted)


@dataclass(frozen=True, slots=True)
class _Fitted:
    vectorizers: dict[str, TfidfVectorizer]
    weights: NDArray[np.float64]  # features × topics
    bias: NDArray[np.float64]

    def scores(self, counted: dict[str, list[list[str]]]) -> NDArray[np.float64]:
        """Scores of letters given by their features."""
        blocks = [self.vectorizers[name].transform(counted[name]) for name, _ in BLOCKS]
        return np.asarray(hstack(blocks).tocsr() @ self.weights + self.bias)


def _as_is(words: list[str]) -> list[str]:
    return words


def _fit(counted: dict[str, list[list[str]]], right: NDArray[np.int64], topics: int) -> _Fitted:
    few = len(right) < 20 * topics
    vectorizers, blocks = {}, []
    for name, _ in BLOCKS:
        least = 1 if few else MIN_LETTERS[name]
        vectorizers[name] = TfidfVectorizer(analyzer=_as_is, min_df=least, sublinear_tf=True)
        blocks.append(vectorizers[name].fit_transform(counted[name]))
    matrix: csr_matrix = hstack(blocks).tocsr()
    present = np.unique(right)
    svc = LinearSVC(C=STRENGTH, class_weight="balanced", random_state=7).fit(matrix, right)
    weights, bias = np.zeros((matrix.shape[1], topics)), np.full(topics, -3.0)
    if len(present) == 2:  # a single separating plane: one side each
        weights[:, present] = np.vstack([-svc.coef_[0], svc.coef_[0]]).T
        bias[present] = [-svc.intercept_[0], svc.intercept_[0]]
    else:
        weights[:, present] = svc.coef_.T
        bias[present] = svc.intercept_
    return _Fitted(vectorizers, weights, bias)


def _out_of_fold(
    examples: Sequence[Example], counted: dict[str, list[list[str]]], right: NDArray[np.int64], topics: int
) -> NDArray[np.float64]:
    """Scores of each letter by a model that has not seen it, nor anything of its writer where writers are known."""
    scores = np.full((len(right), topics), np.nan)
    for known, judged in _folds(examples, right):
        if len(np.unique(right[known])) < 2:
            continue
        fitted = _fit({name: [words[n] for n in known] for name, words in counted.items()}, right[known], topics)
        scores[judged] = fitted.scores({name: [words[n] for n in judged] for name, words in counted.items()})
    return scores


def _folds(examples: Sequence[Example], right: NDArray[np.int64]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    writers = [example.writer for example in examples]
    if None not in writers and len(set(writers)) >= 3:
        return list(GroupKFold(len(set(writers))).split(right, right, writers))
    folds = max(2, min(FOLDS, int(np.bincount(right).max())))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return list(StratifiedKFold(folds, shuffle=True, random_state=7).split(right, right))


def _shares(scores: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    powers = np.exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _temperature(scores: NDArray[np.float64], right: NDArray[np.int64]) -> float:
    """The one number under which the out-of-fold scores are the most honest probabilities (least log loss)."""

    def loss(log_temperature: float) -> float:
        shares = _shares(scores, float(np.exp(log_temperature)))
        return float(-np.log(shares[np.arange(len(right)), right] + 1e-12).mean())

    return float(np.round(np.exp(minimize_scalar(loss, bounds=(-4, 2), method="bounded").x), 6))


def _threshold(shares: NDArray[np.float64], right: NDArray[np.int64]) -> float:
    """The lowest probability above which at most WANTED_ERROR of the letters were wrong; 1 when there is none."""
    best, wrong = shares.max(axis=1), shares.argmax(axis=1) != right
    order = np.argsort(-best)
    errors = np.cumsum(wrong[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(errors <= WANTED_ERROR)
    return float(np.round(best[order][good[-1]], 4)) if len(good) else 1.0


def _figures(shares: NDArray[np.float64], right: NDArray[np.int64]) -> dict[str, float]:
    best, hit = shares.max(axis=1), shares.argmax(axis=1) == right
    bins = np.minimum((best * 10).astype(int), 9)
    ece = sum(abs(hit[bins == n].mean() - best[bins == n].mean()) * (bins == n).mean() for n in np.unique(bins))
    return {"letters": len(right), "accuracy": round(float(hit.mean()), 4), "ece10": round(float(ece), 4)}


def _write(out: Path, meta: dict[str, Any], fitted: _Fitted) -> dict[str, Any]:
    """Written aside and renamed file by file, the description last: a half-written model is refused by its checksum."""
    out.mkdir(parents=True, exist_ok=True)
    arrays, start = {"bias": fitted.bias.astype(np.float32)}, 0
    for name, _ in BLOCKS:
        vectorizer = fitted.vectorizers[name]
        meta[name] = vectorizer.get_feature_names_out().tolist()
        arrays[name] = fitted.weights[start : start + len(meta[name])].astype(np.float16)
        arrays[f"{name}_idf"] = vectorizer.idf_.astype(np.float32)
        start += len(meta[name])
    aside = out / "weights.part.npz"
    np.savez_compressed(aside, **arrays)  # type: ignore[arg-type]  # arrays by name
    raw = aside.read_bytes()
    meta["weights_sha256"] = hashlib.sha256(raw).hexdigest()
    meta["version"] = f"{zlib.crc32(meta['corpus_sha256'].encode() + raw):08x}"
    aside.rename(out / "weights.npz")
    described = out / "model.part.json"
    described.write_text(json.dumps(meta, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    described.rename(out / "model.json")
    return meta
