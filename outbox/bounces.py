"""Letters of ours that came back: noted on their ticket, and no more are sent to that address until staff lift it."""

from sqlalchemy import Connection

from outbox.unasked import UNTOLD, letter_lost
from store import rows
from store.joining import OwnLetter
from store.letters import leave_unanswered
from store.outbox import UNDELIVERED, LastReply
from tickets.addresses import BOUNCE, SignedAddresses
from tickets.terms import Terms
from tickets.ticket import ASKS, Event, ReplyKind
from tickets.verdict import Judged


def note_bounces(conn: Connection, judged: Judged, signed: SignedAddresses | None, terms: Terms) -> None:
    """A bounce counts when it quotes a Message-ID that we sent, or came to the address we signed for it (rulings 19).

    Anybody can write one: without such a proof it says nothing. A report of a mere delay says nothing either. Where
    only the ticket is known and it waits for an answer, is closed for the lack of one, or is answered, it is the letter
    that says so that came back; otherwise our last.
    """
    clues = judged.clues
    if not clues.delivery_failed:
        return
    own = rows.own_letters(conn, (*clues.bounced, *clues.references))
    for letter in own:
        rows.note_bounce(conn, letter.recipient, message_id=letter.message_id)
        lost = False
        if letter.ticket_id is not None:
            rows.add_history(conn, letter.ticket_id, who="letter", what=Event.BOUNCED, data={"kind": letter.kind})
            lost = letter_lost(conn, letter.ticket_id, terms, who="letter", lost=letter.id)
        _without_answer(conn, letter, lost=lost)
    number = signed.number_in(BOUNCE, clues.recipients) if signed and not own else None
    ticket = rows.ticket_by_number(conn, number) if number else None
    if ticket is not None and ticket.address:
        rows.note_bounce(conn, ticket.address, message_id=judged.verdict.message_id or "")
        rows.add_history(conn, ticket.id, who="letter", what=Event.BOUNCED, data={})
        lost = letter_lost(conn, ticket.id, terms, who="letter", lost=UNTOLD)
        if (last := rows.last_of(conn, ticket.id, ReplyKind)) is not None:
            _without_answer(conn, last, lost=lost)


def _without_answer(conn: Connection, ours: OwnLetter | LastReply, *, lost: bool) -> None:
    """The letter that ours answered stands under «Без ответа», unless ours asked and was answered, or asked anew."""
    if lost or ours.kind not in ASKS:
        leave_unanswered(conn, (ours.id,), why=UNDELIVERED)
