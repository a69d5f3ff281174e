"""The queue: its tabs, their rows in order, page by page, and how many there are.

The order of the tabs of live work is: overdue first (the longest overdue first), then the least sure (the margin
between the two best topics; -1, unknown, before all), then the oldest. It is a total order, walked by keyset: a page
begins behind a place, `Place`, which names the part (overdue or not), the key and the id. Each part has its own index
(store/schema.py), so that a page costs the same at ten tickets and at a hundred thousand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, and_, func, literal, or_, select, true
from sqlalchemy.sql import ColumnElement

from store.database import now
from store.records import LetterState
from store.schema import TOLD, fixed, letters, tickets

SOON_MS = 4 * 3_600_000  # "burning": less than this is left; triage/moments.py has the same
COUNT_MOST = 1000  # a count stops there: nobody reads further, and 100,000 rows take time
GIST = 160  # characters of the description shown in a row


class Tab(StrEnum):
    """The tabs, in their order."""

    DOUBTFUL = "doubtful"
    NEW = "new"
    WAITING = "waiting"
    BURNING = "burning"
    MINE = "mine"
    DONE = "done"
    UNANSWERED = "unanswered"
    PARKED = "parked"


OF_LETTERS = frozenset({Tab.UNANSWERED, Tab.PARKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What of the queue is wanted."""

    tab: Tab
    me: str  # the login behind «Мои»
    team: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a tab's order; the page behind it follows."""

    part: int  # 0: overdue, 1: the rest
    key: float
    id: int

    def __str__(self) -> str:
        return f"{self.part}_{self.key!r}_{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the queue."""

    id: int  # of the ticket, or of the letter in the tabs of letters
    number: str | None
    at_ms: int
    sender: str | None
    fio: str | None
    gist: str
    topic: str | None
    confidence: float | None
    told: bool  # a person has told the topic
    needs_review: bool
    missing: tuple[str, ...]
    state: str
    assignee: str | None
    due_ms: int | None  # the clock that runs
    raised: int  # how often the citizen wrote of it again
    escalated: bool
    version: int
    reason: str | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One stretch of a tab: a condition, and the column that orders it."""

    number: int
    where: ColumnElement[bool]
    key: Any
    down: bool = False


def place_of(written: str) -> Place | None:
    """A place out of an address; None when it is none."""
    try:
        part, key, row = written.split("_")
        return Place(part=int(part), key=float(key), id=int(row))
    except ValueError:
        return None


def queue_rows(conn: Connection, wanted: Filter, *, after: Place | None, limit: int) -> tuple[Line, ...]:
    """The rows behind that place, at most so many."""
    found: list[Line] = []
    for part in _parts(wanted, now(conn)):
        if after is not None and part.number < after.part:
            continue
        begins = after if after is not None and after.part == part.number else None
        query = _query(wanted, part, begins).limit(limit - len(found))
        make = _of_letter if wanted.tab in OF_LETTERS else _of_ticket
        found += [make(row, part.number) for row in conn.execute(query).mappings()]
        if len(found) >= limit:
            break
    return tuple(found)


def place_in(conn: Connection, wanted: Filter, ticket_id: int) -> Place | None:
    """Where a ticket stands in that tab; None when it is not there."""
    if wanted.tab in OF_LETTERS:
        return None
    for part in _parts(wanted, now(conn)):
        row = conn.execute(
            select(part.key.label("key")).where(part.where, _narrowed(wanted), tickets.c.id == ticket_id)
        ).first()
        if row is not None:
            return Place(part=part.number, key=float(row.key or 0), id=ticket_id)
    return None


def counts(conn: Connection, wanted: Filter) -> dict[Tab, int]:
    """How many rows each tab has, counted up to COUNT_MOST."""
    moment = now(conn)
    return {tab: _count(conn, replace(wanted, tab=tab), moment) for tab in Tab}


def _count(conn: Connection, wanted: Filter, moment: int) -> int:
    rows = select(literal(1)).where(_whole(wanted, moment), _narrowed(wanted))
    rows = rows.select_from(letters if wanted.tab in OF_LETTERS else tickets).limit(COUNT_MOST)
    number: int = conn.execute(select(func.count()).select_from(rows.subquery())).scalar_one()
    return number


def _whole(wanted: Filter, moment: int) -> ColumnElement[bool]:
    """All parts of a tab in one condition."""
    if wanted.tab is Tab.NEW:
        return and_(_LIVE, _awake(moment))
    if wanted.tab is Tab.DOUBTFUL:
        return and_(tickets.c.needs_review, _OPEN, _awake(moment))
    [part] = _parts(wanted, moment)
    return part.where


def _awake(moment: int) -> ColumnElement[bool]:
    return or_(tickets.c.snoozed_until_ms.is_(None), tickets.c.snoozed_until_ms <= moment)


def _query(wanted: Filter, part: _Part, begins: Place | None) -> Select[Any]:
    table = letters if wanted.tab in OF_LETTERS else tickets
    columns = _LETTER_COLUMNS if wanted.tab in OF_LETTERS else _TICKET_COLUMNS
    order = (part.key.desc(), table.c.id.desc()) if part.down else (part.key, table.c.id)
    query = select(*columns, part.key.label("key")).where(part.where, _narrowed(wanted)).order_by(*order)
    if begins is None:
        return query
    if part.down:
        behind = or_(part.key < begins.key, and_(part.key == begins.key, table.c.id < begins.id))
        return query.where(part.key <= begins.key, behind)
    behind = or_(part.key > begins.key, and_(part.key == begins.key, table.c.id > begins.id))
    return query.where(part.key >= begins.key, behind)  # the first half is what the index walks by


def _narrowed(wanted: Filter) -> ColumnElement[bool]:
    terms: list[ColumnElement[bool]] = []
    if wanted.tab not in OF_LETTERS:
        if wanted.team is not None:
            terms.append(tickets.c.team == wanted.team)
        if wanted.topic is not None:
            terms.append(tickets.c.topic == wanted.topic)
    return and_(true(), *terms)


_LIVE = tickets.c.state.in_([fixed("new"), fixed("open")])
_OPEN = tickets.c.state != fixed("closed")
_DONE = tickets.c.state.in_([fixed("answered"), fixed("closed")])
_WAITING = tickets.c.state == fixed("waiting")
_UNANSWERED = letters.c.reason.is_not(None) & letters.c.state.in_(
    [fixed("automatic"), fixed("settled"), fixed("duplicate")]
)
_PARKED = letters.c.state == fixed("parked")


def _parts(wanted: Filter, moment: int) -> tuple[_Part, ...]:  # noqa: PLR0911  # one tab, one return
    awake = _awake(moment)
    late = tickets.c.first_due_ms < moment
    on_time = or_(tickets.c.first_due_ms >= moment, tickets.c.first_due_ms.is_(None))
    match wanted.tab:
        case Tab.NEW:
            return (
                _Part(number=0, where=and_(_LIVE, late, awake), key=tickets.c.first_due_ms),
                _Part(number=1, where=and_(_LIVE, on_time, awake), key=tickets.c.margin),
            )
        case Tab.DOUBTFUL:
            rest = or_(on_time, tickets.c.state.in_([fixed("waiting"), fixed("answered")]))
            overdue = and_(tickets.c.needs_review, _LIVE, late, awake)
            others = and_(tickets.c.needs_review, _OPEN, rest, awake)
            return (
                _Part(number=0, where=overdue, key=tickets.c.first_due_ms),
                _Part(number=1, where=others, key=tickets.c.margin),
            )
        case Tab.BURNING:
            soon = tickets.c.first_due_ms < moment + SOON_MS
            return (_Part(number=0, where=and_(_LIVE, soon), key=tickets.c.first_due_ms),)
        case Tab.MINE:
            mine = and_(
                tickets.c.assignee == wanted.me,
                tickets.c.assignee.is_not(None),
                tickets.c.state.in_([fixed("new"), fixed("open"), fixed("waiting")]),
            )
            key = func.coalesce(tickets.c.first_due_ms, 0)
            return (_Part(number=0, where=mine, key=key),)
        case Tab.WAITING:
            return (_Part(number=0, where=_WAITING, key=tickets.c.waiting_until_ms),)
        case Tab.DONE:
            return (_Part(number=0, where=_DONE, key=tickets.c.updated_ms, down=True),)
        case Tab.UNANSWERED:
            return (_Part(number=0, where=_UNANSWERED, key=letters.c.id, down=True),)
        case Tab.PARKED:
            return (_Part(number=0, where=_PARKED, key=letters.c.id, down=True),)


_TICKET_COLUMNS = [tickets.c[name] for name in (
    "id", "number", "opened_ms", "address", "fields", "subject", "topic", "confidence", "margin", "needs_review",
    "missing", "state", "assignee", "first_due_ms", "waiting_until_ms", "updated_ms", "version",
    "raised", "escalated_ms",
)]  # fmt: skip
_LETTER_COLUMNS = [letters.c[name] for name in ("id", "arrived_ms", "sender", "state", "verdict", "reason")]


def ticket_line(row: Mapping[Any, Any]) -> Line:
    """A ticket's row as a line; for lists that are not a tab."""
    return _of_ticket({**row, "key": 0}, 0)


