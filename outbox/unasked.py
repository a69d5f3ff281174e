"""A ticket that waits for an answer to a question which its citizen never saw goes to a person, as if never asked.

Who was not asked is not silent: without this the ticket would be closed after the term, seen by nobody.
"""

from sqlalchemy import Connection

from store import rows
from store.records import KEEP, Keep, ReplyState, TicketChange
from tickets.terms import Terms, after_waiting, clocks
from tickets.ticket import ASKS, Event, State, Why


def question_lost(conn: Connection, ticket_id: int, terms: Terms, *, who: str, returned: str | None = None) -> None:
    """A letter of ours about that ticket was given up, or came back: `returned` is its Message-ID then.

    When it was the ticket's last question and the ticket still waits for the answer, a person goes on. A citizen who
    has answered meanwhile, or was asked again since, was reached: nothing changes.
    """
    last = rows.last_of(conn, ticket_id, ASKS)
    if last is None:
        return
    if last.state in (ReplyState.FAILED, ReplyState.DROPPED) or last.message_id == returned:
        no_longer_waits(conn, ticket_id, terms, who=who, why=Why.UNASKED)


def was_asked(conn: Connection, ticket_id: int) -> bool:
    """Whether the last question left; one asked elsewhere, by telephone, has no letter."""
    last = rows.last_of(conn, ticket_id, ASKS)
    return last is None or last.state is ReplyState.SENT


def no_longer_waits(conn: Connection, ticket_id: int, terms: Terms, *, who: str, why: Why) -> None:
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
    if rows.update_while(conn, ticket_id, State.WAITING, change):
        rows.add_history(conn, ticket_id, who=who, what=Event.STATE_CHANGED, data={"to": State.NEW, "why": why})


def _last_answer(conn: Connection, ticket_id: int, terms: Terms, *, now_ms: int) -> int | Keep | None:
    ticket = rows.ticket(conn, ticket_id)
    if ticket is None:
        return KEEP
    since_ms = ticket.waiting_since_ms
    return after_waiting(ticket.final_due_ms, since_ms=since_ms, now_ms=now_ms, terms=terms, kind=ticket.kind)
