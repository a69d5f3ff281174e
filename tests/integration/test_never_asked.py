"""Who was not reached is not silent: a question, a reminder or a closing that never arrived leads to a person, not to a
closing nobody sees.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from boxed_desk import DAY, HOUR, BoxedDesk
from citizens import INN, NAME, TROUBLE, write
from store_rows import mail, release

from outbox.post import Post
from outbox.send import RecipientRefused
from outbox.unasked import UNTOLD, letter_lost
from service import logs
from service.daemon import Progress
from service.errors import Permanent
from store import rows
from store.queue import Filter, Tab, queue_rows
from store.records import ReplyState, TicketChange
from store.replies import change_replies
from tickets.decide import Decided, Decision
from tickets.terms import terms_of
from triage.access import Role, Who
from triage.deciding import Deciding, On

MARIA = "maria@post.example"
OLGA = Who(id=1, login="olga", name="Ольга Р", role=Role.TRIAGE, team=None, habits={}, session_id=1)
KEY = '[desk]\nsigning_key_file = "{key}"\n[smtp]\ndelimiter = "+"\n'


class MailServer:
    """Takes no letter for good, or each."""

    def __init__(self, fault: Permanent | None = None) -> None:
        self._fault = fault
        self.took: list[bytes] = []

    async def send(self, raw: bytes, *, envelope_from: str, recipient: str) -> str:
        if self._fault is not None:
            raise self._fault
        self.took.append(raw)
        return "250"

    async def ready(self) -> None:
        pass

    async def close(self) -> None:
        pass


@pytest.fixture
def settings() -> str:
    return ""


@pytest.fixture
def desk(tmp_path: Path, settings: str, url: str) -> Iterator[BoxedDesk]:
    key = tmp_path / "key"
    key.write_text("k" * 40)
    key.chmod(0o600)
    made = BoxedDesk(tmp_path, settings.replace("{key}", str(key)), url=url)
    yield made
    made.close()


def asks(desk: BoxedDesk, *, too_large: bool = False) -> None:
    """A letter that lacks something; the question waits in the outbox."""
    raw = write(MARIA, f"{NAME}. {TROUBLE}", at_ms=desk.clock.ms, message_id="1@post.example")
    desk.take(raw.partition(b"\n\n")[0] + b"\n\n" if too_large else raw, too_large=too_large)
    assert desk.column("SELECT state FROM tickets") == ["waiting"]


def posted(desk: BoxedDesk, server: MailServer) -> None:
    """The real post tries what is due and marks it."""

    async def turning() -> None:
        stop, ends = asyncio.Event(), time.monotonic() + 20
        post = Post(desk.store, server, terms=terms_of(desk.settings), progress=Progress())
        loop = asyncio.create_task(post.run(stop))
        while desk.one("SELECT count(*) FROM outbox WHERE state = 'queued'"):
            assert time.monotonic() < ends
            await asyncio.sleep(0.01)
        stop.set()
        await loop

    asyncio.run(turning())


def refused(desk: BoxedDesk, fault: Permanent) -> None:
    posted(desk, MailServer(fault))


def refused_by_content(desk: BoxedDesk) -> None:
    refused(desk, Permanent("message refused: 554"))


def refused_by_address(desk: BoxedDesk) -> None:
    refused(desk, RecipientRefused("recipient refused: 550"))


def held_by_the_breaker(desk: BoxedDesk) -> None:
    with desk.store.writing() as conn:
        rows.hold_all_due(conn, error="breaker")
    desk.pass_time(49 * HOUR)


def bounced(desk: BoxedDesk) -> None:
    (asked,) = desk.post()
    comes_back(desk, asked.envelope_from, str(asked.message["Message-ID"]))


def comes_back(desk: BoxedDesk, to: str, message_id: str) -> None:
    body = f"This is the mail system. User unknown.\n550 5.1.1\nMessage-ID: {message_id}"
    raw = write(
        "mailer-daemon@mx.post.example", body, subject="Undelivered Mail Returned to Sender", to=(to,),
        at_ms=desk.clock.ms, message_id=f"b{desk.clock.ms}@mx.post.example",
    )  # fmt: skip
    desk.take(raw)


def unanswered(desk: BoxedDesk) -> list[str | None]:
    with desk.store.reading() as conn:
        return [line.reason for line in queue_rows(conn, Filter(tab=Tab.UNANSWERED, me="olga"), after=None, limit=9)]


@pytest.mark.parametrize("too_large", [False, True])
@pytest.mark.parametrize("lost", [refused_by_content, refused_by_address, held_by_the_breaker, bounced])
def test_whose_question_was_lost_goes_to_a_person_and_is_neither_reminded_nor_closed(
    desk: BoxedDesk, lost: Callable[[BoxedDesk], None], too_large: bool
) -> None:
    asks(desk, too_large=too_large)
    last_answer = desk.one("SELECT final_due_ms FROM tickets")
    lost(desk)
    number = desk.one("SELECT number FROM tickets")
    assert desk.history(number)[-1] == "state-changed"
    assert desk.one("SELECT count(*) FROM history WHERE CAST(data AS text) LIKE '%unasked%'") == 1
    assert desk.one("SELECT first_due_ms FROM tickets") > desk.clock.ms
    assert desk.one("SELECT final_due_ms FROM tickets") == last_answer
    assert unanswered(desk)[-1] == ("breaker" if lost is held_by_the_breaker else "undelivered")
    for _ in range(40):
        desk.pass_time(DAY)
    assert desk.post() == []
    waits = "waiting_since_ms IS NULL AND waiting_until_ms IS NULL AND remind_ms IS NULL"
    assert desk.column(f"SELECT state FROM tickets WHERE needs_review AND {waits}") == ["new"]  # noqa: S608  # our own words


@pytest.mark.parametrize("settings", [KEY])
def test_a_bounce_that_names_the_ticket_alone_is_the_questions(desk: BoxedDesk) -> None:
    asks(desk)
    (asked,) = desk.post()
    comes_back(desk, asked.envelope_from, "cut-off@elsewhere.example")
    assert desk.column("SELECT state FROM tickets WHERE needs_review") == ["new"]


def test_a_bounce_after_the_answer_changes_nothing_but_the_note(desk: BoxedDesk) -> None:
    asks(desk)
    (asked,) = desk.post()
    desk.pass_time(HOUR)
    answer = write(
        MARIA, f"ИНН {INN}, 1 марта 2026 года", at_ms=desk.clock.ms, message_id="2@post.example",
        answers=str(asked.message["Message-ID"]),
    )  # fmt: skip
    desk.take(answer)
    before = desk.one("SELECT version FROM tickets")
    comes_back(desk, asked.envelope_from, str(asked.message["Message-ID"]))
    assert unanswered(desk) == ["bounce"], "the citizen had the question"
    assert desk.history(asked.number)[-1] == "bounced"
    assert desk.one("SELECT version FROM tickets") == before


def test_who_was_asked_again_is_still_waited_for_when_the_first_question_comes_back(desk: BoxedDesk) -> None:
    asks(desk)
    (asked,) = desk.post()
    desk.pass_time(HOUR)
    answer = write(
        MARIA, f"ИНН {INN}", at_ms=desk.clock.ms, message_id="2@post.example",
        answers=str(asked.message["Message-ID"]),
    )  # fmt: skip
    desk.take(answer)
    (again,) = desk.post()
    assert again.kind == "missing_information"
    comes_back(desk, asked.envelope_from, str(asked.message["Message-ID"]))
    assert desk.column("SELECT state FROM tickets") == ["waiting"]


def hold_by_hand(desk: BoxedDesk) -> None:
    """Ops keep back all that waits to leave."""
    with desk.store.writing() as conn:
        change_replies(conn, of=[ReplyState.QUEUED], to=ReplyState.HELD, ids=None, why="held by hand")


def days_until(desk: BoxedDesk, kind: str) -> None:
    """All that is written leaves, until a letter of that kind waits in the outbox."""
    for _ in range(40):
        desk.post()
        desk.pass_time(DAY)
        if desk.column("SELECT kind FROM outbox WHERE state = 'queued'") == [kind]:
            return
    raise AssertionError(kind)


@pytest.mark.parametrize("lost", [refused_by_content, refused_by_address, held_by_the_breaker, bounced])
@pytest.mark.parametrize(("kind", "told"), [("reminder", "state-changed"), ("closing", "reopened")])
def test_whose_reminder_or_closing_was_lost_goes_to_a_person(
    desk: BoxedDesk, lost: Callable[[BoxedDesk], None], kind: str, told: str
) -> None:
    asks(desk)
    last_answer = desk.one("SELECT final_due_ms FROM tickets")
    days_until(desk, kind)
    lost(desk)
    assert desk.history(desk.one("SELECT number FROM tickets"))[-1] == told
    assert desk.one("SELECT count(*) FROM history WHERE CAST(data AS text) LIKE '%unreached%'") == 1
    assert desk.one("SELECT first_due_ms FROM tickets") > desk.clock.ms
    assert desk.one("SELECT final_due_ms FROM tickets") > last_answer, "the citizen was asked: its clocks stood still"
    for _ in range(40):
        desk.pass_time(DAY)
    assert desk.post() == []
    assert desk.column("SELECT state FROM tickets WHERE needs_review AND closed_ms IS NULL") == ["new"]


@pytest.mark.parametrize("kind", ["missing_information", "reminder"])
def test_whose_question_or_reminder_is_still_held_when_the_term_is_over_goes_to_a_person(
    desk: BoxedDesk, kind: str
) -> None:
    asks(desk)
    if kind == "reminder":
        days_until(desk, kind)
    hold_by_hand(desk)
    for _ in range(40):
        desk.pass_time(DAY)
    assert desk.column("SELECT state FROM tickets WHERE needs_review") == ["new"]
    assert "closing" not in desk.column("SELECT kind FROM outbox")


def test_nobody_is_reminded_of_a_question_that_is_held_nor_sooner_than_that_long_after_it_left(desk: BoxedDesk) -> None:
    asks(desk)
    hold_by_hand(desk)
    for _ in range(8):
        desk.pass_time(DAY)
    assert desk.column("SELECT kind FROM outbox") == ["missing_information"]
    with desk.store.writing() as conn:
        release(conn)
    (asked,) = desk.post()
    for _ in range(6):
        desk.pass_time(DAY)
    assert desk.column("SELECT kind FROM outbox") == ["missing_information"]
    for _ in range(20):
        desk.pass_time(DAY)
        desk.post()
    reminder, closing = desk.sent[1:]
    assert (reminder.kind, closing.kind) == ("reminder", "closing")
    assert (reminder.at_ms - asked.at_ms) // DAY == 7
    assert (closing.at_ms - asked.at_ms) // DAY == 15


def test_whose_address_returned_another_letter_meanwhile_goes_to_a_person_when_the_term_is_over(
    desk: BoxedDesk,
) -> None:
    asks(desk)
    desk.post()
    with desk.store.writing() as conn:
        rows.note_bounce(conn, MARIA, message_id="other@desk.example")
    for _ in range(40):
        desk.pass_time(DAY)
    assert desk.post() == []
    assert desk.column("SELECT state FROM tickets WHERE needs_review") == ["new"]


@pytest.mark.parametrize("settings", [KEY])
@pytest.mark.parametrize("kind", ["reminder", "closing"])
def test_a_bounce_that_names_the_ticket_alone_is_the_last_letters(desk: BoxedDesk, kind: str) -> None:
    asks(desk)
    days_until(desk, kind)
    (last,) = desk.post()
    comes_back(desk, last.envelope_from, "cut-off@elsewhere.example")
    assert desk.column("SELECT state FROM tickets WHERE needs_review") == ["new"]


def test_what_a_person_closed_stays_closed_when_an_earlier_closing_comes_back(desk: BoxedDesk) -> None:
    asks(desk)
    days_until(desk, "closing")
    (closing,) = desk.post()
    with desk.store.writing() as conn:
        rows.update_ticket(conn, 1, TicketChange(closed_as="done"))
    comes_back(desk, closing.envelope_from, str(closing.message["Message-ID"]))
    assert desk.column("SELECT state FROM tickets") == ["closed"]


@pytest.mark.parametrize("named", [True, False])
def test_another_letter_that_is_lost_later_opens_no_ticket_that_was_answered_after_its_closing(
    desk: BoxedDesk, named: bool
) -> None:
    asks(desk)
    days_until(desk, "closing")
    refused_by_content(desk)
    desk.pass_time(HOUR)
    with desk.store.writing() as conn:
        rows.update_ticket(conn, 1, TicketChange(state="answered", answered_ms=desk.clock.ms))
        told = rows.queue_reply(conn, mail("told", kind="status", ticket_id=1)) if named else UNTOLD
    for _ in range(40):
        desk.pass_time(DAY)
    with desk.store.writing() as conn:
        assert not letter_lost(conn, 1, terms_of(desk.settings), who="letter", lost=told)
    assert desk.column("SELECT state FROM tickets") == ["closed"]


def is_complete(desk: BoxedDesk) -> None:
    """A letter that lacks nothing; its acknowledgement waits in the outbox."""
    body = f"{NAME}, ИНН {INN}. 1 марта 2026 года. {TROUBLE}"
    desk.take(write(MARIA, body, at_ms=desk.clock.ms, message_id="1@post.example"))


def answer_of_staff(desk: BoxedDesk) -> None:
    """A person's own words wait in the outbox; the acknowledgement left."""
    is_complete(desk)
    desk.post()
    with desk.store.writing() as conn:
        rows.queue_reply(conn, mail("staff", kind="answer", automatic=False, ticket_id=1, letter_id=1))


