"""`doctor`: looks at everything the desk stands on, and says of each fault what to do."""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict

from commands import doctor_desk, doctor_house, doctor_mail, doctor_nights, doctor_units
from commands.finding import Finding, Level, fail
from commands.line import DONE, FAILED, House, add_config, settings_of
from service.errors import PriemnayaError
from service.settings import Settings

NAME = "doctor"
HELP = "look at everything the desk stands on: mail servers, store, disk, model, texts; with remedies"
EXAMPLE = "priemnaya doctor --config /etc/priemnaya/priemnaya.toml"
MARKS = {Level.OK: "ok  ", Level.WARN: "WARN", Level.FAIL: "FAIL"}

Look = Callable[[Settings], Iterator[Finding]]
LOOKS: dict[str, Look] = {
    **doctor_house.LOOKS, **doctor_nights.LOOKS, **doctor_desk.LOOKS, **doctor_units.LOOKS,
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add_config(parser, required=True)
    parser.add_argument("--json", action="store_true", help="a JSON list of findings")
    parser.add_argument("--offline", action="store_true", help="ask no mail server and no name server")
    parser.epilog = f"{parser.epilog}\n\nNothing is sent and nothing is changed. Exit status 1 when something fails."


def run(args: argparse.Namespace, _house: House) -> int:
    """0 when nothing fails, 1 when something does."""
    settings = settings_of(args)
    found: list[Finding] = []
    for one in looked(settings, LOOKS if args.offline else {**LOOKS, **doctor_mail.LOOKS}):
        found.append(one)
        if not args.json:
            print(_line(one), flush=True)
    counts = Counter(one.level for one in found)
    if args.json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False))
    else:
        print(f"{counts[Level.OK]} fine, {counts[Level.WARN]} to look at, {counts[Level.FAIL]} broken")
    return FAILED if counts[Level.FAIL] else DONE


def looked(settings: Settings, looks: dict[str, Look]) -> Iterator[Finding]:
    """Each look's findings; one that breaks is a finding itself, and the next goes on."""
    for what, look in looks.items():
        try:
            yield from look(settings)
        except (PriemnayaError, OSError) as fault:
            yield fail(what, str(fault), "see there")


def _line(one: Finding) -> str:
    line = f"{MARKS[one.level]}  {one.what:<12} {one.said}"
    return line if one.remedy is None else f"{line}\n{'':19}→ {one.remedy}"
