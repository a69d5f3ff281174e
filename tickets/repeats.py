"""When a citizen writes again of the same matter: raised at once, escalated when nobody has answered for long."""

from tickets.outcome import Facts, Policy
from tickets.ticket import State, TicketNow


def unanswered_too_long(ticket: TicketNow, facts: Facts, policy: Policy) -> bool:
    """Nobody has answered it for the time after which a repeat goes to the one in charge; told once. One that was
    answered and opened again has till its first answer is due, which is reckoned anew (so store/silence.py, too).
    """
    return (
        ticket.answered_ms is None
        and ticket.state is not State.CLOSED
        and not ticket.escalated
        and facts.now_ms - ticket.opened_ms >= policy.escalate_ms
        and (ticket.first_due_ms is None or facts.now_ms >= ticket.first_due_ms)
    )


def is_late(ticket: TicketNow, now_ms: int) -> bool:
    """The day by which we promised to answer is over, and it is our turn."""
    ours = ticket.state in (State.NEW, State.OPEN) and ticket.answered_ms is None
    return ours and ticket.first_due_ms is not None and now_ms > ticket.first_due_ms
