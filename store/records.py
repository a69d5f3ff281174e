"""The records that the store takes and gives. Times are milliseconds since the epoch, UTC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any


class LetterState(StrEnum):
    """Where a letter stands; docs/flow.md has the table of what follows what."""

    RECEIVED = "received"  # durable here, not yet settled: in the line or in a worker's hands
    SETTLED = "settled"  # it has its ticket
    AUTOMATIC = "automatic"  # a robot's: kept, shown, never answered
    DUPLICATE = "duplicate"  # the same letter as an earlier one, by content
    PARKED = "parked"  # it broke the code or the server does not hand it over: a person looks


class ReplyState(StrEnum):
    """Where a letter of ours stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"  # refused for good, or tried too long
    HELD = "held"  # waits for a person: the breaker, or a restore
    DROPPED = "dropped"  # given up unsent


class Keep(Enum):
    """Stands for "leave as it is" where null means something."""

    KEEP = "keep"


KEEP = Keep.KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxHold:
    """A mailbox that is ours to poll until the lease ends."""

    mailbox_id: int
    attempts: int  # the token of this hold
    since_ms: int  # letters that arrived earlier stay untouched
    uidvalidity: int | None  # as last seen


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLetter:
    """A letter that is already here and not yet moved, by mailbox, UIDVALIDITY and UID."""

    letter_id: int
    stays: bool  # parked without bytes: it must stay on the server
    too_large: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLetter:
    """A letter whose bytes are durable in the blob store, about to get its row."""

    uid: int | None  # None: it came another way than from a mailbox
    blob: str  # its name, given to no other row
    sha256: str  # hex, of the bytes in the blob
    size: int  # bytes, as the server has them
    arrived_ms: int | None  # INTERNALDATE; None: now
    sender: str | None  # From, lower case, by a quick look at the headers: for the order in the line only
    too_large: bool = False  # the blob holds the headers only
    silent: bool = False  # no robot answers it: it was answered before a restore, or is too old


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedLetter:
    """What became of a NewLetter; its letter may be moved on the server now."""

    letter_id: int
    blob: str  # the NewLetter's; when `known`, no row refers to it and it may be deleted
    uid: int | None
    known: bool  # it was here before: no second row was made


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCopy:
    """A letter's copy on the server that is to be deleted there. Its words are erased here already: it is told by its
    time and size, and by its hash in the end.
    """

    id: int  # of the letter
    sha256: str
    size: int
    arrived_ms: int
    too_large: bool  # the hash is of its headers
    folder: str | None  # where it was moved to; null: it is not known to have been moved


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedLetter:
    """A letter in a worker's hands until the lease ends."""

    id: int
    attempts: int  # the token of this claim; 2 or more: claimed before, work it alone
    deaths: int
    mailbox_id: int
    blob: str
    sha256: str
    size: int
    too_large: bool
    arrived_ms: int
    received_ms: int
    turn: int  # its place in the line, a time
    due: int  # when the lease ends
    sender: str | None  # as intake saw it
    silent: bool = False  # no robot answers it
    person: bool = False  # staff say that a person wrote it


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledLetter:
    """How a letter ended."""

    state: LetterState  # settled, automatic or duplicate
    message_id: str | None
    sender: str | None
    verdict: Mapping[str, Any]
    content_key: str | None
    reason: str | None = None  # why there is no answer, or of what it is a duplicate
    ticket_id: int | None = None  # the ticket it joins; for a new one `open_ticket` writes it
    same_as: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """A ticket about to be opened."""

    letter_id: int | None
    state: str
    topic: str
    confidence: float
    needs_review: bool
    kind: str
    address: str | None  # the only one its letters will go to; lower-case domain
    subject: str
    fields: Mapping[str, str]
    missing: Sequence[str]
    opened_ms: int
    first_due_ms: int | None
    final_due_ms: int | None
    waiting_until_ms: int | None = None
    waiting_since_ms: int | None = None
    remind_ms: int | None = None
    raised: int = 0
    escalated_ms: int | None = None
    team: str | None = None
    linked_to: int | None = None
    margin: float = -1.0  # between the two best topics; -1: nobody knows
    unknown: float | None = None  # share of its words that the model did not know; null: it has none


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedTicket:
    """A ticket that has its number."""

    id: int
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketChange:
    """What changes on a ticket; the rest stays. Fields have their own function, for their history."""

    state: str | Keep = KEEP
    topic: str | Keep = KEEP
    confidence: float | Keep = KEEP
    needs_review: bool | Keep = KEEP
    kind: str | Keep = KEEP
    team: str | Keep | None = KEEP
    assignee: str | Keep | None = KEEP
    missing: Sequence[str] | Keep = KEEP
    first_due_ms: int | Keep | None = KEEP
    final_due_ms: int | Keep | None = KEEP
    waiting_until_ms: int | Keep | None = KEEP
    waiting_since_ms: int | Keep | None = KEEP
    remind_ms: int | Keep | None = KEEP
    raised: int | Keep = KEEP
    escalated_ms: int | Keep | None = KEEP
    answered_ms: int | Keep | None = KEEP
    closed_ms: int | Keep | None = KEEP
    linked_to: int | Keep | None = KEEP
    margin: float | Keep = KEEP
    snoozed_until_ms: int | Keep | None = KEEP
    closed_as: str | Keep | None = KEEP
    fields: Mapping[str, str] | Keep = KEEP  # all of them at once, only to take a change back


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket as it stands."""

    id: int
    number: str
    letter_id: int | None
    state: str
    topic: str
    confidence: float
    needs_review: bool
    kind: str
    team: str | None
    assignee: str | None
    address: str | None
    subject: str
    fields: dict[str, str]
    missing: list[str]
    first_due_ms: int | None
    final_due_ms: int | None
    waiting_until_ms: int | None
    waiting_since_ms: int | None
    remind_ms: int | None
    raised: int
    escalated_ms: int | None
    opened_ms: int
    updated_ms: int
    answered_ms: int | None
    closed_ms: int | None
    version: int
    linked_to: int | None
    margin: float
    snoozed_until_ms: int | None
    closed_as: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFile:
    """What one attached file of a letter is."""

    position: int  # in the letter, MIME order, from 0
    name: str | None
    size: int
    type: str
    accepted: bool
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """A whole letter of ours, ready to be sent."""

    letter_id: int | None  # the letter it answers
    ticket_id: int | None
    kind: str
    automatic: bool
    recipient: str  # lower-case domain
    envelope_from: str  # "": the null path
    message_id: str  # without brackets, random, made once
    raw: bytes
    delay_ms: int = 0  # staff's letters wait 20 s, so that they can be undone
    counted: bool = True  # False: an answer to unverified mail does not use up the address's share
    held: bool = False  # put aside at once: the breaker is out


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedReply:
    """A letter of ours in a sender's hands until the lease ends."""

    id: int
    attempts: int  # the token of this claim
    letter_id: int | None
    ticket_id: int | None
    kind: str
    recipient: str
    envelope_from: str
    message_id: str
    raw: bytes
    created_ms: int
    due: int  # when the lease ends
    overtaken: bool  # what it says is no longer so: it is not to be sent
