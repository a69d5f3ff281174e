"""Decisions of staff: recorded with history, letter and lesson in one transaction, and taken back whole or not at all."""

import email
import email.policy
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from store_rows import claim, letter, open_ticket, receive, settled

from service.settings import Settings
from store import decided, listing, rows, staff
from store.database import Store
from store.lessons import lessons
from store.records import Ticket, TicketChange
from store.schema import TOLD, corrections, decisions, history, outbox, tickets
from tickets.calendar import is_working
from tickets.decide import Decided, Decision, Refused
from tickets.terms import after_waiting, terms_of
from triage.access import Role, Who
from triage.deciding import Changed, Deciding, On, Twice, decide_on_many, new_batch
from triage.forms import Asking, decision_of
from triage.hiding import is_hidden

DAY_MS = 86_400_000
OLGA = Who(id=1, login="olga", name="Ольга Р", role=Role.TRIAGE, team=None, habits={}, session_id=1)
ANNA = Who(id=2, login="anna", name="Анна К", role=Role.TRIAGE, team=None, habits={}, session_id=2)
VERDICT: dict[str, Any] = {
    "topic": "access",
    "confidence": 0.61,
    "fields": {"description": "Не могу войти"},
    "clues": {"model": "m1", "references": ["older@post.example"]},
}


@pytest.fixture
def deciding() -> Deciding:
    return Deciding(Settings())


def a_ticket(store: Store, number: int = 1, **changed: Any) -> int:
    receive(store, letter(number))
    claimed = claim(store)
    assert claimed is not None
    with store.writing() as conn:
        rows.settle(conn, claimed, settled(verdict=VERDICT))
        return open_ticket(conn, claimed.id, needs_review=True, **changed).id


def do(store: Store, deciding: Deciding, ticket_id: int, decision: Decision, **more: Any) -> str:
    batch = new_batch()
    who = more.pop("who", OLGA)
    with store.writing() as conn:
        deciding.record(conn, who, On(ticket_id=ticket_id, **more), decision, batch=batch)
    return batch


def now(store: Store, ticket_id: int) -> Ticket:
    with store.reading() as conn:
        found = rows.ticket(conn, ticket_id)
    assert found is not None
    return found


def told(store: Store) -> list[tuple[str, str, bool]]:
    with store.reading() as conn:
        return [(row.topic, row.said, row.undone) for row in conn.execute(select(corrections).order_by("id"))]


def events(store: Store, ticket_id: int) -> list[tuple[str, str]]:
    with store.reading() as conn:
        found = conn.execute(select(history).where(history.c.ticket_id == ticket_id).order_by("id"))
        return [(row.who, row.what) for row in found]


def queued(store: Store) -> list[email.message.EmailMessage]:
    with store.reading() as conn:
        found = conn.execute(select(outbox.c.raw).where(~outbox.c.automatic)).scalars()
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in found]  # type: ignore[misc]


def test_confirming_a_topic_ends_the_doubt_and_teaches(store: Store, deciding: Deciding) -> None:
    ticket = a_ticket(store)
    do(store, deciding, ticket, Decision(what=Decided.CONFIRM), version=1)
    after = now(store, ticket)
    assert (after.topic, after.needs_review, after.margin) == ("access", False, TOLD)
    assert told(store) == [("access", "access", False)]
    assert events(store, ticket) == [("olga", "topic-told")]


def test_the_last_word_on_a_topic_is_the_lesson_and_an_undone_one_is_none(store: Store, deciding: Deciding) -> None:
    one, two = a_ticket(store, 1), a_ticket(store, 2)
    do(store, deciding, one, Decision(what=Decided.CONFIRM))
    do(store, deciding, one, Decision(what=Decided.TOPIC, topic="mobile"))
    taken_back = do(store, deciding, two, Decision(what=Decided.TOPIC, topic="payments"))
    with store.writing() as conn:
        deciding.undo(conn, OLGA, taken_back)
        assert [(found.topic, found.said, found.text, found.who) for found in lessons(conn)] == [
            ("mobile", "access", "Не могу войти", "olga")
        ]


