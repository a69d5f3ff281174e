"""What a letter costs in CPU when the store holds 100,000 tickets, against 1,000.

    python bench/growth.py [--letters 300] [--tickets 100000] [--runs 3] [--seed 7] [--maker FILE]

A store is filled by the daemon with 1,000 letters; its rows are then multiplied by SQL, each copy with senders, numbers
and ids of its own, and an hour older than the one before: no store has 100,000 letters of the last minute, which the
breaker counts. Both stores take the same other letters, in turn (bar: 1.1 times).
"""

import argparse
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Iterator
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from servers.certificates import Authority
from servers.dovecot import Dovecot, dovecot
from throughput import arguments, configured, fill, letters, measured, priemnaya, sink
from watched import Figures, Watched

from store.blobs import MARK

BASE = 1000  # tickets of the small store
OF_A_LETTER = ("letters", "tickets", "files", "fields_history", "history", "outbox")
APART = {"number", "sha256", "blob", "message_id", "content_key", "address", "sender", "recipient"}  # differ by copy
REFERS = {"id", "letter_id", "ticket_id", "same_as", "linked_to", "uid"}
HOUR_MS = 3_600_000


def main() -> None:
    """Fill, multiply, measure in turn."""
    options = arguments(__doc__)
    options.set_defaults(letters=300)
    options.add_argument("--tickets", type=int, default=100_000)
    options.add_argument("--runs", type=int, default=3)
    args = options.parse_args()
    small: list[Figures] = []
    large: list[Figures] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        first = letters(folder / "first", argparse.Namespace(letters=BASE, seed=args.seed + 1, maker=args.maker))
        source = letters(folder, args)
        without_twins(source, first)
        with dovecot(Authority(folder).issue("localhost"), tls_offered="no") as server:
            run(server, folder / "base", first, None)
            base, grown = folder / "base/store.db", folder / "grown.db"
            shutil.copy(base, grown)
            multiply(grown, args.tickets // BASE)
            for number in range(args.runs):
                small.append(run(server, folder / f"small-{number}", source, base))
                large.append(run(server, folder / f"large-{number}", source, grown))
    print(f"\nload average {os.getloadavg()[0]:.1f}, {args.runs} run(s) of {args.letters} letters")
    for label, runs in ((f"{BASE:,} tickets", small), (f"{args.tickets:,} tickets", large)):
        print(f"{label:18}{statistics.median(one.cpu_ms for one in runs):8.2f} ms of CPU a letter")
    ratio = statistics.median(more.cpu / less.cpu for less, more in zip(small, large, strict=True))
    print(f"{'ratio':18}{ratio:8.2f}   bar 1.1")


def without_twins(source: Path, first: Path) -> None:
    """Two seeds may make letters of one sender, whose second one goes to the first one's ticket and is not answered."""
    known = {_sender(letter) for letter in (first / "new").iterdir()}
    for letter in (source / "new").iterdir():
        if _sender(letter) in known:
            letter.unlink()


def _sender(letter: Path) -> str:
    return parseaddr(BytesHeaderParser().parsebytes(letter.read_bytes())["From"])[1]


def run(server: Dovecot, work: Path, source: Path, store: Path | None) -> Figures:
    """The daemon over a copy of the store, a fresh mailbox."""
    work.mkdir(parents=True)
    if store is not None:
        shutil.copy(store, work / "store.db")
        (work / "blobs").mkdir()
        (work / "blobs" / MARK).touch()  # to go on without the bytes of the letters it tells of
    fill(server, work.name, source)
    port, count, taking = sink(work)
    command = [str(priemnaya()), "run", "--config", str(configured(work, server, smtp=port))]
    try:
        return measured(Watched(command, work / "log"), count, wanted=len(list((source / "new").iterdir())))
    finally:
        taking.terminate()


def multiply(path: Path, times: int) -> None:
    """Every row `times` times; foreign keys point within a copy."""
    with sqlite3.connect(path) as store:
        for copy in range(1, times):
            for table in OF_A_LETTER:
                columns = ", ".join(_columns(store, table, copy))
                store.execute(f"INSERT INTO {table} SELECT {columns} FROM {table} WHERE id < 1000000")  # noqa: S608  # our own names
    store.close()


def _columns(store: sqlite3.Connection, table: str, copy: int) -> Iterator[str]:
    """Each column of a copy: ids moved by a million a copy, times by an hour, words that must differ marked."""
    for _, name, *_ in store.execute(f"PRAGMA table_info({table})"):
        if name in REFERS:
            yield f"{name} + {copy * 1_000_000}"
        elif name in APART:
            yield f"'{copy}.' || {name}"
        elif name.endswith("_ms"):
            yield f"{name} - {copy * HOUR_MS}"
        else:
            yield name


if __name__ == "__main__":
    main()
