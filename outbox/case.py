"""What a letter of ours is about: a ticket as it stands, and the citizen's letter that is answered, if one is."""

from collections.abc import Mapping
from dataclasses import dataclass

from store.records import Ticket
from tickets.ticket import State
from tickets.verdict import Attachment, Judged, ProblemSaid
from validate.findings import Kind, Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """The letter that is answered."""

    message_id: str | None
    references: tuple[str, ...]  # nearest first
    problems: tuple[ProblemSaid, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @classmethod
    def of(cls, judged: Judged) -> "Incoming":
        """What of a judged letter our answer speaks of."""
        verdict = judged.verdict
        return cls(
            message_id=verdict.message_id,
            references=judged.clues.references,
            problems=verdict.problems,
            attachments=verdict.attachments,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One letter to be written."""

    number: str
    recipient: str  # the ticket's own address, and no other
    kind: Kind
    topic: str | None  # null: in doubt, not named (rulings 20)
    state: State
    known: Mapping[str, str]  # the ticket's fields
    missing: tuple[Missing, ...]
    opened_ms: int
    first_due_ms: int | None
    waiting_until_ms: int | None
    answered_ms: int | None
    now_ms: int
    incoming: Incoming
    asked_before: bool = False
    completed: bool = False  # what was missing has come
    late: bool = False  # we promised an answer and are late
    by_person: bool = False  # a person asks or writes, not the robot
    words: tuple[str, ...] = ()  # paragraphs that a person wrote


def case_of(ticket: Ticket, incoming: Incoming, *, now_ms: int) -> Case:
    """A letter about that ticket as the store has it."""
    return Case(
        number=ticket.number,
        recipient=ticket.address or "",
        kind=Kind(ticket.kind),
        topic=None if ticket.needs_review else ticket.topic,
        state=State(ticket.state),
        known=ticket.fields,
        missing=tuple(Missing(one) for one in ticket.missing),
        opened_ms=ticket.opened_ms,
        first_due_ms=ticket.first_due_ms,
        waiting_until_ms=ticket.waiting_until_ms,
        answered_ms=ticket.answered_ms,
        now_ms=now_ms,
        incoming=incoming,
    )
