"""Whether a letter of ours that is about to leave still says what is so: part of its claim, no query of its own."""

from sqlalchemy import and_, case, exists, false, or_
from sqlalchemy.sql import ColumnElement

from store.schema import fixed, letters, outbox, tickets


def _ticket(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(tickets.c.id == outbox.c.ticket_id, *conditions).correlate(outbox)


_waits = tickets.c.state == fixed("waiting")
_closed_by_silence = and_(
    tickets.c.state == fixed("closed"),
    tickets.c.closed_as.is_(None),
    or_(tickets.c.answered_ms.is_(None), tickets.c.answered_ms <= outbox.c.created_ms),
)
_wrote_since = (
    exists()
    .where(
        letters.c.ticket_id == outbox.c.ticket_id,
        letters.c.id > outbox.c.letter_id,
        letters.c.state == fixed("settled"),
    )
    .correlate(outbox)
)
# A letter may leave days after it was written: held, put off, or tried again by hand. By then a `closing` must not tell
# that a ticket is closed which is open again or was answered, nor a reminder ask one who is not waited for. A question
# is over when staff have answered or closed, or when the citizen wrote again and is not waited for any more; one that
# was lost, and is tried again while a person has the ticket, may still be of use.
overtaken: ColumnElement[bool] = case(
    (outbox.c.ticket_id.is_(None), false()),
    (outbox.c.kind == fixed("closing"), ~_ticket(_closed_by_silence)),
    (outbox.c.kind == fixed("reminder"), ~_ticket(_waits)),
    (
        outbox.c.kind.in_([fixed("missing_information"), fixed("too_large")]),
        or_(
            _ticket(tickets.c.state.in_([fixed("answered"), fixed("closed")])),
            and_(~_ticket(_waits), _wrote_since),
        ),
    ),
    else_=false(),
)