@pytest.mark.parametrize("settings", [KEY])
@pytest.mark.parametrize("told", ["its Message-ID", "the ticket alone"])
def test_a_letter_whose_acknowledgement_came_back_stands_without_answer(desk: BoxedDesk, told: str) -> None:
    is_complete(desk)
    (thanks,) = desk.post()
    message_id = str(thanks.message["Message-ID"]) if told == "its Message-ID" else "cut-off@elsewhere.example"
    comes_back(desk, thanks.envelope_from, message_id)
    assert unanswered(desk) == ["bounce", "undelivered"]


def test_a_letter_whose_answer_by_staff_came_back_stands_without_answer(desk: BoxedDesk) -> None:
    answer_of_staff(desk)
    with desk.store.writing() as conn:
        claim = rows.claim_reply(conn, lease_ms=1000)
        assert claim is not None
        rows.sent(conn, claim)
    comes_back(desk, claim.envelope_from, f"<{claim.message_id}>")
    assert unanswered(desk) == ["bounce", "undelivered"]


def test_a_letter_whose_answer_by_staff_was_refused_or_dropped_stands_without_answer(desk: BoxedDesk) -> None:
    answer_of_staff(desk)
    refused_by_content(desk)
    assert unanswered(desk) == ["undelivered"]
    with desk.store.writing() as conn:
        assert change_replies(conn, of=[ReplyState.FAILED], to=ReplyState.QUEUED, ids=None)
        assert change_replies(conn, of=[ReplyState.QUEUED], to=ReplyState.DROPPED, ids=None)
    assert unanswered(desk) == ["dropped"]


