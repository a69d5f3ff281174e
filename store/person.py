"""Everything that is kept of one person, found by an address or a number of theirs (152-FZ, art. 14 and 21)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from store.erasing import GONE, Due, Erased
from store.records import LetterState, ReplyState
from store.schema import audit, bounces, fields_history, files, history, letters, outbox, tickets

NUMBERS = ("inn", "account", "snils", "ogrn")
_IDS: Any = bindparam("ids", expanding=True)
_ADDRESS: Any = bindparam("address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Rows as they are, each a dict by column."""

    tickets: tuple[dict[str, Any], ...]
    letters: tuple[dict[str, Any], ...]
    replies: tuple[dict[str, Any], ...]
    fields_history: tuple[dict[str, Any], ...]
    files: tuple[dict[str, Any], ...]
    history: tuple[dict[str, Any], ...]
    access: tuple[dict[str, Any], ...]  # who opened these tickets, and when
    bounces: tuple[dict[str, Any], ...]

    @property
    def unfinished(self) -> tuple[str, ...]:
        """What is still at work, and must end before it can be erased."""
        open_tickets = [str(one["number"]) for one in self.tickets if one["state"] != "closed"]
        at_desk = [f"letter {one['id']}" for one in self.letters if one["state"] is LetterState.RECEIVED]
        queued = [f"reply {one['id']}" for one in self.replies if one["state"] in (ReplyState.QUEUED, ReplyState.HELD)]
        return (*open_tickets, *at_desk, *queued)

    def due(self) -> tuple[Due, ...]:
        """All of it, for `erase`; what was erased before is not listed again."""
        numbers = {one["id"]: one["number"] for one in self.tickets}
        of = [Due(kind=Erased.LETTER, id=one["id"], number=numbers.get(one["ticket_id"])) for one in self.letters]
        of += [Due(kind=Erased.REPLY, id=one["id"], number=numbers.get(one["ticket_id"])) for one in self.replies]
        return (
            *of,
            *(
                Due(kind=Erased.TICKET, id=one["id"], number=one["number"])
                for one in self.tickets
                if one["subject"] != GONE
            ),
        )


def person(conn: Connection, *, address: str | None = None, number: str | None = None) -> Person:
    """By the address the letters come from, or by an INN, account, SNILS or OGRN that a letter gave; letters and
    replies of the tickets found come with them, whoever wrote those.
    """
    found = _all(conn, select(tickets).where(_ticket_of(address, number)), address=address, number=number)
    ids = [one["id"] for one in found]
    its = (
        letters.c.ticket_id.in_(_IDS)
        if address is None
        else or_(letters.c.ticket_id.in_(_IDS), letters.c.sender == _ADDRESS)
    )
    ours = (
        outbox.c.ticket_id.in_(_IDS)
        if address is None
        else or_(outbox.c.ticket_id.in_(_IDS), outbox.c.recipient == _ADDRESS)
    )
    bound: dict[str, object] = {"ids": ids} | ({} if address is None else {"address": address})
    return Person(
        tickets=found,
        letters=_all(conn, select(letters).where(its), **bound),
        replies=_all(conn, select(outbox).where(ours), **bound),
        fields_history=_of_tickets(conn, fields_history, ids),
        files=_of_tickets(conn, files, ids),
        history=_of_tickets(conn, history, ids),
        access=_of_tickets(conn, audit, ids),
        bounces=_all(conn, select(bounces).where(bounces.c.address == _ADDRESS), address=address) if address else (),
    )


def forget_bounce(conn: Connection, address: str) -> None:
    """An address that is erased is not remembered as one that bounced either."""
    conn.execute(bounces.delete().where(bounces.c.address == _ADDRESS), {"address": address})


def _ticket_of(address: str | None, number: str | None) -> Any:
    if address is not None:
        return tickets.c.address == _ADDRESS
    return or_(*(tickets.c.fields[name].as_string() == bindparam("number") for name in NUMBERS))


def _of_tickets(conn: Connection, table: Any, ids: Sequence[int]) -> tuple[dict[str, Any], ...]:
    return _all(conn, select(table).where(table.c.ticket_id.in_(_IDS)), ids=list(ids))


def _all(conn: Connection, query: Any, **bound: object) -> tuple[dict[str, Any], ...]:
    wanted = {name: value for name, value in bound.items() if name in query.compile().params}
    return tuple(dict(row) for row in conn.execute(query, wanted).mappings())