def ticket_line_columns() -> list[Any]:
    """The columns that `ticket_line` needs."""
    return list(_TICKET_COLUMNS)


def _of_ticket(row: Mapping[Any, Any], part: int) -> Line:
    fields = row["fields"]
    clock = {"waiting": row["waiting_until_ms"], "new": row["first_due_ms"], "open": row["first_due_ms"]}
    return Line(
        id=row["id"],
        number=row["number"],
        at_ms=row["opened_ms"],
        sender=row["address"],
        fio=fields.get("fio"),
        gist=" ".join((fields.get("description") or row["subject"] or "").split())[:GIST],
        topic=row["topic"],
        confidence=row["confidence"],
        told=row["margin"] >= TOLD,
        needs_review=row["needs_review"],
        missing=tuple(row["missing"]),
        state=row["state"],
        assignee=row["assignee"],
        due_ms=clock.get(row["state"]),
        raised=row["raised"],
        escalated=row["escalated_ms"] is not None,
        version=row["version"],
        reason=None,
        place=Place(part=part, key=float(row["key"] or 0), id=row["id"]),
    )


def _of_letter(row: Mapping[Any, Any], part: int) -> Line:
    verdict = row["verdict"] or {}
    clues = verdict.get("clues") or {}
    said = (verdict.get("fields") or {}).get("description") or clues.get("subject") or ""
    return Line(
        id=row["id"],
        number=None,
        at_ms=row["arrived_ms"],
        sender=row["sender"],
        fio=None,
        gist=" ".join(said.split())[:GIST],
        topic=None,
        confidence=None,
        told=False,
        needs_review=False,
        missing=(),
        state=LetterState(row["state"]),
        assignee=None,
        due_ms=None,
        raised=0,
        escalated=False,
        version=0,
        reason=row["reason"],
        place=Place(part=part, key=float(row["key"]), id=row["id"]),
    )
