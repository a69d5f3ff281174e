"""Letters as ops see them: those set aside, and any one of them found by what a person has at hand."""

from dataclasses import dataclass
from dataclasses import fields as fields_of
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from store.records import LetterState
from store.schema import fixed, letters, tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLine:
    """One letter, without its words."""

    id: int
    state: LetterState
    reason: str | None
    size: int
    blob: str | None  # null: its bytes are not here, it lies on the server
    sha256: str | None
    uid: int | None
    where_on_server: str | None
    arrived_ms: int
    received_ms: int
    settled_ms: int | None
    attempts: int
    deaths: int
    ticket_id: int | None
    number: str | None  # its ticket's
    verdict: dict[str, Any] | None


_LINES = select(
    *(letters.c[field.name] for field in fields_of(LetterLine) if field.name != "number"), tickets.c.number
).select_from(letters.outerjoin(tickets, tickets.c.id == letters.c.ticket_id))
_PARKED = _LINES.where(letters.c.state == fixed("parked")).order_by(letters.c.id)
_SAID = or_(tickets.c.number == bindparam("said"), letters.c.message_id == bindparam("said"))
_NAMED = _LINES.where(_SAID).order_by(letters.c.id)
_BY_ID = _LINES.where(letters.c.id == bindparam("letter"))


def parked_letters(conn: Connection) -> tuple[LetterLine, ...]:
    """Those set aside, oldest first."""
    return tuple(map(_line, conn.execute(_PARKED).mappings()))


def letter_by_id(conn: Connection, letter_id: int) -> LetterLine | None:
    """That letter."""
    row = conn.execute(_BY_ID, {"letter": letter_id}).mappings().first()
    return None if row is None else _line(row)


def letters_named(conn: Connection, said: str) -> tuple[LetterLine, ...]:
    """The letters of a ticket's number, or of a Message-ID (without brackets), oldest first."""
    return tuple(map(_line, conn.execute(_NAMED, {"said": said}).mappings()))


def _line(row: Any) -> LetterLine:
    return LetterLine(**{field.name: row[field.name] for field in fields_of(LetterLine)})
