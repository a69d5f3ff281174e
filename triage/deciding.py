"""How a staff decision is recorded, and taken back: the one door through which the page changes tickets.

One transaction holds the ticket's change, its history, the letter (which waits 20 s in the outbox), the decision's row
and what it teaches. Undoing reverts all of it in one transaction, or nothing: when the letter has left or somebody
changed the ticket since, it says so and leaves the decision as it is (rulings 14).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from outbox.compose import Enclosed
from outbox.staff_letter import DELAY_MS, StaffLetters, Thread, said_of
from service.settings import Settings
from store import decided, listing, rows
from store.records import OutgoingMail, Ticket, TicketChange
from tickets.decide import Around, Decision, Refused, Step, before, decide
from tickets.teams import load
from tickets.terms import Terms, clocks
from tickets.ticket import Event, ReplyKind
from triage.access import Who
from triage.hiding import is_hidden


class Changed(Exception):
    """Somebody changed the ticket since it was read; the page shows what and keeps what was typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class On:
    """The ticket that is decided on, as the person saw it."""

    ticket_id: int
    version: int | None = None  # None: whatever it is now (decisions on many)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What became of taking a batch back."""

    numbers: tuple[str, ...]  # undone
    kept: tuple[tuple[str, str], ...]  # number and why not


class Deciding:
    """Records decisions of one desk, by its settings."""

    def __init__(self, settings: Settings) -> None:
        self.letters = StaffLetters(settings)
        self._teams = load(settings.desk.teams)
        self._terms = Terms(
            zone=settings.desk.timezone,
            first_answer_working_days=settings.terms.first_answer_working_days,
            answer_days=settings.terms.answer_days,
            wait_days=settings.replies.wait_days,
        )
        self._writes = settings.replies.on_answered

    def around(self, conn: Connection) -> Around:
        """What a decision depends on beside the ticket."""
        now_ms = rows.now(conn)
        return Around(
            now_ms=now_ms,
            waiting_until_ms=clocks(now_ms, self._terms).waiting_until_ms,
            teams=self._teams,
            writes=self._writes,
        )

    def record(
        self, conn: Connection, who: Who, on: On, decision: Decision, *, batch: str, files: tuple[Enclosed, ...] = ()
    ) -> Ticket:
        """The ticket after the decision. Refused or Changed when it cannot be taken; nothing is written then."""
        ticket = rows.ticket(conn, on.ticket_id)
        if ticket is None:
            raise Refused("Такой заявки нет.")
        if on.version is not None and ticket.version != on.version:
            raise Changed
        around = self.around(conn)
        step = decide(ticket, decision, around)
        kept = before(ticket, step)
        if step.fields:
            rows.add_fields(conn, ticket.id, step.fields, letter_id=None, who=who.login)
        rows.update_ticket(conn, ticket.id, step.change)
        after = rows.ticket(conn, ticket.id) or ticket
        reply_id = self._queue(conn, after, step, around, decision, files) if step.letter else None
        rows.add_history(conn, ticket.id, who=who.login, what=step.event, data=step.data)
        row = decided.add_decision(
            conn,
            decided.NewDecision(
                batch=batch,
                ticket_id=ticket.id,
                who=who.login,
                what=decision.what,
                before=kept,
                was=ticket.version,
                version=after.version,
                reply_id=reply_id,
            ),
        )
        if step.topic_told is not None:
            self._teach(conn, who, ticket, step.topic_told, row)
        return after

    def undo(self, conn: Connection, who: Who, batch: str) -> Undone:
        """Takes a person's own batch back."""
        numbers, kept = [], []
        for made in reversed(decided.batch(conn, batch)):
            if why := self._stays(conn, who, made):
                kept.append((made.number, why))
                continue
            columns = {name: value for name, value in made.before.items() if name != "version"}
            rows.update_ticket(conn, made.ticket_id, TicketChange(**columns))
            decided.mark_undone(conn, made, version_now=made.version_now + 1)
            rows.add_history(conn, made.ticket_id, who=who.login, what=Event.UNDONE, data={"decision": made.what})
            numbers.append(made.number)
        return Undone(numbers=tuple(reversed(numbers)), kept=tuple(reversed(kept)))

    @staticmethod
    def _stays(conn: Connection, who: Who, made: decided.Made) -> str:
        if made.who != who.login:
            return "это решение другого сотрудника"
        if made.version != made.version_now:
            return "заявку с тех пор изменили"
        if made.reply_id is not None and not rows.undo_reply(conn, made.reply_id):
            return "письмо уже ушло"
        return ""

    def _queue(
        self, conn: Connection, ticket: Ticket, step: Step, around: Around, decision: Decision,
        files: tuple[Enclosed, ...],
    ) -> int | None:  # fmt: skip
        kind = step.letter or ReplyKind.ANSWER
        said = said_of(
            ticket, kind, missing=tuple(ticket.missing), until_ms=around.waiting_until_ms, answer=decision.text.strip()
        )
        letter = listing.last_letter(conn, ticket.id)
        thread = Thread() if letter is None else _thread(letter)
        composed = self.letters.write(
            said, recipient=ticket.address or "", thread=thread, now_ms=around.now_ms, files=files
        )
        return rows.queue_reply(
            conn,
            OutgoingMail(
                letter_id=letter.id if letter else None,
                ticket_id=ticket.id,
                kind=kind,
                automatic=False,
                recipient=ticket.address or "",
                envelope_from=self.letters.head.envelope_from,
                message_id=composed.message_id,
                raw=composed.raw,
                delay_ms=DELAY_MS,
            ),
        )

    @staticmethod
    def _teach(conn: Connection, who: Who, ticket: Ticket, topic: str, decision_id: int) -> None:
        said = listing.first_verdict(conn, ticket.id)
        if said is None:
            return  # by hand: no model was asked
        told = decided.Told(
            ticket_id=ticket.id,
            who=who.login,
            topic=topic,
            said=str(said.get("topic", "")),
            confidence=float(said.get("confidence") or 0.0),
            model=str((said.get("clues") or {}).get("model", "")),
            hidden=is_hidden(ticket.number) and not decided.told_before(conn, ticket.id),
        )
        decided.add_correction(conn, told, decision_id=decision_id)


def new_batch() -> str:
    """A name for one decision, on one ticket or many; it stands in the undo button's address."""
    return secrets.token_urlsafe(9)


def decide_on_many(
    deciding: Deciding, conn: Connection, who: Who, ticket_ids: Sequence[int], decision: Decision, *, batch: str
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:  # fmt: skip
    """The same decision on each ticket, each under its savepoint: numbers done, and those refused with the reason."""
    done, refused = [], []
    for ticket_id in dict.fromkeys(ticket_ids):
        try:
            with rows.savepoint(conn):
                done.append(deciding.record(conn, who, On(ticket_id=ticket_id), decision, batch=batch).number)
        except Refused as why:
            found = rows.ticket(conn, ticket_id)
            refused.append((found.number if found else "—", str(why)))
    return tuple(done), tuple(refused)


def _thread(letter: listing.LastLetter) -> Thread:
    clues = (letter.verdict or {}).get("clues") or {}
    return Thread(message_id=letter.message_id, references=tuple(clues.get("references") or ()))


__all__ = ["Changed", "Deciding", "On", "Undone", "decide_on_many", "new_batch"]
