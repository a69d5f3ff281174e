"""`forward`: events on tickets that a system elsewhere did not take, and where else a ticket is."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict

from sqlalchemy import Connection

from commands.line import DONE, FAILED, USAGE, House, Member, add_family, run_member, settings_of
from commands.rooms import opened_store
from commands.telling import moment
from store import forwarded

NAME = "forward"
HELP = "events that a system elsewhere did not take: list, retry, drop; where else a ticket is"
EXAMPLE = "priemnaya forward list --config /etc/priemnaya/priemnaya.toml"


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
        found = forwarded.aside_lines(conn)
    if args.json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False))
        return DONE
    for one in found:
        waits = " (to be tried again)" if one.again else ""
        head = f"{one.forward:<16} {one.id:>8}  {moment(one.at_ms, settings)}"
        print(f"{head}  {one.number}  {one.what}: {one.reason}{waits}")
    print(f"{len(found)} set aside")
    return DONE


def _choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=int, nargs="*", help="of events, from `forward list`")
    parser.add_argument("--all", action="store_true", help="every one of the target")
    parser.add_argument("--target", required=True, metavar="NAME", help="as in [[forward]] name")


def _retry(args: argparse.Namespace, _house: House) -> int:
    return _changed(args, forwarded.try_again, "will be told again, before anything new")


def _drop(args: argparse.Namespace, _house: House) -> int:
    return _changed(args, forwarded.drop, "dropped")


def _changed(
    args: argparse.Namespace, change: Callable[[Connection, str, Sequence[int] | None], list[int]], said: str
) -> int:
    if bool(args.id) == args.all:
        print("priemnaya: name events by their ids, or --all", file=sys.stderr)
        return USAGE
    with opened_store(settings_of(args)) as store, store.writing() as conn:
        done = change(conn, args.target, None if args.all else args.id)
    print(f"{len(done)} {said}")
    for line in sorted(set(args.id) - set(done)):
        print(f"priemnaya: {line}: no such event is set aside for {args.target}", file=sys.stderr)
    return FAILED if set(args.id) - set(done) else DONE


def _where_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", help="of the ticket, 26-0012345-5")
    parser.add_argument("--json", action="store_true", help="a JSON list")


def _where(args: argparse.Namespace, _house: House) -> int:
    with opened_store(settings_of(args)) as store, store.reading() as conn:
        found = forwarded.places_of(conn, args.number)
    if args.json:
        print(json.dumps([{"target": name, "number": number, "id": its} for name, number, its in found]))
    else:
        print("\n".join(f"{name}: {number} (id {its})" for name, number, its in found) or "nowhere else")
    return DONE


def _forget_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="NAME", help="one that is in no [[forward]] any more")


def _forget(args: argparse.Namespace, _house: House) -> int:
    settings = settings_of(args)
    if args.target in {one.name for one in settings.forward}:
        print(f"priemnaya: {args.target} is still in [[forward]]: take it out first", file=sys.stderr)
        return FAILED
    with opened_store(settings) as store, store.writing() as conn:
        gone = forwarded.forget_places(conn, args.target)
    print(f"{args.target}: {'forgotten' if gone else 'not known here'}")
    return DONE if gone else FAILED


MEMBERS = (
    Member(
        name="list", help="which events were set aside, and why", example="priemnaya forward list --json --config FILE",
        add_arguments=_list_arguments, run=_list,
    ),
    Member(
        name="retry", help="tell them again", example="priemnaya forward retry --target crm --all --config FILE",
        add_arguments=_choice, run=_retry,
    ),
    Member(
        name="drop", help="never tell them", example="priemnaya forward drop --target crm 17 --config FILE",
        add_arguments=_choice, run=_drop,
    ),
    Member(
        name="where", help="what a ticket is called elsewhere",
        example="priemnaya forward where 26-0012345-5 --config FILE", add_arguments=_where_arguments, run=_where,
    ),
    Member(
        name="forget", help="forget a target that is no more", example="priemnaya forward forget crm --config FILE",
        add_arguments=_forget_arguments, run=_forget,
    ),
)  # fmt: skip
