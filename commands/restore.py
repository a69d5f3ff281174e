"""`restore`: a backup onto an empty place, so that the desk goes on without losing or doubling a letter."""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from commands.backup import FORMAT, SUMS, digest_of
from commands.by_hand import missed
from commands.line import DONE, House, add_config, settings_of
from commands.nights import MANIFEST
from commands.rooms import blobs_of, mailbox_of, open_store, opened_store, sealed_blobs_of, topic_folders
from intake.reread import Folders, Reread, Rereader
from outbox.unasked import no_longer_waits
from service.errors import ConfigError, Permanent
from service.settings import Settings
from store.copies import put_back_tables, refuse_full
from store.database import Store
from store.restored import Jumped, after_restore
from store.upgrade import migrate
from tickets.number import check_number
from tickets.terms import terms_of
from tickets.ticket import Why

NAME = "restore"
HELP = "put a backup onto an empty place and read again what came after it"
EXAMPLE = "priemnaya restore /backup/priemnaya/2026-11-26 --config /etc/priemnaya/priemnaya.toml"
BEFORE = timedelta(
    days=3
)  # a letter may lie in the mailbox for so long before it is fetched; known ones cost a reading


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("folder", type=Path, help="the backup")
    parser.add_argument(
        "--last-number", metavar="NUMBER", help="the highest ticket number you know to be given out (26-0012345-5)"
    )
    parser.add_argument("--no-reread", action="store_true", help="do not read the folders of moved letters again yet")
    parser.add_argument("--reread-only", action="store_true", help="only read them: the tables are back already")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_config(parser, required=True)
    parser.epilog = (
        f"{parser.epilog}\n\nThe store named by the settings must be empty and the daemon stopped. Numbers jump ahead,"
        "\nqueued replies are held (priemnaya queue list --state held), and letters that came after the backup are read"
        "\nfrom Processed and open tickets that nobody is answered for."
    )


def run(args: argparse.Namespace, _house: House) -> int:
    """0 when everything is back; whatever fails before the tables are put back leaves the place empty."""
    settings, source = settings_of(args), args.folder
    facts = _manifest(source)
    for name, place in missed(facts.get("settings", {})):
        print(f"priemnaya: {place} is not here; put it back from {source / 'settings' / name}", file=sys.stderr)
    for _, place in missed({place: place for place in facts.get("left_out", {})}):
        print(f"priemnaya: {place} is not here, nor in the backup, which could not read it", file=sys.stderr)
    said: dict[str, Any] = {"taken": facts["taken"]}
    if not args.reread_only:
        said |= asdict(_put_back(settings, source, facts, _sequence(args.last_number)))
    if not args.no_reread:
        since = datetime.fromtimestamp(facts["taken_ms"] / 1000, UTC) - BEFORE
        said |= asdict(asyncio.run(_reread(settings, since.date())))
    print(json.dumps(said) if args.json else "\n".join(_told(said)))
    return DONE


def _manifest(source: Path) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{source}: no {MANIFEST} can be read there: is it a backup, and was it finished?") from error
    if facts.get("format") != FORMAT:
        raise ConfigError(f"{source}: a backup of format {facts.get('format')}, this program reads {FORMAT}")
    return facts


def _put_back(settings: Settings, source: Path, facts: dict[str, Any], at_least: int) -> Jumped:
    """(1) Every sum of the backup; (2) is the place empty? (3) blobs; (4) tables; (5) migrations; (6) rulings 13."""
    names = _checked(source, facts)
    store = open_store(settings)
    try:
        refuse_full(store)
        blobs = sealed_blobs_of(settings)
        for part in _parts([name for name in names if name.startswith("blobs/")]):
            blobs.put_back([(name.removeprefix("blobs/"), (source / name).read_bytes()) for name in part])
        put_back_tables(store, source / facts["tables"])
        migrate(store)
        return _after(store, settings, facts, at_least)
    finally:
        store.close()


def _checked(source: Path, facts: dict[str, Any]) -> list[str]:
    """The names of the backup's files; Permanent when one is gone or changed."""
    if digest_of(source / SUMS) != facts["sums"]:
        raise Permanent(f"{source / SUMS} is not the one that was written: take another backup")
    names: list[str] = []
    for line in (source / SUMS).read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        if not (source / name).is_file() or digest_of(source / name) != digest:
            raise Permanent(f"{source / name} is gone or changed: take another backup")
        names.append(name)
    return names


def _after(store: Store, settings: Settings, facts: dict[str, Any], at_least: int) -> Jumped:
    year = datetime.now(ZoneInfo(settings.desk.timezone)).year
    terms = terms_of(settings)
    with store.writing() as conn:
        done = after_restore(conn, taken_ms=facts["taken_ms"], year=year, at_least=at_least)
        for ticket_id in done.overdue:
            no_longer_waits(conn, ticket_id, terms, who="ops", why=Why.RESTORED)
    return done


async def _reread(settings: Settings, since: date) -> Reread:
    mailbox = settings.mailbox
    folders = Folders(
        processed=mailbox.processed, too_large=mailbox.too_large, since=since, filed=topic_folders(settings)
    )
    with opened_store(settings) as store:
        return await Rereader(mailbox_of(settings), store, blobs_of(settings, store), folders).run()


def _sequence(number: str | None) -> int:
    if number is None:
        return 0
    if not check_number(number):
        raise ConfigError(f"--last-number: {number} is no ticket number of ours; write it like 26-0012345-5")
    return int(number.split("-")[1])


def _parts(names: list[str]) -> Iterator[list[str]]:
    for at in range(0, len(names), 50):
        yield names[at : at + 50]


def _told(said: dict[str, Any]) -> Iterator[str]:
    yield f"the backup of {said['taken']}"
    if "sequence" in said:
        yield f"tables and letters are back; this year's next ticket comes after number {said['sequence']}"
        yield f"{said['held']} queued replies are held: priemnaya queue list --state held, then release or drop"
        yield f"{said['silent']} letters that were not settled open their tickets without an answer"
        yield f"{len(said['overdue'])} tickets were due to be closed after silence: a person looks at them first"
    if "new" in said:
        yield f"{said['looked_at']} moved letters looked at, {said['new']} of them were not in the backup"
    else:
        yield "the folders of moved letters were not read: priemnaya restore … --reread-only"
    yield "what was erased since that backup is back: run purge, and erase-person for every act since then"
    yield "now: priemnaya verify, then start the daemon"
