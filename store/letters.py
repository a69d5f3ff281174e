"""Letters at the desk: claimed, settled, or set aside when they break the code.

Which letter is next. The first in the line (arrivals.py) that is due, or the last when the line is long (line.py), of
a sender none of whose earlier letters is still unsettled: two letters of one sender are worked one after the other, in
order of arrival (rulings 15).

When a letter is parked (rulings 4). A claim ends with a report (settled, released, died) or it lapses. The second
death parks the letter; so do five claims of which nothing was heard. A claim whose worker lives and was only kept from
the store is heard of late, and not held against the letter.
"""

from collections.abc import Iterable
from itertools import islice

from sqlalchemy import (
    CTE,
    Connection,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.sql import ColumnElement

from store.columns import now_ms
from store.faults import LostClaim
from store.records import ClaimedLetter, LetterState, SettledLetter
from store.schema import fixed, letters, outbox, tickets

DEATHS_MOST = 2
LAPSES_MOST = 5
LAPSED = "claim-lapsed"  # the reason of a letter that was parked after five silent claims
IDS_AT_ONCE = 500  # in one list: PostgreSQL takes 65,535 parameters a statement, and a flood held may be more letters
LOOKED_AT = 100  # how far down the line one claim looks past senders who are being served

_RECEIVED = fixed("received")

# Both subqueries are scalar, so that a planner has no join to choose: with PostgreSQL's statistics of yesterday and a
# flood of 10,000 letters that arrived a minute ago, NOT EXISTS and a join took from 0.7 to 30 s a claim.
_line = letters.alias("line")
_in_line = _line.select().where(
    # `attempts >= 0` names the line's index, see schema.py
    _line.c.state == _RECEIVED,
    _line.c.attempts >= literal_column("0"),
    _line.c.due <= now_ms(),
)
_ahead = letters.alias("ahead")
_first_of_its_sender = (
    select(_ahead.c.id)
    .where(_ahead.c.state == _RECEIVED, _ahead.c.sender == _line.c.sender)
    .order_by(_ahead.c.turn, _ahead.c.id)
    .limit(1)
    .scalar_subquery()
)


def _next(*, newest: bool) -> CTE:
    """The next letters from that end of the line. The newest is one that is here: a flood's later letters are not."""
    order = (_line.c.turn.desc(), _line.c.id.desc()) if newest else (_line.c.turn, _line.c.id)
    in_line = _in_line.where(_line.c.turn <= now_ms()) if newest else _in_line
    near = in_line.with_only_columns(_line.c.turn).order_by(*order).limit(LOOKED_AT).subquery("near")
    end = select(func.min(near.c.turn) if newest else func.max(near.c.turn)).scalar_subquery()
    return (
        in_line.with_only_columns(_line.c.id)
        .where(
            _line.c.turn >= end if newest else _line.c.turn <= end,
            or_(_line.c.sender.is_(None), _line.c.id == _first_of_its_sender),
        )
        .order_by(*order)
        .limit(bindparam("most"))
        .with_for_update(of=_line, skip_locked=True)
        .cte("next")
    )


# No row is claimed that was claimed LAPSES_MOST times in silence: the same statement parks it instead
_gone_silent = letters.c.lapses >= LAPSES_MOST
_claim = (
    update(letters)
    .values(
        due=now_ms() + bindparam("lease_ms"),
        attempts=letters.c.attempts + 1,
        lapses=letters.c.lapses + 1,
        state=case((_gone_silent, fixed("parked")), else_=letters.c.state),
        reason=case((_gone_silent, fixed(LAPSED)), else_=letters.c.reason),
    )
    .returning(
        letters.c.id,
        letters.c.state,
        letters.c.attempts,
        letters.c.deaths,
        letters.c.mailbox_id,
        letters.c.blob,
        letters.c.sha256,
        letters.c.size,
        letters.c.too_large,
        letters.c.arrived_ms,
        letters.c.received_ms,
        letters.c.turn,
        letters.c.due,
        letters.c.sender,
        letters.c.silent,
        letters.c.person,
    )
)
_CLAIM = _claim.where(letters.c.id.in_(select(_next(newest=False).c.id)))
_CLAIM_NEWEST = _claim.where(letters.c.id.in_(select(_next(newest=True).c.id)))

_MINE = and_(letters.c.id == bindparam("letter"), letters.c.attempts == bindparam("mine"), letters.c.state == _RECEIVED)
_SETTLE = (
    update(letters)
    .where(_MINE)
    .values(
        state=bindparam("to"),
        message_id=bindparam("said_id"),
        sender=bindparam("from_whom"),
        verdict=bindparam("thought"),
        content_key=bindparam("key"),
        reason=bindparam("why"),
        ticket_id=bindparam("ticket"),
        same_as=bindparam("same"),
        settled_ms=now_ms(),
    )
    .returning(letters.c.id)
)
_heard_of: dict[str, ColumnElement[int]] = {"lapses": letters.c.lapses - 1}
_RELEASE = update(letters).where(_MINE).values(due=now_ms() + bindparam("in_ms"), **_heard_of).returning(letters.c.id)
_HEARD_LATE = (
    update(letters)
    .where(letters.c.id == bindparam("letter"), letters.c.state == _RECEIVED, letters.c.lapses > 0)
    .values(**_heard_of)
)
_DIED = (
    update(letters)
    .where(_MINE)
    .values(
        due=now_ms(),
        deaths=letters.c.deaths + 1,
        state=case((letters.c.deaths + 1 >= DEATHS_MOST, fixed("parked")), else_=letters.c.state),
        reason=bindparam("why"),
        **_heard_of,
    )
    .returning(letters.c.state)
)
_PARK = update(letters).where(_MINE).values(state=LetterState.PARKED, reason=bindparam("why")).returning(letters.c.id)
_LOOK_AGAIN = (
    delete(letters)
    .where(letters.c.id == bindparam("letter"), letters.c.state == fixed("parked"), letters.c.blob.is_(None))
    .returning(letters.c.id)
)
_UNPARK = (
    update(letters)
    .where(letters.c.id == bindparam("letter"), letters.c.state == fixed("parked"))
    .values(state=LetterState.RECEIVED, due=now_ms(), deaths=0, lapses=0, reason=None)
    .returning(letters.c.id)
)
_PERSON_WROTE = (
    update(letters)
    .where(
        letters.c.id == bindparam("letter"),
        letters.c.state == fixed("automatic"),
        letters.c.ticket_id.is_(None),
        letters.c.blob.is_not(None),
        letters.c.sender.is_not(None),
    )
    .values(state=LetterState.RECEIVED, due=now_ms(), attempts=0, deaths=0, lapses=0, reason=None, person=True)
    .returning(letters.c.id)
)
_answered_or_closed_since = exists().where(
    tickets.c.id == outbox.c.ticket_id,
    or_(
        tickets.c.answered_ms > outbox.c.created_ms,
        and_(tickets.c.closed_as.is_not(None), tickets.c.closed_ms > outbox.c.created_ms),
    ),
)
_theirs = select(outbox.c.letter_id).where(
    outbox.c.id.in_(bindparam("ids", expanding=True)), ~_answered_or_closed_since.correlate(outbox)
)
_LEAVE_UNANSWERED = (
    update(letters)
    .where(letters.c.id.in_(_theirs), letters.c.reason.is_(None))
    .values(reason=bindparam("why"))
)
_ANSWERED_AFTER_ALL = (
    update(letters)
    .where(letters.c.id.in_(bindparam("ids", expanding=True)), letters.c.reason == bindparam("why"))
    .values(reason=None)
)
_PULL_IN = (
    update(letters)
    .where(letters.c.state == _RECEIVED, letters.c.due > now_ms() + bindparam("longest_ms"))
    .values(due=now_ms())
)


def claim_letters(conn: Connection, *, lease_ms: int, most: int, newest: bool = False) -> tuple[ClaimedLetter, ...]:
    """Up to `most` letters (one a free worker), each of another sender, from the front of the line or from its end.

    Letters that were claimed five times in silence are parked on the way, with the reason LAPSED.
    """
    while True:
        rows = conn.execute(_CLAIM_NEWEST if newest else _CLAIM, {"lease_ms": lease_ms, "most": most}).all()
        taken = [row._asdict() for row in rows]
        mine = [row for row in taken if row.pop("state") is LetterState.RECEIVED]
        if mine or not (taken or newest):
            return tuple(sorted((ClaimedLetter(**row) for row in mine), key=lambda letter: letter.arrived_ms))
        newest = newest and bool(taken)  # nobody at that end can be next


def settle(conn: Connection, claim: ClaimedLetter, ended: SettledLetter) -> None:
    """The first act of recording an outcome, in its transaction (or savepoint). LostClaim: the claim is no longer
    ours and everything recorded since the savepoint must be rolled back.
    """
    values = {
        "letter": claim.id,
        "mine": claim.attempts,
        "to": ended.state,
        "said_id": ended.message_id,
        "from_whom": ended.sender,
        "thought": ended.verdict,
        "key": ended.content_key,
        "why": ended.reason,
        "ticket": ended.ticket_id,
        "same": ended.same_as,
    }
    if conn.execute(_SETTLE, values).first() is None:
        raise LostClaim


def release_letter(conn: Connection, claim: ClaimedLetter, *, in_ms: int) -> None:
    """Put it back unharmed: not the letter's fault (a stop, a fault that passes). LostClaim when not ours."""
    if conn.execute(_RELEASE, {"letter": claim.id, "mine": claim.attempts, "in_ms": in_ms}).first() is None:
        raise LostClaim


def heard_late(conn: Connection, letter_id: int) -> None:
    """Its claim ran out while the store was away or we stood still, not because the letter killed us: no lapse."""
    conn.execute(_HEARD_LATE, {"letter": letter_id})


def died(conn: Connection, claim: ClaimedLetter, *, reason: str) -> bool:
    """The letter's own worker died or overran; True when that parked it. LostClaim when not ours."""
    row = conn.execute(_DIED, {"letter": claim.id, "mine": claim.attempts, "why": reason}).first()
    if row is None:
        raise LostClaim
    return row.state is LetterState.PARKED


def park(conn: Connection, claim: ClaimedLetter, *, reason: str) -> None:
    """Set it aside at once; staff see it with the reason. LostClaim when not ours."""
    if conn.execute(_PARK, {"letter": claim.id, "mine": claim.attempts, "why": reason}).first() is None:
        raise LostClaim


def unpark(conn: Connection, letter_id: int) -> bool:
    """Work a parked letter again; False when there is no such parked letter.

    One without bytes loses its row, so that intake looks at its UID anew.
    """
    return any(conn.execute(again, {"letter": letter_id}).first() is not None for again in (_LOOK_AGAIN, _UNPARK))


def person_wrote(conn: Connection, letter_id: int) -> bool:
    """Work a robot's letter again as a person's, for staff say it is one; False when it is no such letter."""
    return conn.execute(_PERSON_WROTE, {"letter": letter_id}).first() is not None


def leave_unanswered(conn: Connection, reply_ids: Iterable[int], *, why: str) -> None:
    """These replies were given up, or came back: staff see the letters that they answer under «Без ответа», with the
    reason, unless a person has answered or closed the ticket since.
    """
    _give_reason(conn, _LEAVE_UNANSWERED, reply_ids, why=why)


def answered_after_all(conn: Connection, letter_ids: Iterable[int | None], *, why: str) -> None:
    """Their replies, given up for that reason, are on their way again."""
    _give_reason(conn, _ANSWERED_AFTER_ALL, letter_ids, why=why)


def _give_reason(conn: Connection, changing: Update, letter_ids: Iterable[int | None], *, why: str) -> None:
    ids = (one for one in letter_ids if one is not None)
    while part := list(islice(ids, IDS_AT_ONCE)):
        conn.execute(changing, {"ids": part, "why": why})


def pull_in_letters(conn: Connection, *, longest_ms: int) -> None:
    """After a clock that jumped: what is due later than the longest lease or back-off is due now (rulings 10)."""
    conn.execute(_PULL_IN, {"longest_ms": longest_ms})
