"""`promote` and `rollback`: a candidate comes into use only through the gate; one step leads back."""

import argparse
from pathlib import Path
from types import SimpleNamespace

from classify import model, model_file, shelf
from classify.examples import Example, read
from classify.gate import Comparison, compare
from classify.topics import TITLES
from commands.line import DONE, FAILED, House, add_config, settings_of
from service.errors import ConfigError


def add_in_use(parser: argparse.ArgumentParser) -> None:
    """--config and --in-use: where the model in use lies."""
    add_config(parser, required=False)
    parser.add_argument("--in-use", type=Path, metavar="DIR", help="folder of the model in use, instead of [classify]")


def in_use_of(args: argparse.Namespace) -> Path:
    """The folder of the model in use; ConfigError when only the shipped one is."""
    place = args.in_use or settings_of(args).classify.model
    if place is None:
        raise ConfigError(
            'the shipped model is in use and stays as it is: set [classify] model = "/var/lib/priemnaya/model"'
            " and name it with --config, or name a folder with --in-use"
        )
    return Path(place)


def compared(candidate: Path, in_use: Path, on: list[Path], must_pass: Path | None) -> Comparison:
    """The gate's findings; where no model is in use yet, the shipped one stands in."""
    there = in_use if (in_use / model_file.NAME).exists() else None
    chosen = model.load(candidate, threshold=None)
    return compare(
        chosen,
        model.load(there, threshold=None),
        read(on),
        _must_pass(chosen, must_pass),
        size=(candidate / model_file.NAME).stat().st_size,
    )


def _must_pass(chosen: model.Model, file: Path | None) -> list[Example]:
    """The letters of the file; without one, those shipped, for a model of the shipped topics."""
    if file is not None:
        return read([file])
    return read([model_file.shipped().parent / "must_pass.jsonl"]) if set(chosen.topics) == set(TITLES) else []


def told(comparison: Comparison) -> str:
    """The findings, a line each."""
    lines = [f"candidate {comparison.candidate} against {comparison.in_use}"]
    lines += [f"  {'holds' if one.holds else 'FAILS'}  {one.name}: {one.told}" for one in comparison.conditions]
    lines += [f"  decided otherwise: {one}" for one in comparison.changed]
    return "\n".join(lines)


def _promote_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--candidate", type=Path, required=True, metavar="DIR", help="folder that `train` made")
    parser.add_argument(
        "--on", type=Path, nargs="+", required=True, metavar="FILE", help="frozen holdout: letters never learned from"
    )
    parser.add_argument("--must-pass", type=Path, metavar="FILE", help="letters that must be right (default: shipped)")
    add_in_use(parser)


def _promote(args: argparse.Namespace, _house: House) -> int:
    """1, and nothing is changed, when a condition fails."""
    place = in_use_of(args)
    comparison = compared(args.candidate, place, args.on, args.must_pass)
    print(told(comparison))
    if not comparison.passes:
        print("not promoted: the model in use stays")
        return FAILED
    version = shelf.put_in_use(args.candidate, place)
    print(f"{place}: model {version} is in use once the daemon re-reads its settings (systemctl reload priemnaya)")
    return DONE


def _rollback(args: argparse.Namespace, _house: House) -> int:
    place = in_use_of(args)
    version = shelf.roll_back(place)
    print(f"{place}: back to model {version} once the daemon re-reads its settings (systemctl reload priemnaya)")
    return DONE


PROMOTE = SimpleNamespace(
    NAME="promote",
    HELP="put a candidate model in use, if it holds against the one in use",
    EXAMPLE="priemnaya promote --config priemnaya.toml --candidate /tmp/candidate --on holdout.jsonl",
    add_arguments=_promote_arguments,
    run=_promote,
)
ROLLBACK = SimpleNamespace(
    NAME="rollback",
    HELP="bring the model before back into use",
    EXAMPLE="priemnaya rollback --config priemnaya.toml",
    add_arguments=add_in_use,
    run=_rollback,
)
