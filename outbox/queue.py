"""Letters of ours into the outbox, past the breaker."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from intake.letter import NoReplyReason
from outbox.answer import Answers
from outbox.case import Case
from service import logs
from store import rows
from store.joining import Standing
from store.records import OutgoingMail
from tickets.ticket import ANSWERS_A_LETTER, Event, ReplyKind

BREAKER = "breaker"
COUNTED_EACH_TIME = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """To which rows a letter of ours belongs."""

    ticket_id: int
    letter_id: int | None = None  # the letter it answers
    counted: bool = True  # it uses up the address's daily share


def queue(conn: Connection, answers: Answers, kind: ReplyKind, case: Case, about: About, *, held: bool) -> None:
    """Writes the letter and puts it into the outbox, in the transaction of the decision."""
    written = answers.write(kind, case)
    if held:
        _note_held(conn, about.ticket_id, kind)
    rows.queue_reply(
        conn,
        OutgoingMail(
            letter_id=about.letter_id,
            ticket_id=about.ticket_id,
            kind=kind,
            automatic=True,
            recipient=case.recipient,
            envelope_from=written.envelope_from,
            message_id=written.composed.message_id,
            raw=written.composed.raw,
            counted=about.counted and kind in ANSWERS_A_LETTER,
            held=held,
        ),
    )


class Counting:
    """How far to count the letters written lately, with each letter that is settled.

    To a limit that is small; a large one is looked at once a second, and may be overrun by what a second brings:
    counting six thousand rows for each letter would cost more than the letter.
    """

    def __init__(self, a_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._a_minute, self._clock, self._next = a_minute, clock, 0.0

    def how_far(self) -> int:
        """For `rows.standing`; 0 is not at all."""
        if self._a_minute <= COUNTED_EACH_TIME:
            return self._a_minute
        if self._clock() < self._next:
            return 0
        self._next = self._clock() + 1.0
        return self._a_minute


def breaker(conn: Connection, standing: Standing, *, a_minute: int) -> bool:
    """Whether this letter is held for a person.

    More automatic letters than the limit within a minute are a loop or a forger at work. The breaker comes out: what is
    queued and not yet sent is held, and all that is written from then on, until a person releases it or it is dropped
    after two days. Intake goes on, tickets are opened, letters of staff leave.
    """
    if standing.breaker_out:
        return True
    if standing.written_lately < a_minute:
        return False
    held = hold_due(conn)
    logs.error("breaker-out", held=held, remedy="look: priemnaya queue list; then queue release --all, or drop")
    return True


def hold_due(conn: Connection) -> int:
    """Puts aside what is due and unsent, with a note on each ticket; how many."""
    held = rows.hold_all_due(conn, error=BREAKER)
    for ticket_id, kind in held:
        if ticket_id is not None:
            _note_held(conn, ticket_id, kind)
    return len(held)


def _note_held(conn: Connection, ticket_id: int, kind: str) -> None:
    data = {"kind": kind, "reason": NoReplyReason.BREAKER}
    rows.add_history(conn, ticket_id, who="desk", what=Event.NOT_ANSWERED, data=data)
