"""What the staff's page reads: the tabs of the queue, one page of a tab, one ticket whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy.sql import ColumnElement

from store.joining import ticket_by_number
from store.schema import files, fixed, history, letters, mailboxes, tickets

_LIVE = tickets.c.state.in_([fixed("new"), fixed("open")])
_OF_TICKETS: dict[str, ColumnElement[bool]] = {
    "doubtful": tickets.c.needs_review & (tickets.c.state != fixed("closed")),
    "new": _LIVE,
    "waiting": tickets.c.state == fixed("waiting"),
    "done": tickets.c.state.in_([fixed("answered"), fixed("closed")]),
}
_OF_LETTERS: dict[str, ColumnElement[bool]] = {
    "unanswered": letters.c.reason.is_not(None)
    & letters.c.state.in_([fixed("automatic"), fixed("settled"), fixed("duplicate")]),
    "parked": letters.c.state == fixed("parked"),
}
TABS = ("new", "doubtful", "waiting", "done", "unanswered", "parked")
GIST = 140  # characters of the description shown in a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the queue."""

    id: int  # of the ticket, or of the letter in the tabs of letters
    number: str | None
    at_ms: int
    sender: str | None
    fio: str | None
    gist: str | None
    topic: str | None
    confidence: float | None
    needs_review: bool
    missing: tuple[str, ...]
    state: str
    reason: str | None


def counts(conn: Connection) -> dict[str, int]:
    """How many rows each tab has, in the order of TABS."""
    found = {
        tab: select(func.count()).select_from(tickets if tab in _OF_TICKETS else letters).where(_where(tab))
        for tab in TABS
    }
    return {tab: conn.execute(query).scalar_one() for tab, query in found.items()}


def queue_page(conn: Connection, tab: str, *, before: int | None, limit: int) -> tuple[Line, ...]:
    """The newest rows of a tab, those under the id `before` when it is given."""
    table, make = (tickets, _of_ticket) if tab in _OF_TICKETS else (letters, _of_letter)
    query: Select[Any] = select(table).where(_where(tab)).order_by(table.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(table.c.id < before)
    line: Callable[[Mapping[Any, Any]], Line] = make
    return tuple(line(row) for row in conn.execute(query).mappings())


def history_of(conn: Connection, ticket_id: int) -> dict[str, Any]:
    """The files and the history of a ticket, oldest first."""
    bound = {"ticket": ticket_id}
    lines = select(history).where(history.c.ticket_id == bindparam("ticket")).order_by(history.c.id)
    attached = select(files).where(files.c.ticket_id == bindparam("ticket")).order_by(files.c.id)
    return {"history": conn.execute(lines, bound).all(), "files": conn.execute(attached, bound).all()}


def newest_poll_ms(conn: Connection) -> int | None:
    """When a mailbox was last looked through without a fault."""
    polled: int | None = conn.execute(select(func.max(mailboxes.c.last_poll_ms))).scalar()
    return polled


def _where(tab: str) -> ColumnElement[bool]:
    return _OF_TICKETS[tab] if tab in _OF_TICKETS else _OF_LETTERS[tab]


def _of_ticket(row: Mapping[Any, Any]) -> Line:
    fields = row["fields"]
    return Line(
        id=row["id"],
        number=row["number"],
        at_ms=row["opened_ms"],
        sender=row["address"],
        fio=fields.get("fio"),
        gist=(fields.get("description") or row["subject"])[:GIST],
        topic=row["topic"],
        confidence=row["confidence"],
        needs_review=row["needs_review"],
        missing=tuple(row["missing"]),
        state=row["state"],
        reason=None,
    )


def _of_letter(row: Mapping[Any, Any]) -> Line:
    verdict = row["verdict"] or {}
    return Line(
        id=row["id"],
        number=None,
        at_ms=row["arrived_ms"],
        sender=row["sender"],
        fio=None,
        gist=((verdict.get("fields") or {}).get("description") or "")[:GIST],
        topic=None,
        confidence=None,
        needs_review=False,
        missing=(),
        state=str(row["state"]),
        reason=row["reason"],
    )


__all__ = ["TABS", "Line", "counts", "history_of", "newest_poll_ms", "queue_page", "ticket_by_number"]
