"""What settling is given and what it returns."""

from dataclasses import dataclass
from enum import StrEnum

from intake.letter import NoReplyReason
from tickets.ticket import Event, Joined, ReplyKind, State, TicketNow
from validate.findings import Missing
from validate.requirements import Requirements

Told = tuple[tuple[Event, dict[str, str]], ...]  # lines of the history


class What(StrEnum):
    """What a letter does."""

    OPEN = "open"
    UPDATE = "update"
    DUPLICATE = "duplicate"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the store knows at the moment of settling."""

    now_ms: int = 0
    same_letter: int | None = None  # an earlier one with the same content
    same_was_a_robots: bool = False  # and no person's letter has it
    joined: TicketNow | None = None  # the ticket the letter belongs to
    by: Joined | None = None  # and by what
    named: TicketNow | None = None  # a ticket that is only named or near: linked, never joined
    robot_letters: int = 0  # automatic letters to the address in the last day
    status_letters: int = 0  # of them, those that told a status
    bounced: bool = False  # a letter of ours to the address came back
    too_large: bool = False  # only the headers were taken
    silent: bool = False  # nobody is answered for it: answered before a restore, or older than the desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the settings say of answering."""

    letters_a_day: int
    letters_a_ticket: int
    reopens: bool  # an answer to a closed ticket reopens it; else a linked one is opened
    escalate_ms: int  # a repeat is escalated when its ticket has been without an answer for so long
    requirements: Requirements


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is recorded, in one transaction."""

    what: What
    ticket: TicketNow | None = None  # the one that is updated
    fields: dict[str, str]
    missing: tuple[Missing, ...] = ()
    state: State = State.NEW
    link_to: int | None = None
    same_letter: int | None = None
    reply: ReplyKind | None = None
    reason: NoReplyReason | None = None  # why there is no reply
    needs_person: bool = False
    raised: bool = False  # a repeat: staff see it in the queue and on the ticket
    escalated: bool = False  # a repeat of what has been without an answer for too long
    history: Told = ()
