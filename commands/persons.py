"""`export-person` and `erase-person`: what the law gives the person concerned (152-FZ, art. 14 and 21)."""

import argparse
import json
import sys
from pathlib import Path
from secrets import token_hex
from types import SimpleNamespace
from typing import Any

from commands.line import DONE, FAILED, USAGE, House, add_config, settings_of
from commands.purge import finished
from commands.rooms import accessed, blobs_of, opened_store, who_runs
from service.settings import Settings
from store import erasing
from store.database import Store
from store.erasing import Act, Reason
from store.person import Person, forget_bounces, person
from triage.access import Seen


def _whom(parser: argparse.ArgumentParser) -> None:
    one = parser.add_mutually_exclusive_group(required=True)
    one.add_argument("--address", help="from which the person writes")
    one.add_argument("--number", help="an INN, account, SNILS or OGRN that a letter of theirs gave")
    add_config(parser, required=True)


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="a new folder; made with rights for its owner alone")
    _whom(parser)


def _export(args: argparse.Namespace, _house: House) -> int:
    """0 when everything found is written, 1 when nothing was found."""
    settings = settings_of(args)
    with opened_store(settings) as store:
        found = _found(store, args)
        if found is None:
            return FAILED
        args.folder.mkdir(mode=0o700, parents=True)
        written = _written(args.folder, found, settings)
        for ticket in found.tickets:
            accessed(store, what=Seen.PERSON_EXPORTED, letter_id=None, ticket_id=ticket["id"])
    print(f"{args.folder}: {len(found.tickets)} tickets, {written} letters, {len(found.replies)} replies")
    return DONE


def _written(folder: Path, found: Person, settings: Settings) -> int:
    """person.json with every row, the letters and replies as they were; how many letters."""
    blobs, count = blobs_of(settings), 0
    for name in ("letters", "replies"):
        (folder / name).mkdir()
    for letter in found.letters:
        if letter["blob"] is not None:
            (folder / "letters" / f"{letter['id']}.eml").write_bytes(blobs.read(letter["blob"]))
            count += 1
    for form in found.submissions:
        if form["raw"] is not None:
            (folder / "letters" / f"form-{form['id']}.eml").write_bytes(bytes(form["raw"]))
            count += 1
    for reply in found.replies:
        (folder / "replies" / f"{reply['id']}.eml").write_bytes(bytes(reply["raw"]))
    rows = {name: [_plain(row) for row in getattr(found, name)] for name in Person.__dataclass_fields__}
    (folder / "person.json").write_text(json.dumps(rows, ensure_ascii=False, indent=2), encoding="utf-8")
    return count


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "raw"}


def _erase_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do it; without it only what would be erased is said")
    parser.add_argument("--acts", type=Path, metavar="FOLDER", help="where the act and the journal are written")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    _whom(parser)


def _erase(args: argparse.Namespace, _house: House) -> int:
    """0 when it is erased, or was only asked what would be; 1 when nothing was found or something is at work still."""
    settings = settings_of(args)
    if args.yes and args.acts is None:
        print("priemnaya: say where the act goes: --acts FOLDER", file=sys.stderr)
        return USAGE
    with opened_store(settings) as store:
        found = _found(store, args)
        if found is None:
            return FAILED
        if found.unfinished:
            said = ", ".join(found.unfinished[:20])
            print(f"priemnaya: still at work: {said}; close the tickets first, then erase", file=sys.stderr)
            return FAILED
        if not args.yes:
            print(_would(found, as_json=args.json))
            return DONE
        act = Act(id=token_hex(4), who=who_runs(), reason=Reason.REQUEST)
        done = erasing.erase(store, blobs_of(settings), found.due(), act)
        with store.writing() as conn:
            forget_bounces(conn, found)
        return finished(store, settings, act, done, args)


def _would(found: Person, *, as_json: bool) -> str:
    counts = {"tickets": len(found.tickets), "letters": len(found.letters), "replies": len(found.replies)}
    if found.submissions:
        counts["forms"] = len(found.submissions)
    if as_json:
        return json.dumps(counts)
    return f"would erase {', '.join(f'{count} {what}' for what, count in counts.items())}; do it with --yes"


def _found(store: Store, args: argparse.Namespace) -> Person | None:
    with store.reading() as conn:
        found = person(conn, address=args.address.lower() if args.address else None, number=args.number)
    if not (found.tickets or found.letters or found.replies or found.submissions):
        print("priemnaya: nothing of this person is kept here", file=sys.stderr)
        return None
    return found


EXPORT = SimpleNamespace(
    NAME="export-person",
    HELP="everything kept of one person, as files",
    EXAMPLE="priemnaya export-person /root/person --address olga@post.example --config /etc/priemnaya/priemnaya.toml",
    add_arguments=_export_arguments,
    run=_export,
)
ERASE = SimpleNamespace(
    NAME="erase-person",
    HELP="erase everything kept of one person, with the act and the journal that the law asks for",
    EXAMPLE="priemnaya erase-person --address olga@post.example --yes --acts acts --config FILE",
    add_arguments=_erase_arguments,
    run=_erase,
)
