"""What a store must do after it was put back from a backup, before the daemon starts on it (rulings 13).

Between the backup and the loss the desk went on: it gave out numbers, sent replies, took letters. None of that is known
here any more, so: no number is given a second time, nothing that may have been sent is sent again, and what is worked
again is answered by nobody.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from store.columns import now_ms
from store.database import now
from store.forwarded import be_careful
from store.outbox import RESTORED
from store.records import ReplyState
from store.schema import counters, fixed, letters, mailboxes, outbox, sessions, tickets

LEAST_JUMP = 1_000
TIMES_THE_PACE = 3  # the jump is so many times what the last week's pace would have given out meanwhile
WEEK_MS = 7 * 86_400_000
_OVERDUE = (
    select(tickets.c.id)
    .where(tickets.c.state == fixed("waiting"), tickets.c.waiting_until_ms <= now_ms())
    .order_by(tickets.c.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jumped:
    """What was done."""

    sequence: int  # the next ticket's number of this year comes after it
    held: int  # replies
    silent: int  # letters
    overdue: tuple[int, ...]  # tickets whose citizen may have been written to for the last time


def after_restore(conn: Connection, *, taken_ms: int, year: int, at_least: int = 0) -> Jumped:
    """(1) The sequence jumps past every number that can have been issued since the backup, and past `at_least`;
    (2) queued replies are held for a person; (3) letters not settled in the backup open their tickets without a reply;
    (4) reminders that are due may have gone out and do not again; (5) nor may the letter that closes after silence:
    those whose time to answer is over are named, and must be a person's before this transaction ends; (6) holders and
    sessions of the lost machine end; (7) help desks elsewhere are asked first what they know already.
    """
    sequence = _jump(conn, taken_ms=taken_ms, year=year, at_least=at_least)
    holding = (
        update(outbox).where(outbox.c.state == ReplyState.QUEUED).values(state=ReplyState.HELD, last_error=RESTORED)
    )
    held = len(conn.execute(holding.returning(outbox.c.id)).all())
    silencing = update(letters).where(letters.c.state == "received").values(silent=True, due=now_ms())
    silent = len(conn.execute(silencing.returning(letters.c.id)).all())
    conn.execute(update(tickets).where(tickets.c.remind_ms <= now_ms()).values(remind_ms=None))
    overdue = tuple(conn.execute(_OVERDUE).scalars())
    conn.execute(update(mailboxes).values(holder=None, due=0))
    conn.execute(sessions.delete())
    be_careful(conn)
    return Jumped(sequence=sequence, held=held, silent=silent, overdue=overdue)


def _jump(conn: Connection, *, taken_ms: int, year: int, at_least: int) -> int:
    lately = select(func.count()).select_from(tickets).where(tickets.c.opened_ms > taken_ms - WEEK_MS)
    pace = conn.execute(lately).scalar_one() / WEEK_MS
    jump = max(LEAST_JUMP, int(TIMES_THE_PACE * pace * max(0, now(conn) - taken_ms)))
    last = conn.execute(select(counters.c.last).where(counters.c.year == year)).scalar()
    sequence: int = max((last or 0) + jump, at_least)
    if last is None:
        conn.execute(counters.insert().values(year=year, last=sequence))
    else:
        conn.execute(update(counters).where(counters.c.year == year).values(last=sequence))
    return sequence
