"""`verify`: reads everything back and says whether it is all there."""

import argparse
import json
from collections import Counter
from dataclasses import asdict

from commands.line import DONE, FAILED, House, add_config, settings_of
from commands.rooms import blobs_of, opened_store
from service.settings import Settings
from store.checks import Extent, Flaw, Found, extent, flaws
from tickets.ticket import ANSWERS_A_LETTER

NAME = "verify"
HELP = "read everything back: every letter's bytes and end, every ticket's history"
EXAMPLE = "priemnaya verify --config /etc/priemnaya/priemnaya.toml --json"
SHOWN_MOST = 20  # of one kind, as text; --json has all

MEANING = {
    Flaw.NO_END: "letters without a ticket and without a reason",
    Flaw.NO_HISTORY: "tickets without a history",
    Flaw.PARTED: "tickets whose letter does not know of them",
    Flaw.TWO_ANSWERS: "letters with two different automatic answers",
    Flaw.NO_BYTES: "letters that name no bytes though nobody erased them: restore the store from the backup",
    Flaw.BYTES_GONE: "letters whose bytes are gone: bring the blobs back from the backup",
    Flaw.BYTES_CHANGED: "letters whose bytes are others than were written: bring them back from the backup",
    Flaw.DAMAGED: "findings of SQLite's own check: stop the daemon and restore the last backup",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add_config(parser, required=True)
    parser.add_argument("--json", action="store_true", help="one JSON object: what there is, and every flaw")
    parser.epilog = f"{parser.epilog}\n\nIt may run beside the daemon. Exit status 1 when there is a flaw."


def run(args: argparse.Namespace, _house: House) -> int:
    """0 when everything is there, 1 when something is not."""
    there, found = verified(settings_of(args))
    print(_as_json(there, found) if args.json else "\n".join(_as_text(there, found)))
    return FAILED if found else DONE


def verified(settings: Settings) -> tuple[Extent, list[Found]]:
    """How much there is, and what is wrong with it."""
    with opened_store(settings) as store:
        with store.reading() as conn:
            there = extent(conn)
        return there, list(flaws(store, blobs_of(settings), answers=ANSWERS_A_LETTER))


def _as_json(there: Extent, found: list[Found]) -> str:
    return json.dumps({**asdict(there), "flaws": [asdict(one) for one in found]})


def _as_text(there: Extent, found: list[Found]) -> list[str]:
    counted = f"{there.letters} letters ({there.unsettled} not settled yet), {there.tickets} tickets"
    lines = [f"{counted}, {there.replies} replies"]
    for flaw, count in Counter(one.flaw for one in found).items():
        ids = [str(one.id) for one in found if one.flaw is flaw][:SHOWN_MOST]
        lines.append(f"{count} {MEANING[flaw]}: {', '.join(ids)}{' …' if count > SHOWN_MOST else ''}")
    return lines if found else [*lines, "everything is there"]
