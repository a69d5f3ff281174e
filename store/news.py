"""What happened to tickets lately: the history's newest lines, for pages that are open now."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from store.schema import history, tickets

OVERLAP = 200  # lines read again: on PostgreSQL a line may become visible after one with a higher id
MOST = 500

_NEWEST = select(func.coalesce(func.max(history.c.id), 0))
_SINCE = (
    select(
        history.c.id, history.c.ticket_id, history.c.who, history.c.what, tickets.c.version, tickets.c.state,
        tickets.c.needs_review, tickets.c.assignee,
    )
    .join(tickets, tickets.c.id == history.c.ticket_id)
    .where(history.c.id > bindparam("after"))
    .order_by(history.c.id)
    .limit(MOST)
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One line of the history, with the ticket as it is now."""

    id: int
    ticket_id: int
    who: str
    what: str
    version: int
    state: str
    needs_review: bool
    assignee: str | None


def newest(conn: Connection) -> int:
    """The id of the newest line; 0 when there is none."""
    number: int = conn.execute(_NEWEST).scalar_one()
    return number


def happened_since(conn: Connection, last: int) -> tuple[Happened, ...]:
    """Lines after that one and a few before it, oldest first; the caller drops those it knows."""
    names = Happened.__dataclass_fields__
    found = conn.execute(_SINCE, {"after": last - OVERLAP})
    return tuple(Happened(**{name: getattr(row, name) for name in names}) for row in found)
