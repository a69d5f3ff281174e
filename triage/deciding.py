"""How a staff decision is recorded, and taken back: the one door through which the page changes tickets.

One transaction holds the ticket's change, its history, the letter (which waits 20 s in the outbox), the decision's row
and what it teaches. Undoing reverts all of it in one transaction, or nothing: when the letter has left or somebody
changed the ticket since, it says so and leaves the decision as it is (rulings 14).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from intake.letter import NoReplyReason
from outbox.answer import Answers
from outbox.case import Case, Incoming, case_of
from outbox.compose import Enclosed
from service.settings import Settings
from store import decided, listing, rows
from store.records import OutgoingMail, Ticket, TicketChange
from store.replies import answered_by_staff
from tickets.decide import Around, Decided, Decision, Refused, Step, before, decide
from tickets.teams import load
from tickets.terms import clocks, terms_of
from tickets.ticket import TELLS_A_STATE, Event, ReplyKind
from triage.access import Who
from triage.hiding import is_hidden
from validate import requirements

ENDS = frozenset({Decided.ANSWER, Decided.DUPLICATE, Decided.SPAM, Decided.CLOSE})  # nobody has to answer any more
DELAY_MS = 20_000  # until a letter of staff may leave: so long it can be undone (rulings 14)


class Changed(Exception):
    """Somebody changed the ticket since it was read; the page shows what and keeps what was typed."""


class Twice(Exception):
    """The same form came before, by a second click or a reload; nothing is done a second time."""


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
        self.letters = Answers(settings)
        self._teams = load(settings.desk.teams)
        self._terms = terms_of(settings)
        self.working = self._terms.working
        self._requirements = requirements.load(settings.reading.requirements)
        self._writes = settings.replies.on_answered

    def around(self, conn: Connection) -> Around:
        """What a decision depends on beside the ticket."""
        now_ms = rows.now(conn)
        times = clocks(now_ms, self._terms)
        return Around(
            now_ms=now_ms,
            waiting_until_ms=times.waiting_until_ms,
            remind_ms=times.remind_ms,
            teams=self._teams,
            writes=self._writes,
            terms=self._terms,
            requirements=self._requirements,
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
        if decision.what is Decided.CONFIRM and is_hidden(ticket.number) and not decided.told_before(conn, ticket.id):
            raise Refused("Подсказка этой заявки скрыта: выберите тему сами.")
        around = self.around(conn)
        step = decide(ticket, decision, around)
        kept = before(ticket, step)
        if step.fields:
            rows.add_fields(conn, ticket.id, step.fields, letter_id=None, who=who.login)
        rows.update_ticket(conn, ticket.id, step.change)
        after = rows.ticket(conn, ticket.id) or ticket
        if decision.what in ENDS:
            answered_by_staff(conn, ticket.id)
        barred = _barred(conn, ticket, step)
        reply_id = self._queue(conn, after, step, around, decision, files) if step.letter and not barred else None
        rows.add_history(conn, ticket.id, who=who.login, what=step.event, data=step.data)
        if barred:
            data = {"kind": str(step.letter), "reason": NoReplyReason.BOUNCED_ADDRESS}
            rows.add_history(conn, ticket.id, who=who.login, what=Event.NOT_ANSWERED, data=data)
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
        letter = listing.last_letter(conn, ticket.id)
        case = asked(ticket, around, words=paragraphs(decision.text), incoming=_incoming(letter))
        written = self.letters.write(kind, case, files=files)
        return rows.queue_reply(
            conn,
            OutgoingMail(
                letter_id=letter.id if letter else None,
                ticket_id=ticket.id,
                kind=kind,
                automatic=False,
                recipient=ticket.address or "",
                envelope_from=written.envelope_from,
                message_id=written.composed.message_id,
                raw=written.composed.raw,
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


def _barred(conn: Connection, ticket: Ticket, step: Step) -> bool:
    """A letter that the settings alone call for is not written to an address that bounced; a person's own words and
    questions are, for the page says that letters come back from there.
    """
    return step.letter in TELLS_A_STATE and ticket.address is not None and rows.bounced(conn, ticket.address)


def new_batch() -> str:
    """A name for one decision, on one ticket or many; it stands in the undo button's address. For decisions on many it
    is drawn into the form, and a digest of what the form asks for is set behind it (triage/decisions.py).
    """
    return secrets.token_urlsafe(9)


def decide_on_many(
    deciding: Deciding, conn: Connection, who: Who, ticket_ids: Sequence[int], decision: Decision, *, batch: str
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:  # fmt: skip
    """The same decision on each ticket, each under its savepoint: numbers done, and those refused with the reason.

    Twice, when decisions of that batch are written already: a ticket's version is no guard here, so its name is.
    """
    if not decided.first_time(conn, batch):
        raise Twice
    done, refused = [], []
    for ticket_id in dict.fromkeys(ticket_ids):
        try:
            with rows.savepoint(conn):
                done.append(deciding.record(conn, who, On(ticket_id=ticket_id), decision, batch=batch).number)
        except Refused as why:
            found = rows.ticket(conn, ticket_id)
            refused.append((found.number if found else "—", str(why)))
    return tuple(done), tuple(refused)


def asked(ticket: Ticket, around: Around, *, words: tuple[str, ...] = (), incoming: Incoming | None = None) -> Case:
    """What a letter of staff about that ticket says; `preview` shows the same, word for word."""
    incoming = incoming or Incoming(message_id=None, references=())
    case = case_of(ticket, incoming, now_ms=around.now_ms)
    return replace(case, waiting_until_ms=around.waiting_until_ms, words=words, by_person=True)


def paragraphs(text: str) -> tuple[str, ...]:
    """A person's own words, parted at empty lines; never a template."""
    return tuple(part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip())


def _incoming(letter: listing.LastLetter | None) -> Incoming | None:
    if letter is None:
        return None
    clues = (letter.verdict or {}).get("clues") or {}
    return Incoming(message_id=letter.message_id, references=tuple(clues.get("references") or ()))


__all__ = ["Changed", "Deciding", "On", "Twice", "Undone", "asked", "decide_on_many", "new_batch"]
