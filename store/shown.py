"""One letter as the page shows it: where its bytes are, what was thought of its files, to which ticket it belongs."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from store.schema import letters, tickets

_first, _firsts = letters.alias("first"), tickets.alias("firsts")
_LETTER = (
    select(
        letters.c.id,
        letters.c.blob,
        letters.c.too_large,
        letters.c.arrived_ms,
        letters.c.sender,
        letters.c.verdict,
        letters.c.ticket_id,
        letters.c.state,
        letters.c.reason,
        tickets.c.number,
        tickets.c.subject,
        letters.c.same_as,
        _firsts.c.number.label("same_number"),
    )
    .outerjoin_from(letters, tickets, tickets.c.id == letters.c.ticket_id)
    .outerjoin(_first, _first.c.id == letters.c.same_as)
    .outerjoin(_firsts, _firsts.c.id == _first.c.ticket_id)
    .where(letters.c.id == bindparam("letter"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLetter:
    """A letter, whatever became of it."""

    id: int
    blob: str | None  # None: it came without bytes
    too_large: bool
    arrived_ms: int
    sender: str | None
    files: tuple[dict[str, Any], ...]  # the verdict's attachments, in MIME order
    ticket_id: int | None
    state: str
    reason: str | None  # why it has no answer, or is set aside
    number: str | None
    subject: str | None
    same_as: int | None  # the letter it repeats
    same_number: str | None  # and that one's ticket


def letter(conn: Connection, letter_id: int) -> ShownLetter | None:
    """The letter of that id."""
    row = conn.execute(_LETTER, {"letter": letter_id}).first()
    if row is None:
        return None
    values = row._asdict()
    verdict = values.pop("verdict") or {}
    return ShownLetter(files=tuple(verdict.get("attachments") or ()), **values)
