"""How forwarding stands, for status, doctor and metrics; and what a person does about events that were set aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from store.columns import now_ms
from store.schema import history, tickets
from store.schema_forward import forward_aside, forward_tickets, forwards


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardNow:
    """One target as the store knows it."""

    name: str
    held: bool  # a daemon has its lease
    behind: int  # lines of the history it has not been told of yet, or does not want
    aside: int  # events it did not take
    failing_ms: int | None  # for how long nothing gets through
    last_error: str | None
    told_ms_ago: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideLine:
    """One event that was set aside."""

    forward: str
    id: int  # of the line
    what: str
    number: str  # of the ticket
    at_ms: int
    reason: str
    again: bool


_BEHIND = select(func.count()).where(history.c.id > forwards.c.last).scalar_subquery()
_ASIDE = select(func.count()).where(forward_aside.c.forward_id == forwards.c.id).scalar_subquery()
_FORWARDS = select(
    forwards.c.name, forwards.c.due > now_ms(), _BEHIND, _ASIDE, now_ms() - forwards.c.failing_ms,
    forwards.c.last_error, now_ms() - forwards.c.told_ms,
).order_by(forwards.c.name)  # fmt: skip
_LINES = (
    select(
        forwards.c.name.label("forward"), history.c.id, history.c.what, tickets.c.number, forward_aside.c.at_ms,
        forward_aside.c.reason, forward_aside.c.again,
    )
    .select_from(forward_aside)
    .join(forwards, forwards.c.id == forward_aside.c.forward_id)
    .join(history, history.c.id == forward_aside.c.history_id)
    .join(tickets, tickets.c.id == history.c.ticket_id)
    .order_by(forwards.c.name, history.c.id)
)  # fmt: skip
_OF = forward_aside.c.forward_id.in_(select(forwards.c.id).where(forwards.c.name == bindparam("called")))
_AGAIN = update(forward_aside).where(_OF).values(again=True).returning(forward_aside.c.history_id)
_NOW = update(forwards).where(forwards.c.name == bindparam("called")).values(retry_ms=0)
_DROP = delete(forward_aside).where(_OF).returning(forward_aside.c.history_id)
_THERE = (
    select(forwards.c.name, forward_tickets.c.their_number, forward_tickets.c.their_id)
    .join(forwards, forwards.c.id == forward_tickets.c.forward_id)
    .join(tickets, tickets.c.id == forward_tickets.c.ticket_id)
    .where(tickets.c.number == bindparam("of_ticket"))
    .order_by(forwards.c.name)
)
_NEWEST = select(func.coalesce(func.max(history.c.id), 0)).scalar_subquery()


def forwards_now(conn: Connection) -> tuple[ForwardNow, ...]:
    """Every target that was ever told anything, or was to be."""
    return tuple(
        ForwardNow(
            name=row[0], held=bool(row[1]), behind=row[2], aside=row[3], failing_ms=row[4], last_error=row[5],
            told_ms_ago=row[6],
        )
        for row in conn.execute(_FORWARDS)
    )  # fmt: skip


def aside_lines(conn: Connection) -> tuple[AsideLine, ...]:
    """All that was set aside."""
    return tuple(AsideLine(**row._asdict()) for row in conn.execute(_LINES))


def try_again(conn: Connection, name: str, ids: Sequence[int] | None) -> list[int]:
    """Tells the target these events once more (None: all of its own), and tries it at once; those it concerns."""
    conn.execute(_NOW, {"called": name})
    return _changed(conn, _AGAIN, name, ids)


def drop(conn: Connection, name: str, ids: Sequence[int] | None) -> list[int]:
    """The target is never told of these events."""
    return _changed(conn, _DROP, name, ids)


def places_of(conn: Connection, number: str) -> tuple[tuple[str, str, str], ...]:
    """Where else the ticket is: the target, its number there, its id there."""
    return tuple((row[0], row[1], row[2]) for row in conn.execute(_THERE, {"of_ticket": number}))


def forget_places(conn: Connection, name: str) -> bool:
    """The target is no more: all that is known of it goes; whether there was any."""
    row = conn.execute(select(forwards.c.id).where(forwards.c.name == bindparam("called")), {"called": name}).first()
    if row is None:
        return False
    for table in (forward_aside, forward_tickets):
        conn.execute(delete(table).where(table.c.forward_id == row.id))
    conn.execute(delete(forwards).where(forwards.c.id == row.id))
    return True


def be_careful(conn: Connection) -> None:
    """After a restore: what was told between the backup and the loss is not known here, so each target is asked first
    about every event up to now; nobody holds any.
    """
    conn.execute(update(forwards).values(careful_until=_NEWEST, holder=None, due=0, retry_ms=0))


def _changed(conn: Connection, statement: Any, name: str, ids: Sequence[int] | None) -> list[int]:
    if ids is not None:
        statement = statement.where(forward_aside.c.history_id.in_(ids))
    return sorted(conn.execute(statement, {"called": name}).scalars())
