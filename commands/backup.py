"""`backup`: the whole desk into a folder, while the daemon works."""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from commands.by_hand import copy_by_hand
from commands.line import DONE, FAILED, House, add_config, settings_of
from commands.nights import MANIFEST, end_old, night
from commands.rooms import backed_up, opened_store, sealed_blobs_of
from commands.telling import size
from service.errors import ConfigError, Permanent
from service.settings import Settings
from store.blobs import Blobs
from store.checks import blob_names
from store.copies import copy_tables, tables_name
from store.database import Store, now
from store.upgrade import revision

NAME = "backup"
HELP = "copy the whole desk into a new folder: tables, letters, settings; the daemon may work meanwhile"
EXAMPLE = "priemnaya backup /backup/priemnaya/2026-11-26 --config /etc/priemnaya/priemnaya.toml"
FORMAT = 1
SUMS = "SHA256SUMS"
KEEP = 14  # nights


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a backup has."""

    letters: int
    gone: int  # blobs that were deleted between the copy of the tables and theirs
    bytes: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("folder", type=Path, help="a new folder; made with rights for its owner alone")
    parser.add_argument(
        "--previous", type=Path, metavar="FOLDER", help="an earlier backup: letters that it has become hard links"
    )
    parser.add_argument(
        "--nightly", action="store_true", help="FOLDER holds one dated backup a night, each linked to the one before"
    )
    parser.add_argument(
        "--keep", type=int, default=KEEP, metavar="N", help=f"with --nightly: how many stay; default {KEEP}"
    )
    parser.add_argument(
        "--no-letters", action="store_true", help="leave the letters' bytes to other means (S3 versions)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_config(parser, required=True)
    parser.epilog = (
        f"{parser.epilog}\n\nPasswords and the key of letters at rest are not in it: keep those elsewhere."
        "\nCheck it with: sha256sum -c SHA256SUMS"
        "\nWith --nightly, backups older than [retention] backups_days end too, so that acts of destruction stay true;"
        "\nnothing but dated backups is ever deleted, and none before the new one is whole."
    )


def run(args: argparse.Namespace, _house: House) -> int:
    """0 when the backup is whole and durable; 1 when it is but for the signing key, which could not be read. A folder
    that stays half made has no manifest.
    """
    settings = settings_of(args)
    if not args.nightly:
        return _one(settings, args, args.folder, args.previous)
    if args.keep < 1:
        raise ConfigError("--keep: at least 1, the one that is taken now")
    with night(args.folder) as (to, previous):
        status = _one(settings, args, to, args.previous or previous)
        ended = end_old(args.folder, keep=args.keep, days=settings.retention.backups_days)
    if ended and not args.json:
        print(f"{ended} old backups ended")
    return status


def _one(settings: Settings, args: argparse.Namespace, to: Path, previous: Path | None) -> int:
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(to.iterdir()):
        raise ConfigError(f"{to} is not empty: name a new folder for each backup")
    with opened_store(settings) as store:
        with store.reading() as conn:
            taken_ms = now(conn)  # before the tables are copied: a restore must think of the desk as older, not younger
        sums = {tables_name(store): _tables(store, to)}
        copied = Copied(letters=0, gone=0, bytes=0)
        if not args.no_letters:
            copied = _letters(store, sealed_blobs_of(settings), to, previous, sums)
        facts: dict[str, object] = {
            "format": FORMAT,
            "program": version("priemnaya"),
            "revision": revision(store),
            "tables": tables_name(store),
            "taken_ms": taken_ms,
            "taken": datetime.fromtimestamp(taken_ms / 1000, UTC).isoformat(timespec="seconds"),
            "letters": copied.letters,
            "gone": copied.gone,
        }
    by_hand = copy_by_hand(settings, args.config, to / "settings")
    facts |= {"settings": by_hand.kept, "left_out": by_hand.left_out}
    for place, why in by_hand.left_out.items():
        print(f"priemnaya: {place} is not in the backup: {why}; let the backup's user read it", file=sys.stderr)
    sums |= {str(path.relative_to(to)): digest_of(path) for path in (to / "settings").rglob("*") if path.is_file()}
    (to / SUMS).write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())), encoding="utf-8")
    facts["sums"] = digest_of(to / SUMS)
    (to / MANIFEST).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    os.sync()
    with opened_store(settings) as store:
        backed_up(store)
    print(json.dumps({**facts, "folder": str(to)}) if args.json else _told(to, copied))
    key = settings.desk.signing_key_file
    return FAILED if key is not None and str(key.absolute()) in by_hand.left_out else DONE


def digest_of(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tables(store: Store, to: Path) -> str:
    copy = to / tables_name(store)
    copy_tables(store, copy)
    return digest_of(copy)


def _letters(store: Store, blobs: Blobs, to: Path, previous: Path | None, sums: dict[str, str]) -> Copied:
    """Every blob that a row names. Rows of the copied tables are older than these names, so none is left out; a blob
    that `purge` deleted meanwhile is counted as gone. As they lie: sealed ones stay sealed.
    """
    count = gone = amount = 0
    known = _sums_of(previous)
    for name in _names(store):
        target = to / "blobs" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not _linked(previous, name, target, known):
            try:
                raw = blobs.read(name)
            except Permanent:
                gone += 1
                continue
            target.write_bytes(raw)
        sums[f"blobs/{name}"] = digest_of(target)
        count, amount = count + 1, amount + target.stat().st_size
    return Copied(letters=count, gone=gone, bytes=amount)


def _linked(previous: Path | None, name: str, target: Path, known: dict[str, str]) -> bool:
    """A letter that the earlier backup has as it was written; one that rotted there would else be linked for ever."""
    earlier = previous / "blobs" / name if previous is not None else None
    if earlier is None or not earlier.is_file() or digest_of(earlier) != known.get(f"blobs/{name}"):
        return False
    target.hardlink_to(earlier)
    return True


def _sums_of(backup: Path | None) -> dict[str, str]:
    if backup is None or not (backup / SUMS).is_file():
        return {}
    lines = (backup / SUMS).read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _names(store: Store) -> Iterator[str]:
    after = 0
    while True:
        with store.reading() as conn:
            page = blob_names(conn, after=after)
        yield from (name for _, name in page)
        if not page:
            return
        after = page[-1][0]


def _told(to: Path, copied: Copied) -> str:
    gone = f"; {copied.gone} were purged meanwhile" if copied.gone else ""
    return f"{to}: the tables, {copied.letters} letters ({size(copied.bytes)}){gone}, the settings"
