"""Recording an outcome: facts are asked, the letter is settled, and ticket, history and reply are written together.

Everything here happens in the transaction (and savepoint) of the desk's turn; LostClaim rolls it back.
"""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from intake.letter import NoReplyReason
from outbox.answer import Answers
from outbox.belonging import Belonging, Trust, belonging
from outbox.bounces import note_bounces
from outbox.case import Case, Incoming, case_of
from outbox.queue import About, Counting, breaker, queue
from outbox.ticket_rows import as_opened, change_of, files_of, new_ticket
from service.settings import Settings
from store import rows
from store.joining import Standing
from store.records import ClaimedLetter, LetterState, SettledLetter, Ticket
from tickets.conclude import by_a_person
from tickets.number import make_number
from tickets.outcome import Facts, Outcome, Policy, What
from tickets.settle import settle
from tickets.teams import load as load_teams
from tickets.terms import clocks, terms_of
from tickets.ticket import Event, ReplyKind
from tickets.verdict import Disposition, Judged
from validate import requirements

DAY_MS = 86_400_000
_STATES = {
    What.OPEN: LetterState.SETTLED,
    What.UPDATE: LetterState.SETTLED,
    What.DUPLICATE: LetterState.DUPLICATE,
    What.AUTOMATIC: LetterState.AUTOMATIC,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """One letter being recorded."""

    claim: ClaimedLetter
    judged: Judged
    standing: Standing
    outcome: Outcome


class Recorder:
    """Records the outcomes of one desk, by its settings."""

    def __init__(self, settings: Settings, answers: Answers) -> None:
        limits, replies = settings.limits, settings.replies
        self._policy = Policy(
            letters_a_day=limits.robot_letters_a_day,
            letters_a_ticket=limits.robot_letters_a_ticket,
            reopens=replies.closed == "reopen",
            escalate_ms=settings.terms.escalate_days * DAY_MS,
            requirements=requirements.load(settings.reading.requirements),
        )
        self._terms = terms_of(settings)
        self._a_minute = limits.replies_per_minute
        self._counting = Counting(self._a_minute)
        self._teams = load_teams(settings.desk.teams)
        self._answers = answers
        self._trust = Trust(
            verifies=settings.mailbox.trusted_authserv_id is not None,
            signed=answers.signed,
            requirements=self._policy.requirements,
        )

    def record(self, conn: Connection, claim: ClaimedLetter, judged: Judged) -> str:
        """Writes what becomes of the letter; a word for the log."""
        judged = by_a_person(judged, self._policy.requirements) if claim.person else judged
        address = _lower(judged.verdict.sender)
        key, far = judged.clues.content_key or None, self._counting.how_far()
        standing = rows.standing(conn, claim.id, content_key=key, address=address, count_to=far)
        where = belonging(conn, claim, judged, self._trust, now_ms=standing.now_ms)
        if where.joined is not None and where.joined.address != address:  # its letters go to the ticket's own address
            standing = rows.standing(conn, claim.id, content_key=key, address=where.joined.address, count_to=far)
        outcome = settle(judged, _facts(claim, standing, where), self._policy)
        rows.settle(conn, claim, _settled(judged, outcome, address))
        if outcome.what in (What.DUPLICATE, What.AUTOMATIC):
            if outcome.reason is NoReplyReason.BOUNCE:
                note_bounces(conn, judged, self._trust.signed, self._terms)
            return f"{outcome.what}:{outcome.reason}"
        return self._on_ticket(conn, _Turn(claim=claim, judged=judged, standing=standing, outcome=outcome))

    def _on_ticket(self, conn: Connection, turn: _Turn) -> str:
        outcome, judged, letter = turn.outcome, turn.judged, turn.claim.id
        kind = judged.verdict.kind if outcome.ticket is None else outcome.ticket.kind
        times = clocks(turn.standing.now_ms, self._terms, kind=kind)
        if outcome.ticket is None:
            new = new_ticket(letter, judged, outcome, times, now_ms=turn.standing.now_ms)
            new = replace(new, team=self._teams.get(judged.verdict.topic))
            opened = rows.open_ticket(conn, new, zone=self._terms.zone, make_number=make_number)
            ticket_id, number = opened.id, opened.number
            changed: tuple[str, ...] = ()
            ticket: Ticket | None = as_opened(new, opened)
        else:
            ticket_id, number = outcome.ticket.id, outcome.ticket.number
            changed = rows.add_fields(conn, ticket_id, outcome.fields, letter_id=letter, who="letter")
            rows.update_ticket(conn, ticket_id, change_of(outcome, times, self._terms, now_ms=turn.standing.now_ms))
            ticket = rows.ticket(conn, ticket_id) if outcome.reply is not None else None
        rows.add_files(conn, ticket_id, letter, files_of(judged.verdict))
        self._history(conn, turn, ticket_id, changed)
        if outcome.reply is not None and ticket is not None and ticket.address:
            self._reply(conn, turn, ticket, outcome.reply)
        return f"{outcome.what}:{number}:{outcome.reply or outcome.reason}"

    def _reply(self, conn: Connection, turn: _Turn, ticket: Ticket, kind: ReplyKind) -> None:
        case = case_of(ticket, Incoming.of(turn.judged), now_ms=turn.standing.now_ms)
        held = breaker(conn, turn.standing, a_minute=self._a_minute)
        about = About(
            ticket_id=ticket.id,
            letter_id=turn.claim.id,
            counted=turn.judged.clues.sender_verified is not False,
        )
        queue(conn, self._answers, kind, _told(case, turn), about, held=held)

    @staticmethod
    def _history(conn: Connection, turn: _Turn, ticket_id: int, changed: tuple[str, ...]) -> None:
        outcome, files = turn.outcome, turn.judged.verdict.attachments
        lines = list(outcome.history)
        if outcome.what is What.UPDATE and changed:
            lines.insert(1, (Event.FIELD_CHANGED, {"fields": ", ".join(changed)}))
        if outcome.what is What.UPDATE and any(one.accepted for one in files):
            lines.insert(1, (Event.FILES_ADDED, {"count": str(sum(one.accepted for one in files))}))
        if unscanned := turn.judged.clues.unscanned:
            lines.append((Event.FILES_UNSCANNED, {"count": str(unscanned)}))
        told = [(what, {**data, "model": turn.judged.clues.model}) for what, data in lines]
        rows.add_histories(conn, ticket_id, who="desk", lines=told)


def _facts(claim: ClaimedLetter, standing: Standing, where: Belonging) -> Facts:
    return Facts(
        now_ms=standing.now_ms,
        same_letter=standing.same.letter_id if standing.same else None,
        same_was_a_robots=standing.same.automatic if standing.same else False,
        joined=where.joined,
        by=where.by,
        named=where.linked,
        robot_letters=standing.robot_letters,
        status_letters=standing.status_letters,
        bounced=standing.bounced,
        too_large=claim.too_large,
        silent=claim.silent,
    )


def _told(case: Case, turn: _Turn) -> Case:
    """The case with what this letter changed."""
    before, outcome, verdict = turn.outcome.ticket, turn.outcome, turn.judged.verdict
    if before is None:  # a ticket may want a person for other reasons than its topic
        return replace(case, topic=None if verdict.needs_review else verdict.topic)
    return replace(
        case,
        topic=None if before.doubtful else before.topic,
        asked_before=before.asked > 0,
        completed=bool(before.missing) and not outcome.missing,
        late=outcome.escalated,
    )


def _settled(judged: Judged, outcome: Outcome, address: str | None) -> SettledLetter:
    verdict = judged.verdict
    if outcome.what is What.UPDATE:
        verdict = verdict.model_copy(update={"disposition": Disposition.UPDATE})
    return SettledLetter(
        state=_STATES[outcome.what],
        message_id=judged.verdict.message_id,
        sender=address,
        verdict=verdict.model_dump(mode="json") | {"clues": judged.clues.model_dump(mode="json")},
        content_key=judged.clues.content_key or None,
        reason=outcome.reason,
        ticket_id=outcome.ticket.id if outcome.ticket else None,
        same_as=outcome.same_letter,
    )


def _lower(address: str | None) -> str | None:
    return address.lower() if address else None