def test_changing_a_topic_hands_the_ticket_to_its_team(store: Store, tmp_path: Any) -> None:
    teams = tmp_path / "teams.toml"
    teams.write_text('"Платежи" = ["payments"]\n', encoding="utf-8")
    deciding = Deciding(Settings.model_validate({"desk": {"teams": teams}}))
    ticket = a_ticket(store)
    do(store, deciding, ticket, Decision(what=Decided.TOPIC, topic="payments"))
    assert (now(store, ticket).topic, now(store, ticket).team) == ("payments", "Платежи")
    assert told(store) == [("payments", "access", False)]


@pytest.mark.parametrize(
    ("decision", "state"),
    [
        (Decision(what=Decided.ASK, missing=["fio", "date"]), "waiting"),
        (Decision(what=Decided.ANSWER, text="Код пришлём завтра."), "answered"),
        (Decision(what=Decided.ANSWER, text="Код пришлём завтра.", closes=True), "closed"),
        (Decision(what=Decided.CLOSE), "closed"),
    ],
)
def test_a_letter_waits_twenty_seconds_and_leaves_with_its_undoing(
    store: Store, deciding: Deciding, decision: Decision, state: str
) -> None:
    ticket = a_ticket(store)
    before = now(store, ticket)
    batch = do(store, deciding, ticket, decision)
    assert now(store, ticket).state == state
    assert len(queued(store)) == 1
    with store.writing() as conn:
        assert rows.claim_reply(conn, lease_ms=1000) is None, "nobody sends it yet"
        undone = deciding.undo(conn, OLGA, batch)
    assert undone.numbers == (before.number,)
    assert queued(store) == []
    after = now(store, ticket)
    for name in ("state", "missing", "answered_ms", "closed_ms", "closed_as", "needs_review", "waiting_until_ms"):
        assert getattr(after, name) == getattr(before, name), name
    assert events(store, ticket)[-1] == ("olga", "undone")


def test_an_answer_threads_behind_the_citizens_letter_and_says_only_our_words(store: Store, deciding: Deciding) -> None:
    ticket = a_ticket(store)
    do(store, deciding, ticket, Decision(what=Decided.ANSWER, text="Сбросьте пароль.\n\nПотом войдите."))
    [mail] = queued(store)
    assert mail["In-Reply-To"] == "<m@post.example>"
    assert mail["References"] == "<older@post.example> <m@post.example>"
    assert mail["Auto-Submitted"] is None
    assert "Не могу войти" not in mail["Subject"]
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")  # type: ignore[union-attr]
    assert "Сбросьте пароль.\n\nПотом войдите." in text


def test_what_has_left_is_not_undone_and_the_decision_stays(store: Store, deciding: Deciding) -> None:
    ticket = a_ticket(store)
    batch = do(store, deciding, ticket, Decision(what=Decided.ANSWER, text="Готово."))
    with store.writing() as conn:
        conn.execute(outbox.update().where(~outbox.c.automatic).values(attempts=1))
        undone = deciding.undo(conn, OLGA, batch)
    assert undone.kept == ((now(store, ticket).number, "письмо уже ушло"),)
    assert now(store, ticket).state == "answered"


def test_decisions_are_undone_one_after_the_other(store: Store, deciding: Deciding) -> None:
    ticket = a_ticket(store)
    first = do(store, deciding, ticket, Decision(what=Decided.TOPIC, topic="payments"))
    second = do(store, deciding, ticket, Decision(what=Decided.ASSIGN, assignee="olga"))
    with store.writing() as conn:
        assert deciding.undo(conn, OLGA, first).kept[0][1] == "заявку с тех пор изменили"
        assert decided.last_batch(conn, "olga") == second
        assert deciding.undo(conn, OLGA, second).numbers
        assert decided.last_batch(conn, "olga") == first
        assert deciding.undo(conn, OLGA, first).numbers
        assert decided.last_batch(conn, "olga") is None
    assert (now(store, ticket).topic, now(store, ticket).assignee) == ("access", None)
    assert told(store) == [("payments", "access", True)]


