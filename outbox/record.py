"""Recording an outcome: facts are asked, the letter is settled, and ticket, history and reply are written together.

Everything here happens in the transaction (and savepoint) of the desk's turn; LostClaim rolls it back.
"""

from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from intake.letter import NoReplyReason
from outbox.answer import Answers, Case
from service import logs
from service.settings import Settings
from store import rows
from store.joining import Standing
from store.records import (
    KEEP,
    ClaimedLetter,
    LetterState,
    NewTicket,
    OutgoingMail,
    SettledLetter,
    Ticket,
    TicketChange,
    TicketFile,
)
from tickets.number import make_number
from tickets.settle import Facts, Outcome, Policy, What, settle
from tickets.teams import load
from tickets.terms import Clocks, Terms, clocks
from tickets.ticket import Event, ReplyKind, State, TicketNow
from tickets.verdict import Judged, Verdict
from validate.findings import Kind, Missing

MINUTE_MS = 60_000
_STATES = {
    What.OPEN: LetterState.SETTLED,
    What.UPDATE: LetterState.SETTLED,
    What.DUPLICATE: LetterState.DUPLICATE,
    What.AUTOMATIC: LetterState.AUTOMATIC,
}


class Recorder:
    """Records the outcomes of one desk, by its settings."""

    def __init__(self, settings: Settings) -> None:
        limits, terms, replies = settings.limits, settings.terms, settings.replies
        self._policy = Policy(
            letters_a_day=limits.robot_letters_a_day,
            letters_a_ticket=limits.robot_letters_a_ticket,
            reopens=replies.closed == "reopen",
        )
        self._terms = Terms(
            zone=settings.desk.timezone,
            first_answer_working_days=terms.first_answer_working_days,
            answer_days=terms.answer_days,
            wait_days=replies.wait_days,
        )
        self._trusts = settings.mailbox.trusted_authserv_id is not None
        self._a_minute = limits.replies_per_minute
        self._answers = Answers(settings)
        self._teams = load(settings.desk.teams)
        self._zone = ZoneInfo(settings.desk.timezone)

    def record(self, conn: Connection, claim: ClaimedLetter, judged: Judged) -> str:
        """Writes what becomes of the letter; a word for the log."""
        verdict = judged.verdict
        address = _lower(verdict.sender)
        standing = rows.standing(conn, claim.id, content_key=judged.clues.content_key, address=address)
        outcome = settle(verdict, self._facts(conn, claim, judged, standing), self._policy)
        rows.settle(conn, claim, _settled(judged, outcome, address))
        if outcome.what is What.AUTOMATIC:
            self._note_bounce(conn, judged)
        if outcome.what in (What.DUPLICATE, What.AUTOMATIC):
            return f"{outcome.what}:{outcome.reason}"
        return self._on_ticket(conn, claim, judged, outcome, standing)

    def _facts(self, conn: Connection, claim: ClaimedLetter, judged: Judged, standing: Standing) -> Facts:
        joined, named = self._tickets(conn, judged)
        return Facts(
            same_letter=standing.same.letter_id if standing.same and not claim.too_large else None,
            same_ticket=standing.same.ticket_id if standing.same else None,
            joined=joined,
            named=named,
            robot_letters=standing.robot_letters,
            bounced=standing.bounced,
            too_large=claim.too_large,
            breaker=rows.sent_lately(conn, within_ms=MINUTE_MS) >= self._a_minute,
        )

    def _tickets(self, conn: Connection, judged: Judged) -> tuple[TicketNow | None, TicketNow | None]:
        """The ticket the sender may join, and one that is only named (rulings 16).

        Joining needs our own random Message-ID in the letter's References, or the number together with the ticket's own
        address, verified where a trusted MTA is set.
        """
        by_id = rows.tickets_by_message_ids(conn, judged.clues.references) if judged.clues.references else ()
        if by_id:
            return _now(conn, by_id[0]), None
        number = judged.verdict.fields.ticket
        found = rows.ticket_by_number(conn, number) if number else None
        if found is None:
            return None, None
        verified = judged.clues.sender_verified is True or not self._trusts
        own = found.address is not None and found.address == _lower(judged.verdict.sender)
        return (_now(conn, found), None) if own and verified else (None, _now(conn, found))

    def _on_ticket(
        self, conn: Connection, claim: ClaimedLetter, judged: Judged, outcome: Outcome, standing: Standing
    ) -> str:
        times = clocks(standing.now_ms, self._terms)
        if outcome.ticket is None:
            opened = rows.open_ticket(
                conn,
                _new_ticket(claim, judged, outcome, standing.now_ms, times, team=self._teams.get(judged.verdict.topic)),
                zone=self._zone,
                make_number=make_number,
            )
            ticket_id, number, address = opened.id, opened.number, _lower(judged.verdict.sender)
        else:
            ticket_id, number, address = outcome.ticket.id, outcome.ticket.number, outcome.ticket.address
            rows.add_fields(conn, ticket_id, outcome.fields, letter_id=claim.id, who="letter")
            rows.update_ticket(conn, ticket_id, _change(outcome, times))
        rows.add_files(conn, ticket_id, claim.id, _files(judged.verdict))
        for what, data in outcome.history:
            rows.add_history(conn, ticket_id, who="desk", what=what, data={**data, "model": judged.clues.model})
        if outcome.reply is not None and address:
            known = {**(outcome.ticket.fields if outcome.ticket else {}), **outcome.fields}
            case = Case(
                verdict=judged.verdict, clues=judged.clues, outcome=outcome, number=number, clocks=times,
                recipient=address, known=known, now_ms=standing.now_ms,
            )  # fmt: skip
            self._queue(conn, claim, ticket_id, outcome.reply, case)
        return f"{outcome.what}:{number}:{outcome.reply or outcome.reason}"

    def _queue(self, conn: Connection, claim: ClaimedLetter, ticket_id: int, kind: ReplyKind, case: Case) -> None:
        composed = self._answers.write(kind, case)
        held = rows.sent_lately(conn, within_ms=MINUTE_MS) >= self._a_minute
        if held:
            logs.error("breaker", remedy="too many replies a minute: look at the queue, then release what is held")
        rows.queue_reply(
            conn,
            OutgoingMail(
                letter_id=claim.id,
                ticket_id=ticket_id,
                kind=kind,
                automatic=True,
                recipient=case.recipient,
                envelope_from=self._answers.head.envelope_from,
                message_id=composed.message_id,
                raw=composed.raw,
                counted=case.clues.sender_verified is not False,
                held=held,
            ),
        )

    @staticmethod
    def _note_bounce(conn: Connection, judged: Judged) -> None:
        """A bounce counts only when it quotes a Message-ID that we sent (rulings 19)."""
        if judged.verdict.no_reply_reason is not NoReplyReason.BOUNCE:
            return
        for own in rows.own_letters(conn, (*judged.clues.bounced, *judged.clues.references)):
            rows.note_bounce(conn, own.recipient, message_id=own.message_id)
            if own.ticket_id is not None:
                rows.add_history(conn, own.ticket_id, who="letter", what=Event.BOUNCED, data={"kind": own.kind})


