"""Which ticket a letter belongs to, and which it only names."""

from dataclasses import dataclass

from sqlalchemy import Connection

from store import rows
from store.erasing import GONE
from store.records import ClaimedLetter, Ticket
from tickets.addresses import ANSWER, SignedAddresses
from tickets.ticket import BY_THE_CLOCK, Joined, ReplyKind, State, TicketNow
from tickets.verdict import Fields, Judged
from validate.findings import Field, Kind, Missing
from validate.requirements import Requirements, given

CONVERSATION_MS = 15 * 60_000  # rulings 15
LOOKED_BACK_MS = 14 * 86_400_000  # how old a ticket may be to be linked for its sender's sake
_LIVE = (State.NEW, State.WAITING, State.OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """The ticket a letter belongs to and by what, or one that is linked for a person to see."""

    joined: TicketNow | None = None
    by: Joined | None = None
    linked: TicketNow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom the desk believes, and what counts as an answer."""

    verifies: bool  # a trusted MTA says whether From is genuine
    signed: SignedAddresses | None
    requirements: Requirements  # which fields answer what a ticket asks for


def belonging(conn: Connection, claim: ClaimedLetter, judged: Judged, trust: Trust, *, now_ms: int) -> Belonging:
    """The policy (rulings 15, 16), the first that fits:

    1. A Message-ID of ours in References or In-Reply-To: it is random, only who got our letter knows it.
    2. The ticket's own signed address among those the letter was sent to.
    3. The ticket's number, when From is the ticket's address, verified where a trusted MTA is set. The number alone
       proves nothing: from a stranger it links, for a person to decide, and nothing of the ticket is told.
    4. The same sender minutes later about the same thing: one conversation, not five tickets.
    Else the letter opens a ticket, linked to one of the same address that waits for data: perhaps this is the answer.
    A ticket whose words and address are erased is linked, never joined.
    """
    answered, by = _answered(conn, judged, trust)
    if (live := next((one for one in answered if not _erased(one)), None)) is not None:
        return Belonging(joined=ticket_now(conn, live), by=by)
    number = judged.verdict.fields.ticket
    named = rows.ticket_by_number(conn, number) if number else None
    erased = [one for one in (*answered, named) if one is not None and _erased(one)]
    near = _by_sender(conn, claim, judged, trust, None if named in erased else named, now_ms=now_ms)
    return near if near.joined or not erased else Belonging(linked=ticket_now(conn, erased[0]))


def _answered(conn: Connection, judged: Judged, trust: Trust) -> tuple[tuple[Ticket, ...], Joined]:
    """Points 1 and 2: the tickets whose letters the sender has, and by what."""
    clues = judged.clues
    if by_id := rows.tickets_by_message_ids(conn, clues.references) if clues.references else ():
        return by_id, Joined.REFERENCE
    signed = trust.signed.number_in(ANSWER, clues.recipients) if trust.signed else None
    found = rows.ticket_by_number(conn, signed) if signed is not None else None
    return (found,) if found is not None else (), Joined.SIGNED


def _erased(ticket: Ticket) -> bool:
    """Nothing is known of it any more and no letter about it could leave: what answers it is a matter of its own."""
    return ticket.address is None and ticket.subject == GONE


def _by_sender(
    conn: Connection, claim: ClaimedLetter, judged: Judged, trust: Trust, named: Ticket | None, *, now_ms: int
) -> Belonging:
    """Points 3 and 4: nothing but From tells whose the letter is."""
    clues = judged.clues
    sender = (judged.verdict.sender or "").lower()
    genuine = clues.sender_verified is True or not trust.verifies
    if named is not None:
        own = genuine and bool(sender) and named.address == sender
        now = ticket_now(conn, named)
        return Belonging(joined=now, by=Joined.NUMBER) if own else Belonging(linked=now)
    if not sender or not genuine:
        return Belonging()
    lately = rows.tickets_lately(conn, sender, since_ms=now_ms - LOOKED_BACK_MS)
    for ticket in lately:
        if _about_the_same(ticket, judged, trust.requirements) and _goes_on(conn, ticket, claim, trust):
            return Belonging(joined=ticket_now(conn, ticket), by=Joined.CONVERSATION)
    waits = next((one for one in lately if State(one.state) is State.WAITING), None)
    return Belonging(linked=ticket_now(conn, waits)) if waits else Belonging()


def _about_the_same(ticket: Ticket, judged: Judged, needs: Requirements) -> bool:
    """A live ticket of the same topic, or the letter tells none of its own; and no other person's number."""
    verdict = judged.verdict
    if State(ticket.state) not in _LIVE:
        return False
    brings = verdict.needs_review and bool(_given(ticket, verdict.fields, needs))
    tells_none = verdict.fields.description is None or judged.clues.adds or brings
    if ticket.topic != verdict.topic and not tells_none:
        return False
    numbers = {name: getattr(verdict.fields, name) for name in ("inn", "account", "snils")}
    return all(not value or ticket.fields.get(name, value) == value for name, value in numbers.items())


def _given(ticket: Ticket, fields: Fields, needs: Requirements) -> frozenset[Missing]:
    """What the letter brings of what the ticket asks for; a description it tells may be another matter's."""
    brought = given(Kind(ticket.kind), {Field(name) for name, value in fields if value}, needs)
    return (brought & {Missing(one) for one in ticket.missing}) - {Missing.DESCRIPTION}


def _goes_on(conn: Connection, ticket: Ticket, claim: ClaimedLetter, trust: Trust) -> bool:
    last = rows.last_letter(conn, ticket.id)
    near = last is not None and abs(claim.arrived_ms - last.arrived_ms) <= CONVERSATION_MS
    return near and last is not None and (last.verified or not trust.verifies)


def ticket_now(conn: Connection, ticket: Ticket) -> TicketNow:
    """The ticket as settling and writing need it, its letters counted."""
    sent = rows.robot_letters_on(conn, ticket.id)
    return TicketNow(
        id=ticket.id,
        number=ticket.number,
        state=State(ticket.state),
        address=ticket.address or "",
        kind=Kind(ticket.kind),
        topic=ticket.topic,
        doubtful=ticket.needs_review,
        fields=ticket.fields,
        missing=tuple(Missing(one) for one in ticket.missing),
        asked=sent.get(ReplyKind.MISSING_INFORMATION, 0),
        acknowledged=ReplyKind.ACKNOWLEDGEMENT in sent,
        reminded=ReplyKind.REMINDER in sent,
        robot_letters=sum(count for kind, count in sent.items() if kind not in BY_THE_CLOCK),
        opened_ms=ticket.opened_ms,
        first_due_ms=ticket.first_due_ms,
        final_due_ms=ticket.final_due_ms,
        waiting_since_ms=ticket.waiting_since_ms,
        answered_ms=ticket.answered_ms,
        raised=ticket.raised,
        escalated=ticket.escalated_ms is not None,
    )
