"""`train` and `evaluate`: a model from letters, and how good a model is on letters it has not seen."""

import argparse
import json
from pathlib import Path
from types import SimpleNamespace

from classify import model
from classify.evaluate import evaluated
from classify.examples import read
from classify.train import WANTED_ERROR, train
from commands.line import DONE, House
from service.errors import ConfigError


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--corpus", type=Path, nargs="+", required=True, help='JSONL rows {"text", "topic"}, or folders of them'
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the model; written aside and renamed")
    parser.add_argument(
        "--wanted-error", type=float, default=WANTED_ERROR, metavar="SHARE",
        help=f"of the letters that no person looks at, at most this share may be wrong (default {WANTED_ERROR})",
    )  # fmt: skip


def _train(args: argparse.Namespace, _house: House) -> int:
    if not 0 < args.wanted_error < 1:
        raise ConfigError("--wanted-error is a share between 0 and 1, e.g. 0.02")
    meta = train(read(args.corpus), args.out, wanted_error=args.wanted_error)
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
    figures = evaluated(model.load(args.model, threshold=None), read(args.on))
    if args.json:
        print(json.dumps(figures, ensure_ascii=False))
        return DONE
    for name, value in figures.items():
        if not isinstance(value, list | dict) or name in ("accuracy_95", "noise", "milliseconds"):
            print(f"{name:22}{value}")
    for wanted, one in figures["coverage_at_wanted_error"].items():
        print(f"  wanted error {wanted:6} coverage {one['coverage']:.3f}  error {one['error']}")
    for topic, one in figures["by_topic"].items():
        rates = "  ".join(f"{name} {one[name]:.3f}" for name in ("precision", "recall", "f1"))
        print(f"  {topic:20} n {one['n']:4}  {rates}")
    return DONE


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