def test_a_letter_whose_reply_was_refused_stands_without_answer_until_it_is_tried_again(desk: BoxedDesk) -> None:
    is_complete(desk)
    refused_by_content(desk)
    assert unanswered(desk) == ["undelivered"]
    with desk.store.writing() as conn:
        assert change_replies(conn, of=[ReplyState.FAILED], to=ReplyState.QUEUED, ids=None)
    assert unanswered(desk) == []
    refused_by_content(desk)
    assert unanswered(desk) == ["undelivered"]


def came_back(desk: BoxedDesk) -> None:
    (answer,) = desk.post()
    comes_back(desk, answer.envelope_from, "<staff>")


@pytest.mark.parametrize("lost", [refused_by_content, refused_by_address, came_back])
@pytest.mark.parametrize("stands", ["answered", "closed by the answer", "closed after silence"])
def test_whose_answer_by_staff_was_lost_goes_to_a_person_again(
    desk: BoxedDesk, lost: Callable[[BoxedDesk], None], stands: str
) -> None:
    answer_of_staff(desk)
    last_answer = desk.one("SELECT final_due_ms FROM tickets")
    now_ms = desk.clock.ms
    change = {
        "answered": TicketChange(state="answered", answered_ms=now_ms),
        "closed by the answer": TicketChange(state="closed", answered_ms=now_ms, closed_ms=now_ms, closed_as="done"),
        "closed after silence": TicketChange(state="closed", answered_ms=now_ms, closed_ms=now_ms + DAY),
    }[stands]
    with desk.store.writing() as conn:
        rows.update_ticket(conn, 1, change)
    desk.clock.ms += 2 * DAY
    lost(desk)
    number = desk.one("SELECT number FROM tickets")
    assert desk.history(number)[-1] == "reopened"
    assert desk.one("SELECT count(*) FROM history WHERE CAST(data AS text) LIKE '%unanswered%'") == 1
    assert desk.one("SELECT first_due_ms FROM tickets") > desk.clock.ms
    assert desk.one("SELECT final_due_ms FROM tickets") == last_answer
    for _ in range(60):
        desk.pass_time(DAY)
    anew = "needs_review AND answered_ms IS NULL AND closed_ms IS NULL AND closed_as IS NULL"
    assert desk.column(f"SELECT state FROM tickets WHERE {anew}") == ["new"]  # noqa: S608  # our own words


