"""`parked`: the letters that broke the code or could not be fetched: looked at, worked again, taken out."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from commands.line import DONE, FAILED, USAGE, House, Member, add_family, run_member, settings_of
from commands.rooms import accessed, blobs_of, opened_store
from commands.telling import moment, size
from store import rows
from store.parked import LetterLine, letter_by_id, parked_letters
from store.records import LetterState
from triage.access import Seen

NAME = "parked"
HELP = "the letters set aside because they broke something: list, show, reprocess, export"
EXAMPLE = "priemnaya parked list --config /etc/priemnaya/priemnaya.toml"
HEAD_MOST = 4096  # bytes of a letter that `show` prints


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the members."""
    add_family(parser, MEMBERS)


def run(args: argparse.Namespace, house: House) -> int:
    """The member that was named."""
    return run_member(args, house)


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="a JSON list")


def _list(args: argparse.Namespace, _house: House) -> int:
    settings = settings_of(args)
    with opened_store(settings) as store, store.reading() as conn:
        found = parked_letters(conn)
    if args.json:
        print(json.dumps([_facts(one) for one in found], ensure_ascii=False))
        return DONE
    for one in found:
        where = "" if one.blob else f"; lies on the server, UID {one.uid}"
        print(f"{one.id:>8}  {moment(one.arrived_ms, settings)}  {size(one.size):>9}  {one.reason}{where}")
    print(f"{len(found)} set aside")
    return DONE


def _facts(one: LetterLine) -> dict[str, object]:
    """What `--json` tells of a letter: nothing of its words."""
    return {name: value for name, value in asdict(one).items() if name != "verdict"}


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=int, help="of the letter, from `parked list`")
    parser.add_argument("--json", action="store_true", help="one JSON object, without the letter itself")


def _show(args: argparse.Namespace, _house: House) -> int:
    settings = settings_of(args)
    with opened_store(settings) as store:
        with store.reading() as conn:
            one = letter_by_id(conn, args.id)
        if one is None or one.state is not LetterState.PARKED:
            return _none(args.id)
        if args.json:
            print(json.dumps(_facts(one), ensure_ascii=False))
            return DONE
        for name, value in _facts(one).items():
            print(f"{name:<16} {moment(value, settings) if name.endswith('_ms') else value}")  # type: ignore[arg-type]
        if one.blob:
            accessed(store, what=Seen.PARKED_SHOWN, letter_id=one.id, ticket_id=None)
            print(f"\n{blobs_of(settings).read(one.blob)[:HEAD_MOST].decode('utf-8', 'replace')}")
    return DONE


def _reprocess_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=int, nargs="*", help="of letters, from `parked list`")
    parser.add_argument("--all", action="store_true", help="every one")


def _reprocess(args: argparse.Namespace, _house: House) -> int:
    if bool(args.id) == args.all:
        print("priemnaya: name letters by their ids, or --all", file=sys.stderr)
        return USAGE
    with opened_store(settings_of(args)) as store, store.writing() as conn:
        wanted = [one.id for one in parked_letters(conn)] if args.all else args.id
        again = [letter_id for letter_id in wanted if rows.unpark(conn, letter_id)]
    print(f"{len(again)} will be worked again by the daemon")
    for letter_id in sorted(set(wanted) - set(again)):
        _none(letter_id)
    return DONE if len(again) == len(wanted) else FAILED


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=int, help="of the letter, from `parked list`")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")


def _export(args: argparse.Namespace, _house: House) -> int:
    settings = settings_of(args)
    with opened_store(settings) as store:
        with store.reading() as conn:
            one = letter_by_id(conn, args.id)
        if one is None or one.blob is None:
            print(f"priemnaya: letter {args.id}: its bytes are not here (`priemnaya parked list`)", file=sys.stderr)
            return FAILED
        raw = blobs_of(settings).read(one.blob)
        accessed(store, what=Seen.LETTER_EXPORTED, letter_id=one.id, ticket_id=one.ticket_id)
    if args.out is None:
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
    else:
        args.out.touch(mode=0o600)
        args.out.write_bytes(raw)
    return DONE


def _none(letter_id: int) -> int:
    print(f"priemnaya: no letter {letter_id} is set aside; `priemnaya parked list` shows them", file=sys.stderr)
    return FAILED


MEMBERS = (
    Member(
        name="list", help="which, since when, why", example="priemnaya parked list --json --config FILE",
        add_arguments=_list_arguments, run=_list,
    ),
    Member(
        name="show", help="one, with the beginning of the letter", example="priemnaya parked show 17 --config FILE",
        add_arguments=_show_arguments, run=_show,
    ),
    Member(
        name="reprocess", help="work them again", example="priemnaya parked reprocess --all --config FILE",
        add_arguments=_reprocess_arguments, run=_reprocess,
    ),
    Member(
        name="export", help="the letter's own bytes", example="priemnaya parked export 17 --out 17.eml --config FILE",
        add_arguments=_export_arguments, run=_export,
    ),
)  # fmt: skip
