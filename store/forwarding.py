"""Forwarding's own queries: who tells a target, what it is told next, and what became of it.

The history is read by its ids, which nobody gives back. On SQLite a line that is visible has none before it still to
come: there is one writer. On PostgreSQL a transaction may take an id and commit after a later one, so a line is only
read once every transaction that was at work when it was first seen has ended (`Horizon`); a cursor that ran ahead
would leave the late line out for good. A column with the transaction's id would tell the same, but in the order of
transactions, which is not that of one ticket's events. The price: a long write anywhere in the same cluster delays
forwarding until it ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields as fields_of
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from store.columns import now_ms
from store.faults import LostClaim
from store.records import Ticket
from store.schema import history, tickets
from store.schema_forward import forward_aside, forward_tickets, forwards


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardHold:
    """A target that is ours to tell until the lease ends."""

    id: int
    attempts: int  # the token of this hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What a ticket is called in a help desk elsewhere."""

    their_id: str
    their_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of the history, and the ticket as it is now."""

    id: int
    at_ms: int
    who: str
    what: str
    data: dict[str, Any]
    ticket: Ticket
    aside: bool  # it was set aside, and a person asks for another try


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a target is."""

    last: int
    wait_ms: int  # until the next try; 0 or less: now
    careful_until: int


class Horizon:
    """Up to which line the history is whole. Asked before each reading, in a transaction that writes nothing."""

    def __init__(self) -> None:
        self._whole = 0
        self._seen: tuple[int, int] | None = None  # the newest line then, the first transaction that had not begun

    def whole(self, conn: Connection) -> int:
        """What was the newest line at some moment is whole once all that was at work then has ended. A transaction has
        its number (xid) before it takes a line's id: every one of ours has written something else first.
        """
        newest: int = conn.execute(_NEWEST).scalar_one()
        if conn.dialect.name != "postgresql":
            return newest
        oldest_at_work, not_begun = conn.execute(_AT_WORK).one()
        if oldest_at_work >= not_begun:
            self._whole, self._seen = newest, None
        elif self._seen is None:
            self._seen = (newest, not_begun)
        elif oldest_at_work >= self._seen[1]:
            self._whole, self._seen = self._seen[0], (newest, not_begun)
        return self._whole


_NEWEST = select(func.coalesce(func.max(history.c.id), 0))
_AT_WORK = text(
    "SELECT pg_snapshot_xmin(now)::text::bigint, pg_snapshot_xmax(now)::text::bigint FROM pg_current_snapshot() AS now"
)
_MEET = insert(forwards).values(name=bindparam("called"), last=bindparam("from_here")).on_conflict_do_nothing()
_HOLD = (
    update(forwards)
    .where(
        forwards.c.name == bindparam("called"),
        or_(forwards.c.due <= now_ms(), forwards.c.holder == bindparam("me")),
    )
    .values(holder=bindparam("me"), due=now_ms() + bindparam("lease_ms"), attempts=forwards.c.attempts + 1)
    .returning(forwards.c.id, forwards.c.attempts)
)
_MINE = and_(forwards.c.id == bindparam("forward"), forwards.c.attempts == bindparam("mine"))
_RENEW = update(forwards).where(_MINE).values(due=now_ms() + bindparam("lease_ms")).returning(forwards.c.id)
_RELEASE = update(forwards).where(_MINE).values(due=0, holder=None)
_PLACE = select(forwards.c.last, forwards.c.retry_ms - now_ms(), forwards.c.careful_until).where(
    forwards.c.id == bindparam("forward")
)
_LINE = select(
    history.c.id.label("line"), history.c.at_ms, history.c.who, history.c.what, history.c.data,
    *(tickets.c[field.name] for field in fields_of(Ticket)),
).join(tickets, tickets.c.id == history.c.ticket_id)  # fmt: skip
_NEXT = (
    _LINE.where(
        history.c.id > bindparam("after"),
        history.c.id <= bindparam("whole"),
        history.c.what.in_(bindparam("wanted", expanding=True)),
    )
    .order_by(history.c.id)
    .limit(1)
)
_NEXT_AGAIN = (
    _LINE.join(forward_aside, forward_aside.c.history_id == history.c.id)
    .where(forward_aside.c.forward_id == bindparam("forward"), forward_aside.c.again)
    .order_by(history.c.id)
    .limit(1)
)
_PASS = update(forwards).where(_MINE).values(last=bindparam("up_to"))
_BEGIN = (
    update(forwards)
    .where(_MINE)
    .values(tries=forwards.c.tries + 1, due=now_ms() + bindparam("lease_ms"))
    .returning(forwards.c.tries)
)
_SETTLED = update(forwards).where(_MINE).values(tries=0, retry_ms=0).returning(forwards.c.id)
_TOOK = {"failing_ms": None, "last_error": None, "told_ms": now_ms()}
_PUT_OFF = (
    update(forwards)
    .where(_MINE)
    .values(
        retry_ms=now_ms() + bindparam("in_ms"),
        failing_ms=func.coalesce(forwards.c.failing_ms, now_ms()),
        last_error=bindparam("error"),
    )
)
_new_aside = insert(forward_aside).values(at_ms=now_ms(), again=False)
_ASIDE = _new_aside.on_conflict_do_update(
    index_elements=[forward_aside.c.forward_id, forward_aside.c.history_id],
    set_={"reason": _new_aside.excluded.reason, "again": False, "at_ms": now_ms()},
)
_THIS_ASIDE = and_(forward_aside.c.forward_id == bindparam("forward"), forward_aside.c.history_id == bindparam("line"))
_REMEMBER = insert(forward_tickets).values(made_ms=now_ms()).on_conflict_do_nothing()
_THERE = select(forward_tickets.c.their_id, forward_tickets.c.their_number).where(
    forward_tickets.c.forward_id == bindparam("forward"), forward_tickets.c.ticket_id == bindparam("ticket")
)


