"""Reading back: blobs that no row refers to, and whether everything promised is there (`priemnaya verify`)."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Select, bindparam, exists, func, or_, select, text

from service.errors import ConfigError, Permanent
from store.blobs import Blobs
from store.database import Store
from store.schema import fixed, history, letters, outbox, tickets

AT_ONCE = 500
SWEPT_AFTER = timedelta(days=1)  # far longer than any step between writing bytes and committing their row


class Flaw(StrEnum):
    """What can be wrong with what is kept."""

    NO_END = "no-end"  # a letter is settled without a ticket, or set aside without a reason
    NO_HISTORY = "no-history"  # a ticket has no line in its history
    PARTED = "parted"  # a ticket's letter does not know of it
    TWO_ANSWERS = "two-answers"  # two automatic letters of different kinds answer one letter
    NO_BYTES = "no-bytes"  # a letter names no blob, and nobody erased it
    BYTES_GONE = "bytes-gone"  # a letter's blob is not there
    BYTES_CHANGED = "bytes-changed"  # it is another than was written
    DAMAGED = "damaged"  # the database's own check finds something; `id` counts its findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One flaw: of the letter of that id, or of the ticket (no-history, parted)."""

    flaw: Flaw
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much a store holds."""

    letters: int
    tickets: int
    replies: int
    unsettled: int  # letters that have not found their end yet


_COUNTED = (letters, tickets, outbox)
_USED = select(letters.c.blob).where(letters.c.blob.in_(bindparam("names", expanding=True)))
_state = letters.c.state
_NO_END = select(letters.c.id).where(
    letters.c.id > bindparam("after"),
    or_(
        (_state == fixed("settled")) & letters.c.ticket_id.is_(None),
        (_state == fixed("duplicate")) & letters.c.same_as.is_(None),
        (_state == fixed("parked")) & letters.c.reason.is_(None),
        # one that was set aside and erased is a robot's without a reason (erasing.py)
        (_state == fixed("automatic")) & letters.c.reason.is_(None) & letters.c.blob.is_not(None),
    ),
)
_NO_HISTORY = select(tickets.c.id).where(
    tickets.c.id > bindparam("after"), ~exists().where(history.c.ticket_id == tickets.c.id)
)
_PARTED = (
    select(tickets.c.id)
    .join(letters, letters.c.id == tickets.c.letter_id)
    .where(tickets.c.id > bindparam("after"), letters.c.ticket_id.is_distinct_from(tickets.c.id))
)
_TWO_ANSWERS = (
    select(outbox.c.letter_id.label("id"))
    .where(
        outbox.c.letter_id > bindparam("after"),
        outbox.c.automatic,
        outbox.c.kind.in_(bindparam("answers", expanding=True)),
    )
    .group_by(outbox.c.letter_id)
    .having(func.count() > 1)
)
# What was erased lost its words with its bytes (erasing.py); what the server never handed over has no hash either.
_NO_BYTES = select(letters.c.id).where(
    letters.c.id > bindparam("after"),
    letters.c.blob.is_(None),
    letters.c.sha256.is_not(None),
    or_(letters.c.sender.is_not(None), letters.c.message_id.is_not(None), letters.c.content_key.is_not(None)),
)
_WITH_BYTES = select(letters.c.id, letters.c.blob, letters.c.sha256).where(
    letters.c.id > bindparam("after"), letters.c.blob.is_not(None)
)
_ANY_BYTES = select(letters.c.id).where(letters.c.blob.is_not(None)).limit(1)
_UNSETTLED = select(func.count()).select_from(letters).where(_state == fixed("received"))


def without_row(conn: Connection, names: Sequence[str]) -> tuple[str, ...]:
    """Which of these blobs (at most AT_ONCE) no letter refers to."""
    used = set(conn.execute(_USED, {"names": list(names)}).scalars())
    return tuple(name for name in names if name not in used)


def bytes_expected(store: Store) -> bool:
    """Whether any letter refers to bytes; a store without tables has no letters."""
    try:
        with store.reading() as conn:
            return conn.execute(_ANY_BYTES).first() is not None
    except ConfigError:
        return False


def blob_names(conn: Connection, *, after: int) -> tuple[tuple[int, str], ...]:
    """The next AT_ONCE letters' ids and blobs after that id."""
    page = _WITH_BYTES.order_by(letters.c.id).limit(AT_ONCE)
    return tuple((row.id, row.blob) for row in conn.execute(page, {"after": after}))


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


def flaws(store: Store, blobs: Blobs, *, answers: Iterable[str] = ()) -> Iterator[Found]:
    """Everything that should be there and is not: every letter's end and bytes, every ticket's history.

    `answers`: the kinds of letters of which only one may answer a letter. Reads every blob. A letter that is received
    and not yet settled is no flaw.
    """
    for number, _finding in enumerate(damages(store), 1):
        yield Found(flaw=Flaw.DAMAGED, id=number)
    for flaw, query, key in (
        (Flaw.NO_END, _NO_END, letters.c.id),
        (Flaw.NO_HISTORY, _NO_HISTORY, tickets.c.id),
        (Flaw.PARTED, _PARTED, tickets.c.id),
        (Flaw.TWO_ANSWERS, _TWO_ANSWERS, outbox.c.letter_id),
        (Flaw.NO_BYTES, _NO_BYTES, letters.c.id),
    ):
        for row in _all(store, query, key, answers=list(answers)):
            yield Found(flaw=flaw, id=row.id)
    for row in _all(store, _WITH_BYTES, letters.c.id):
        if (wrong := _bytes_wrong(blobs, row.blob, row.sha256)) is not None:
            yield Found(flaw=wrong, id=row.id)


def damages(store: Store) -> tuple[str, ...]:
    """What SQLite's own check finds: broken pages, indexes that disagree, rows parted from what they refer to.

    PostgreSQL has no such question to ask over a connection; its checksums speak at each read.
    """
    if store.dialect != "sqlite":
        return ()
    with store.reading() as conn:
        said = [str(word) for word in conn.execute(text("PRAGMA integrity_check")).scalars()]
        parted = conn.execute(text("PRAGMA foreign_key_check")).all()
    return (*(word for word in said if word != "ok"), *(f"{row[0]} refers to a lost {row[2]}" for row in parted))


def extent(conn: Connection) -> Extent:
    """How much there is."""
    counted = [conn.execute(select(func.count()).select_from(table)).scalar_one() for table in _COUNTED]
    return Extent(
        letters=counted[0], tickets=counted[1], replies=counted[2], unsettled=conn.execute(_UNSETTLED).scalar_one()
    )


def _bytes_wrong(blobs: Blobs, name: str, sha256: str) -> Flaw | None:
    try:
        right = hashlib.sha256(blobs.read(name)).hexdigest() == sha256
    except Permanent:
        return Flaw.BYTES_GONE
    return None if right else Flaw.BYTES_CHANGED


def _all(store: Store, query: Select[Any], key: Any, **bound: object) -> Iterator[Any]:
    """All rows in the order of their keys, a page a transaction, so that no long one holds the store's log back."""
    page = query.order_by(key).limit(AT_ONCE)
    wanted = {name: value for name, value in bound.items() if name in query.compile().params}
    after = 0
    while True:
        with store.reading() as conn:
            rows = conn.execute(page, {"after": after, **wanted}).all()
        yield from rows
        if len(rows) < AT_ONCE:
            return
        after = rows[-1].id
