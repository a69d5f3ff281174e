"""Letters of ours: queued with the decision that made them, claimed one by one, sent, tried again, held, dropped.

A claim is taken for longer than the whole SMTP conversation may last. A sender that thaws after its lease finds that
its mark changes nothing; what it sent may be sent once more, under the same Message-ID.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import fields as fields_of

from sqlalchemy import Connection, and_, bindparam, case, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from store.columns import now_ms
from store.letters import leave_unanswered
from store.overtaken import overtaken
from store.records import ClaimedReply, OutgoingMail, ReplyState
from store.schema import fixed, letters, outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class LastReply:
    """The newest letter of ours of some kind."""

    id: int
    message_id: str
    kind: str
    state: ReplyState
    letter_id: int | None  # the letter it answers
    sent_ms: int | None


LOOKED_AT = 20  # how far from the newest one claim looks past persons whose earlier reply still waits
LONGEST_TRY_MS = 48 * 3_600_000  # then a reply is given up (outbox/post.py)
BREAKER = "breaker"  # why a letter is held: too many were written within a minute
RESTORED = "queued before a restore: it may have been sent after the backup"  # waits for a person (rulings 13)
BY_HAND = "held by hand"  # waits for whoever held it
OVERTAKEN = "overtaken"  # why a letter is dropped: its ticket does not stand any more as the letter says
UNDELIVERED = "undelivered"  # why a letter has no answer: its reply was refused, tried for too long, or came back
_QUEUED = outbox.c.state == fixed("queued")
# A reply is due since its letter arrived: so the post's line is in the letters' order, and the reply to who wrote last
# is the newest in it, although the desk, which works from both ends too, queues others after it all the time
_arrived_ms = select(letters.c.arrived_ms).where(letters.c.id == bindparam("answers")).scalar_subquery()
_QUEUE = (
    insert(outbox)
    .values(
        due=case(
            (and_(bindparam("delay_ms") == 0, _arrived_ms < now_ms()), _arrived_ms),
            else_=now_ms() + bindparam("delay_ms"),
        ),
        created_ms=now_ms(),
    )
    .on_conflict_do_nothing(index_elements=[outbox.c.letter_id, outbox.c.kind], index_where=outbox.c.automatic)
    .returning(outbox.c.id)
)
_due = select(outbox.c.id).where(_QUEUED, outbox.c.due <= now_ms())
_next = _due.order_by(outbox.c.due, outbox.c.id).limit(1).with_for_update(skip_locked=True).scalar_subquery()
_newest_first = (outbox.c.due.desc(), outbox.c.id.desc())
_near = _due.order_by(*_newest_first).limit(LOOKED_AT)
# Scalar, so that no planner has a join to choose (letters.py); the bound: much may have been sent to one address
_before = outbox.alias("before")
_first_of_its_recipient = (
    select(_before.c.id)
    .where(
        _before.c.recipient == outbox.c.recipient,
        _before.c.created_ms > outbox.c.created_ms - LONGEST_TRY_MS,
        _before.c.state == fixed("queued"),
    )
    .order_by(_before.c.created_ms, _before.c.id)
    .limit(1)
    .scalar_subquery()
)
_next_newest = (
    _due.where(outbox.c.id.in_(_near), outbox.c.id == _first_of_its_recipient)
    .order_by(*_newest_first)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_claim = (
    update(outbox)
    .values(due=now_ms() + bindparam("lease_ms"), attempts=outbox.c.attempts + 1)
    .returning(*(outbox.c[field.name] for field in fields_of(ClaimedReply) if field.name in outbox.c))
    .returning(overtaken.label("overtaken"))
)
_CLAIM = _claim.where(outbox.c.id == _next)
_CLAIM_NEWEST = _claim.where(outbox.c.id == _next_newest)
_MINE = and_(outbox.c.id == bindparam("reply"), outbox.c.attempts == bindparam("mine"), _QUEUED)
_marked = update(outbox).where(_MINE).returning(outbox.c.id)
_SENT = _marked.values(state=ReplyState.SENT, sent_ms=now_ms(), last_error=None)
_RETRY = _marked.values(due=now_ms() + bindparam("in_ms"), last_error=bindparam("error"))
_FAILED = _marked.values(state=ReplyState.FAILED, last_error=bindparam("error"))
_DROP = _marked.values(state=ReplyState.DROPPED, last_error=OVERTAKEN)
_LAST_OF = (
    select(*(outbox.c[field.name] for field in fields_of(LastReply)))
    .where(outbox.c.ticket_id == bindparam("ticket"), outbox.c.kind.in_(bindparam("kinds", expanding=True)))
    .order_by(outbox.c.id.desc())
    .limit(1)
)
_HOLD_ALL = (
    update(outbox)
    .where(_QUEUED, outbox.c.automatic, outbox.c.due <= now_ms())
    .values(state=ReplyState.HELD, last_error=bindparam("error"))
    .returning(outbox.c.ticket_id, outbox.c.kind)
)
_DROP_HELD = (
    update(outbox)
    .where(
        outbox.c.id.in_(
            select(outbox.c.id)
            .where(
                outbox.c.state == fixed("held"),
                outbox.c.created_ms <= now_ms() - bindparam("age_ms"),
                or_(outbox.c.last_error.is_(None), outbox.c.last_error.not_in([RESTORED, BY_HAND])),
            )
            .order_by(outbox.c.id)
            .limit(bindparam("most"))
        ),
        outbox.c.state == fixed("held"),
    )
    .values(state=ReplyState.DROPPED)
    .returning(outbox.c.id, outbox.c.ticket_id)
)
_UNDO = (
    delete(outbox)
    .where(
        outbox.c.id == bindparam("reply"),
        outbox.c.attempts == 0,
        outbox.c.state.in_([fixed("queued"), fixed("held")]),
    )
    .returning(outbox.c.id)
)
_PULL_IN = update(outbox).where(_QUEUED, outbox.c.due > now_ms() + bindparam("longest_ms")).values(due=now_ms())


def queue_reply(conn: Connection, mail: OutgoingMail) -> int | None:
    """Put a letter of ours into the outbox, in the transaction of the decision; its id.

    None: that letter already has its automatic reply of this kind, and keeps it (the database refuses a second).
    """
    row = {
        "letter_id": mail.letter_id,
        "ticket_id": mail.ticket_id,
        "kind": mail.kind,
        "automatic": mail.automatic,
        "counted": mail.counted,
        "recipient": mail.recipient,
        "envelope_from": mail.envelope_from,
        "message_id": mail.message_id,
        "raw": mail.raw,
        "state": ReplyState.HELD if mail.held else ReplyState.QUEUED,
        "last_error": BREAKER if mail.held else None,
        "delay_ms": mail.delay_ms,
        "answers": mail.letter_id,
    }
    made: int | None = conn.execute(_QUEUE, row).scalar()
    return made


def claim_reply(conn: Connection, *, lease_ms: int, newest: bool = False) -> ClaimedReply | None:
    """The reply that is due longest, or the newest, ours until the lease ends; None when none is due. Commit before
    sending it.
    """
    ends = (_CLAIM_NEWEST, _CLAIM) if newest else (_CLAIM,)
    found = (conn.execute(end, {"lease_ms": lease_ms}).first() for end in ends)
    return next((ClaimedReply(**row._asdict()) for row in found if row is not None), None)


def sent(conn: Connection, claim: ClaimedReply) -> bool:
    """The server took it. False: the claim had run out, another may send it again."""
    return conn.execute(_SENT, {"reply": claim.id, "mine": claim.attempts}).first() is not None


def retry_in(conn: Connection, claim: ClaimedReply, *, in_ms: int, error: str) -> bool:
    """Try again later; `error` is for staff, without personal data. False when the claim had run out."""
    values = {"reply": claim.id, "mine": claim.attempts, "in_ms": in_ms, "error": error}
    return conn.execute(_RETRY, values).first() is not None


def failed(conn: Connection, claim: ClaimedReply, *, error: str) -> bool:
    """Given up for good: the letter it answers stands under «Без ответа». False when the claim had run out."""
    given_up = conn.execute(_FAILED, {"reply": claim.id, "mine": claim.attempts, "error": error}).first()
    if given_up is not None:
        leave_unanswered(conn, (claim.id,), why=UNDELIVERED)
    return given_up is not None


def drop_overtaken(conn: Connection, claim: ClaimedReply) -> bool:
    """What it says is no longer so: nobody is to have it. False when the claim had run out."""
    return conn.execute(_DROP, {"reply": claim.id, "mine": claim.attempts}).first() is not None


def last_of(conn: Connection, ticket_id: int, kinds: Iterable[str]) -> LastReply | None:
    """The newest letter of ours of these kinds about that ticket; None: none was written."""
    row = conn.execute(_LAST_OF, {"ticket": ticket_id, "kinds": sorted(kinds)}).first()
    return None if row is None else LastReply(**row._asdict())


def hold_all_due(conn: Connection, *, error: str) -> tuple[tuple[int | None, str], ...]:
    """Put every automatic reply aside that is due and unclaimed (the breaker is out); ticket and kind of each."""
    return tuple((row.ticket_id, row.kind) for row in conn.execute(_HOLD_ALL, {"error": error}))


def drop_held(conn: Connection, *, older_than_ms: int, most: int) -> tuple[tuple[int, int | None], ...]:
    """Give up what the breaker held longer than that; the id and the ticket of each, for the note in its history."""
    dropped = conn.execute(_DROP_HELD, {"age_ms": older_than_ms, "most": most}).all()
    leave_unanswered(conn, (row.id for row in dropped), why=BREAKER)
    return tuple((row.id, row.ticket_id) for row in dropped)


def undo_reply(conn: Connection, reply_id: int) -> bool:
    """Take back a letter nobody has begun to send; False: it is on its way or gone, leave the decision as it is."""
    return conn.execute(_UNDO, {"reply": reply_id}).first() is not None


def pull_in_replies(conn: Connection, *, longest_ms: int) -> None:
    """After a clock that jumped: what is due later than the longest lease or back-off is due now (rulings 10)."""
    conn.execute(_PULL_IN, {"longest_ms": longest_ms})
