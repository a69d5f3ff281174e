"""A letter that belongs to a ticket: what it adds, what is still asked for, whether it is answered."""

from collections.abc import Mapping, Sequence

from intake.letter import NoReplyReason
from tickets.answering import allowed, told
from tickets.outcome import Facts, Outcome, Policy, Told, What
from tickets.repeats import is_late, unanswered_too_long
from tickets.ticket import Event, Joined, ReplyKind, State, TicketNow
from tickets.verdict import Judged
from validate import requirements
from validate.findings import Field, Kind, Missing
from validate.requirements import Requirements

ASKED_MOST = 2  # letters that ask for missing data, in all; then a person takes over (rulings 18)
KEPT = ("description", "ticket")  # the first account of the trouble stays; later ones are read in their letters


def merge(ticket: TicketNow, judged: Judged, facts: Facts, policy: Policy) -> Outcome:
    """What the letter changes.

    1. What it brings is taken over what the ticket has; the earlier values stay in the history.
    2. What was asked for and is still not there is asked for again, alone, and twice in all; then a person takes over.
       A citizen whose second letter crossed our question is not asked the same again at once.
    3. Complete: the acknowledgement, once a ticket. Complete before: a letter that asks for the status is told it, at
       most once a day; everything else is read by a person and needs no robot's letter.
    4. Unasked, and by the number: the citizen writes again of the same matter. The ticket is raised.
    """
    verdict = judged.verdict
    new = {name: value for name, value in verdict.fields if value and (name not in KEPT or not ticket.fields.get(name))}
    missing = still_missing(ticket.missing, ticket.kind, {**ticket.fields, **new}, policy.requirements)
    wanted = _wanted(ticket, missing, judged, facts)
    reply, reason = (
        (None, _silent(ticket, missing, facts))
        if wanted is None
        else allowed(wanted, verdict, facts, policy, life=ticket.robot_letters)
    )
    again = facts.by is Joined.NUMBER and ticket.state is not State.WAITING
    escalated = (again and unanswered_too_long(ticket, facts, policy)) or (
        reply is ReplyKind.STATUS and is_late(ticket, facts.now_ms) and not ticket.escalated
    )
    state = _state_after(ticket, missing, reply, reason)
    return Outcome(
        what=What.UPDATE,
        ticket=ticket,
        fields=new,
        missing=missing,
        state=state,
        reply=reply,
        reason=reason,
        needs_person=(bool(missing) and state is not State.WAITING) or escalated,
        raised=again,
        escalated=escalated,
        history=(*_joined(ticket, facts), *_noted(again, escalated), *told(reply, reason)),
    )


def still_missing(
    asked: Sequence[Missing], kind: Kind, known: Mapping[str, str], needs: Requirements
) -> tuple[Missing, ...]:
    """Of what a ticket lacks, what nobody gave, by letter or to staff; what staff crossed out stays out."""
    given = requirements.given(kind, {Field(name) for name, value in known.items() if value}, needs)
    return tuple(one for one in asked if one not in given)


def _wanted(ticket: TicketNow, missing: tuple[Missing, ...], judged: Judged, facts: Facts) -> ReplyKind | None:
    if facts.too_large:
        return ReplyKind.TOO_LARGE
    if missing:
        crossed = facts.by is Joined.CONVERSATION and ticket.asked and missing == ticket.missing
        return ReplyKind.MISSING_INFORMATION if ticket.asked < ASKED_MOST and not crossed else None
    if not ticket.acknowledged and ticket.answered_ms is None:
        return ReplyKind.ACKNOWLEDGEMENT
    return ReplyKind.STATUS if judged.clues.asks_status and not facts.status_letters else None


def _silent(ticket: TicketNow, missing: tuple[Missing, ...], facts: Facts) -> NoReplyReason:
    """Why nothing is wanted."""
    asked_out = missing and ticket.asked >= ASKED_MOST
    return NoReplyReason.TOO_MANY if asked_out else NoReplyReason.ALREADY_ANSWERED


def _state_after(
    ticket: TicketNow, missing: tuple[Missing, ...], reply: ReplyKind | None, reason: NoReplyReason | None
) -> State:
    crossed = ticket.state is State.WAITING and reason is NoReplyReason.ALREADY_ANSWERED
    if missing and (reply is not None or crossed):
        return State.WAITING
    return State.OPEN if ticket.state is State.OPEN else State.NEW


def _joined(ticket: TicketNow, facts: Facts) -> Told:
    by = {"by": facts.by} if facts.by else {}
    reopened: Told = ((Event.REOPENED, {}),) if ticket.state is State.CLOSED else ()
    return ((Event.LETTER_JOINED, {**by}), *reopened)


def _noted(raised: bool, escalated: bool) -> Told:
    lines: Told = ((Event.RAISED, {}),) if raised else ()
    return (*lines, (Event.ESCALATED, {})) if escalated else lines
