"""The records that intake hands on: a letter as it was read, its own words, its files."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One mail address; the domain is lower-cased and as DNS has it (xn--…), the local part as written."""

    name: str  # decoded display name, "" when there is none
    email: str  # local@domain, never empty


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One attachment as it came, in MIME order; what it really is, `validate` decides."""

    name: str | None  # decoded and made safe (verdict.md), null when there is none
    data: bytes  # after transfer decoding
    declared: str  # Content-Type as declared, lower case, "" when absent
    cid: str | None  # Content-ID without brackets
    referred: bool  # the HTML refers to it by cid:


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter, read under limits; text is decoded, headers are unfolded and decoded."""

    message_id: str | None  # without brackets
    sender: Address | None  # From (its first address)
    reply_to: Address | None
    return_path: str | None  # None: no header; "": the null path <>
    recipients: tuple[str, ...]  # To, Cc, Delivered-To: addresses, lower-cased domains
    subject: str  # decoded, one line
    sent: datetime | None  # Date header with its own zone; without it the topmost Received
    in_reply_to: tuple[str, ...]  # message ids without brackets
    references: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]  # (lower-case name, decoded value), topmost first
    content_type: str  # of the whole letter, e.g. multipart/report
    report_type: str | None  # its report-type parameter
    text: str  # the whole text, lines by \n; from text/plain, else from HTML; cells of a table row by TAB
    from_html: bool  # text was made from HTML
    files: tuple[File, ...]
    report: str  # text of a delivery-status or disposition-notification part, "" when none
    calendar: str = ""  # method parameter of its first text/calendar part (RFC 6047 §2.4), upper case, "" when none
    limits_hit: tuple[str, ...] = ()  # which caps cut something, e.g. "parts", "headers"

    def header(self, name: str) -> str | None:
        """The topmost header of that lower-case name, or null."""
        return next((value for key, value in self.headers if key == name), None)

    def all_headers(self, name: str) -> tuple[str, ...]:
        """Every header of that lower-case name, topmost first."""
        return tuple(value for key, value in self.headers if key == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWords:
    """A letter's text by whose words they are; each part keeps its lines."""

    own: str  # what the sender wrote in this letter, without the parts below
    signature: str  # "С уважением, …" and after, "-- " and after; "sent from" lines and disclaimers are dropped
    quoted: str  # older mail with its attribution lines, forwarded mail included


class NoReplyReason(StrEnum):
    """Why a letter gets no automatic reply (verdict.md, rulings 17)."""

    AUTO_SUBMITTED = "auto-submitted"
    BOUNCE = "bounce"
    LIST = "list"
    LOOP = "loop"
    NO_REPLY_ADDRESS = "no-reply-address"
    NO_SENDER = "no-sender"
    SPAM = "spam"
    DMARC = "dmarc"
    UNREADABLE = "unreadable"
    # known only with the store:
    BREAKER = "breaker"
    ALREADY_ANSWERED = "already-answered"
    TOO_MANY = "too-many"
    BOUNCED_ADDRESS = "bounced-address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What screening must know of the desk itself."""

    address: str = "support@desk.example"
    own_addresses: frozenset[str] = field(default_factory=frozenset)  # aliases, lower case
    trusted_authserv_id: str | None = None  # whose Authentication-Results count
    spam_header: str | None = None  # e.g. "x-spam-flag: yes", the trusted MTA's verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """Whether a person wrote: automatic mail is kept and shown but opens no ticket, gets no answer."""

    automatic: bool
    reason: NoReplyReason | None  # set when automatic, and for a person's letter that is not answered
    rule: str  # which rule decided, for `explain` and the log; "" when none did
    verified: bool | None = None  # DMARC as the trusted MTA saw it; None when no MTA is trusted or it says nothing
    delivery_failed: bool = False  # a bounce that gives up, not one that reports a delay
    bounced: tuple[str, ...] = ()  # Message-IDs, without brackets, that a bounce quotes as returned
