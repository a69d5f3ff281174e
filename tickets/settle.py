"""From the verdict on a letter and the facts of the store to what is done: pure, so that it can be told beforehand."""

from dataclasses import dataclass
from enum import StrEnum

from intake.letter import NoReplyReason
from tickets.ticket import Event, ReplyKind, State, TicketNow
from tickets.verdict import Disposition, Verdict
from validate.findings import Kind, Missing

ASKED_MOST = 2  # letters that ask for missing data, in all; then a person takes over (rulings 18)


class What(StrEnum):
    """What a letter does."""

    OPEN = "open"
    UPDATE = "update"
    DUPLICATE = "duplicate"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the store knows at the moment of settling."""

    same_ticket: int | None = None  # ticket of an earlier letter with the same content
    same_letter: int | None = None
    joined: TicketNow | None = None  # the ticket the sender may join (rulings 16)
    named: TicketNow | None = None  # a ticket that is only named: linked, never joined
    robot_letters: int = 0  # automatic letters to the address in the last day
    bounced: bool = False  # a letter of ours to the address came back
    too_large: bool = False  # only the headers were taken
    breaker: bool = False  # too many replies in the last minute: held for a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the settings say of answering."""

    letters_a_day: int
    letters_a_ticket: int
    reopens: bool  # an answer to a closed ticket reopens it; else a linked one is opened


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
    history: tuple[tuple[Event, dict[str, str]], ...] = ()


def settle(verdict: Verdict, facts: Facts, policy: Policy) -> Outcome:
    """What becomes of a letter.

    The same content twice is one letter: linked, no second ticket, no reply. A robot's letter is kept and shown. A
    letter that joins its ticket adds what it brings; what it still lacks is asked for, twice in all. Everything else
    opens a ticket; a ticket that is only named is linked for a person to see, and nothing of it is told.
    """
    fields = {name: value for name, value in verdict.fields if value}
    if facts.same_letter is not None:
        return Outcome(
            what=What.DUPLICATE, fields={}, same_letter=facts.same_letter, reason=NoReplyReason.ALREADY_ANSWERED
        )
    if verdict.disposition in (Disposition.AUTOMATIC, Disposition.UNREADABLE) and not facts.too_large:
        return Outcome(what=What.AUTOMATIC, fields={}, reason=verdict.no_reply_reason or NoReplyReason.AUTO_SUBMITTED)
    joined = facts.joined
    if joined is not None and (joined.state is not State.CLOSED or policy.reopens):
        return _update(joined, verdict, facts, policy, fields)
    return _open(verdict, facts, policy, fields)


def _open(verdict: Verdict, facts: Facts, policy: Policy, fields: dict[str, str]) -> Outcome:
    other = facts.named or facts.joined
    wanted = ReplyKind.MISSING_INFORMATION if verdict.missing else ReplyKind.ACKNOWLEDGEMENT
    if facts.too_large:
        wanted = ReplyKind.TOO_LARGE
    reply, reason = _allowed(wanted, verdict, facts, policy, life=0)
    waits = reply is not None and wanted is not ReplyKind.ACKNOWLEDGEMENT
    links: tuple[tuple[Event, dict[str, str]], ...] = ((Event.LINKED, {"to": other.number}),) if other else ()
    return Outcome(
        what=What.OPEN,
        fields=fields,
        missing=verdict.missing,
        state=State.WAITING if waits else State.NEW,
        link_to=other.id if other else None,
        reply=reply,
        reason=reason,
        needs_person=verdict.needs_review or verdict.kind is Kind.COMPLAINT or other is not None,
        history=((Event.OPENED, {}), *links, *_told(reply, reason)),
    )


def _update(ticket: TicketNow, verdict: Verdict, facts: Facts, policy: Policy, fields: dict[str, str]) -> Outcome:
    """What the citizen sent before is not asked for again; the first account of the trouble stays the description."""
    new = {
        name: value
        for name, value in fields.items()
        if name not in ("ticket", "description") or name not in ticket.fields
    }
    known = {**ticket.fields, **new}
    missing = tuple(one for one in ticket.missing if not _given(one, known))
    wanted = _wanted_now(ticket, missing)
    reply, reason = (
        (None, None) if wanted is None else _allowed(wanted, verdict, facts, policy, life=ticket.robot_letters)
    )
    reopened: tuple[tuple[Event, dict[str, str]], ...] = ((Event.REOPENED, {}),) if ticket.state is State.CLOSED else ()
    return Outcome(
        what=What.UPDATE,
        ticket=ticket,
        fields=new,
        missing=missing,
        state=_state_after(ticket, missing, reply),
        reply=reply,
        reason=reason or (verdict.no_reply_reason if wanted is None else None),
        needs_person=bool(missing) and reply is None,
        history=((Event.LETTER_JOINED, {}), *reopened, *_told(reply, reason)),
    )


def _wanted_now(ticket: TicketNow, missing: tuple[Missing, ...]) -> ReplyKind | None:
    if missing:
        return ReplyKind.MISSING_INFORMATION if ticket.asked < ASKED_MOST else None
    return None if ticket.acknowledged else ReplyKind.ACKNOWLEDGEMENT


def _state_after(ticket: TicketNow, missing: tuple[Missing, ...], reply: ReplyKind | None) -> State:
    if missing and reply is not None:
        return State.WAITING
    return State.OPEN if ticket.state is State.OPEN else State.NEW


def _given(one: Missing, known: dict[str, str]) -> bool:
    if one is Missing.INN_OR_ACCOUNT:
        return "inn" in known or "account" in known
    return one.value in known


def _allowed(
    wanted: ReplyKind, verdict: Verdict, facts: Facts, policy: Policy, *, life: int
) -> tuple[ReplyKind | None, NoReplyReason | None]:
    """The reply, or why none: the letter's own reason first, then an address that bounced, then the limits.

    The breaker does not take a reply away: it is written and held until a person releases it.
    """
    if verdict.no_reply_reason is not None and not facts.too_large:
        return None, verdict.no_reply_reason
    if verdict.sender is None:
        return None, NoReplyReason.NO_SENDER
    if facts.bounced:
        return None, NoReplyReason.BOUNCED_ADDRESS
    if facts.robot_letters >= policy.letters_a_day or life >= policy.letters_a_ticket:
        return None, NoReplyReason.TOO_MANY
    return wanted, None


def _told(reply: ReplyKind | None, reason: NoReplyReason | None) -> tuple[tuple[Event, dict[str, str]], ...]:
    if reply is not None:
        return ((Event.REPLY_QUEUED, {"kind": reply}),)
    return ((Event.NOT_ANSWERED, {"reason": reason}),) if reason is not None else ()
