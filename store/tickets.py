"""Tickets: opened, changed, completed; their files and their history. All inside the transaction of one decision."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields as fields_of
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningUpdate

from store.columns import now_ms
from store.faults import StaleTicket
from store.records import KEEP, NewTicket, OpenedTicket, Ticket, TicketChange, TicketFile
from store.schema import counters, fields_history, files, history, letters, tickets

MakeNumber = Callable[[int, int], str]  # (the year's last two digits, sequence) -> 26-0012345-5

_NEXT = insert(counters).values(year=bindparam("this_year"), last=1)
_NEXT_IN_SEQUENCE = _NEXT.on_conflict_do_update(
    index_elements=[counters.c.year], set_={"last": counters.c.last + 1}
).returning(counters.c.last)
_OPEN = insert(tickets).returning(tickets.c.id)
_LETTER_HAS = update(letters).where(letters.c.id == bindparam("letter")).values(ticket_id=bindparam("ticket"))
_KEEP_REPLACED = insert(fields_history).values(at_ms=now_ms())
_ADD_FILES = insert(files)
_ADD_HISTORY = insert(history).values(at_ms=now_ms())

_ALL = [tickets.c[field.name] for field in fields_of(Ticket)]
_BY_ID = select(*_ALL).where(tickets.c.id == bindparam("ticket"))
_BY_ID_TO_CHANGE = _BY_ID.with_for_update()
_ONE = tickets.c.id == bindparam("ticket")
_SET_FIELDS = (
    update(tickets)
    .where(_ONE)
    .values(fields=bindparam("now_known"), updated_ms=now_ms(), version=tickets.c.version + 1)
)


def next_in_sequence(conn: Connection, *, year: int) -> int:
    """The next number of that year, from 1. Two open transactions wait for each other here, so that no number is
    given twice and none is left out but by a rollback after a lost connection.
    """
    number: int = conn.execute(_NEXT_IN_SEQUENCE, {"this_year": year}).scalar_one()
    return number


def open_ticket(conn: Connection, new: NewTicket, *, zone: tzinfo, make_number: MakeNumber) -> OpenedTicket:
    """A ticket with the next number of the year that `opened_ms` falls into in the desk's zone, its letter bound to it.
    A second ticket for one letter is refused by the database (Permanent).
    """
    year = datetime.fromtimestamp(new.opened_ms / 1000, zone).year
    number = make_number(year % 100, next_in_sequence(conn, year=year))
    row = {field.name: getattr(new, field.name) for field in fields_of(NewTicket)}
    row |= {"fields": dict(new.fields), "missing": list(new.missing)}
    row |= {"number": number, "updated_ms": new.opened_ms}
    ticket_id: int = conn.execute(_OPEN, row).scalar_one()
    if new.letter_id is not None:
        conn.execute(_LETTER_HAS, {"letter": new.letter_id, "ticket": ticket_id})
    return OpenedTicket(id=ticket_id, number=number)


def ticket(conn: Connection, ticket_id: int) -> Ticket | None:
    """The ticket as it stands; None when there is none of that id."""
    return one_ticket(conn.execute(_BY_ID, {"ticket": ticket_id}).first())


def update_ticket(conn: Connection, ticket_id: int, change: TicketChange, *, version: int | None = None) -> None:
    """Change what `change` names. StaleTicket when the ticket is gone, or is no longer of that `version`."""
    changed, binds = _changed(change), {"ticket": ticket_id}
    if version is not None:
        changed = changed.where(tickets.c.version == bindparam("as_read"))
        binds["as_read"] = version
    if conn.execute(changed, binds).first() is None:
        raise StaleTicket


def update_while(conn: Connection, ticket_id: int, state: str, change: TicketChange) -> bool:
    """Change what `change` names if the ticket is still in that state; False: it is not, nothing was changed."""
    changed = _changed(change).where(tickets.c.state == bindparam("still"))
    return conn.execute(changed, {"ticket": ticket_id, "still": state}).first() is not None


def add_fields(
    conn: Connection, ticket_id: int, values: Mapping[str, str], *, letter_id: int | None, who: str
) -> tuple[str, ...]:
    """Take these values over the ticket's own; the names of those that are new or differ.

    A value that is replaced is kept in the fields' history.
    """
    row = conn.execute(_BY_ID_TO_CHANGE, {"ticket": ticket_id}).first()
    if row is None:
        raise StaleTicket
    changed = {name: value for name, value in values.items() if row.fields.get(name) != value}
    if changed:
        conn.execute(_SET_FIELDS, {"ticket": ticket_id, "now_known": {**row.fields, **changed}})
        of = {"ticket_id": ticket_id, "letter_id": letter_id, "who": who}
        replaced = [of | {"field": name, "value": row.fields[name]} for name in changed if name in row.fields]
        _add_all(conn, _KEEP_REPLACED, replaced)
    return tuple(changed)


def add_files(conn: Connection, ticket_id: int, letter_id: int, found: Sequence[TicketFile]) -> None:
    """What each file of that letter is; its bytes stay in the letter's blob."""
    of = {"ticket_id": ticket_id, "letter_id": letter_id}
    _add_all(conn, _ADD_FILES, [of | {name: getattr(file, name) for name in _FILE_COLUMNS} for file in found])


def add_history(conn: Connection, ticket_id: int, *, who: str, what: str, data: Mapping[str, Any]) -> None:
    """One line of the ticket's history, for good. `who`: "desk", "post", "letter" or a login."""
    add_histories(conn, ticket_id, who=who, lines=((what, data),))


def add_histories(
    conn: Connection, ticket_id: int, *, who: str, lines: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    """Several lines at once: what, and its data."""
    of = {"ticket_id": ticket_id, "who": who}
    _add_all(conn, _ADD_HISTORY, [of | {"what": what, "data": dict(data)} for what, data in lines])


def one_ticket(row: Row[Any] | None) -> Ticket | None:
    """A row of all the ticket's columns as its record."""
    return None if row is None else Ticket(**row._asdict())


def ticket_columns() -> list[Any]:
    """The columns that `one_ticket` needs, in the record's order."""
    return list(_ALL)


def _changed(change: TicketChange) -> ReturningUpdate[tuple[int]]:
    """The update of one ticket, by its id."""
    named = {field.name: getattr(change, field.name) for field in fields_of(TicketChange)}
    values = {name: value for name, value in named.items() if value is not KEEP}
    if "missing" in values:
        values["missing"] = list(values["missing"])
    changed = update(tickets).where(_ONE).values(**values, updated_ms=now_ms(), version=tickets.c.version + 1)
    return changed.returning(tickets.c.id)


_FILE_COLUMNS = [field.name for field in fields_of(TicketFile)]


def _add_all(conn: Connection, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        conn.execute(statement, rows)