def _settled(judged: Judged, outcome: Outcome, address: str | None) -> SettledLetter:
    return SettledLetter(
        state=_STATES[outcome.what],
        message_id=judged.verdict.message_id,
        sender=address,
        verdict=judged.verdict.model_dump(mode="json") | {"clues": judged.clues.model_dump(mode="json")},
        content_key=judged.clues.content_key,
        reason=outcome.reason,
        ticket_id=outcome.ticket.id if outcome.ticket else None,
        same_as=outcome.same_letter,
    )


def _new_ticket(
    claim: ClaimedLetter, judged: Judged, outcome: Outcome, now_ms: int, times: Clocks, *, team: str | None
) -> NewTicket:
    verdict = judged.verdict
    return NewTicket(
        letter_id=claim.id,
        state=outcome.state,
        topic=verdict.topic,
        confidence=verdict.confidence,
        needs_review=outcome.needs_person,
        kind=verdict.kind,
        address=_lower(verdict.sender),
        subject=judged.clues.subject,
        fields=outcome.fields,
        missing=[one.value for one in outcome.missing],
        opened_ms=now_ms,
        first_due_ms=times.first_due_ms,
        final_due_ms=times.final_due_ms,
        waiting_until_ms=times.waiting_until_ms if outcome.state is State.WAITING else None,
        linked_to=outcome.link_to,
        team=team,
        margin=_margin(verdict),
    )


def _change(outcome: Outcome, times: Clocks) -> TicketChange:
    waits = outcome.state is State.WAITING
    return TicketChange(
        state=outcome.state,
        missing=[one.value for one in outcome.missing],
        waiting_until_ms=times.waiting_until_ms if waits else None,
        snoozed_until_ms=None,
        closed_as=None,
        needs_review=True if outcome.needs_person else KEEP,
    )


def _files(verdict: Verdict) -> list[TicketFile]:
    return [
        TicketFile(
            position=place, name=one.name, size=one.size, type=one.type, accepted=one.accepted, reason=one.reason
        )
        for place, one in enumerate(verdict.attachments)
    ]


def _now(conn: Connection, ticket: Ticket) -> TicketNow:
    sent = rows.robot_letters_on(conn, ticket.id)
    return TicketNow(
        id=ticket.id,
        number=ticket.number,
        state=State(ticket.state),
        address=ticket.address or "",
        kind=Kind(ticket.kind),
        topic=ticket.topic,
        fields=ticket.fields,
        missing=tuple(Missing(one) for one in ticket.missing),
        asked=sent.get(ReplyKind.MISSING_INFORMATION, 0),
        acknowledged=ReplyKind.ACKNOWLEDGEMENT in sent,
        robot_letters=sum(sent.values()),
        opened_ms=ticket.opened_ms,
        answered_ms=ticket.answered_ms,
    )


def _margin(verdict: Verdict) -> float:
    """How far the best topic leads: the queue shows the closest calls first."""
    shares = [share for _, share in verdict.topics[:2]]
    return round(shares[0] - shares[1], 4) if len(shares) == 2 else -1.0


def _lower(address: str | None) -> str | None:
    return address.lower() if address else None
