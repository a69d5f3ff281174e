"""How the desk stands, in numbers: what waits, since when, what is set aside, who polls which mailbox."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from store.columns import now_ms
from store.entered import OWN
from store.forwarded import ForwardNow, forwards_now
from store.schema import audit, fixed, letters, mailboxes, outbox, tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxNow:
    """One mailbox as the store knows it."""

    identity: str
    held: bool  # a daemon has its lease
    polled_ms_ago: int | None  # since the last poll that succeeded
    last_error: str | None
    older: int | None  # letters left untouched, from before `since_ms`
    since_ms: int  # as it was set at the first start


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """One moment of the store."""

    now_ms: int
    waiting: int  # letters not settled yet
    waiting_ms: int | None  # how long the one received first waits
    parked: int
    tickets: dict[str, int]  # by state
    doubtful: int  # tickets whose topic a person has to confirm
    overdue: int  # tickets whose first answer is late
    queued: int  # replies that are to be sent
    queued_ms: int | None  # how long the oldest is in the queue
    put_off: int  # queued replies that were tried and not taken
    held: int
    failed: int  # within the last week
    sent_today: int  # within the last 24 hours
    mailboxes: tuple[MailboxNow, ...]
    forwards: tuple[ForwardNow, ...] = ()
    backup_ms_ago: int | None = None  # since the last `priemnaya backup`


STALE_POLLS = 3  # a mailbox that was not looked through for so many polls is not being fetched
DAY_MS = 86_400_000
GIVEN_UP_MS = 7 * DAY_MS  # a server that got another name leaves its old mailbox behind
_received = letters.c.state == fixed("received")
_queued = outbox.c.state == fixed("queued")
_live = tickets.c.state.in_([fixed("new"), fixed("open")])
_WAITING = select(now_ms(), func.count(), func.min(letters.c.received_ms)).where(_received)
_PARKED = select(func.count()).select_from(letters).where(letters.c.state == fixed("parked"))
_TICKETS = select(tickets.c.state, func.count()).group_by(tickets.c.state)
_DOUBTFUL = select(func.count()).where(tickets.c.needs_review, tickets.c.state != fixed("closed"))
_OVERDUE = select(func.count()).where(_live, tickets.c.first_due_ms < now_ms(), tickets.c.answered_ms.is_(None))
_QUEUED = select(
    func.count(), func.min(outbox.c.created_ms), func.count().filter(outbox.c.last_error.is_not(None))
).where(_queued)
_HELD = select(func.count()).select_from(outbox).where(outbox.c.state == fixed("held"))
_FAILED = select(func.count()).where(outbox.c.state == fixed("failed"), outbox.c.created_ms > now_ms() - 7 * DAY_MS)
_SENT = select(func.count()).where(outbox.c.sent_ms > now_ms() - DAY_MS)
_BACKED_UP = select(now_ms() - func.max(audit.c.at_ms)).where(audit.c.what == fixed("backed-up"))
_MAILBOXES = (
    select(
        mailboxes.c.identity,
        mailboxes.c.due > now_ms(),
        now_ms() - mailboxes.c.last_poll_ms,
        mailboxes.c.last_error,
        mailboxes.c.older,
        mailboxes.c.since_ms,
    )
    .where(~mailboxes.c.identity.startswith(OWN))
    .order_by(mailboxes.c.id)
)


_OPEN = (
    select(tickets.c.topic, tickets.c.state, func.count())
    .where(tickets.c.state.in_([fixed(one) for one in ("new", "waiting", "open", "answered")]))
    .group_by(tickets.c.topic, tickets.c.state)
)


def open_by_topic(conn: Connection) -> dict[tuple[str, ...], float]:
    """How many tickets are not closed, by topic and state."""
    return {(row[0], row[1]): row[2] for row in conn.execute(_OPEN)}


def overview(conn: Connection) -> Overview:
    """All of it, at one moment."""
    moment, waiting, first_ms = conn.execute(_WAITING).one()
    queued, queued_since, put_off = conn.execute(_QUEUED).one()
    return Overview(
        now_ms=moment,
        waiting=waiting,
        waiting_ms=None if first_ms is None else moment - first_ms,
        parked=conn.execute(_PARKED).scalar_one(),
        tickets={row[0]: row[1] for row in conn.execute(_TICKETS)},
        doubtful=conn.execute(_DOUBTFUL).scalar_one(),
        overdue=conn.execute(_OVERDUE).scalar_one(),
        queued=queued,
        queued_ms=None if queued_since is None else moment - queued_since,
        put_off=put_off,
        held=conn.execute(_HELD).scalar_one(),
        failed=conn.execute(_FAILED).scalar_one(),
        sent_today=conn.execute(_SENT).scalar_one(),
        mailboxes=_in_use(conn),
        forwards=forwards_now(conn),
        backup_ms_ago=conn.execute(_BACKED_UP).scalar(),
    )


def _in_use(conn: Connection) -> tuple[MailboxNow, ...]:
    """Without those that nobody holds and nobody looked through for a week, unless there are no others: whoever moves
    to another server is alarmed about the old one for so long and no longer.
    """
    found = [
        MailboxNow(
            identity=row[0], held=bool(row[1]), polled_ms_ago=row[2], last_error=row[3], older=row[4], since_ms=row[5]
        )
        for row in conn.execute(_MAILBOXES)
    ]
    used = [one for one in found if one.held or (one.polled_ms_ago is not None and one.polled_ms_ago < GIVEN_UP_MS)]
    return tuple(used or found)
