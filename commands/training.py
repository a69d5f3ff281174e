"""`train` and `evaluate`: a model from letters, and how good a model is on letters it has not seen."""

import argparse
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from classify import model
from classify.train import read, train
from commands.line import DONE, House


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--corpus", type=Path, nargs="+", required=True, help='JSONL rows {"text", "topic"}, or folders of them'
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the model; written aside and renamed")


def _train(args: argparse.Namespace, _house: House) -> int:
    meta = train(read(args.corpus), args.out)
    said = meta["out_of_fold"]
    print(f"{args.out}: model {meta['version']}, {said['letters']} letters, {len(meta['topics'])} topics")
    print(f"on letters left out in turn: accuracy {said['accuracy']:.3f}, ECE {said['ece10']:.3f}")
    print(f"a person looks below {meta['threshold']:.3f}")
    return DONE


def _evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, help="folder of the model; default: the shipped one")
    parser.add_argument("--on", type=Path, nargs="+", required=True, help='JSONL rows {"text", "topic"}')
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _evaluate(args: argparse.Namespace, _house: House) -> int:
    figures = evaluated(model.load(args.model, threshold=None), args.on)
    if args.json:
        print(json.dumps(figures, ensure_ascii=False))
        return DONE
    for name, value in figures.items():
        if name != "by_topic":
            print(f"{name:22}{value}")
    for topic, one in figures["by_topic"].items():
        rates = "  ".join(f"{name} {one[name]:.3f}" for name in ("precision", "recall", "f1"))
        print(f"  {topic:20} n {one['n']:4}  {rates}")
    return DONE


def evaluated(chosen: model.Model, paths: list[Path]) -> dict[str, Any]:
    """Accuracy, macro-F1, calibration, coverage and the topics one by one; nothing assumes the fourteen topics."""
    examples = read(paths)
    said = [chosen.predict("", example.text) for example in examples]
    sure = np.array([one.confidence for one in said])
    hit = np.array([one.topic == example.topic for one, example in zip(said, examples, strict=True)])
    at_three = [e.topic in [t for t, _ in one.topics[:3]] for one, e in zip(said, examples, strict=True)]
    alone = np.array([not one.needs_review for one in said])
    order = np.argsort(-sure, kind="stable")
    by_topic = _by_topic([example.topic for example in examples], [one.topic for one in said])
    bins = np.minimum((sure * 10).astype(int), 9)
    ece = sum(abs(hit[bins == n].mean() - sure[bins == n].mean()) * (bins == n).mean() for n in np.unique(bins))
    return {
        "model": chosen.version,
        "letters": len(examples),
        "accuracy": _rounded(hit.mean()),
        "macro_f1": _rounded(np.mean([one["f1"] for one in by_topic.values()])),
        "hit_at_3": _rounded(np.mean(at_three)),
        "ece10": _rounded(ece),
        "accuracy_top80": _rounded(hit[order[: max(1, len(hit) * 8 // 10)]].mean()),
        "threshold": chosen.threshold,
        "coverage": _rounded(alone.mean()),
        "error_of_covered": _rounded(1 - hit[alone].mean()) if alone.any() else None,
        "by_topic": by_topic,
    }


def _by_topic(right: list[str], said: list[str]) -> dict[str, dict[str, float]]:
    found = {}
    for topic in sorted(set(right) | set(said)):
        both = sum(r == s == topic for r, s in zip(right, said, strict=True))
        precision = both / said.count(topic) if topic in said else 0.0
        recall = both / right.count(topic) if topic in right else 0.0
        f1 = 2 * precision * recall / (precision + recall) if both else 0.0
        found[topic] = {
            "n": right.count(topic), "precision": _rounded(precision), "recall": _rounded(recall), "f1": _rounded(f1),
        }  # fmt: skip
    return found


def _rounded(value: Any) -> float:
    return round(float(value), 4)


TRAIN = SimpleNamespace(
    NAME="train",
    HELP="train a topic model from letters",
    EXAMPLE="priemnaya train --corpus classify/corpus --out classify/model",
    add_arguments=_train_arguments,
    run=_train,
)
EVALUATE = SimpleNamespace(
    NAME="evaluate",
    HELP="measure a topic model on letters it has not seen",
    EXAMPLE="priemnaya evaluate --model /var/lib/priemnaya/model --on letters.jsonl --json",
    add_arguments=_evaluate_arguments,
    run=_evaluate,
)
