"""What becomes of a letter: who joins, who is asked again, who is not answered."""

from typing import Any

import pytest

from intake.letter import NoReplyReason
from tickets.outcome import Facts, Policy, What
from tickets.settle import settle
from tickets.ticket import Event, Joined, ReplyKind, State, TicketNow
from tickets.verdict import Clues, Disposition, Fields, Judged, Verdict, unreadable
from validate.findings import Kind, Missing
from validate.requirements import load

DAY_MS = 86_400_000
POLICY = Policy(letters_a_day=5, letters_a_ticket=8, reopens=True, escalate_ms=30 * DAY_MS, requirements=load(None))
LINKS = Policy(letters_a_day=5, letters_a_ticket=8, reopens=False, escalate_ms=30 * DAY_MS, requirements=load(None))
ALL = {
    "fio": "Иванов Иван",
    "inn": "500100732259",
    "date": "2026-11-01",
    "description": "не приходит код подтверждения",
}
CLUES = Clues(
    references=(), recipients=(), sent=None, subject="", auto_rule="", sender_verified=None, content_key="k", why=(),
    written={}, model="m",
)  # fmt: skip


def judged(*, asks_status: bool = False, **changed: Any) -> Judged:
    base = {
        "sender": "ivan@post.example", "disposition": Disposition.TICKET, "no_reply_reason": None, "kind": Kind.REQUEST,
        "needs_review": False, "fields": Fields(**ALL), "missing": (),
    }  # fmt: skip
    verdict: Verdict = unreadable(None).model_copy(update=base | changed)
    return Judged(verdict=verdict, clues=CLUES.model_copy(update={"asks_status": asks_status}))


def ticket(**changed: Any) -> TicketNow:
    base: dict[str, Any] = {
        "id": 7, "number": "26-0000007-5", "state": State.WAITING, "address": "ivan@post.example", "kind": Kind.REQUEST,
        "topic": "access", "doubtful": False, "fields": {"fio": "Иванов Иван", "description": "первое описание"},
        "missing": (Missing.INN_OR_ACCOUNT, Missing.DATE), "asked": 1, "acknowledged": False, "reminded": False,
        "robot_letters": 1, "opened_ms": 0, "first_due_ms": DAY_MS, "final_due_ms": 30 * DAY_MS,
        "waiting_since_ms": 0, "answered_ms": None, "raised": 0, "escalated": False,
    }  # fmt: skip
    return TicketNow(**(base | changed))


WORKED = ticket(state=State.OPEN, missing=(), acknowledged=True, fields=ALL)


def test_a_complete_letter_opens_a_ticket_and_is_acknowledged() -> None:
    outcome = settle(judged(), Facts(), POLICY)
    assert (outcome.what, outcome.state, outcome.reply) == (What.OPEN, State.NEW, ReplyKind.ACKNOWLEDGEMENT)


def test_a_lacking_letter_opens_a_ticket_that_waits() -> None:
    outcome = settle(judged(missing=(Missing.DATE,)), Facts(), POLICY)
    assert (outcome.state, outcome.reply) == (State.WAITING, ReplyKind.MISSING_INFORMATION)


@pytest.mark.parametrize(
    ("changed", "facts", "reason"),
    [
        ({"no_reply_reason": NoReplyReason.SPAM}, Facts(), NoReplyReason.SPAM),
        ({"no_reply_reason": NoReplyReason.DMARC}, Facts(), NoReplyReason.DMARC),
        ({"sender": None, "no_reply_reason": NoReplyReason.NO_SENDER}, Facts(), NoReplyReason.NO_SENDER),
        ({}, Facts(bounced=True), NoReplyReason.BOUNCED_ADDRESS),
        ({}, Facts(robot_letters=5), NoReplyReason.TOO_MANY),
        ({}, Facts(silent=True), NoReplyReason.ALREADY_ANSWERED),
    ],
)
def test_a_letter_that_is_not_answered_opens_its_ticket_all_the_same_and_history_says_why(
    changed: dict[str, Any], facts: Facts, reason: NoReplyReason
) -> None:
    outcome = settle(judged(**changed), facts, POLICY)
    assert outcome.what is What.OPEN
    assert outcome.reply is None
    assert outcome.reason is reason
    assert (Event.NOT_ANSWERED, {"reason": reason}) in outcome.history


