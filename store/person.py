"""Everything that is kept of one person, found by an address or a number of theirs (152-FZ, art. 14 and 21)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select

from store.erasing import GONE, Due, Erased
from store.records import LetterState, ReplyState
from store.schema import audit, bounces, fields_history, files, history, letters, outbox, tickets
from store.schema_ways import api_requests, submissions

NUMBERS = ("inn", "account", "snils", "ogrn")
_IDS: Any = bindparam("ids", expanding=True)
_ADDRESS: Any = bindparam("address")
_NAMED: Any = bindparam("named", expanding=True)
_HANDED = select(api_requests).where(api_requests.c.letter_id.in_(_IDS))


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
    api_requests: tuple[dict[str, Any], ...]  # by which other programs handed the letters over
    submissions: tuple[dict[str, Any], ...]  # of the public form, not confirmed yet or lately

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
        of += [Due(kind=Erased.FORM, id=one["id"], number=None) for one in self.submissions]
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
    replies of the tickets found come with them, whoever wrote those, and forms that name an address of theirs.
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
    wrote = _all(conn, select(letters).where(its), **bound)
    named = [one for one in {address, *(one["address"] for one in found)} if one]
    return Person(
        tickets=found,
        letters=wrote,
        replies=_all(conn, select(outbox).where(ours), **bound),
        fields_history=_of_tickets(conn, fields_history, ids),
        files=_of_tickets(conn, files, ids),
        history=_of_tickets(conn, history, ids),
        access=_of_tickets(conn, audit, ids),
        bounces=_all(conn, select(bounces).where(bounces.c.address.in_(_NAMED)), named=named),
        api_requests=_all(conn, _HANDED, ids=[one["id"] for one in wrote]),
        submissions=_all(conn, select(submissions).where(func.lower(submissions.c.address).in_(_NAMED)), named=named),
    )


def forget_bounces(conn: Connection, found: Person) -> None:
    """Addresses that are erased are not remembered as ones that bounced either."""
    for one in found.bounces:
        conn.execute(bounces.delete().where(bounces.c.address == _ADDRESS), {"address": one["address"]})


def _ticket_of(address: str | None, number: str | None) -> Any:
    if address is not None:
        return tickets.c.address == _ADDRESS
    return or_(*(tickets.c.fields[name].as_string() == bindparam("number") for name in NUMBERS))


def _of_tickets(conn: Connection, table: Any, ids: Sequence[int]) -> tuple[dict[str, Any], ...]:
    return _all(conn, select(table).where(table.c.ticket_id.in_(_IDS)), ids=list(ids))


def _all(conn: Connection, query: Any, **bound: object) -> tuple[dict[str, Any], ...]:
    wanted = {name: value for name, value in bound.items() if name in query.compile().params}
    return tuple(dict(row) for row in conn.execute(query, wanted).mappings())
