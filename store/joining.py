"""What the store knows that decides where a letter belongs and whether it is answered: `settle`'s facts.

Nothing here trusts a letter: the caller checks that the sender may join what was found (rulings 16).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as fields_of
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from store.columns import now_ms
from store.outbox import BREAKER
from store.records import LetterState, Ticket
from store.schema import bounces, fixed, letters, outbox, tickets
from store.tickets import one_ticket, ticket_columns

AT_ONCE = 200  # message ids looked up; a letter's References may be hostile


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLetter:
    """A letter of ours that somebody quotes by its Message-ID."""

    id: int
    message_id: str
    ticket_id: int | None
    letter_id: int | None  # the letter it answers
    recipient: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLetter:
    """The newest letter of a ticket."""

    arrived_ms: int
    verified: bool  # its sender, by a trusted MTA


@dataclass(frozen=True, slots=True, kw_only=True)
class SameLetter:
    """The earlier letter with the same content."""

    letter_id: int
    ticket_id: int | None
    automatic: bool  # and no person's letter has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a letter and its sender at the moment of settling."""

    now_ms: int
    same: SameLetter | None
    robot_letters: int  # to the address within the last day, without uncounted and dropped ones (rulings 18)
    status_letters: int  # of them, those that told a status
    bounced: bool
    written_lately: int  # automatic letters written to anybody within the last minute: what the breaker counts
    breaker_out: bool  # letters are held by the breaker, and nobody released them


DAY_MS = 86_400_000
MINUTE_MS = 60_000
_LOCK_SENDER = text("SELECT pg_advisory_xact_lock(hashtextextended(:sender, 0))")
_OWN = select(*(outbox.c[field.name] for field in fields_of(OwnLetter))).where(
    outbox.c.message_id.in_(bindparam("ids", expanding=True))
)
_BY_IDS = select(*ticket_columns()).where(tickets.c.id.in_(bindparam("ids", expanding=True)))
_BY_NUMBER = select(*ticket_columns()).where(tickets.c.number == bindparam("written"))
_LATELY = (
    select(*ticket_columns())
    .where(tickets.c.address == bindparam("of"), tickets.c.opened_ms >= bindparam("since"))
    .order_by(tickets.c.opened_ms.desc(), tickets.c.id.desc())
    .limit(20)
)
_SAME = (
    select(letters.c.id, letters.c.ticket_id)
    .where(
        letters.c.content_key == bindparam("key"),
        letters.c.id != bindparam("letter"),
        letters.c.state.in_([fixed("settled"), fixed("automatic")]),
    )
    .order_by(letters.c.state.desc(), letters.c.id)  # settled before automatic
    .limit(1)
)
_LAST_LETTER = (
    select(letters.c.arrived_ms, letters.c.verdict)
    .where(letters.c.ticket_id == bindparam("ticket"))
    .order_by(letters.c.arrived_ms.desc(), letters.c.id.desc())
    .limit(1)
)
_LETTER_BY_ID = select(letters.c.id, letters.c.ticket_id, letters.c.state).where(letters.c.id == bindparam("letter"))
_ROBOT_LETTERS_ON = (
    select(outbox.c.kind, func.count())
    .where(outbox.c.ticket_id == bindparam("ticket"), outbox.c.automatic, outbox.c.state != fixed("dropped"))
    .group_by(outbox.c.kind)
)
_BOUNCED = select(bounces.c.at_ms).where(bounces.c.address == bindparam("whom"))
_robot_letters_today = select(func.count()).where(
    outbox.c.recipient == bindparam("whom"),
    outbox.c.created_ms >= now_ms() - DAY_MS,
    outbox.c.automatic,
    outbox.c.counted,
    outbox.c.state != fixed("dropped"),
)
_status_letters_today = _robot_letters_today.where(outbox.c.kind == fixed("status"))
_lately = (
    select(outbox.c.id)
    .where(outbox.c.created_ms > now_ms() - MINUTE_MS, outbox.c.automatic)
    .limit(bindparam("count_to"))
    .subquery()
)
_written_lately = select(func.count()).select_from(_lately)
_held_by_breaker = select(outbox.c.id).where(outbox.c.state == fixed("held"), outbox.c.last_error == fixed(BREAKER))
_STANDING = select(
    now_ms().label("moment"),
    _SAME.with_only_columns(letters.c.id).scalar_subquery().label("same"),
    _robot_letters_today.scalar_subquery().label("robot_letters"),
    _status_letters_today.scalar_subquery().label("status_letters"),
    _BOUNCED.scalar_subquery().label("bounced"),
    _written_lately.scalar_subquery().label("written_lately"),
    _held_by_breaker.limit(1).scalar_subquery().label("breaker_out"),
)
_BOUNCES = select(bounces.c.address, bounces.c.at_ms).order_by(bounces.c.at_ms.desc(), bounces.c.address)
_NOTE_BOUNCE = insert(bounces).values(at_ms=now_ms()).on_conflict_do_nothing()
_LIFT_BOUNCE = delete(bounces).where(bounces.c.address == bindparam("whom")).returning(bounces.c.address)


