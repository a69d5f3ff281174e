"""What the clock does to tickets by itself. Each query takes what is due and marks it taken in one statement, so that
two daemons never remind or close twice; the letter it calls for is queued in the same transaction.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, Select, and_, bindparam, exists, func, literal_column, select, update
from sqlalchemy.sql import ColumnElement

from store.columns import now_ms
from store.records import Ticket
from store.schema import fixed, letters, mailboxes, outbox, tickets
from store.tickets import one_ticket, ticket_columns

DAY_MS = 86_400_000
_WAITS = tickets.c.state == fixed("waiting")
_IN_LINE = and_(letters.c.state == fixed("received"), letters.c.attempts >= literal_column("0"))  # as its index says


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The letters that one of ours follows, so that mail programs show them together."""

    answers: str | None  # Message-ID of the citizen's newest letter, without brackets
    references: tuple[str, ...]  # of ours before it, newest first


def _due(condition: ColumnElement[bool], order: ColumnElement[int]) -> Select[tuple[int]]:
    return (
        select(tickets.c.id).where(condition).order_by(order).limit(bindparam("most")).with_for_update(skip_locked=True)
    )


def _taken(due: Select[tuple[int]], **values: object) -> object:
    taken = update(tickets).where(tickets.c.id.in_(due.cte("next").select()))
    return taken.values(**values, updated_ms=now_ms(), version=tickets.c.version + 1).returning(*ticket_columns())


_WROTE_BUT_PARKED = exists().where(
    letters.c.state == fixed("parked"),
    letters.c.sender == func.lower(tickets.c.address),
    letters.c.arrived_ms > func.coalesce(tickets.c.waiting_since_ms, tickets.c.opened_ms),
)


def _passed(deadline: ColumnElement[int]) -> ColumnElement[bool]:
    """Passed, with all read that came by then: who answered while the mail server was away, or whose answer waits in
    the line or is set aside, is not silent. Only the polls of mailboxes count; a desk without one hears citizens at
    once. Whose a parked letter is that the server does not hand over is not known: it holds up nobody.
    """
    heard = select(func.max(mailboxes.c.last_poll_ms)).scalar_subquery()
    unread = select(func.min(letters.c.arrived_ms)).where(_IN_LINE).scalar_subquery()
    return and_(
        deadline <= now_ms(),
        deadline <= func.coalesce(heard, now_ms()),
        deadline < func.coalesce(unread, now_ms() + 1),
        ~_WROTE_BUT_PARKED,
    )


_REMIND = _taken(_due(and_(_WAITS, _passed(tickets.c.remind_ms)), tickets.c.remind_ms), remind_ms=None)
_OVER = _taken(
    _due(and_(_WAITS, _passed(tickets.c.waiting_until_ms)), tickets.c.waiting_until_ms), waiting_until_ms=None
)
_CLOSE_ANSWERED = _taken(
    _due(
        and_(tickets.c.state == fixed("answered"), tickets.c.answered_ms <= now_ms() - bindparam("age_ms")),
        tickets.c.answered_ms,
    ),
    state=fixed("closed"),
    closed_ms=now_ms(),
)
_ESCALATE = _taken(
    _due(
        and_(
            tickets.c.raised > 0,
            tickets.c.escalated_ms.is_(None),
            tickets.c.answered_ms.is_(None),
            tickets.c.state != fixed("closed"),
            tickets.c.opened_ms <= now_ms() - bindparam("age_ms"),
            func.coalesce(tickets.c.first_due_ms, 0) <= now_ms(),  # later than age_ms when it was opened again
        ),
        tickets.c.opened_ms,
    ),
    escalated_ms=now_ms(),
    needs_review=True,
)
_TIMED_LETTERS_TO = select(func.count()).where(
    outbox.c.recipient == bindparam("whom"),
    outbox.c.created_ms >= now_ms() - DAY_MS,
    outbox.c.kind.in_(bindparam("kinds", expanding=True)),
    outbox.c.state != fixed("dropped"),
)
_THEIR_LAST = (
    select(letters.c.message_id)
    .where(letters.c.ticket_id == bindparam("ticket"), letters.c.message_id.is_not(None))
    .order_by(letters.c.id.desc())
    .limit(1)
)
_OURS = (
    select(outbox.c.message_id)
    .where(outbox.c.ticket_id == bindparam("ticket"), outbox.c.state == fixed("sent"))
    .order_by(outbox.c.id.desc())
    .limit(3)
)


def take_reminders(conn: Connection, *, most: int) -> tuple[Ticket, ...]:
    """Tickets whose citizen is to be reminded now; each is given once."""
    return _tickets(conn, _REMIND, {"most": most})


def take_silent(conn: Connection, *, most: int) -> tuple[Ticket, ...]:
    """Tickets for whose citizen we waited long enough; each is given once."""
    return _tickets(conn, _OVER, {"most": most})


def take_escalations(conn: Connection, *, age_ms: int, most: int) -> tuple[Ticket, ...]:
    """Tickets of which a citizen wrote again, without an answer since `age_ms` and past the day it was due by:
    escalated, for a person to see.
    """
    return _tickets(conn, _ESCALATE, {"age_ms": age_ms, "most": most})


def close_answered(conn: Connection, *, age_ms: int, most: int) -> tuple[Ticket, ...]:
    """Tickets answered that long ago, without a word from the citizen since: closed."""
    return _tickets(conn, _CLOSE_ANSWERED, {"age_ms": age_ms, "most": most})


def timed_letters_to(conn: Connection, address: str, kinds: tuple[str, ...]) -> int:
    """How many letters of these kinds went to the address within the last day."""
    count: int = conn.execute(_TIMED_LETTERS_TO, {"whom": address, "kinds": list(kinds)}).scalar_one()
    return count


def thread_of(conn: Connection, ticket_id: int) -> Thread:
    """What a letter about that ticket follows, when it answers no letter."""
    ours = conn.execute(_OURS, {"ticket": ticket_id}).scalars()
    return Thread(answers=conn.execute(_THEIR_LAST, {"ticket": ticket_id}).scalar(), references=tuple(ours))


def _tickets(conn: Connection, statement: object, values: dict[str, int]) -> tuple[Ticket, ...]:
    rows = conn.execute(statement, values).all()  # type: ignore[call-overload]  # built above, an update that returns
    return tuple(found for row in rows if (found := one_ticket(row)) is not None)
