"""Erasing: what is over its time, or what the person concerned asks for, loses its words; a row without them stays, for
the numbers. Which columns are whose words is said here, in one place.

Bytes go first, then the rows' words, so that a crash between leaves a row to be erased again and never bytes that
nobody looks for. What both leave in the database's own files goes by store/freeing.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, delete, exists, func, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from store.blobs import Blobs
from store.columns import now_ms
from store.database import Store
from store.entered import OWN
from store.schema import (
    audit,
    bounces,
    decisions,
    erasures,
    fields_history,
    files,
    fixed,
    history,
    letters,
    mailboxes,
    outbox,
    tickets,
)
from store.schema_ways import api_requests, submissions
from store.search import forget

AT_ONCE = 200
GONE = "—"  # stands where the subject stood, and tells that the ticket's words are erased


class Erased(StrEnum):
    """The classes of what is kept, each with a time of its own."""

    LETTER = "letter"  # the bytes as they came, with all files; what reading found in them
    TICKET = "ticket"  # fields, subject, address, the words of its history
    REPLY = "reply"  # our letters
    ACCESS = "access"  # who looked at what
    FORM = "form"  # what was told in the public form and waits for its address to be confirmed


class Reason(StrEnum):
    """Why."""

    RETENTION = "retention"  # its time is over
    REQUEST = "request"  # the person concerned asks for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing to be erased."""

    kind: Erased
    id: int
    number: str | None  # of its ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Under what the erasing is written down."""

    id: str
    who: str
    reason: Reason


_before: Any = bindparam("before")
_closed = and_(tickets.c.state == fixed("closed"), func.coalesce(tickets.c.closed_ms, tickets.c.updated_ms) < _before)
_of_closed = or_(_closed, tickets.c.id.is_(None))
_DUE: dict[Erased, Any] = {
    Erased.LETTER: select(letters.c.id, tickets.c.number)
    .select_from(letters.outerjoin(tickets, tickets.c.id == letters.c.ticket_id))
    .where(
        letters.c.state.in_([fixed("settled"), fixed("automatic"), fixed("duplicate")]),
        letters.c.settled_ms < _before,
        _of_closed,
        or_(letters.c.blob.is_not(None), letters.c.verdict.is_not(None)),
    ),
    Erased.TICKET: select(tickets.c.id, tickets.c.number).where(_closed, tickets.c.subject != GONE),
    Erased.REPLY: select(outbox.c.id, tickets.c.number)
    .select_from(outbox.outerjoin(tickets, tickets.c.id == outbox.c.ticket_id))
    .where(
        outbox.c.state.in_([fixed("sent"), fixed("failed"), fixed("dropped")]),
        outbox.c.created_ms < _before,
        _of_closed,
        outbox.c.recipient != "",
    ),
    Erased.FORM: select(submissions.c.id, null().label("number")).where(submissions.c.made_ms < _before),
}
_IDS: Any = bindparam("ids", expanding=True)
_ACCESS = select(func.count()).where(audit.c.at_ms < _before)
_BLOBS = select(letters.c.blob).where(letters.c.id.in_(_IDS), letters.c.blob.is_not(None))
# What came by form, by API or from staff lies on no mail server: no intake would ever delete it there
_by_mail = letters.c.mailbox_id.not_in(select(mailboxes.c.id).where(mailboxes.c.identity.startswith(OWN)))
_WORDLESS_LETTERS = (
    update(letters)
    .where(letters.c.id.in_(_IDS))
    .values(
        blob=None, verdict=None, sender=None, message_id=None, content_key=None,
        erase_asked_ms=case((_by_mail, now_ms())),
        # set aside, it would go on waiting for a person, who has nothing to look at any more, here or in «Без ответа»
        state=case((letters.c.state == fixed("parked"), fixed("automatic")), else_=letters.c.state),
        reason=case((letters.c.state == fixed("parked"), null()), else_=letters.c.reason),
        settled_ms=func.coalesce(letters.c.settled_ms, now_ms()),
    )
)  # fmt: skip
_ON_SERVER = select(func.count()).where(letters.c.erase_asked_ms.is_not(None), _by_mail)
_WORDLESS_TICKETS = (
    update(tickets)
    .where(tickets.c.id.in_(_IDS))
    .values(fields={}, subject=GONE, address=None, version=tickets.c.version + 1, searched=tickets.c.version + 1)
)
_WORDLESS_REPLIES = update(outbox).where(outbox.c.id.in_(_IDS)).values(recipient="", envelope_from="", raw=b"")
_ADDRESSES = {
    Erased.TICKET: select(tickets.c.address).where(tickets.c.id.in_(_IDS), tickets.c.address.is_not(None)),
    Erased.REPLY: select(outbox.c.recipient).where(outbox.c.id.in_(_IDS), outbox.c.recipient != ""),
}  # not of FORM: an address that takes no letters stays barred, whoever ends the form first (triage/tidying.py)
_FORGET_BOUNCE = delete(bounces).where(
    bounces.c.address == bindparam("whom"), ~exists().where(tickets.c.address == bounces.c.address)
)
_WRITE_DOWN = insert(erasures).values(at_ms=now_ms())


