"""The topics that people told, each with the letter it was told of: what the classifier may learn from."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from store.schema import corrections, letters, tickets

_LAST = (  # of several on one ticket the last one counts
    select(func.max(corrections.c.id)).where(~corrections.c.undone).group_by(corrections.c.ticket_id)
)
_LESSONS = (
    select(
        corrections.c.at_ms, corrections.c.who, corrections.c.topic, corrections.c.said, corrections.c.model,
        corrections.c.hidden, tickets.c.number, tickets.c.subject, tickets.c.address, letters.c.verdict,
    )
    .join(tickets, tickets.c.id == corrections.c.ticket_id)
    .join(letters, letters.c.id == tickets.c.letter_id)
    .where(corrections.c.id.in_(_LAST))
    .order_by(corrections.c.id)
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One letter whose topic a person has told."""

    number: str
    subject: str
    text: str  # the description the reader found; it is what the model was given
    address: str
    topic: str
    said: str
    model: str
    who: str
    at_ms: int
    hidden: bool


def lessons(conn: Connection) -> tuple[Lesson, ...]:
    """All that stand, oldest first; letters without a text of their own teach nothing."""
    found = (_lesson(row._asdict()) for row in conn.execute(_LESSONS))
    return tuple(one for one in found if one.text)


def _lesson(row: dict[str, Any]) -> Lesson:
    fields = (row.pop("verdict") or {}).get("fields") or {}
    return Lesson(text=fields.get("description") or "", **{**row, "address": row["address"] or ""})
