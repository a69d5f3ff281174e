"""What an outcome writes into a ticket's row: its state, its clocks, its files."""

from dataclasses import replace
from typing import Any

from store.records import KEEP, NewTicket, OpenedTicket, Ticket, TicketChange, TicketFile
from tickets.outcome import Outcome
from tickets.terms import Clocks, Terms, after_waiting
from tickets.ticket import State, TicketNow
from tickets.verdict import Judged, Verdict


def new_ticket(letter_id: int, judged: Judged, outcome: Outcome, times: Clocks, *, now_ms: int) -> NewTicket:
    """The ticket that the letter opens; one that waits for data has its clocks stopped from the start."""
    verdict, waits = judged.verdict, outcome.state is State.WAITING
    return NewTicket(
        letter_id=letter_id,
        state=outcome.state,
        topic=verdict.topic,
        confidence=verdict.confidence,
        needs_review=outcome.needs_person,
        kind=verdict.kind,
        address=verdict.sender.lower() if verdict.sender else None,
        subject=judged.clues.subject,
        fields=outcome.fields,
        missing=[one.value for one in outcome.missing],
        opened_ms=now_ms,
        first_due_ms=times.first_due_ms,
        final_due_ms=times.final_due_ms,
        waiting_until_ms=times.waiting_until_ms if waits else None,
        waiting_since_ms=now_ms if waits else None,
        remind_ms=times.remind_ms if waits else None,
        raised=int(outcome.raised),
        escalated_ms=now_ms if outcome.escalated else None,
        linked_to=outcome.link_to,
        margin=_margin(verdict),
        unknown=judged.clues.unknown,
    )


def as_opened(new: NewTicket, opened: OpenedTicket) -> Ticket:
    """The ticket that was opened just now, without asking the store for what was written a moment ago."""
    values: dict[str, Any] = {name: getattr(new, name, None) for name in Ticket.__slots__}
    return Ticket(**{**values, "id": opened.id, "number": opened.number, "version": 1, "updated_ms": new.opened_ms})


def change_of(outcome: Outcome, times: Clocks, terms: Terms, *, now_ms: int) -> TicketChange:
    """What the letter changes on its ticket."""
    before = outcome.ticket
    if before is None:
        raise ValueError("an outcome without a ticket changes none")
    answered = before.state in (State.ANSWERED, State.CLOSED) and outcome.state is not before.state
    change = TicketChange(
        state=outcome.state,
        missing=[one.value for one in outcome.missing],
        needs_review=True if outcome.needs_person else KEEP,
        answered_ms=None if answered else KEEP,
        closed_ms=None if answered else KEEP,
        closed_as=None,
        snoozed_until_ms=None,
        raised=(0 if answered else before.raised) + int(outcome.raised),  # counted since our answer
        escalated_ms=now_ms if outcome.escalated else None if answered else KEEP,
    )
    if outcome.state is State.WAITING:
        return _waiting(change, before, outcome, times, now_ms=now_ms)
    change = replace(change, waiting_until_ms=None, waiting_since_ms=None, remind_ms=None)
    return _running(change, before, times, terms, now_ms=now_ms)


def files_of(verdict: Verdict) -> list[TicketFile]:
    """The letter's files as the ticket lists them."""
    return [
        TicketFile(
            position=place, name=one.name, size=one.size, type=one.type, accepted=one.accepted, reason=one.reason
        )
        for place, one in enumerate(verdict.attachments)
    ]


def _waiting(change: TicketChange, before: TicketNow, outcome: Outcome, times: Clocks, *, now_ms: int) -> TicketChange:
    """Asked again, the citizen has the whole time again; a reminder is sent once a ticket."""
    if outcome.reply is None:
        return change
    return replace(
        change,
        waiting_until_ms=times.waiting_until_ms,
        waiting_since_ms=now_ms if before.waiting_since_ms is None else KEEP,
        remind_ms=None if before.reminded else times.remind_ms,
    )


def _running(change: TicketChange, before: TicketNow, times: Clocks, terms: Terms, *, now_ms: int) -> TicketChange:
    """The clocks stood still while we waited; a new question to an answered ticket has clocks of its own."""
    if before.state in (State.ANSWERED, State.CLOSED):
        return replace(change, first_due_ms=times.first_due_ms, final_due_ms=times.final_due_ms)
    if before.waiting_since_ms is None or before.final_due_ms is None:
        return change
    final = after_waiting(
        before.final_due_ms, since_ms=before.waiting_since_ms, now_ms=now_ms, terms=terms, kind=before.kind
    )
    return replace(change, first_due_ms=times.first_due_ms, final_due_ms=final)


def _margin(verdict: Verdict) -> float:
    """How far the best topic leads: the queue shows the closest calls first."""
    shares = [share for _, share in verdict.topics[:2]]
    return round(shares[0] - shares[1], 4) if len(shares) == 2 else -1.0
