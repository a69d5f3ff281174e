"""What staff decided, how it is taken back, and the topics they told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update

from store.columns import now_ms
from store.schema import corrections, decisions, tickets

DAY_MS = 86_400_000

_DECIDE = insert(decisions).values(at_ms=now_ms()).returning(decisions.c.id)
_CORRECT = insert(corrections).values(at_ms=now_ms())
_BATCH = (
    select(decisions, tickets.c.number, tickets.c.version.label("version_now"))
    .join(tickets, tickets.c.id == decisions.c.ticket_id)
    .where(decisions.c.batch == bindparam("which"), decisions.c.undone_ms.is_(None))
    .order_by(decisions.c.id)
)
_LAST = (
    select(decisions.c.batch)
    .where(
        decisions.c.who == bindparam("whose"),
        decisions.c.undone_ms.is_(None),
        decisions.c.at_ms > now_ms() - DAY_MS,
    )
    .order_by(decisions.c.id.desc())
    .limit(1)
)
_ANY = select(decisions.c.id).where(decisions.c.batch == bindparam("which")).limit(1)
_LOCK_BATCH = text("SELECT pg_advisory_xact_lock(hashtextextended(:which, 1))")
_UNDONE = update(decisions).where(decisions.c.id == bindparam("which")).values(undone_ms=now_ms())
_UNLEARN = update(corrections).where(corrections.c.decision_id == bindparam("which")).values(undone=True)
_BACK = (  # the decision before this one stands again on the newest version
    update(decisions)
    .where(
        decisions.c.ticket_id == bindparam("on"),
        decisions.c.version == bindparam("was"),
        decisions.c.undone_ms.is_(None),
    )
    .values(version=bindparam("now_is"))
)
_TOLD = select(corrections.c.id).where(corrections.c.ticket_id == bindparam("on"), ~corrections.c.undone).limit(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """A decision on one ticket, about to get its row."""

    batch: str
    ticket_id: int
    who: str
    what: str
    before: Mapping[str, Any]  # the columns it changed, as they were
    was: int  # the ticket's version before
    version: int  # and after
    reply_id: int | None  # the letter it queued


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One decision on one ticket, as undoing needs it."""

    id: int
    batch: str
    ticket_id: int
    number: str
    who: str
    at_ms: int
    what: str
    before: dict[str, Any]
    version: int  # of the ticket after it
    version_now: int
    reply_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A topic told by a person."""

    ticket_id: int
    who: str
    topic: str
    said: str
    confidence: float
    model: str
    hidden: bool


def add_decision(conn: Connection, new: NewDecision) -> int:
    """A decision's row; its id."""
    row = {name: getattr(new, name) for name in NewDecision.__dataclass_fields__ if name != "was"}
    made: int = conn.execute(_DECIDE, row | {"before": {**new.before, "version": new.was}}).scalar_one()
    return made


def add_correction(conn: Connection, told: Told, *, decision_id: int) -> None:
    """A topic told by a person, for the classifier."""
    row = {name: getattr(told, name) for name in Told.__dataclass_fields__}
    conn.execute(_CORRECT, row | {"decision_id": decision_id})


def told_before(conn: Connection, ticket_id: int) -> bool:
    """Whether a person has told the ticket's topic."""
    return conn.execute(_TOLD, {"on": ticket_id}).first() is not None


def last_batch(conn: Connection, who: str) -> str | None:
    """A person's last decision of the last day that is not undone."""
    batch: str | None = conn.execute(_LAST, {"whose": who}).scalar()
    return batch


def batch(conn: Connection, name: str) -> tuple[Made, ...]:
    """The decisions of a batch that stand."""
    names = Made.__dataclass_fields__
    return tuple(Made(**{n: getattr(row, n) for n in names}) for row in conn.execute(_BATCH, {"which": name}))


def first_time(conn: Connection, name: str) -> bool:
    """Whether no decision of that batch was written yet. Who asks at the same time waits until this transaction ends;
    SQLite has one writer and needs no lock for it.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(_LOCK_BATCH, {"which": name})
    return conn.execute(_ANY, {"which": name}).first() is None


def mark_undone(conn: Connection, made: Made, *, version_now: int) -> None:
    """The decision is taken back; what it taught is forgotten; the one before it may be undone next."""
    conn.execute(_UNDONE, {"which": made.id})
    conn.execute(_UNLEARN, {"which": made.id})
    conn.execute(_BACK, {"on": made.ticket_id, "was": made.before["version"], "now_is": version_now})
