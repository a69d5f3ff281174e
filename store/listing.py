"""What one ticket's page reads beside the ticket: its letters, files, history, our own letters, its relations."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, func, or_, select

from store.columns import now_ms
from store.entered import OWN
from store.joining import ticket_by_number
from store.schema import files, fixed, history, letters, mailboxes, outbox, tickets

NEIGHBOURS = 8  # other tickets of the same address that are shown

_ON: BindParameter[int] = bindparam("ticket")
# A duplicate's letters and files are read where the work is done
# (a union and not an OR: PostgreSQL read all letters for the latter, 32 ms at 100,000)
_HERE = select(_ON).union_all(
    select(tickets.c.id).where(tickets.c.linked_to == _ON, tickets.c.closed_as == fixed("duplicate"))
)
_LETTERS = (
    select(
        letters.c.id, letters.c.arrived_ms, letters.c.message_id, letters.c.sender, letters.c.verdict, letters.c.size,
        letters.c.blob, letters.c.too_large, letters.c.state, letters.c.ticket_id,
    )
    .where(letters.c.ticket_id.in_(_HERE))
    .order_by(letters.c.id)
)  # fmt: skip
_LAST = (
    select(letters.c.id, letters.c.message_id, letters.c.verdict)
    .where(letters.c.ticket_id == _ON)
    .order_by(letters.c.id.desc())
    .limit(1)
)
_FIRST_VERDICT = (
    select(letters.c.verdict)
    .join(tickets, tickets.c.letter_id == letters.c.id)
    .where(tickets.c.id == _ON)
)  # fmt: skip
_FILES = select(files).where(files.c.ticket_id.in_(_HERE)).order_by(files.c.letter_id, files.c.position)
_ATTACHED = (
    select(files.c.ticket_id, func.count().label("files"))
    .where(files.c.ticket_id.in_(bindparam("tickets", expanding=True)))
    .group_by(files.c.ticket_id)
)
_HISTORY = select(history).where(history.c.ticket_id == _ON).order_by(history.c.id)
_OURS = (
    select(
        outbox.c.id, outbox.c.kind, outbox.c.automatic, outbox.c.state, outbox.c.created_ms, outbox.c.sent_ms,
        outbox.c.due, outbox.c.attempts, outbox.c.last_error,
    )
    .where(outbox.c.ticket_id == _ON)
    .order_by(outbox.c.id)
)  # fmt: skip
_OF_ADDRESS = (
    select(tickets.c.id, tickets.c.number, tickets.c.topic, tickets.c.state, tickets.c.opened_ms)
    .where(tickets.c.address == bindparam("of"), tickets.c.id != _ON)
    .order_by(tickets.c.opened_ms.desc())
    .limit(NEIGHBOURS)
)
_NOT_CLOSED = (
    select(tickets.c.id)
    .where(tickets.c.address == bindparam("of"), tickets.c.state != fixed("closed"))
    .order_by(tickets.c.opened_ms.desc())
    .limit(20)
)
_RELATED = (
    select(tickets.c.id, tickets.c.number, tickets.c.topic, tickets.c.state, tickets.c.opened_ms, tickets.c.closed_as)
    .where(or_(tickets.c.linked_to == _ON, tickets.c.id == bindparam("to")))
    .order_by(tickets.c.id)
    .limit(50)
)
_FETCHING = select(now_ms(), func.count(), func.max(mailboxes.c.last_poll_ms)).where(
    ~mailboxes.c.identity.startswith(OWN)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetching:
    """How it stands with the mail."""

    now_ms: int
    mailboxes: int  # that were ever opened
    polled_ms: int | None  # when one of them was last looked through without a fault


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLetter:
    """The citizen's letter that our next one answers."""

    id: int
    message_id: str | None
    verdict: dict[str, Any] | None


def letters_of(conn: Connection, ticket_id: int) -> list[Row[Any]]:
    """The citizen's letters on a ticket and on its duplicates, oldest first."""
    return list(conn.execute(_LETTERS, {"ticket": ticket_id}))


def last_letter(conn: Connection, ticket_id: int) -> LastLetter | None:
    """The newest letter of the citizen."""
    row = conn.execute(_LAST, {"ticket": ticket_id}).first()
    return None if row is None else LastLetter(id=row.id, message_id=row.message_id, verdict=row.verdict)


def first_verdict(conn: Connection, ticket_id: int) -> dict[str, Any] | None:
    """What was thought of the letter that opened the ticket; None when a person opened it."""
    verdict: dict[str, Any] | None = conn.execute(_FIRST_VERDICT, {"ticket": ticket_id}).scalar()
    return verdict


def history_of(conn: Connection, ticket_id: int) -> dict[str, Any]:
    """The files, the history and our own letters of a ticket, oldest first."""
    bound = {"ticket": ticket_id}
    return {
        "history": conn.execute(_HISTORY, bound).all(),
        "files": conn.execute(_FILES, bound).all(),
        "ours": conn.execute(_OURS, bound).all(),
    }


def neighbours(conn: Connection, ticket_id: int, address: str | None) -> list[Row[Any]]:
    """Other tickets of the same address, newest first."""
    return list(conn.execute(_OF_ADDRESS, {"of": address, "ticket": ticket_id})) if address else []


def not_closed(conn: Connection, address: str) -> tuple[int, ...]:
    """Tickets of that address that are not closed, the newest 20."""
    return tuple(conn.execute(_NOT_CLOSED, {"of": address}).scalars())


def related(conn: Connection, ticket_id: int, linked_to: int | None) -> list[Row[Any]]:
    """Tickets that are linked to this one, and the one it is linked to."""
    return list(conn.execute(_RELATED, {"ticket": ticket_id, "to": linked_to or 0}))


def letter(conn: Connection, letter_id: int) -> Row[Any] | None:
    """One letter's row."""
    return conn.execute(select(letters).where(letters.c.id == letter_id)).first()


def fetching(conn: Connection) -> Fetching:
    """Whether mail comes in; of several mailboxes the one looked through last."""
    row = conn.execute(_FETCHING).one()
    return Fetching(now_ms=row[0], mailboxes=row[1], polled_ms=row[2])


__all__ = [
    "Fetching", "LastLetter", "fetching", "first_verdict", "history_of", "last_letter", "letter", "letters_of",
    "neighbours", "not_closed", "related", "ticket_by_number",
]  # fmt: skip


def attached(conn: Connection, ticket_ids: list[int]) -> dict[int, int]:
    """How many files each of these tickets has; those without are left out."""
    return {row.ticket_id: row.files for row in conn.execute(_ATTACHED, {"tickets": ticket_ids})}