def test_nobody_undoes_what_another_decided(store: Store, deciding: Deciding) -> None:
    ticket = a_ticket(store)
    batch = do(store, deciding, ticket, Decision(what=Decided.SPAM))
    with store.writing() as conn:
        assert deciding.undo(conn, ANNA, batch).kept
    assert now(store, ticket).closed_as == "spam"


def test_a_ticket_changed_meanwhile_is_not_decided_on(store: Store, deciding: Deciding) -> None:
    ticket = a_ticket(store)
    do(store, deciding, ticket, Decision(what=Decided.ASSIGN, assignee="anna"), who=ANNA, version=1)
    with pytest.raises(Changed):
        do(store, deciding, ticket, Decision(what=Decided.CONFIRM), version=1)
    assert told(store) == []
    with store.reading() as conn:
        assert [row.who for row in conn.execute(select(decisions))] == ["anna"]


@pytest.mark.parametrize(
    ("changed", "decision", "why"),
    [
        ({"address": None}, Decision(what=Decided.ANSWER, text="x"), "нет адреса"),
        ({}, Decision(what=Decided.ANSWER, text=" \n"), "Напишите ответ"),
        ({}, Decision(what=Decided.ASK), "чего не хватает"),
        ({"state": "closed"}, Decision(what=Decided.ANSWER, text="x"), "откройте её снова"),
        ({"state": "closed"}, Decision(what=Decided.SPAM), "уже закрыта"),
        ({}, Decision(what=Decided.DUPLICATE, other=0), "нет"),
        ({}, Decision(what=Decided.LINK, other=1), "этой же"),
        ({}, Decision(what=Decided.SNOOZE, until_ms=5), "позже"),
        ({}, Decision(what=Decided.REOPEN), "и так открыта"),
        ({}, Decision(what=Decided.FIELDS, fields={"fio": "Иванов Иван Иванович"}), "не изменено"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(
    store: Store, deciding: Deciding, changed: dict[str, Any], decision: Decision, why: str
) -> None:
    ticket = a_ticket(store, **changed)
    with pytest.raises(Refused, match=why):
        do(store, deciding, ticket, decision)
    assert events(store, ticket) == []


def test_completing_the_data_ends_the_waiting_and_can_be_undone(store: Store, deciding: Deciding) -> None:
    ticket = a_ticket(store, state="waiting", missing=["inn_or_account"])
    batch = do(store, deciding, ticket, Decision(what=Decided.FIELDS, fields={"inn": "500100732259"}), version=1)
    after = now(store, ticket)
    assert (after.state, after.missing, after.fields["inn"]) == ("new", [], "500100732259")
    with store.writing() as conn:
        assert deciding.undo(conn, OLGA, batch).numbers
    after = now(store, ticket)
    assert (after.state, after.missing, "inn" in after.fields) == ("waiting", ["inn_or_account"], False)


def clocks_of(store: Store, ticket_id: int) -> dict[str, int | None]:
    ticket = now(store, ticket_id)
    names = ("first_due_ms", "final_due_ms", "waiting_since_ms", "waiting_until_ms", "remind_ms", "answered_ms")
    return {name: getattr(ticket, name) for name in names}


def test_who_completes_a_waiting_ticket_has_the_clocks_that_a_letter_would_bring(
    store: Store, deciding: Deciding
) -> None:
    with store.reading() as conn:
        moment = rows.now(conn)
    then = moment - 5 * DAY_MS
    waiting = {"waiting_since_ms": then, "waiting_until_ms": moment + DAY_MS, "remind_ms": moment + DAY_MS}
    dues = {"first_due_ms": then, "final_due_ms": then + 30 * DAY_MS}
    ticket = a_ticket(store, state="waiting", missing=["inn_or_account"], **waiting, **dues)
    before = clocks_of(store, ticket)
    batch = do(store, deciding, ticket, Decision(what=Decided.FIELDS, fields={"inn": "500100732259"}))
    after = now(store, ticket)
    assert (after.waiting_since_ms, after.waiting_until_ms, after.remind_ms) == (None, None, None)
    assert (after.first_due_ms or 0) > moment, "it was overdue before anybody could begin"
    assert after.final_due_ms in {
        after_waiting(dues["final_due_ms"], since_ms=then, now_ms=at, terms=terms_of(Settings()), kind=after.kind)
        for at in (moment, after.updated_ms)
    }
    with store.writing() as conn:
        deciding.undo(conn, OLGA, batch)
    assert clocks_of(store, ticket) == before


@pytest.mark.parametrize(
    ("state", "decision", "letters"),
    [
        ("new", Decision(what=Decided.CLOSE), 0),
        ("closed", Decision(what=Decided.REOPEN), 0),
        ("new", Decision(what=Decided.ANSWER, text="Код пришлём завтра."), 1),
        ("new", Decision(what=Decided.ASK, missing=("date",)), 1),
    ],
)
def test_an_address_that_bounced_gets_a_persons_words_and_no_letter_by_setting(
    store: Store, deciding: Deciding, state: str, decision: Decision, letters: int
) -> None:
    ticket = a_ticket(store, state=state)
    closed_as = {"closed_as": "done"} if state == "closed" else {}
    with store.writing() as conn:
        rows.update_ticket(conn, ticket, TicketChange(**closed_as))
        rows.note_bounce(conn, str(now(store, ticket).address), message_id="1@desk.example")
    batch = do(store, deciding, ticket, decision)
    assert len(queued(store)) == letters
    assert (events(store, ticket)[-1] == ("olga", "not-answered")) is (letters == 0)
    with store.writing() as conn:
        assert len(deciding.undo(conn, OLGA, batch).numbers) == 1


@pytest.mark.parametrize("state", ["answered", "closed"])
def test_a_ticket_that_is_opened_again_has_clocks_of_its_own(store: Store, deciding: Deciding, state: str) -> None:
    ticket = a_ticket(store, state=state, first_due_ms=1, final_due_ms=2, raised=2, escalated_ms=4)
    with store.writing() as conn:
        rows.update_ticket(conn, ticket, TicketChange(answered_ms=5))
        moment = rows.now(conn)
    before = clocks_of(store, ticket)
    batch = do(store, deciding, ticket, Decision(what=Decided.REOPEN))
    after = now(store, ticket)
    assert moment < (after.first_due_ms or 0) < (after.final_due_ms or 0)
    assert after.answered_ms is None
    assert (after.raised, after.escalated_ms) == (0, None)
    with store.writing() as conn:
        assert rows.take_escalations(conn, age_ms=1, most=10) == ()
        deciding.undo(conn, OLGA, batch)
    assert clocks_of(store, ticket) == before
    assert (now(store, ticket).raised, now(store, ticket).escalated_ms) == (2, 4)


def test_a_ticket_is_given_only_to_somebody_who_is_there(store: Store) -> None:
    with store.writing() as conn:
        for login in ("olga", "left"):
            staff.add_person(conn, login=login, name=login, role="triage", team=None, password=None)
        staff.change_person(conn, "left", active=False)
        asking = Asking(me="olga", zone=ZoneInfo("UTC"), topics=(), working=is_working)
        for to, assignee in (("me", "olga"), ("olga", "olga"), ("", None)):
            form = {"what": "assign", "to": to}
            assert decision_of(form, conn, asking, missing=[]).assignee == assignee
        for nobody in ("left", "nobody"):
            with pytest.raises(Refused, match="нет"):
                decision_of({"what": "assign", "to": nobody}, conn, asking, missing=[])


def test_a_duplicate_is_closed_without_a_letter_and_linked(store: Store, deciding: Deciding) -> None:
    first, second = a_ticket(store, 1), a_ticket(store, 2)
    do(store, deciding, second, Decision(what=Decided.DUPLICATE, other=first, other_number="26-0000001-8"))
    after = now(store, second)
    assert (after.state, after.closed_as, after.linked_to) == ("closed", "duplicate", first)
    assert queued(store) == []


def test_a_duplicates_letters_are_read_on_the_first_ticket(store: Store, deciding: Deciding) -> None:
    first, second = a_ticket(store, 1), a_ticket(store, 2)
    do(store, deciding, second, Decision(what=Decided.DUPLICATE, other=first, other_number="26-0000001-8"))
    with store.reading() as conn:
        assert [row.ticket_id for row in listing.letters_of(conn, first)] == [first, second]
        assert [row.ticket_id for row in listing.letters_of(conn, second)] == [second]


def test_many_are_asked_each_for_what_it_lacks(store: Store, deciding: Deciding) -> None:
    lacking, whole = a_ticket(store, 1, missing=["date"]), a_ticket(store, 2)
    with store.writing() as conn:
        decision = Decision(what=Decided.ASK, each=True)
        done, refused = decide_on_many(deciding, conn, OLGA, [lacking, whole], decision, batch=new_batch())
    assert (len(done), [why for _, why in refused]) == (1, ["У заявки всё есть."])
    assert (now(store, lacking).state, now(store, lacking).missing) == ("waiting", ["date"])
    assert len(queued(store)) == 1


def test_one_decision_on_many_sent_twice_at_once_is_made_once(store: Store, deciding: Deciding) -> None:
    lacking, batch = a_ticket(store, 1, missing=["date"]), new_batch()

    def send(_place: int) -> bool:
        try:
            with store.writing() as conn:
                decide_on_many(deciding, conn, OLGA, [lacking], Decision(what=Decided.ASK, each=True), batch=batch)
        except Twice:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(4))) == [False, False, False, True]
    assert len(queued(store)) == 1


def test_a_hidden_topic_is_never_confirmed_unseen(store: Store, deciding: Deciding) -> None:
    ticket = a_ticket(store)
    number = next(f"26-{n:07}-0" for n in range(1000) if is_hidden(f"26-{n:07}-0"))
    with store.writing() as conn:
        conn.execute(tickets.update().values(number=number))
    with pytest.raises(Refused, match="скрыта"):
        do(store, deciding, ticket, Decision(what=Decided.CONFIRM))
    do(store, deciding, ticket, Decision(what=Decided.TOPIC, topic="mobile"))
    with store.reading() as conn:
        assert conn.execute(select(corrections.c.hidden)).scalar_one() is True


def test_one_decision_on_many_is_one_undo_and_says_which_it_could_not(store: Store, deciding: Deciding) -> None:
    tickets = [a_ticket(store, number) for number in (1, 2, 3)]
    do(store, deciding, tickets[1], Decision(what=Decided.SPAM))
    batch = new_batch()
    with store.writing() as conn:
        done, refused = decide_on_many(deciding, conn, OLGA, tickets, Decision(what=Decided.CLOSE), batch=batch)
    assert len(done) == 2
    assert [why for _, why in refused] == ["Заявка уже закрыта."]
    assert len(queued(store)) == 2
    with store.writing() as conn:
        assert len(deciding.undo(conn, OLGA, batch).numbers) == 2
    assert [now(store, one).state for one in tickets] == ["new", "closed", "new"]


@pytest.mark.parametrize(
    ("kind", "lacks", "given", "left"),
    [
        ("complaint", ["inn_or_account"], {"snils": "11223344595"}, []),
        ("request", ["inn_or_account"], {"snils": "11223344595"}, ["inn_or_account"]),
        ("request", ["inn_or_account", "date"], {"account": "12345678"}, ["date"]),
        ("request", ["ogrn", "description"], {"description": "Не входит\nс утра"}, ["ogrn"]),
        ("request", ["ogrn"], {"ogrn": "1027700132195"}, []),
    ],
)
def test_what_staff_fill_in_counts_as_what_a_letter_brings(
    store: Store, deciding: Deciding, kind: str, lacks: list[str], given: dict[str, str], left: list[str]
) -> None:
    """Rulings 22: in a complaint the СНИЛС stands for the number."""
    ticket = a_ticket(store, kind=kind, missing=lacks, state="waiting")
    do(store, deciding, ticket, Decision(what=Decided.FIELDS, fields=given))
    after = now(store, ticket)
    assert (list(after.missing), after.state) == (left, "waiting" if left else "new")
    assert after.fields.items() >= given.items()