def test_a_robots_letter_is_kept_and_never_answered() -> None:
    robot = judged(disposition=Disposition.AUTOMATIC, no_reply_reason=NoReplyReason.BOUNCE)
    outcome = settle(robot, Facts(joined=ticket()), POLICY)
    assert (outcome.what, outcome.reply, outcome.reason) == (What.AUTOMATIC, None, NoReplyReason.BOUNCE)


def test_the_same_content_twice_makes_no_second_ticket_and_no_reply() -> None:
    outcome = settle(judged(), Facts(same_letter=3), POLICY)
    assert (outcome.what, outcome.same_letter, outcome.reply) == (What.DUPLICATE, 3, None)


def test_an_answer_that_completes_the_ticket_is_acknowledged_and_keeps_the_first_account() -> None:
    outcome = settle(judged(), Facts(joined=ticket(), by=Joined.REFERENCE), POLICY)
    assert (outcome.what, outcome.missing, outcome.state) == (What.UPDATE, (), State.NEW)
    assert outcome.reply is ReplyKind.ACKNOWLEDGEMENT
    assert "description" not in outcome.fields


def test_only_what_is_still_missing_is_asked_for() -> None:
    answer = judged(fields=Fields(inn="500100732259"))
    outcome = settle(answer, Facts(joined=ticket(), by=Joined.REFERENCE), POLICY)
    assert outcome.missing == (Missing.DATE,)
    assert (outcome.reply, outcome.state) == (ReplyKind.MISSING_INFORMATION, State.WAITING)


def test_a_complaint_takes_the_snils_for_the_number() -> None:
    complaint = ticket(kind=Kind.COMPLAINT, missing=(Missing.INN_OR_ACCOUNT,))
    answer = judged(fields=Fields(snils="11223344595"))
    assert settle(answer, Facts(joined=complaint), POLICY).missing == ()
    assert settle(answer, Facts(joined=ticket(missing=(Missing.INN_OR_ACCOUNT,))), POLICY).missing


def test_what_only_staff_asked_for_is_asked_again_too() -> None:
    answer = judged(fields=Fields(inn="500100732259"))
    lacks = ticket(missing=(Missing.INN_OR_ACCOUNT, Missing.OGRN))
    assert settle(answer, Facts(joined=lacks), POLICY).missing == (Missing.OGRN,)


def test_after_the_second_question_a_person_takes_over_and_history_says_why() -> None:
    outcome = settle(judged(fields=Fields()), Facts(joined=ticket(asked=2), by=Joined.REFERENCE), POLICY)
    assert outcome.reply is None
    assert outcome.needs_person
    assert outcome.state is State.NEW
    assert (Event.NOT_ANSWERED, {"reason": NoReplyReason.TOO_MANY}) in outcome.history


def test_a_second_letter_that_crossed_our_question_is_not_asked_the_same_at_once() -> None:
    outcome = settle(judged(fields=Fields()), Facts(joined=ticket(), by=Joined.CONVERSATION), POLICY)
    assert (outcome.reply, outcome.state, outcome.needs_person) == (None, State.WAITING, False)


def test_one_acknowledgement_a_ticket() -> None:
    outcome = settle(judged(), Facts(joined=WORKED, by=Joined.REFERENCE), POLICY)
    assert outcome.what is What.UPDATE
    assert outcome.reply is None
    assert outcome.reason is NoReplyReason.ALREADY_ANSWERED


def test_no_acknowledgement_follows_an_answer_of_staff() -> None:
    answered = ticket(state=State.ANSWERED, missing=(), acknowledged=False, answered_ms=5)
    assert settle(judged(), Facts(joined=answered, by=Joined.REFERENCE), POLICY).reply is None


def test_a_ticket_that_is_only_named_is_linked_and_never_joined() -> None:
    outcome = settle(judged(), Facts(named=ticket()), POLICY)
    assert (outcome.what, outcome.link_to) == (What.OPEN, 7)
    assert outcome.needs_person


@pytest.mark.parametrize(("policy", "what"), [(POLICY, What.UPDATE), (LINKS, What.OPEN)])
def test_an_answer_to_a_closed_ticket_reopens_it_or_opens_a_linked_one(policy: Policy, what: What) -> None:
    outcome = settle(judged(), Facts(joined=ticket(state=State.CLOSED)), policy)
    assert outcome.what is what
    assert outcome.state is State.NEW
    assert ((Event.REOPENED, {}) in outcome.history) is (what is What.UPDATE)


