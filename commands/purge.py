"""`purge`: erases what is over its time, class by class, and writes the act."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

from commands.acts import Rest, write_act
from commands.line import DONE, FAILED, USAGE, House, add_config, settings_of
from commands.rooms import blobs_of, opened_store, who_runs
from service.errors import ConfigError
from service.settings import Settings
from store import erasing, freeing
from store.blobs import Blobs
from store.database import Store, now
from store.entered import SUBMISSION_DAYS
from store.erasing import Act, Due, Erased, Reason

NAME = "purge"
HELP = "erase what is over its time ([retention]), with the act and the journal that the law asks for"
EXAMPLE = "priemnaya purge --dry-run --config /etc/priemnaya/priemnaya.toml"
DAY_MS = 86_400_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("--dry-run", action="store_true", help="only say what would be erased")
    parser.add_argument("--acts", type=Path, metavar="FOLDER", help="where the act and the journal are written")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_config(parser, required=True)
    parser.epilog = (
        f"{parser.epilog}\n\nOnly closed tickets are touched, counted from the day they were closed; a row without"
        "\nwords stays for the statistics. The daemon deletes the copies on the mail server at its next look."
    )


def run(args: argparse.Namespace, _house: House) -> int:
    """0 when all of it is erased and the act is written, 1 when the store's log still has to be emptied."""
    settings = settings_of(args)
    if not args.dry_run and args.acts is None:
        print("priemnaya: say where the act goes (--acts FOLDER), or --dry-run", file=sys.stderr)
        return USAGE
    ages = days(settings)
    if ages.keys() == {Erased.FORM}:
        raise ConfigError(
            "no class has a time: set [retention] letters_days, tickets_days, replies_days or access_days"
        )
    with opened_store(settings) as store:
        with store.reading() as conn:
            moment = now(conn)
        if args.dry_run:
            said = dict(counted(store, ages, moment))
            print(json.dumps(said) if args.json else "\n".join(f"{kind:<8} {count}" for kind, count in said.items()))
            return DONE
        act = Act(id=token_hex(4), who=who_runs(), reason=Reason.RETENTION)
        done = _purged(store, blobs_of(settings), ages, moment, act)
        return finished(store, settings, act, done, args)


def days(settings: Settings) -> dict[Erased, int]:
    """The classes that have a time; what waits for its address to be confirmed has one of its own."""
    kept = settings.retention
    of = {
        Erased.LETTER: kept.letters_days,
        Erased.REPLY: kept.replies_days,
        Erased.TICKET: kept.tickets_days,
        Erased.ACCESS: kept.access_days,
        Erased.FORM: SUBMISSION_DAYS,
    }
    return {kind: number for kind, number in of.items() if number is not None}


def finished(store: Store, settings: Settings, act: Act, done: int, args: argparse.Namespace) -> int:
    """Frees what was erased, writes the act, prints both; the exit status."""
    if not done:
        freed = freeing.empty_log(store)  # which the run before may have left
        print(json.dumps({"erased": 0}) if args.json else "nothing is over its time")
        return _ended(freed)
    freed = freeing.free_for_good(store)
    with store.reading() as conn:
        lines, waiting = erasing.acts(conn, act.id), erasing.on_server(conn)
    text, table = write_act(args.acts, act.id, lines, settings, Rest(on_server=waiting, log=not freed))
    if args.json:
        print(json.dumps({"erased": done, "act": str(text), "journal": str(table), "on_server": waiting}))
    else:
        print(f"{done} erased; {waiting} copies on the mail server go at the daemon's next look")
        print(f"act: {text}\njournal: {table}")
    return _ended(freed)


def _ended(freed: bool) -> int:
    if freed:
        return DONE
    remedy = "another program reads it for over a minute (a backup?): run purge again after it"
    print(f"priemnaya: erased, but the store's log (-wal) still holds what was: {remedy}", file=sys.stderr)
    return FAILED


def counted(store: Store, ages: dict[Erased, int], moment: int) -> Iterator[tuple[Erased, int]]:
    """How many of each class are older than so many days."""
    for kind, number in ages.items():
        before = moment - number * DAY_MS
        with store.reading() as conn:
            if kind is Erased.ACCESS:
                yield kind, erasing.access_due(conn, before_ms=before)
            else:
                yield kind, len(erasing.due(conn, kind, before_ms=before))


def _purged(store: Store, blobs: Blobs, ages: dict[Erased, int], moment: int, act: Act) -> int:
    done = 0
    for kind, number in ages.items():
        before = moment - number * DAY_MS
        if kind is Erased.ACCESS:
            done += erasing.erase_access(store, act, before_ms=before)
            continue
        with store.reading() as conn:
            found: tuple[Due, ...] = erasing.due(conn, kind, before_ms=before)
        done += erasing.erase(store, blobs, found, act)
    return done