@pytest.mark.parametrize("since", ["closed by a person", "answered again"])
def test_what_was_closed_or_answered_again_after_an_answer_that_was_lost_stays_so(desk: BoxedDesk, since: str) -> None:
    answer_of_staff(desk)
    change = TicketChange(state="answered", answered_ms=desk.clock.ms)
    with desk.store.writing() as conn:
        rows.update_ticket(conn, 1, change)
    (answer,) = desk.post()
    desk.pass_time(HOUR)
    with desk.store.writing() as conn:
        if since == "answered again":
            rows.queue_reply(conn, mail("again", kind="answer", automatic=False, ticket_id=1, letter_id=1))
        else:
            change = TicketChange(state="closed", closed_ms=desk.clock.ms, closed_as="done")
            rows.update_ticket(conn, 1, change)
    comes_back(desk, answer.envelope_from, "<staff>")
    assert desk.column("SELECT state FROM tickets") == [change.state]


def held(desk: BoxedDesk) -> None:
    hold_by_hand(desk)


def is_open_again(desk: BoxedDesk) -> None:
    days_until(desk, "closing")
    refused_by_content(desk)


def is_answered_since(desk: BoxedDesk) -> None:
    days_until(desk, "closing")
    held(desk)
    desk.clock.ms += DAY
    with desk.store.writing() as conn:
        rows.update_ticket(conn, 1, TicketChange(answered_ms=desk.clock.ms))