@pytest.mark.parametrize("joined", [None, ticket()])
def test_a_letter_too_large_is_told_the_limit(joined: TicketNow | None) -> None:
    outcome = settle(judged(missing=(Missing.DATE,)), Facts(too_large=True, joined=joined), POLICY)
    assert outcome.reply is ReplyKind.TOO_LARGE


@pytest.mark.parametrize(
    ("reason", "disposition", "what"),
    [
        (NoReplyReason.AUTO_SUBMITTED, Disposition.AUTOMATIC, What.AUTOMATIC),
        (NoReplyReason.BOUNCE, Disposition.AUTOMATIC, What.AUTOMATIC),
        (NoReplyReason.LIST, Disposition.AUTOMATIC, What.AUTOMATIC),
        (NoReplyReason.LOOP, Disposition.AUTOMATIC, What.AUTOMATIC),
        (NoReplyReason.NO_REPLY_ADDRESS, Disposition.AUTOMATIC, What.AUTOMATIC),
        (NoReplyReason.SPAM, Disposition.TICKET, What.OPEN),
        (NoReplyReason.DMARC, Disposition.TICKET, What.OPEN),
        (NoReplyReason.NO_SENDER, Disposition.TICKET, What.OPEN),
    ],
)
@pytest.mark.parametrize("too_large", [False, True])
def test_whom_no_letter_answers_none_answers_for_being_too_large(
    reason: NoReplyReason, disposition: Disposition, what: What, *, too_large: bool
) -> None:
    """A robot's large file, our own letter come back, spam: what they are stands in the headers, which are there."""
    outcome = settle(judged(disposition=disposition, no_reply_reason=reason), Facts(too_large=too_large), POLICY)
    assert (outcome.what, outcome.reply, outcome.reason) == (what, None, reason)


def test_who_asks_for_the_status_of_his_ticket_is_told_it_once_a_day() -> None:
    asks = judged(asks_status=True)
    told = settle(asks, Facts(joined=WORKED, by=Joined.NUMBER), POLICY)
    assert (told.reply, told.state) == (ReplyKind.STATUS, State.OPEN)
    again = settle(asks, Facts(joined=WORKED, by=Joined.NUMBER, status_letters=1), POLICY)
    assert (again.reply, again.reason) == (None, NoReplyReason.ALREADY_ANSWERED)


def test_a_stranger_who_asks_for_the_status_learns_nothing() -> None:
    outcome = settle(judged(asks_status=True), Facts(named=WORKED), POLICY)
    assert outcome.what is What.OPEN
    assert outcome.reply is not ReplyKind.STATUS


@pytest.mark.parametrize(
    ("joined", "by", "days", "raised", "escalated"),
    [
        (WORKED, Joined.NUMBER, 3, True, False),
        (WORKED, Joined.NUMBER, 31, True, True),
        (WORKED, Joined.REFERENCE, 31, False, False),
        (ticket(), Joined.NUMBER, 3, False, False),  # the answer we asked for
        (ticket(state=State.OPEN, missing=(), acknowledged=True, answered_ms=9), Joined.NUMBER, 31, True, False),
        (ticket(state=State.OPEN, missing=(), acknowledged=True, escalated=True), Joined.NUMBER, 31, True, False),
    ],
)
def test_a_repeat_is_raised_and_escalated_after_thirty_days_without_an_answer(
    joined: TicketNow, by: Joined, days: int, raised: bool, escalated: bool
) -> None:
    outcome = settle(judged(), Facts(now_ms=days * DAY_MS, joined=joined, by=by), POLICY)
    assert (outcome.raised, outcome.escalated) == (raised, escalated)
    assert ((Event.ESCALATED, {}) in outcome.history) is escalated


@pytest.mark.parametrize(("now_ms", "late"), [(DAY_MS - 1, False), (DAY_MS + 1, True)])
def test_who_asks_after_the_promised_day_is_apologised_to_and_the_ticket_goes_up(now_ms: int, late: bool) -> None:
    outcome = settle(judged(asks_status=True), Facts(now_ms=now_ms, joined=WORKED, by=Joined.REFERENCE), POLICY)
    assert outcome.escalated is late
    assert outcome.needs_person is late
