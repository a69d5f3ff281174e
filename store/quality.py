"""What the quality page counts: letters a day, topics told by people, the mix of tickets, doubts."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Connection, Integer, Row, Select, bindparam, case, cast, exists, func, or_, select

from store.schema import corrections, fixed, letters, tickets

BINS = 10
TOLD_MOST = 5_000  # the newest; more would tell nothing else
WORDS_MOST = 1_000  # of one week, likewise
MIX_MOST = 5_000  # the newest of a stretch of time: a sample is enough to see that its mix moved

_ARRIVED = select(
    func.count().label("letters"),
    func.sum(case((letters.c.state == fixed("automatic"), 1), else_=0)).label("robots"),
    func.sum(case((letters.c.state == fixed("parked"), 1), else_=0)).label("parked"),
).where(letters.c.received_ms >= bindparam("since"), letters.c.received_ms < bindparam("until"))
_TOLD: Select[Any] = (
    select(
        tickets.c.number,
        corrections.c.at_ms,
        corrections.c.who,
        corrections.c.topic,
        corrections.c.said,
        corrections.c.confidence,
        corrections.c.model,
        corrections.c.hidden,
    )
    .join_from(corrections, tickets, tickets.c.id == corrections.c.ticket_id)
    .where(~corrections.c.undone, corrections.c.at_ms >= bindparam("since"))
    .order_by(corrections.c.id.desc())
    .limit(TOLD_MOST)
)
# the tenth below: rounding is the same word on both databases, a cast is not. A confidence has four digits
_TENTH = cast(func.round(tickets.c.confidence * BINS - 0.49999), Integer)
_SAMPLE = (
    select(tickets.c.topic, _TENTH.label("tenth"))
    .where(tickets.c.opened_ms >= bindparam("since"), tickets.c.opened_ms < bindparam("until"))
    .order_by(tickets.c.opened_ms.desc())
    .limit(MIX_MOST)
    .subquery()
)
_MIX = select(_SAMPLE.c.topic, _SAMPLE.c.tenth, func.count().label("tickets")).group_by(
    _SAMPLE.c.topic, _SAMPLE.c.tenth
)
_later = corrections.alias("later")
_MISTAKEN = _TOLD.where(
    corrections.c.topic == bindparam("right"),
    corrections.c.said == bindparam("wrong"),
    or_(corrections.c.hidden, ~bindparam("blind", type_=Boolean)),
    ~exists().where(_later.c.ticket_id == corrections.c.ticket_id, ~_later.c.undone, _later.c.id > corrections.c.id),
).limit(bindparam("most"))
_WORDS = (
    select(tickets.c.unknown)
    .where(
        tickets.c.opened_ms >= bindparam("since"),
        tickets.c.opened_ms < bindparam("until"),
        tickets.c.unknown.is_not(None),
    )
    .order_by(tickets.c.opened_ms.desc())
    .limit(WORDS_MOST)
    .subquery()
)
_UNKNOWN = select(func.count().label("tickets"), func.avg(_WORDS.c.unknown).label("share"))
_OLDEST_IN_DOUBT = (
    select(tickets.c.number, tickets.c.opened_ms, tickets.c.topic, tickets.c.confidence, tickets.c.first_due_ms)
    .where(tickets.c.needs_review, tickets.c.state != fixed("closed"))
    .order_by(tickets.c.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """Letters that became durable within a stretch of time."""

    letters: int
    robots: int
    parked: int


class ToldTopic(NamedTuple):
    """The last topic that a person told of a ticket. A tuple: five thousand are made for one page."""

    number: str
    at_ms: int
    who: str
    topic: str
    said: str  # by the model
    confidence: float
    model: str
    hidden: bool  # the person had not been shown what the model said

    @property
    def right(self) -> bool:
        """Whether the model had said the same."""
        return self.topic == self.said


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Tickets of a stretch of time by topic, and by tenths of confidence."""

    topics: Counter[str]
    confidence: Counter[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Of a stretch of time's tickets, the words that the model did not know."""

    tickets: int
    share: float | None  # the mean of their shares; None without tickets


def arrived(conn: Connection, *, since_ms: int, until_ms: int) -> Arrived:
    """The letters of that time; counted from the index alone, without sorting."""
    row = conn.execute(_ARRIVED, {"since": since_ms, "until": until_ms}).one()
    return Arrived(letters=row.letters, robots=int(row.robots or 0), parked=int(row.parked or 0))


def told(conn: Connection, *, since_ms: int) -> tuple[ToldTopic, ...]:
    """Topics told since then, of each ticket the last one, newest first."""
    last: dict[str, ToldTopic] = {}
    for one in map(ToldTopic._make, conn.execute(_TOLD, {"since": since_ms}).all()):
        last.setdefault(one.number, one)
    return tuple(last.values())


def told_otherwise(
    conn: Connection, *, right: str, said: str, blind: bool, since_ms: int, most: int
) -> tuple[ToldTopic, ...]:
    """Those of `told` where a person told the one topic and the model had said the other, newest first."""
    bound = {"since": since_ms, "right": right, "wrong": said, "blind": blind, "most": most}
    return tuple(map(ToldTopic._make, conn.execute(_MISTAKEN, bound).all()))


def mix(conn: Connection, *, since_ms: int, until_ms: int) -> Mix:
    """The tickets opened within that time, the newest MIX_MOST of them."""
    found = Mix(topics=Counter(), confidence=Counter())
    for row in conn.execute(_MIX, {"since": since_ms, "until": until_ms}):
        found.topics[row.topic] += row.tickets
        found.confidence[min(row.tenth, BINS - 1)] += row.tickets
    return found


def unknown_words(conn: Connection, *, since_ms: int, until_ms: int) -> Unknown:
    """Over the newest WORDS_MOST of the tickets opened within that time."""
    row = conn.execute(_UNKNOWN, {"since": since_ms, "until": until_ms}).one()
    return Unknown(tickets=row.tickets, share=row.share)


def oldest_in_doubt(conn: Connection, *, most: int) -> list[Row[Any]]:
    """Open tickets whose topic nobody has confirmed although it is in doubt, oldest first."""
    return list(conn.execute(_OLDEST_IN_DOUBT, {"most": most}))
