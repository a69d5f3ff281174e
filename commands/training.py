"""`train` and `evaluate`: a model from letters, and how good a model is on letters it has not seen."""

import argparse
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from classify import corrections, model
from classify.calibrate import WANTED_ERROR
from classify.evaluate import ask, evaluated
from classify.examples import read, without
from commands.line import DONE, House, add_config, settings_of
from commands.promotion import compared, told
from commands.rooms import open_store
from service.errors import ConfigError
from store.lessons import lessons


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--corpus", type=Path, nargs="+", required=True, help='JSONL rows {"text", "topic"}, or folders of them'
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the model; written aside and renamed")
    parser.add_argument(
        "--corrections", type=Path, metavar="FILE",
        help="write the topics that staff told (from the store of --config) there as JSONL, and learn from them too",
    )  # fmt: skip
    add_config(parser, required=False)
    parser.add_argument(
        "--holdout", type=Path, nargs="+", default=[], metavar="FILE", help="letters not to learn from, were they in it"
    )
    parser.add_argument(
        "--wanted-error", type=float, default=WANTED_ERROR, metavar="SHARE",
        help=f"of the letters that no person looks at, at most this share may be wrong (default {WANTED_ERROR})",
    )  # fmt: skip


def _train(args: argparse.Namespace, _house: House) -> int:
    from classify.train import train  # noqa: PLC0415  # scikit-learn, which only training needs, is 60 MB

    if not 0 < args.wanted_error < 1:
        raise ConfigError("--wanted-error is a share between 0 and 1, e.g. 0.02")
    if args.corrections:
        print(f"{args.corrections}: {_written(args)} topics told by staff")
    examples = read([*args.corpus, *([args.corrections] if args.corrections else [])])
    kept = without(examples, read(args.holdout)) if args.holdout else examples
    meta = train(kept, args.out, wanted_error=args.wanted_error)
    said = meta["out_of_fold"]
    print(f"{args.out}: model {meta['version']}, {len(kept)} letters, {len(meta['topics'])} topics")
    if args.holdout:
        print(f"left out because they are held back: {len(examples) - len(kept)}")
    print(f"on letters left out in turn: accuracy {said['accuracy']:.3f}, ECE {said['ece10']:.3f}")
    print(f"a person looks below {meta['threshold']:.3f}")
    return DONE


def _written(args: argparse.Namespace) -> int:
    """The corrections of the store as the file's whole content, written aside and renamed; how many."""
    if args.config is None:
        raise ConfigError("--corrections needs the store they are in: name its settings with --config")
    store = open_store(settings_of(args))
    with store.reading() as conn:
        found = lessons(conn)
    store.close()
    aside = args.corrections.with_name(f"{args.corrections.name}.part")
    aside.unlink(missing_ok=True)
    aside.touch(mode=0o600)  # it holds what citizens wrote
    corrections.add(
        aside,
        [
            corrections.Correction(
                id=one.number,
                subject=one.subject,
                text=one.text,
                topic=one.topic,
                said=one.said,
                model=one.model,
                who=one.who,
                when=datetime.fromtimestamp(one.at_ms / 1000, UTC).isoformat(timespec="seconds"),
                hidden=one.hidden,
                sender=hashlib.sha256(one.address.encode()).hexdigest()[:16],
            )
            for one in found
        ],
    )
    aside.replace(args.corrections)
    return len(found)


def _evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, metavar="DIR", help="folder of the model; default: the shipped one")
    parser.add_argument("--on", type=Path, nargs="+", required=True, help='JSONL rows {"text", "topic"}')
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--against", type=Path, metavar="DIR", help="also hold it against the model in use there")
    parser.add_argument("--must-pass", type=Path, metavar="FILE", help="letters that must be right, for --against")
    parser.add_argument("--card", type=Path, metavar="DIR", help="also write the model card there, Markdown and HTML")
    parser.add_argument(
        "--corpus", type=Path, nargs="+", default=[], metavar="FILE",
        help="the letters it learned from: the card then has the learning curve and the labels in doubt",
    )  # fmt: skip


def _evaluate(args: argparse.Namespace, _house: House) -> int:
    chosen, examples = model.load(args.model, threshold=None), read(args.on)
    figures = evaluated(chosen, examples)
    if args.card:
        from classify import card  # noqa: PLC0415  # as above

        corpus = read(args.corpus) if args.corpus else []
        card.write(args.card, card.contents(chosen, figures, ask(chosen, examples), corpus))
    print(json.dumps(figures, ensure_ascii=False) if args.json else _as_text(figures))
    if args.against:
        if args.model is None:
            raise ConfigError("--against needs the candidate: name its folder with --model")
        print(told(compared(args.model, args.against, args.on, args.must_pass)))
    return DONE


def _as_text(figures: dict[str, Any]) -> str:
    plain = {name: value for name, value in figures.items() if not isinstance(value, list | dict)}
    lines = [f"{name:22}{value}" for name, value in plain.items()]
    lines += [f"{name:22}{figures[name]}" for name in ("accuracy_95", "noise", "milliseconds")]
    for wanted, one in figures["coverage_at_wanted_error"].items():
        lines.append(f"  wanted error {wanted:6} coverage {one['coverage']:.3f}  error {one['error']}")
    for topic, one in figures["by_topic"].items():
        rates = "  ".join(f"{name} {one[name]:.3f}" for name in ("precision", "recall", "f1"))
        lines.append(f"  {topic:20} n {one['n']:4}  {rates}")
    lines += [f"  {one['n']:4} × {one['topic']} said to be {one['said']}" for one in figures["confusions"]]
    return "\n".join(lines)


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