def lock_senders(conn: Connection, senders: Iterable[str]) -> None:
    """Nobody else settles letters of these senders until this transaction ends (rulings 15).

    Take all locks of a transaction in one call, before anything else: they are taken in one order, so that no two
    transactions wait for each other. SQLite has one writer and needs none.
    """
    if conn.dialect.name == "postgresql":
        for sender in sorted(set(senders)):
            conn.execute(_LOCK_SENDER, {"sender": sender})


def own_letters(conn: Connection, message_ids: Sequence[str]) -> tuple[OwnLetter, ...]:
    """Those letters of ours that these Message-IDs (without brackets) name, in the given order."""
    wanted = list(dict.fromkeys(message_ids))[:AT_ONCE]
    if not wanted:
        return ()
    found = {row.message_id: OwnLetter(**row._asdict()) for row in conn.execute(_OWN, {"ids": wanted})}
    return tuple(found[wanted_id] for wanted_id in wanted if wanted_id in found)


def tickets_by_message_ids(conn: Connection, message_ids: Sequence[str]) -> tuple[Ticket, ...]:
    """The tickets whose letters (ours) these Message-IDs name, in the order in which they are first named."""
    ids = list(dict.fromkeys(own.ticket_id for own in own_letters(conn, message_ids) if own.ticket_id is not None))
    if not ids:
        return ()
    found = {row.id: one_ticket(row) for row in conn.execute(_BY_IDS, {"ids": ids})}
    return tuple(ticket for ticket_id in ids if (ticket := found.get(ticket_id)) is not None)


def ticket_by_number(conn: Connection, number: str) -> Ticket | None:
    """The ticket of that number, written as 26-0012345-5."""
    return one_ticket(conn.execute(_BY_NUMBER, {"written": number}).first())


def tickets_lately(conn: Connection, address: str, *, since_ms: int) -> tuple[Ticket, ...]:
    """Tickets of that address opened since, newest first, at most 20."""
    rows = conn.execute(_LATELY, {"of": address, "since": since_ms})
    return tuple(ticket for row in rows if (ticket := one_ticket(row)) is not None)


def last_letter(conn: Connection, ticket_id: int) -> LastLetter | None:
    """The newest letter of that ticket; None for one without letters."""
    row = conn.execute(_LAST_LETTER, {"ticket": ticket_id}).first()
    if row is None:
        return None
    clues = (row.verdict or {}).get("clues") or {}
    return LastLetter(arrived_ms=row.arrived_ms, verified=clues.get("sender_verified") is True)


def standing(
    conn: Connection, letter_id: int, *, content_key: str | None, address: str | None, count_to: int = 1000
) -> Standing:
    """What every settling asks, in one statement: the moment, the first settled or automatic letter with
    the same content, whether the address bounced, its share of the day.

    The letters written lately are counted no further than `count_to`.
    """
    asked = {"letter": letter_id, "key": content_key, "whom": address, "count_to": count_to}
    row = conn.execute(_STANDING, asked).one()
    same = None if row.same is None else conn.execute(_LETTER_BY_ID, {"letter": row.same}).one()
    return Standing(
        now_ms=row.moment,
        same=None
        if same is None
        else SameLetter(letter_id=same.id, ticket_id=same.ticket_id, automatic=same.state is LetterState.AUTOMATIC),
        robot_letters=row.robot_letters,
        status_letters=row.status_letters,
        bounced=row.bounced is not None,
        written_lately=row.written_lately,
        breaker_out=row.breaker_out is not None,
    )


def robot_letters_on(conn: Connection, ticket_id: int) -> Mapping[str, int]:
    """Automatic letters in that ticket's life, by kind, dropped ones left out."""
    return {row[0]: row[1] for row in conn.execute(_ROBOT_LETTERS_ON, {"ticket": ticket_id})}


def note_bounce(conn: Connection, address: str, *, message_id: str) -> None:
    """Our letter to that address came back for good; a second note changes nothing."""
    conn.execute(_NOTE_BOUNCE, {"address": address, "message_id": message_id})


def bounced(conn: Connection, address: str) -> bool:
    """Whether a letter of ours to that address came back, and nobody lifted it."""
    return conn.execute(_BOUNCED, {"whom": address}).first() is not None


def bounced_addresses(conn: Connection, *, most: int) -> list[Row[Any]]:
    """`address` and `at_ms` of those that bounced last, so many."""
    return list(conn.execute(_BOUNCES.limit(most)))


def lift_bounce(conn: Connection, address: str) -> bool:
    """Write to that address again; False when it had not bounced."""
    return conn.execute(_LIFT_BOUNCE, {"whom": address}).first() is not None