def due(conn: Connection, kind: Erased, *, before_ms: int) -> tuple[Due, ...]:
    """What of that class is over its time: of closed tickets only, and of letters and forms that have none."""
    table = {Erased.LETTER: letters, Erased.TICKET: tickets, Erased.REPLY: outbox, Erased.FORM: submissions}[kind]
    found = conn.execute(_DUE[kind].order_by(table.c.id), {"before": before_ms})
    return tuple(Due(kind=kind, id=row.id, number=row.number) for row in found)


def erase(store: Store, blobs: Blobs, what: Iterable[Due], act: Act) -> int:
    """Erases and writes down, AT_ONCE rows a transaction; how many. Doing it again after a crash goes on."""
    done, rest = 0, iter(what)
    while part := list(islice(rest, AT_ONCE)):
        of = {kind: [one.id for one in part if one.kind is kind] for kind in Erased}
        if of[Erased.LETTER]:
            with store.reading() as conn:
                names = list(conn.execute(_BLOBS, {"ids": of[Erased.LETTER]}).scalars())
            blobs.delete_all(names)
        with store.writing() as conn:
            addresses = _addresses(conn, of)
            _letters(conn, of[Erased.LETTER])
            _tickets(conn, of[Erased.TICKET])
            if of[Erased.REPLY]:
                conn.execute(_WORDLESS_REPLIES, {"ids": of[Erased.REPLY]})
            if of[Erased.FORM]:
                conn.execute(delete(submissions).where(submissions.c.id.in_(_IDS)), {"ids": of[Erased.FORM]})
            if addresses:
                conn.execute(_FORGET_BOUNCE, [{"whom": one} for one in addresses])
            conn.execute(_WRITE_DOWN, [_line(one, act) for one in part])
        done += len(part)
    return done


def erase_access(store: Store, act: Act, *, before_ms: int) -> int:
    """Lines of the access log older than that; how many."""
    with store.writing() as conn:
        count: int = conn.execute(_ACCESS, {"before": before_ms}).scalar_one()
        conn.execute(delete(audit).where(audit.c.at_ms < _before), {"before": before_ms})
        if count:
            conn.execute(_WRITE_DOWN, [_line(Due(kind=Erased.ACCESS, id=count, number=None), act)])
    return count


def access_due(conn: Connection, *, before_ms: int) -> int:
    """How many lines of the access log are older than that."""
    count: int = conn.execute(_ACCESS, {"before": before_ms}).scalar_one()
    return count


def acts(conn: Connection, act: str) -> tuple[Any, ...]:
    """The lines of an act, in their order."""
    return tuple(conn.execute(select(erasures).where(erasures.c.act == act).order_by(erasures.c.id)))


def on_server(conn: Connection) -> int:
    """How many copies on the mail server intake has still to delete."""
    count: int = conn.execute(_ON_SERVER).scalar_one()
    return count


def _addresses(conn: Connection, of: Mapping[Erased, Sequence[int]]) -> list[str]:
    """Whose words go: that a letter to one of them came back goes too, once no ticket names that address."""
    found: set[str] = set()
    for kind, query in _ADDRESSES.items():
        if of[kind]:
            found.update(conn.execute(query, {"ids": of[kind]}).scalars())
    return sorted(found)


def _letters(conn: Connection, ids: Sequence[int]) -> None:
    if ids:
        conn.execute(_WORDLESS_LETTERS, {"ids": ids})
        conn.execute(update(files).where(files.c.letter_id.in_(_IDS)).values(name=None), {"ids": ids})
        # its hash tells whether somebody wrote just that, and the program's own key may name anybody
        conn.execute(delete(api_requests).where(api_requests.c.letter_id.in_(_IDS)), {"ids": ids})


def _tickets(conn: Connection, ids: Sequence[int]) -> None:
    if not ids:
        return
    bound = {"ids": ids}
    conn.execute(_WORDLESS_TICKETS, bound)
    conn.execute(delete(fields_history).where(fields_history.c.ticket_id.in_(_IDS)), bound)
    conn.execute(update(history).where(history.c.ticket_id.in_(_IDS)).values(data={}), bound)
    conn.execute(update(decisions).where(decisions.c.ticket_id.in_(_IDS)).values(before={}), bound)
    for ticket_id in ids:
        forget(conn, ticket_id)


def _line(one: Due, act: Act) -> dict[str, object]:
    return {
        "act": act.id,
        "who": act.who,
        "reason": act.reason,
        "kind": one.kind,
        "number": one.number,
        "row_id": one.id,
    }