def waits_no_longer(desk: BoxedDesk) -> None:
    days_until(desk, "reminder")
    held(desk)
    for _ in range(40):
        desk.pass_time(DAY)


def is_complete_by_the_citizen(desk: BoxedDesk) -> None:
    held(desk)
    desk.pass_time(HOUR)
    number = desk.one("SELECT number FROM tickets")
    answer = f"{NAME}, ИНН {INN}, 1 марта 2026 года, заявка № {number}"
    desk.take(write(MARIA, answer, at_ms=desk.clock.ms, message_id="2@post.example"))
    desk.post()


def is_closed_by_a_person(desk: BoxedDesk) -> None:
    held(desk)
    desk.pass_time(HOUR)
    with desk.store.writing() as conn:
        rows.update_ticket(conn, 1, TicketChange(state="closed", closed_ms=desk.clock.ms, closed_as="done"))


@pytest.mark.parametrize(
    ("kind", "stands"),
    [
        ("closing", is_open_again),
        ("closing", is_answered_since),
        ("reminder", waits_no_longer),
        ("missing_information", is_complete_by_the_citizen),
        ("missing_information", is_closed_by_a_person),
    ],
)
def test_what_is_no_longer_so_is_dropped_with_a_note_when_it_is_tried_again_or_released(
    desk: BoxedDesk, kind: str, stands: Callable[[BoxedDesk], None]
) -> None:
    asks(desk)
    stands(desk)
    was, server = desk.one("SELECT state FROM tickets"), MailServer()
    with desk.store.writing() as conn:
        again = change_replies(conn, of=[ReplyState.FAILED, ReplyState.HELD], to=ReplyState.QUEUED, ids=None)
    assert len(again) == 1
    posted(desk, server)
    assert server.took == []
    assert desk.column("SELECT kind FROM outbox WHERE state = 'dropped' AND last_error = 'overtaken'") == [kind]
    assert desk.history(desk.one("SELECT number FROM tickets"))[-1] == "reply-failed"
    assert desk.one("SELECT state FROM tickets") == was


