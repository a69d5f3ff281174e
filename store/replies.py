"""Letters of ours as ops see them: listed, looked at, tried again, held, released, dropped. Only whole steps: a reply
that a sender has in its hands is left alone, so that nothing done here makes it go out twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields as fields_of

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update
from sqlalchemy.sql import ColumnElement

from store.columns import now_ms
from store.letters import answered_after_all, leave_unanswered
from store.outbox import BREAKER, BY_HAND, UNDELIVERED
from store.records import ReplyState
from store.schema import fixed, letters, outbox, tickets

LONGEST_LEASE_MS = 180_000  # outbox.post.REPLY_LEASE_MS: a claimed reply is due within it
DROPPED = "dropped"  # why a letter has no answer: a person gave the reply up
LISTED = (ReplyState.QUEUED, ReplyState.HELD, ReplyState.FAILED)  # what a person may have to act on


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyLine:
    """One reply, without its text."""

    id: int
    state: ReplyState
    kind: str
    automatic: bool
    number: str | None  # its ticket's
    ticket_id: int | None
    letter_id: int | None
    attempts: int
    age_ms: int
    due_in_ms: int
    last_error: str | None
    recipient: str


_unclaimed: ColumnElement[bool] = or_(
    outbox.c.attempts == 0, outbox.c.due <= now_ms(), outbox.c.due > now_ms() + LONGEST_LEASE_MS
)
_LINES = select(
    outbox.c.id,
    outbox.c.state,
    outbox.c.kind,
    outbox.c.automatic,
    tickets.c.number,
    outbox.c.ticket_id,
    outbox.c.letter_id,
    outbox.c.attempts,
    (now_ms() - outbox.c.created_ms).label("age_ms"),
    (outbox.c.due - now_ms()).label("due_in_ms"),
    outbox.c.last_error,
    outbox.c.recipient,
).select_from(outbox.outerjoin(tickets, tickets.c.id == outbox.c.ticket_id))
_RAW = select(outbox.c.raw).where(outbox.c.id == bindparam("reply"))
_BY_IDS = outbox.c.id.in_(bindparam("ids", expanding=True))
_of = {
    ReplyState.QUEUED: and_(outbox.c.state == "queued", _unclaimed),
    ReplyState.HELD: outbox.c.state == "held",
    ReplyState.FAILED: outbox.c.state == "failed",
}
_ANSWERED_BY_STAFF = (
    update(letters)
    .where(
        letters.c.ticket_id == bindparam("ticket"),
        letters.c.state == fixed("settled"),
        letters.c.reason.in_([UNDELIVERED, BREAKER, DROPPED]),
    )
    .values(reason=None)
)


__all__ = ["BY_HAND", "LISTED", "ReplyLine", "answered_by_staff", "change_replies", "replies", "reply_bytes"]


def replies(
    conn: Connection, *, states: Sequence[ReplyState] = LISTED, limit: int = 1000, reply_id: int | None = None
) -> tuple[ReplyLine, ...]:
    """The replies in these states, oldest first; with `reply_id` that one, whatever its state."""
    query = _LINES.order_by(outbox.c.id).limit(limit)
    query = query.where(outbox.c.state.in_(states) if reply_id is None else outbox.c.id == reply_id)
    names = [field.name for field in fields_of(ReplyLine)]
    return tuple(ReplyLine(**{name: row[name] for name in names}) for row in conn.execute(query).mappings())


def reply_bytes(conn: Connection, reply_id: int) -> bytes | None:
    """The whole letter."""
    raw: bytes | None = conn.execute(_RAW, {"reply": reply_id}).scalar()
    return None if raw is None else bytes(raw)


def change_replies(
    conn: Connection, *, of: Sequence[ReplyState], to: ReplyState, ids: Sequence[int] | None, why: str | None = None
) -> tuple[tuple[int, int | None], ...]:
    """Those of these ids (None: all) that are in one of the states and in nobody's hands get the state `to`, due now;
    their ids and tickets.
    """
    # one that is queued, failed or released is due at once; its claims stay counted, since they are tokens
    changing = update(outbox).where(or_(*(_of[state] for state in of)))
    changing = changing.values(state=to, due=now_ms(), last_error=func.coalesce(bindparam("why"), outbox.c.last_error))
    bound: dict[str, object] = {"why": why}
    if ids is not None:
        changing, bound["ids"] = changing.where(_BY_IDS), list(ids)
    changing = changing.returning(outbox.c.id, outbox.c.ticket_id, outbox.c.letter_id)
    changed = conn.execute(changing, bound).all()
    if to is ReplyState.DROPPED:
        leave_unanswered(conn, (row.id for row in changed), why=DROPPED)
    if to is ReplyState.QUEUED:
        answered_after_all(conn, (row.letter_id for row in changed), why=UNDELIVERED)
    return tuple((row.id, row.ticket_id) for row in changed)


def answered_by_staff(conn: Connection, ticket_id: int) -> None:
    """A person has answered or closed it: its letters whose replies were lost leave «Без ответа»."""
    conn.execute(_ANSWERED_BY_STAFF, {"ticket": ticket_id})
