"""The topic model measured: `python bench/classify.py floors|curve|folds|strange|set FILE…|official TRAIN TEST`.

floors    other recipes on the same letters and folds: naive Bayes, nearest centroid, logistic regression, one block
          alone, fastText where it is installed (pip install fasttext-numpy2: no dependency of ours)
curve     accuracy with 25, 50, 100 … letters a topic, on letters of writers left out
folds     the shipped recipe by writer, by persona and border pair, and by chance
strange   letters unlike any: how many a person would see
set       repeated 5-fold of the whole of `train` over all the rows given, thresholds from the training folds alone
official  `train` on one file, figures on the other
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import ComplementNB
from sklearn.neighbors import NearestCentroid
from sklearn.svm import LinearSVC

from classify import folds, measure, model
from classify.curve import learning_curve
from classify.evaluate import evaluated
from classify.examples import Example, read
from classify.recipe import BLOCKS, Counts, Recipe
from classify.train import labels, out_of_fold, train

CORPUS = Path(__file__).resolve().parent.parent / "classify" / "corpus"
STRANGE = (
    "", "нет", "ок", "👍👍👍", "asdf qwer zxcv", "фывапр олдж ячсми", "1234567890 00 11",
    "The quick brown fox jumps over the lazy dog and runs away into the forest",
    "Bonjour, je voudrais savoir comment réserver une table pour deux personnes samedi soir",
    "Құрметті әріптестер, ертең сағат онда жиналыс болады, кешікпей келіңіздер",
    "你好，我想知道怎么去火车站", "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor",
    "Взбейте белки с сахаром до крепкой пены и выпекайте безе полтора часа при ста градусах",
    "Кварки удерживаются внутри адронов глюонным полем, а лептоны в сильном взаимодействии не участвуют",
    "Во втором тайме нападающий гостей пробил со штрафного в штангу, добивание парировал вратарь",
)  # fmt: skip


def floors(_: argparse.Namespace) -> None:
    """Prints accuracy and macro-F1 of each kind of model on writers left out."""
    examples = read([CORPUS])
    kinds: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
        "linear SVC, both blocks": (lambda: LinearSVC(C=2, class_weight="balanced", random_state=7), BLOCKS),
        "linear SVC, lemmas": (lambda: LinearSVC(C=2, class_weight="balanced", random_state=7), ("lemmas",)),
        "linear SVC, pieces": (lambda: LinearSVC(C=2, class_weight="balanced", random_state=7), ("pieces",)),
        "logistic regression": (lambda: LogisticRegression(C=20, class_weight="balanced", max_iter=500), BLOCKS),
        "complement naive Bayes": (lambda: ComplementNB(alpha=0.3), BLOCKS),
        "nearest centroid": (NearestCentroid, BLOCKS),
    }
    _, right = labels(examples)
    for name, (make, blocks) in kinds.items():
        said = np.zeros(len(examples), dtype=np.int64)
        for learned, judged in folds.by_writer(examples):
            known, unseen = _matrices([examples[n] for n in learned], [examples[n] for n in judged], blocks)
            said[judged] = make().fit(known, right[learned]).predict(unseen)
        _say(name, right, said)
    try:
        _say("fastText, lemmas", right, _fasttext(examples, right))
    except ImportError:
        print("fastText                   is not installed")


def _say(name: str, right: measure.Integers, said: measure.Integers) -> None:
    print(f"{name:26} accuracy {(said == right).mean():.4f}  macro-F1 {measure.macro_f1(right, said):.4f}", flush=True)


def _fasttext(examples: Sequence[Example], right: measure.Integers) -> measure.Integers:
    """Its own supervised learner on the same lemmas: 50 dimensions, words and pairs, pieces of 3 to 5, 40 rounds."""
    import fasttext  # type: ignore[import-not-found]  # noqa: PLC0415  # see the top

    lines = [" ".join(lemma for lemma in e.features["lemmas"] if " " not in lemma) for e in examples]
    said = np.zeros(len(examples), dtype=np.int64)
    for learned, judged in folds.by_writer(examples):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.writelines(f"__label__{right[n]} {lines[n]}\n" for n in learned)
            file.flush()
            kind = {"dim": 50, "epoch": 40, "lr": 0.3, "wordNgrams": 2, "minn": 3, "maxn": 5, "bucket": 200_000}
            asked = fasttext.train_supervised(file.name, thread=1, verbose=0, **kind)
        said[judged] = [int(asked.predict(lines[n])[0][0].removeprefix("__label__")) for n in judged]
    return said


def _matrices(learned: Sequence[Example], judged: Sequence[Example], blocks: tuple[str, ...]) -> tuple[Any, Any]:
    known, unseen = [], []
    for name in blocks:
        vectorizer = TfidfVectorizer(analyzer=lambda given: given, min_df=2, sublinear_tf=True)
        known.append(vectorizer.fit_transform([example.features[name] for example in learned]))
        unseen.append(vectorizer.transform([example.features[name] for example in judged]))
    return hstack(known).tocsr(), hstack(unseen).tocsr()


def curve(_: argparse.Namespace) -> None:
    """Prints accuracy by letters a topic; each writer judged by a model of letters drawn from the others."""
    for a_topic, accuracy in learning_curve(read([CORPUS]), Recipe()):
        print(f"{a_topic:4} a topic  accuracy {accuracy:.4f}")


def by_folds(_: argparse.Namespace) -> None:
    """Prints the shipped recipe under three ways of holding letters back."""
    examples = read([CORPUS])
    _, right = labels(examples)
    recipe, counts = Recipe(**model.load(None, threshold=None).description["recipe"]), Counts(examples)
    for name, split in (("writer", folds.by_writer), ("persona", folds.by_persona), ("chance", folds.by_chance)):
        (unseen,) = out_of_fold(counts, right, split(examples), [recipe])
        said = unseen.scores[np.argsort(unseen.places)].argmax(axis=1)
        print(f"by {name:8} accuracy {(said == right).mean():.4f}  macro-F1 {measure.macro_f1(right, said):.4f}")


def strange(_: argparse.Namespace) -> None:
    """Prints what the shipped model says of letters unlike any it learned from."""
    asked = model.load(None, threshold=None)
    said = [(text, asked.predict("", text)) for text in STRANGE]
    for text, one in said:
        print(f"{'person' if one.needs_review else 'ALONE':7} {one.topic:13} {one.confidence:.2f}  {text[:60]}")
    print(f"a person sees {sum(one.needs_review for _, one in said)} of {len(said)}")


def repeated(args: argparse.Namespace) -> None:
    """Prints accuracy, macro-F1, and what the threshold from the training folds gave on the fold left out."""
    examples = read(args.files)
    topics = [example.topic for example in examples]
    for repeat in range(args.repeats):
        found = []
        splitter = StratifiedKFold(5, shuffle=True, random_state=repeat)
        for learned, judged in splitter.split(topics, topics):
            found.append((len(judged), _official([examples[n] for n in learned], [examples[n] for n in judged])))
        weights = [n for n, _ in found]
        for name in ("accuracy", "macro_f1", "hit_at_3", "ece10"):
            print(f"{name} {np.average([one[name] for _, one in found], weights=weights):.4f}", end="  ")
        ten = [one["coverage_at_wanted_error"]["0.1"] for _, one in found]
        alone = [n * one["coverage"] for n, one in zip(weights, ten, strict=True)]
        wrong = sum(count * (one["error"] or 0) for count, one in zip(alone, ten, strict=True))
        print(f"at a wanted error of 0.1: coverage {sum(alone) / sum(weights):.3f}, error {wrong / sum(alone):.4f}")


def official(args: argparse.Namespace) -> None:
    """Prints the figures as JSON."""
    print(json.dumps(_official(read(args.files[:1]), read(args.files[1:])), ensure_ascii=False))


def _official(learned: Sequence[Example], judged: Sequence[Example]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        train(learned, Path(folder))
        return evaluated(model.load(Path(folder), threshold=None), judged)


def main() -> None:
    """Runs one measurement."""
    kinds = {
        "floors": floors, "curve": curve, "folds": by_folds, "strange": strange, "set": repeated, "official": official,
    }  # fmt: skip
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=kinds)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    kinds[args.kind](args)


if __name__ == "__main__":
    main()
