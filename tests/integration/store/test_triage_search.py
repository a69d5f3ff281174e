"""The search finds what staff ask for, in any form of the words, and forgets nothing that changed."""

from typing import Any

import pytest
from sqlalchemy import Connection
from store_rows import letter, open_ticket

from classify.topics import SHIPPED
from store import rows
from store.database import Store
from store.records import TicketChange, TicketFile
from store.schema import tickets
from store.search import forget, search, unsearched
from triage.indexing import index_some
from triage.tokens import question

HOUR = 3_600_000
NOW = 1_800_000_000_000
INN = "500100732259"


def a_ticket(store: Store, description: str, **changed: Any) -> int:
    fields = {"fio": "Мещерякова Ольга Витальевна", "description": description, **changed.pop("fields", {})}
    confidence = changed.pop("confidence", 0.9)
    with store.writing() as conn:
        return open_ticket(
            conn, None, **{"first_due_ms": NOW + 72 * HOUR, "confidence": confidence, **changed}, fields=fields
        ).id


def found(store: Store, asked: str) -> set[int]:
    while index_some(store):
        pass
    with store.reading() as conn:
        return {
            line.id for line in search(conn, question(asked, topics=SHIPPED, now_ms=NOW).wanted, before=None, limit=50)
        }


@pytest.fixture
def some(timed: Store) -> dict[str, int]:
    made = {
        "code": a_ticket(timed, "Со вчерашнего вечера не приходит код подтверждения в личный кабинет", subject="Вход"),
        "fee": a_ticket(
            timed,
            "Оплатил государственную пошлину дважды, прошу вернуть деньги",
            topic="payments",
            state="waiting",
            missing=["inn_or_account"],
            address="pay@bank.example",
            subject="Оплата",
        ),
        "late": a_ticket(
            timed,
            "Кабинет не открывается после регистрации",
            first_due_ms=NOW + HOUR,
            confidence=0.4,
            fields={"inn": INN},
            subject="Ошибка",
        ),
    }
    with timed.writing() as conn:
        rows.update_ticket(conn, made["late"], TicketChange(assignee="olga", team="Вход"))
    return made


@pytest.mark.parametrize(
    ("asked", "who"),
    [
        ("коды приходят", "code"),
        ("КОДОМ", "code"),
        ("пошлины", "fee"),
        ("деньги вернули", "fee"),
        ('"личного кабинета"', "code"),
        ("«личный кабинет»", "code"),
        ('"кабинет личный"', ""),
        ("кабинет -код", "late"),
        ("регистр*", "late"),
        ("Мещеряковой", "code fee late"),
        ("тема:оплата", "fee"),
        ("topic:payments", "fee"),
        ("статус:ждёт", "fee"),
        ("нет:инн", "fee"),
        ("от:bank.example", "fee"),
        ("от:pay@bank.example", "fee"),
        ("pay@bank.example", "fee"),
        (INN, "late"),
        (f"инн:{INN}", "late"),
        ("5001 0073 2259", ""),
        ("срок:<1д", "late"),
        ("увер:<0.6", "late"),
        ("увер:<60%", "late"),
        ("ведёт:olga", "late"),
        ("команда:вход", "late"),
        ("кабинет срок:<2ч", "late"),
        ("есть:вложение", ""),
        ("-код", "fee late"),
        ("ничегоподобного", ""),
        ("a OR b NOT (c*", ""),
        ("'); DROP TABLE tickets; --", ""),
    ],
)
def test_what_is_asked_is_found(timed: Store, some: dict[str, int], asked: str, who: str) -> None:
    assert found(timed, asked) == {some[name] for name in who.split()}


def test_what_is_not_understood_is_said() -> None:
    assert question("цвет:синий код", topics=SHIPPED, now_ms=NOW).puzzling == ("цвет:синий",)
    assert question("срок:вчера", topics=SHIPPED, now_ms=NOW).puzzling == ("срок:вчера",)
    assert question("26-0000012-3", topics=SHIPPED, now_ms=NOW).number == "26-0000012-3"


def test_a_changed_ticket_is_found_by_what_it_is_now(timed: Store, some: dict[str, int]) -> None:
    assert found(timed, "тема:вход") == {some["code"], some["late"]}
    with timed.writing() as conn:
        rows.update_ticket(conn, some["code"], TicketChange(topic="mobile", state="closed", closed_as="spam"))
    assert found(timed, "тема:вход") == {some["late"]}
    assert found(timed, "статус:спам") == {some["code"]}


def test_files_count_once_the_ticket_is_read(timed: Store, some: dict[str, int]) -> None:
    with timed.writing() as conn:
        letter_id = _a_letter(conn)
        file = TicketFile(position=0, name="scan.pdf", size=10, type="application/pdf", accepted=True, reason=None)
        rows.add_files(conn, some["fee"], letter_id, [file])
        rows.update_ticket(conn, some["fee"], TicketChange())
    assert found(timed, "есть:вложение") == {some["fee"]}


def test_indexing_changes_no_version_and_forgetting_is_for_good(timed: Store, some: dict[str, int]) -> None:
    found(timed, "код")
    with timed.writing() as conn:
        assert unsearched(conn, most=5) == []
        assert conn.execute(tickets.select().where(tickets.c.id == some["code"])).one().version == 1
        forget(conn, some["code"])
    assert found(timed, "код") == set()


def test_pages_of_the_search_follow_the_newest_first(timed: Store) -> None:
    made = [a_ticket(timed, f"Справка номер {number}") for number in range(7)]
    found(timed, "справка")
    wanted = question("справки", topics=SHIPPED, now_ms=NOW).wanted
    with timed.reading() as conn:
        first = [line.id for line in search(conn, wanted, before=None, limit=4)]
        rest = [line.id for line in search(conn, wanted, before=first[-1], limit=4)]
    assert first + rest == made[::-1]


def _a_letter(conn: Connection) -> int:
    hold = rows.hold(conn, "imap://host/login/INBOX", holder="test", lease_ms=60_000, since_ms=0)
    assert hold is not None
    return rows.receive(conn, hold.mailbox_id, 7, [letter(1)])[0].letter_id
