"""What becomes of a letter: who joins, who is asked again, who is not answered."""

from typing import Any

import pytest

from intake.letter import NoReplyReason
from tickets.settle import Facts, Policy, What, settle
from tickets.ticket import Event, ReplyKind, State, TicketNow
from tickets.verdict import Disposition, Fields, Verdict, unreadable
from validate.findings import Kind, Missing

POLICY = Policy(letters_a_day=5, letters_a_ticket=8, reopens=True)
ALL = {
    "fio": "Иванов Иван",
    "inn": "500100732259",
    "date": "2026-11-01",
    "description": "не приходит код подтверждения",
}


def verdict(**changed: Any) -> Verdict:
    base = {
        "sender": "ivan@post.example", "disposition": Disposition.TICKET, "no_reply_reason": None, "kind": Kind.REQUEST,
        "needs_review": False, "fields": Fields(**ALL), "missing": (),
    }  # fmt: skip
    return unreadable(None).model_copy(update=base | changed)


def ticket(**changed: Any) -> TicketNow:
    base: dict[str, Any] = {
        "id": 7, "number": "26-0000007-5", "state": State.WAITING, "address": "ivan@post.example", "kind": Kind.REQUEST,
        "topic": "access", "fields": {"fio": "Иванов Иван", "description": "первое описание"},
        "missing": (Missing.INN_OR_ACCOUNT, Missing.DATE), "asked": 1, "acknowledged": False, "robot_letters": 1,
        "opened_ms": 0, "answered_ms": None,
    }  # fmt: skip
    return TicketNow(**(base | changed))


def test_a_complete_letter_opens_a_ticket_and_is_acknowledged() -> None:
    outcome = settle(verdict(), Facts(), POLICY)
    assert (outcome.what, outcome.state, outcome.reply) == (What.OPEN, State.NEW, ReplyKind.ACKNOWLEDGEMENT)


def test_a_lacking_letter_opens_a_ticket_that_waits() -> None:
    outcome = settle(verdict(missing=(Missing.DATE,)), Facts(), POLICY)
    assert (outcome.state, outcome.reply) == (State.WAITING, ReplyKind.MISSING_INFORMATION)


@pytest.mark.parametrize(
    ("changed", "facts", "reason"),
    [
        ({"no_reply_reason": NoReplyReason.SPAM}, Facts(), NoReplyReason.SPAM),
        ({"no_reply_reason": NoReplyReason.DMARC}, Facts(), NoReplyReason.DMARC),
        ({"sender": None, "no_reply_reason": NoReplyReason.NO_SENDER}, Facts(), NoReplyReason.NO_SENDER),
        ({}, Facts(bounced=True), NoReplyReason.BOUNCED_ADDRESS),
        ({}, Facts(robot_letters=5), NoReplyReason.TOO_MANY),
    ],
)
def test_a_letter_that_is_not_answered_opens_its_ticket_all_the_same_and_history_says_why(
    changed: dict[str, Any], facts: Facts, reason: NoReplyReason
) -> None:
    outcome = settle(verdict(**changed), facts, POLICY)
    assert outcome.what is What.OPEN
    assert outcome.reply is None
    assert outcome.reason is reason
    assert (Event.NOT_ANSWERED, {"reason": reason}) in outcome.history


def test_a_robots_letter_is_kept_and_never_answered() -> None:
    robot = verdict(disposition=Disposition.AUTOMATIC, no_reply_reason=NoReplyReason.BOUNCE)
    outcome = settle(robot, Facts(), POLICY)
    assert (outcome.what, outcome.reply, outcome.reason) == (What.AUTOMATIC, None, NoReplyReason.BOUNCE)


def test_the_same_content_twice_makes_no_second_ticket_and_no_reply() -> None:
    outcome = settle(verdict(), Facts(same_letter=3), POLICY)
    assert (outcome.what, outcome.same_letter, outcome.reply) == (What.DUPLICATE, 3, None)


def test_an_answer_that_completes_the_ticket_is_acknowledged_and_keeps_the_first_account() -> None:
    outcome = settle(verdict(), Facts(joined=ticket()), POLICY)
    assert (outcome.what, outcome.missing, outcome.state) == (What.UPDATE, (), State.NEW)
    assert outcome.reply is ReplyKind.ACKNOWLEDGEMENT
    assert "description" not in outcome.fields


def test_only_what_is_still_missing_is_asked_for() -> None:
    answer = verdict(fields=Fields(inn="500100732259"))
    outcome = settle(answer, Facts(joined=ticket()), POLICY)
    assert outcome.missing == (Missing.DATE,)
    assert (outcome.reply, outcome.state) == (ReplyKind.MISSING_INFORMATION, State.WAITING)


def test_after_the_second_question_a_person_takes_over() -> None:
    outcome = settle(verdict(fields=Fields()), Facts(joined=ticket(asked=2)), POLICY)
    assert outcome.reply is None
    assert outcome.needs_person
    assert outcome.state is State.NEW


def test_one_acknowledgement_a_ticket() -> None:
    outcome = settle(verdict(), Facts(joined=ticket(missing=(), acknowledged=True)), POLICY)
    assert outcome.what is What.UPDATE
    assert outcome.reply is None


def test_a_ticket_that_is_only_named_is_linked_and_never_joined() -> None:
    outcome = settle(verdict(), Facts(named=ticket()), POLICY)
    assert (outcome.what, outcome.link_to) == (What.OPEN, 7)
    assert outcome.needs_person


@pytest.mark.parametrize(("reopens", "what"), [(True, What.UPDATE), (False, What.OPEN)])
def test_an_answer_to_a_closed_ticket_reopens_it_or_opens_a_linked_one(reopens: bool, what: What) -> None:
    policy = Policy(letters_a_day=5, letters_a_ticket=8, reopens=reopens)
    outcome = settle(verdict(), Facts(joined=ticket(state=State.CLOSED)), policy)
    assert outcome.what is what


def test_a_letter_too_large_is_told_the_limit() -> None:
    outcome = settle(verdict(missing=(Missing.DATE,)), Facts(too_large=True), POLICY)
    assert outcome.reply is ReplyKind.TOO_LARGE