def test_a_question_that_was_lost_is_sent_when_it_is_tried_again_while_a_person_has_the_ticket(desk: BoxedDesk) -> None:
    asks(desk)
    refused_by_content(desk)
    server = MailServer()
    with desk.store.writing() as conn:
        change_replies(conn, of=[ReplyState.FAILED], to=ReplyState.QUEUED, ids=None)
    posted(desk, server)
    assert len(server.took) == 1


@pytest.mark.parametrize("decision", [Decision(what=Decided.ANSWER, text="Сделано."), Decision(what=Decided.CLOSE)])
@pytest.mark.parametrize("comes", ["before", "after"])
def test_a_letter_whose_acknowledgement_came_back_is_answered_when_a_person_has_answered_or_closed(
    desk: BoxedDesk, decision: Decision, comes: str
) -> None:
    is_complete(desk)
    (thanks,) = desk.post()
    if comes == "before":
        comes_back(desk, thanks.envelope_from, str(thanks.message["Message-ID"]))
        assert unanswered(desk) == ["bounce", "undelivered"]
    desk.pass_time(HOUR)
    with desk.store.writing() as conn:
        rows.lift_bounce(conn, MARIA)
        Deciding(desk.settings).record(conn, OLGA, On(ticket_id=1), decision, batch="one")
    desk.clock.ms += HOUR
    desk.post()
    if comes == "after":
        comes_back(desk, thanks.envelope_from, str(thanks.message["Message-ID"]))
    assert unanswered(desk) == ["bounce"]


def test_an_answer_that_came_back_puts_its_letter_there_again(desk: BoxedDesk) -> None:
    is_complete(desk)
    (thanks,) = desk.post()
    comes_back(desk, thanks.envelope_from, str(thanks.message["Message-ID"]))
    desk.pass_time(HOUR)
    answer = Decision(what=Decided.ANSWER, text="Сделано.")
    with desk.store.writing() as conn:
        Deciding(desk.settings).record(conn, OLGA, On(ticket_id=1), answer, batch="one")
    desk.clock.ms += HOUR
    refused_by_content(desk)
    assert unanswered(desk) == ["bounce", "undelivered"]


def test_the_log_counts_the_reminders_that_were_written(desk: BoxedDesk) -> None:
    asks(desk)
    held(desk)
    told: list[object] = []

    def hears(_level: str, event: str, facts: Mapping[str, object]) -> None:
        if event == "by-the-clock":
            told.append(facts["reminded"])

    logs.listen(hears)
    try:
        for _ in range(8):
            desk.pass_time(DAY)
        assert told == []
        with desk.store.writing() as conn:
            release(conn)
        days_until(desk, "reminder")
    finally:
        logs.unlisten(hears)
    assert told == [1]
