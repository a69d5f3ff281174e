"""A ticket that waits for an answer to a letter which its citizen never saw goes to a person, as if never asked; so
does one that stands as answered by a letter of ours that was lost.

Who was not reached is not silent: without this the ticket would be closed after the term, seen by nobody.
"""

from sqlalchemy import Connection

from store import rows
from store.outbox import LastReply
from store.records import KEEP, Keep, ReplyState, Ticket, TicketChange
from tickets.terms import Terms, after_waiting, clocks
from tickets.ticket import ASKS, BY_THE_CLOCK, Event, ReplyKind, State, Why

UNTOLD = None  # some letter about the ticket came back, and nobody says which


def letter_lost(conn: Connection, ticket_id: int, terms: Terms, *, who: str, lost: int | None) -> bool:
    """A letter of ours about that ticket was given up, or came back: the one of that id, or UNTOLD.

    When it was the last by which we asked, reminded, closed or answered, and the ticket still stands so, a person goes
    on: True. A citizen who has answered meanwhile, or was asked again since, was reached: nothing changes.
    """
    last = rows.last_of(conn, ticket_id, ASKS | BY_THE_CLOCK | {ReplyKind.ANSWER})
    if last is None or not _is(last, lost):
        return False
    if last.kind == ReplyKind.ANSWER:
        return _answered_no_longer(conn, ticket_id, terms, who=who)
    if last.kind == ReplyKind.CLOSING:
        return _closed_no_longer(conn, ticket_id, terms, who=who)
    return no_longer_waits(conn, ticket_id, terms, who=who, why=_why(last))


def _is(last: LastReply, lost: int | None) -> bool:
    """What never left cannot have come back."""
    return last.state not in (ReplyState.FAILED, ReplyState.DROPPED) if lost is UNTOLD else last.id == lost


def not_reached(conn: Connection, ticket: Ticket) -> Why | None:
    """Why its citizen, from whom nothing came until the term is over, is not silent: the last letter by which we asked
    or reminded has not left, or the address returns what we write. One asked elsewhere, by telephone, has no letter.
    """
    last = rows.last_of(conn, ticket.id, ASKS | BY_THE_CLOCK)
    if last is not None and last.state is not ReplyState.SENT:
        return _why(last)
    return Why.UNREACHED if ticket.address and rows.bounced(conn, ticket.address) else None


def no_longer_waits(conn: Connection, ticket_id: int, terms: Terms, *, who: str, why: Why) -> bool:
    """A person goes on with what is there, if the ticket still waits: our first answer is due anew. The last one is due
    later by the days of waiting, as when the citizen's letter completes it, unless it was we who never asked.
    """
    now_ms = rows.now(conn)
    change = TicketChange(
        state=State.NEW,
        needs_review=True,
        first_due_ms=clocks(now_ms, terms).first_due_ms,
        final_due_ms=KEEP if why is Why.UNASKED else _last_answer(conn, ticket_id, terms, now_ms=now_ms),
        waiting_until_ms=None,
        waiting_since_ms=None,
        remind_ms=None,
    )
    if not rows.update_while(conn, ticket_id, State.WAITING, change):
        return False
    rows.add_history(conn, ticket_id, who=who, what=Event.STATE_CHANGED, data={"to": State.NEW, "why": why})
    return True


def _closed_no_longer(conn: Connection, ticket_id: int, terms: Terms, *, who: str) -> bool:
    """Nobody told the citizen that his ticket is closed: opened again, it has clocks of its own. Not one that a person
    closed since, nor one whose words are erased.
    """
    ticket = rows.ticket(conn, ticket_id)
    if ticket is None or ticket.state != State.CLOSED or ticket.closed_as is not None or ticket.address is None:
        return False
    times = clocks(rows.now(conn), terms, kind=ticket.kind)
    change = TicketChange(
        state=State.NEW,
        needs_review=True,
        first_due_ms=times.first_due_ms,
        final_due_ms=times.final_due_ms,
        closed_ms=None,
    )
    return _reopened(conn, ticket, change, who=who, why=Why.UNREACHED)


def _answered_no_longer(conn: Connection, ticket_id: int, terms: Terms, *, who: str) -> bool:
    """The citizen has no answer: the first is due anew, the last one's day stays as it was. Closed since by a person,
    it stays closed, unless it was the answer that closed it.
    """
    ticket = rows.ticket(conn, ticket_id)
    if ticket is None or ticket.state not in (State.ANSWERED, State.CLOSED) or ticket.address is None:
        return False
    if ticket.closed_as is not None and ticket.closed_ms != ticket.answered_ms:
        return False
    change = TicketChange(
        state=State.NEW,
        needs_review=True,
        first_due_ms=clocks(rows.now(conn), terms).first_due_ms,
        answered_ms=None,
        closed_ms=None,
        closed_as=None,
    )
    return _reopened(conn, ticket, change, who=who, why=Why.UNANSWERED)


def _reopened(conn: Connection, ticket: Ticket, change: TicketChange, *, who: str, why: Why) -> bool:
    """False when its state was changed meanwhile."""
    if not rows.update_while(conn, ticket.id, ticket.state, change):
        return False
    rows.add_history(conn, ticket.id, who=who, what=Event.REOPENED, data={"why": why})
    return True


def _why(last: LastReply) -> Why:
    return Why.UNASKED if last.kind in ASKS else Why.UNREACHED


def _last_answer(conn: Connection, ticket_id: int, terms: Terms, *, now_ms: int) -> int | Keep | None:
    ticket = rows.ticket(conn, ticket_id)
    if ticket is None:
        return KEEP
    since_ms = ticket.waiting_since_ms
    return after_waiting(ticket.final_due_ms, since_ms=since_ms, now_ms=now_ms, terms=terms, kind=ticket.kind)
