"""What the desk does without a letter: reminds, closes after silence, escalates, gives up what was held too long.

Several daemons may run it: each ticket is taken by one statement, and what it calls for is in the same transaction.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection

from intake.letter import NoReplyReason
from outbox.answer import Answers
from outbox.case import Incoming, case_of
from outbox.queue import About, breaker, hold_due, queue
from outbox.unasked import letter_lost, no_longer_waits, not_reached
from service import logs
from service.daemon import Progress, rest
from service.errors import PriemnayaError
from service.patience import Patience
from service.settings import Settings
from store import rows
from store.database import Store
from store.joining import Standing
from store.records import KEEP, Ticket, TicketChange
from tickets.terms import clocks, terms_of
from tickets.ticket import ASKS, BY_THE_CLOCK, NEVER_CLOSED_BY_SILENCE, Event, ReplyKind, State, Why
from validate.findings import Kind

LOOK_SECONDS = 30.0
AT_ONCE = 50  # tickets a transaction: their letters are written in it
HELD_MOST_MS = 48 * 3_600_000  # rulings 18
TIMED_A_DAY = 2  # reminders and closings to one address: a forger's many tickets must not become many letters
DAY_MS = 86_400_000
WHO = "clock"


class ByTheClock:
    """Acts on what is due until the stop."""

    def __init__(
        self, store: Store, settings: Settings, *, answers: Answers, queued: Callable[[], None], progress: Progress
    ) -> None:
        self._store, self._answers = store, answers
        self._queued, self._progress = queued, progress
        self._terms = terms_of(settings)
        self._escalate_ms = settings.terms.escalate_days * DAY_MS
        self._answered_ms = settings.replies.close_answered_days * DAY_MS
        self._a_minute = settings.limits.replies_per_minute
        self._patience = Patience(first=5.0, longest=300.0)

    async def run(self, stop: asyncio.Event) -> None:
        """Looks twice a minute; the transaction in hand is finished before the loop ends."""
        while not stop.is_set():
            try:
                count = await asyncio.to_thread(self.turn)
                pause = 0.0 if count >= AT_ONCE else LOOK_SECONDS
                self._patience.calm()
            except PriemnayaError as fault:
                count, pause = 0, self._patience.next()
                logs.warning("clock-fault", error=str(fault), again_in=round(pause, 1))
            if count:
                self._queued()
            self._progress.turned("clock", rests=pause)
            await rest(stop, pause)

    def turn(self) -> int:
        """One transaction with all that is due, at most AT_ONCE of each kind; returns the greatest count of a kind.

        The log counts the reminders that were written, not the tickets whose reminder was only put off.
        """
        with self._store.writing() as conn:
            standing = rows.standing(conn, 0, content_key=None, address=None, count_to=self._a_minute)
            if standing.breaker_out:  # what was to be tried again later has come due
                hold_due(conn)
            unheard, before = rows.take_reminders(conn, most=AT_ONCE), standing.written_lately
            for ticket in unheard:
                standing = self._remind(conn, ticket, standing)
            reminded = standing.written_lately - before
            silent = rows.take_silent(conn, most=AT_ONCE)
            for ticket in silent:
                standing = self._after_silence(conn, ticket, standing)
            late = rows.take_escalations(conn, age_ms=self._escalate_ms, most=AT_ONCE)
            for ticket in late:
                rows.add_history(conn, ticket.id, who=WHO, what=Event.ESCALATED, data={})
            content = rows.close_answered(conn, age_ms=self._answered_ms, most=AT_ONCE)
            for ticket in content:
                rows.add_history(conn, ticket.id, who=WHO, what=Event.CLOSED, data={"as": "silence"})
            dropped = self._drop_held(conn)
        counts = (reminded, len(silent), len(late), len(content), dropped)
        done = dict(zip(("reminded", "silent", "escalated", "closed", "dropped"), counts, strict=True))
        if any(done.values()):
            logs.info("by-the-clock", **done)
        return max(*counts, len(unheard))

    def _remind(self, conn: Connection, ticket: Ticket, standing: Standing) -> Standing:
        """The days of silence begin when the question left: after one that was held, reminder and closing come so much
        later, and while it is still held nobody is reminded. One asked elsewhere, by telephone, has no letter.
        """
        asked = rows.last_of(conn, ticket.id, ASKS)
        if asked is not None:
            times = clocks(standing.now_ms if asked.sent_ms is None else asked.sent_ms, self._terms)
            if times.remind_ms > standing.now_ms:
                until_ms = KEEP if asked.sent_ms is None else times.waiting_until_ms
                rows.update_ticket(conn, ticket.id, TicketChange(remind_ms=times.remind_ms, waiting_until_ms=until_ms))
                return standing
        return self._write(conn, ReplyKind.REMINDER, ticket, standing)

    def _after_silence(self, conn: Connection, ticket: Ticket, standing: Standing) -> Standing:
        """A request is closed and may be taken up again. What is a complaint or an appeal is not voided by the lack of
        a number or a date: a person goes on with what is there (59-ФЗ asks for name and substance only). Nor is silent
        whom our letters do not reach.
        """
        why = not_reached(conn, ticket)
        if why is None and Kind(ticket.kind) in NEVER_CLOSED_BY_SILENCE:
            why = Why.SILENCE
        if why is not None:
            no_longer_waits(conn, ticket.id, self._terms, who=WHO, why=why)
            return standing
        over = TicketChange(state=State.CLOSED, closed_ms=standing.now_ms, waiting_since_ms=None, remind_ms=None)
        rows.update_ticket(conn, ticket.id, over)
        rows.add_history(conn, ticket.id, who=WHO, what=Event.CLOSED, data={"as": "silence"})
        return self._write(conn, ReplyKind.CLOSING, ticket, standing)

    def _write(self, conn: Connection, kind: ReplyKind, ticket: Ticket, standing: Standing) -> Standing:
        """The letter, or in the history why there is none; how the breaker stands then."""
        if (reason := _unwritten(conn, ticket)) is not None:
            data = {"kind": kind, "reason": reason}
            rows.add_history(conn, ticket.id, who=WHO, what=Event.NOT_ANSWERED, data=data)
            return standing
        thread = rows.thread_of(conn, ticket.id)
        incoming = Incoming(message_id=thread.answers, references=thread.references)
        case = case_of(ticket, incoming, now_ms=standing.now_ms)
        held = breaker(conn, standing, a_minute=self._a_minute)
        queue(conn, self._answers, kind, case, About(ticket_id=ticket.id), held=held)
        rows.add_history(conn, ticket.id, who=WHO, what=Event.REPLY_QUEUED, data={"kind": kind})
        return replace(standing, written_lately=standing.written_lately + 1, breaker_out=held)

    def _drop_held(self, conn: Connection) -> int:
        """Letters that nobody released in two days are given up, with a note on their tickets."""
        dropped = rows.drop_held(conn, older_than_ms=HELD_MOST_MS, most=AT_ONCE)
        for reply_id, ticket_id in dropped:
            if ticket_id is not None:
                data = {"reason": NoReplyReason.BREAKER}
                rows.add_history(conn, ticket_id, who=WHO, what=Event.REPLY_FAILED, data=data)
                letter_lost(conn, ticket_id, self._terms, who=WHO, lost=reply_id)
        return len(dropped)


def _unwritten(conn: Connection, ticket: Ticket) -> NoReplyReason | None:
    if not ticket.address:
        return NoReplyReason.NO_SENDER
    if rows.bounced(conn, ticket.address):
        return NoReplyReason.BOUNCED_ADDRESS
    many = rows.timed_letters_to(conn, ticket.address, tuple(sorted(BY_THE_CLOCK))) >= TIMED_A_DAY
    return NoReplyReason.TOO_MANY if many else None
