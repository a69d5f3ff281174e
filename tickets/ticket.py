"""What a ticket is: its states and which may follow which, the letters about it, the lines of its history."""

from dataclasses import dataclass
from enum import StrEnum

from validate.findings import Kind, Missing


class State(StrEnum):
    """Where a ticket stands."""

    NEW = "new"  # complete enough to be worked, nobody has it
    WAITING = "waiting"  # we asked the citizen for something; the clocks stand still
    OPEN = "open"  # somebody works on it
    ANSWERED = "answered"  # the citizen has our answer
    CLOSED = "closed"


FOLLOWS: dict[State, frozenset[State]] = {
    State.NEW: frozenset({State.WAITING, State.OPEN, State.ANSWERED, State.CLOSED}),
    State.WAITING: frozenset({State.NEW, State.OPEN, State.ANSWERED, State.CLOSED}),
    State.OPEN: frozenset({State.NEW, State.WAITING, State.ANSWERED, State.CLOSED}),
    State.ANSWERED: frozenset({State.NEW, State.OPEN, State.WAITING, State.CLOSED}),
    State.CLOSED: frozenset({State.NEW, State.OPEN}),
}


class ReplyKind(StrEnum):
    """Every letter we write. At most one automatic letter of a kind answers one letter (unique in the outbox)."""

    ACKNOWLEDGEMENT = "acknowledgement"
    MISSING_INFORMATION = "missing_information"
    TOO_LARGE = "too_large"
    STATUS = "status"
    REMINDER = "reminder"
    CLOSING = "closing"  # after the citizen's silence
    ANSWER = "answer"  # staff's own words
    CLOSED = "closed"  # staff closed it
    REOPENED = "reopened"  # staff took it up again


ANSWERS_A_LETTER = frozenset(
    {ReplyKind.ACKNOWLEDGEMENT, ReplyKind.MISSING_INFORMATION, ReplyKind.TOO_LARGE, ReplyKind.STATUS}
)
ASKS = frozenset({ReplyKind.MISSING_INFORMATION, ReplyKind.TOO_LARGE})  # a ticket waits for the answer to these
BY_THE_CLOCK = frozenset({ReplyKind.REMINDER, ReplyKind.CLOSING})  # counted apart (rulings 18)
TELLS_A_STATE = frozenset({ReplyKind.CLOSED, ReplyKind.REOPENED})  # what staff did, by replies.on_answered
NEVER_CLOSED_BY_SILENCE = frozenset({Kind.COMPLAINT, Kind.APPEAL})  # a person goes on with what is there


class Joined(StrEnum):
    """By what a letter belongs to its ticket (rulings 15, 16)."""

    REFERENCE = "reference"  # it quotes a Message-ID of ours
    SIGNED = "signed"  # it came to the ticket's own signed address
    NUMBER = "number"  # it names the number, and its From is the ticket's address
    CONVERSATION = "conversation"  # the same sender, minutes later, about the same thing


class Event(StrEnum):
    """What a line of a ticket's history says."""

    OPENED = "opened"
    LETTER_JOINED = "letter-joined"
    FIELD_CHANGED = "field-changed"
    STATE_CHANGED = "state-changed"
    REPLY_QUEUED = "reply-queued"
    REPLY_SENT = "reply-sent"
    REPLY_FAILED = "reply-failed"
    NOT_ANSWERED = "not-answered"  # with the reason
    LINKED = "linked"
    ESCALATED = "escalated"
    REOPENED = "reopened"
    CLOSED = "closed"
    BOUNCED = "bounced"
    BOUNCE_LIFTED = "bounce-lifted"  # staff say that letters arrive there again
    FILES_ADDED = "files-added"
    FILES_UNSCANNED = "files-unscanned"  # the virus scanner was away
    TOPIC_TOLD = "topic-told"  # by a person: confirmed or changed
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    NOTED = "noted"
    SPAM = "spam"
    UNDONE = "undone"  # a decision was taken back
    RAISED = "raised"  # the citizen wrote of it again, unasked


class Why(StrEnum):
    """Why a ticket no longer waits, or is no longer answered or closed, though no letter came."""

    SILENCE = "silence"
    UNASKED = "unasked"  # our question never reached the citizen
    UNREACHED = "unreached"  # it may have; what we wrote since does not
    UNANSWERED = "unanswered"  # our answer never reached the citizen
    RESTORED = "restored"  # from a backup, after which the citizen may have been written to for the last time


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketNow:
    """A ticket as the store has it, as far as settling a letter needs it."""

    id: int
    number: str  # 26-0012345-5
    state: State
    address: str  # the only address its letters go to
    kind: Kind
    topic: str
    doubtful: bool  # a person has still to look: our letters name no topic (rulings 20)
    fields: dict[str, str]
    missing: tuple[Missing, ...]
    asked: int  # how often we asked for missing data
    acknowledged: bool
    reminded: bool
    robot_letters: int  # automatic letters in its life, those by the clock left out
    opened_ms: int
    first_due_ms: int | None
    final_due_ms: int | None
    waiting_since_ms: int | None
    answered_ms: int | None
    raised: int  # how often the citizen wrote of it again
    escalated: bool
