"""Reading back: blobs that no row refers to, and whether everything promised is there (`priemnaya verify`)."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Select, bindparam, exists, or_, select

from service.errors import Permanent
from store.blobs import Blobs
from store.database import Store
from store.schema import fixed, history, letters, tickets

AT_ONCE = 500
SWEPT_AFTER = timedelta(days=1)  # far longer than any step between writing bytes and committing their row


class Flaw(StrEnum):
    """What can be wrong with what is kept."""

    NO_END = "no-end"  # a letter is settled without a ticket, or set aside without a reason
    NO_HISTORY = "no-history"  # a ticket has no line in its history
    BYTES_GONE = "bytes-gone"  # a letter's blob is not there
    BYTES_CHANGED = "bytes-changed"  # it is another than was written


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One flaw: of the letter, or (no-history) of the ticket, of that id."""

    flaw: Flaw
    id: int


_USED = select(letters.c.blob).where(letters.c.blob.in_(bindparam("names", expanding=True)))
_state = letters.c.state
_NO_END = select(letters.c.id).where(
    letters.c.id > bindparam("after"),
    or_(
        (_state == fixed("settled")) & letters.c.ticket_id.is_(None),
        (_state == fixed("duplicate")) & letters.c.same_as.is_(None),
        _state.in_([fixed("automatic"), fixed("parked")]) & letters.c.reason.is_(None),
    ),
)
_NO_HISTORY = select(tickets.c.id).where(
    tickets.c.id > bindparam("after"), ~exists().where(history.c.ticket_id == tickets.c.id)
)
_WITH_BYTES = select(letters.c.id, letters.c.blob, letters.c.sha256).where(
    letters.c.id > bindparam("after"), letters.c.blob.is_not(None)
)


def without_row(conn: Connection, names: Sequence[str]) -> tuple[str, ...]:
    """Which of these blobs (at most AT_ONCE) no letter refers to."""
    used = set(conn.execute(_USED, {"names": list(names)}).scalars())
    return tuple(name for name in names if name not in used)


def sweep(store: Store, blobs: Blobs, *, age: timedelta = SWEPT_AFTER) -> int:
    """Delete blobs older than `age` that no row refers to (a crash left them); how many."""
    swept = 0
    names = blobs.older_than(age)
    while batch := list(islice(names, AT_ONCE)):
        with store.reading() as conn:
            orphans = without_row(conn, batch)
        blobs.delete_all(orphans)
        swept += len(orphans)
    return swept


def flaws(store: Store, blobs: Blobs) -> Iterator[Found]:
    """Everything that should be there and is not: every letter's end and bytes, every ticket's history.

    Reads every blob. A letter that is received and not yet settled is no flaw.
    """
    for flaw, query in ((Flaw.NO_END, _NO_END), (Flaw.NO_HISTORY, _NO_HISTORY)):
        for row in _all(store, query, letters if flaw is Flaw.NO_END else tickets):
            yield Found(flaw=flaw, id=row.id)
    for row in _all(store, _WITH_BYTES, letters):
        try:
            right = hashlib.sha256(blobs.read(row.blob)).hexdigest() == row.sha256
        except Permanent:
            yield Found(flaw=Flaw.BYTES_GONE, id=row.id)
            continue
        if not right:
            yield Found(flaw=Flaw.BYTES_CHANGED, id=row.id)


def _all(store: Store, query: Select[Any], table: Any) -> Iterator[Any]:
    """All rows in the order of their ids, a page a transaction, so that no long one holds the store's log back."""
    page = query.order_by(table.c.id).limit(AT_ONCE)
    after = 0
    while True:
        with store.reading() as conn:
            rows = conn.execute(page, {"after": after}).all()
        yield from rows
        if len(rows) < AT_ONCE:
            return
        after = rows[-1].id
