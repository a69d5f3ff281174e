"""The verdict on one letter: what `inspect` prints and the daemon acts on, and the clues beside it."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from intake.letter import NoReplyReason
from validate.findings import FileFault, Kind, Missing


class Disposition(StrEnum):
    """What becomes of a letter."""

    TICKET = "ticket"
    UPDATE = "update"
    AUTOMATIC = "automatic"
    UNREADABLE = "unreadable"


class Reply(StrEnum):
    """The automatic replies that the letter alone can call for."""

    ACKNOWLEDGEMENT = "acknowledgement"
    MISSING_INFORMATION = "missing_information"


class Overrun(StrEnum):
    """How a letter broke the limits it is read under (rulings 29), or that its file could not be opened."""

    TIME = "time"
    MEMORY = "memory"
    CRASH = "crash"
    OPEN = "open"  # only `inspect`


class Frozen(BaseModel):
    """Records of the contract: frozen, nothing unknown taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Fields(Frozen):
    """The fields of a letter; each key is always there, null where not found."""

    fio: str | None = None
    inn: str | None = None
    account: str | None = None
    snils: str | None = None
    ogrn: str | None = None
    phone: str | None = None
    date: str | None = None
    ticket: str | None = None
    application: str | None = None
    service: str | None = None
    description: str | None = None


class ProblemSaid(Frozen):
    """A value found but wrong."""

    field: str
    value: str
    reason: str


class Attachment(Frozen):
    """What one attached file is."""

    name: str | None
    size: int
    type: str
    accepted: bool
    reason: FileFault | None


class Verdict(Frozen):
    """What we think of one letter; its keys and their meaning are a contract with those who call `inspect`."""

    message_id: str | None
    sender: str | None
    disposition: Disposition
    reply: Reply | None
    no_reply_reason: NoReplyReason | None
    kind: Kind
    topic: str
    confidence: Annotated[float, Field(ge=0, le=1)]
    needs_review: bool
    topics: tuple[tuple[str, float], ...]
    fields: Fields
    missing: tuple[Missing, ...]
    problems: tuple[ProblemSaid, ...]
    attachments: tuple[Attachment, ...]
    error: Overrun | None = None


class Clues(Frozen):
    """What else the desk must know of the letter to settle it; `inspect` does not print it."""

    references: tuple[str, ...]  # In-Reply-To and References, without brackets, nearest first
    recipients: tuple[str, ...]  # addresses it was sent to, the signed plus-address among them
    sent: str | None  # ISO 8601, the letter's own clock
    subject: str
    auto_rule: str  # the screening rule that decided, "" when none
    sender_verified: bool | None  # DMARC at the trusted MTA; None when no MTA is trusted
    content_key: str  # hash of From, Message-ID, text and files (rulings 6); "": like no other
    why: tuple[str, ...]  # words that weighed most for the topic
    written: dict[str, str]  # field -> the words it stands in, for highlighting
    model: str
    asks_status: bool = False  # it asks how its ticket stands
    adds: bool = False  # it says that it adds to an earlier letter
    delivery_failed: bool = False  # a bounce that gives up, not one that reports a delay
    unscanned: int = 0  # files that the virus scanner should have looked at and could not
    unknown: float | None = None  # share of its words that the model does not know
    bounced: tuple[str, ...] = ()  # Message-IDs quoted in a bounce, to find which of our letters came back


class Judged(Frozen):
    """All that reading one letter gives."""

    verdict: Verdict
    clues: Clues


def unreadable(error: Overrun | None) -> Verdict:
    """The verdict on a letter that overran its limits: kept and shown, never answered."""
    return Verdict(
        message_id=None,
        sender=None,
        disposition=Disposition.UNREADABLE,
        reply=None,
        no_reply_reason=NoReplyReason.UNREADABLE,
        kind=Kind.REQUEST,
        topic="other",
        confidence=0.0,
        needs_review=True,
        topics=(("other", 0.0),),
        fields=Fields(),
        missing=(),
        problems=(),
        attachments=(),
        error=error,
    )
