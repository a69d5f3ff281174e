"""What became of each letter, newest last: for whoever watches the daemon at work."""

from dataclasses import dataclass
from dataclasses import fields as fields_of
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from store.records import LetterState, ReplyState
from store.schema import fixed, letters, outbox, tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """One letter that is settled or set aside."""

    id: int
    state: LetterState
    sender: str | None
    reason: str | None
    verdict: dict[str, Any] | None
    number: str | None  # its ticket's
    topic: str | None  # the ticket's
    missing: list[str] | None  # the ticket's, after merging
    reply: str | None  # kind of the automatic reply
    reply_state: ReplyState | None


_ENDED = (
    select(
        letters.c.id,
        letters.c.state,
        letters.c.sender,
        letters.c.reason,
        letters.c.verdict,
        tickets.c.number,
        tickets.c.topic,
        tickets.c.missing,
        outbox.c.kind.label("reply"),
        outbox.c.state.label("reply_state"),
    )
    .select_from(
        letters.outerjoin(tickets, tickets.c.id == letters.c.ticket_id).outerjoin(
            outbox, (outbox.c.letter_id == letters.c.id) & outbox.c.automatic
        )
    )
    .where(letters.c.id > bindparam("after"), letters.c.state != LetterState.RECEIVED)
    .order_by(letters.c.id)
    .limit(200)
)
_WAITING = select(func.count()).select_from(letters).where(letters.c.state == fixed("received"))
_QUEUED = select(func.count()).select_from(outbox).where(outbox.c.state == fixed("queued"))


def ended_after(conn: Connection, letter_id: int) -> tuple[Ended, ...]:
    """Letters after that id that have found their end, in the order of their ids, at most 200."""
    names = [field.name for field in fields_of(Ended)]
    return tuple(
        Ended(**{name: row._mapping[name] for name in names}) for row in conn.execute(_ENDED, {"after": letter_id})
    )


def waiting_counts(conn: Connection) -> tuple[int, int]:
    """How many letters are not settled yet, and how many replies are queued."""
    return conn.execute(_WAITING).scalar_one(), conn.execute(_QUEUED).scalar_one()