def hold_forward(conn: Connection, name: str, *, holder: str, lease_ms: int) -> ForwardHold | None:
    """Take the target for `lease_ms`; None while another holder has it. A target that is met for the first time is
    told of what happens from now on.
    """
    conn.execute(_MEET, {"called": name, "from_here": conn.execute(_NEWEST).scalar_one()})
    row = conn.execute(_HOLD, {"called": name, "me": holder, "lease_ms": lease_ms}).first()
    return None if row is None else ForwardHold(id=row.id, attempts=row.attempts)


def renew_forward(conn: Connection, mine: ForwardHold, *, lease_ms: int) -> None:
    """Hold on. LostClaim when another has taken the target."""
    if conn.execute(_RENEW, _bound(mine, lease_ms=lease_ms)).first() is None:
        raise LostClaim


def release_forward(conn: Connection, mine: ForwardHold) -> None:
    """Let go at once."""
    conn.execute(_RELEASE, _bound(mine))


def place(conn: Connection, mine: ForwardHold) -> Place:
    """How far the target is."""
    last, wait_ms, careful = conn.execute(_PLACE, {"forward": mine.id}).one()
    return Place(last=last, wait_ms=wait_ms, careful_until=careful)


def next_happening(
    conn: Connection, mine: ForwardHold, *, after: int, whole: int, wanted: Sequence[str]
) -> Happening | None:
    """What a person wants tried again, else the first line after `after` that is `wanted`; None: there is none."""
    row = conn.execute(_NEXT_AGAIN, {"forward": mine.id}).first()
    aside = row is not None
    row = row or conn.execute(_NEXT, {"after": after, "whole": whole, "wanted": list(wanted)}).first()
    if row is None:
        return None
    values = row._asdict()
    line = {name: values.pop(name) for name in ("at_ms", "who", "what", "data")}
    return Happening(id=values.pop("line"), aside=aside, ticket=Ticket(**values), **line)


def nothing_until(conn: Connection, mine: ForwardHold, line: int) -> None:
    """Up to that line there is nothing the target wants."""
    conn.execute(_PASS, _bound(mine, up_to=line))


def begin_telling(conn: Connection, mine: ForwardHold, *, lease_ms: int) -> int:
    """Which try this is; commit it before anything is sent. LostClaim when another has taken the target."""
    tries: int | None = conn.execute(_BEGIN, _bound(mine, lease_ms=lease_ms)).scalar()
    if tries is None:
        raise LostClaim
    return tries


def told(conn: Connection, mine: ForwardHold, line: Happening, there: Elsewhere | None) -> None:
    """The target took it. LostClaim when another has taken the target: it will be told again, under the same key."""
    _settle(conn, mine, line, _TOOK)
    if line.aside:
        conn.execute(delete(forward_aside).where(_THIS_ASIDE), {"forward": mine.id, "line": line.id})
    if there is not None:
        row = {"forward_id": mine.id, "ticket_id": line.ticket.id}
        conn.execute(_REMEMBER, row | {"their_id": there.their_id, "their_number": there.their_number})


def put_off(conn: Connection, mine: ForwardHold, *, in_ms: int, error: str) -> None:
    """Try again later, and nothing else before it."""
    conn.execute(_PUT_OFF, _bound(mine, in_ms=in_ms, error=error))


def set_aside(conn: Connection, mine: ForwardHold, line: Happening, *, reason: str) -> None:
    """The target does not take this one; it goes on with the next. LostClaim as in `told`."""
    _settle(conn, mine, line, {})
    conn.execute(_ASIDE, {"forward_id": mine.id, "history_id": line.id, "reason": reason})


def there(conn: Connection, mine: ForwardHold, ticket_id: int) -> Elsewhere | None:
    """What the ticket is called at the target; None: it is not known there."""
    row = conn.execute(_THERE, {"forward": mine.id, "ticket": ticket_id}).first()
    return None if row is None else Elsewhere(their_id=row.their_id, their_number=row.their_number)


def _settle(conn: Connection, mine: ForwardHold, line: Happening, more: dict[str, Any]) -> None:
    values = more if line.aside else more | {"last": line.id}
    if conn.execute(_SETTLED.values(**values), _bound(mine)).first() is None:
        raise LostClaim


def _bound(mine: ForwardHold, **more: object) -> dict[str, object]:
    return {"forward": mine.id, "mine": mine.attempts, **more}
