"""A help desk elsewhere gets each ticket once and each note once, whatever breaks, and writes to no citizen.

The servers here are contracts written from what the two publish (tests/servers/{zammad,freescout}.py); no live one was asked.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import freescout, zammad
from servers.freescout import FreeScoutContract
from servers.receiver import Does, Receiver, receiver
from servers.zammad import ZammadContract
from told_elsewhere import count, happens, meets, telling, ticket_with

import outbox.forwarding
from outbox.target import Target, TargetRefuses
from outbox.targets import target_of
from service.errors import ConfigError
from service.settings import ForwardSettings, Settings
from store import forwarded
from store.database import Store


class Desk:
    """One of the two, seen alike."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.contract: Any = ZammadContract() if kind == "zammad" else FreeScoutContract()

    def titles(self) -> list[str]:
        if self.kind == "zammad":
            return [one["title"] for one in self.contract.tickets]
        return [one["subject"] for one in self.contract.conversations]

    def texts(self) -> list[str]:
        if self.kind == "zammad":
            return [one["body"] for one in self.contract.articles]
        return [thread["body"] for one in self.contract.conversations for thread in one["_embedded"]["threads"]]

    def states(self) -> list[str]:
        if self.kind == "zammad":
            return [one["state"] for one in self.contract.tickets]
        return [one["status"] for one in self.contract.conversations]

    def lose(self) -> None:
        """Everything there is deleted."""
        rows = self.contract.tickets if self.kind == "zammad" else self.contract.conversations
        rows.clear()


@pytest.fixture(params=["zammad", "freescout"])
def desk(request: pytest.FixtureRequest) -> Desk:
    return Desk(request.param)


@pytest.fixture
def there(desk: Desk) -> Iterator[Receiver]:
    with receiver(desk.contract) as serving:
        yield serving


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_PAUSE_MS", "REFUSED_PAUSE_MS", "LONGEST_PAUSE_MS"):
        monkeypatch.setattr(outbox.forwarding, name, 50)
    monkeypatch.setattr(outbox.forwarding, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(outbox.forwarding, "EVENT_SECONDS", 1.0)


def target(desk: Desk, there: Receiver, folder: Path, **changed: Any) -> Target:
    token = folder / "token"
    token.write_text(zammad.TOKEN if desk.kind == "zammad" else freescout.KEY)
    token.chmod(0o600)
    values: dict[str, Any] = {"mailbox": freescout.MAILBOX, "user": freescout.USER, "personal": True}
    values |= {"name": "desk", "kind": desk.kind, "url": there.url, "secret_file": token}
    return target_of(ForwardSettings(**{**values, **changed}), Settings())


def settled(store: Store) -> bool:
    return count(store, "SELECT max(id) FROM history") == count(store, "SELECT last FROM forwards")


@pytest.fixture
def number(store: Store, desk: Desk, there: Receiver, tmp_path: Path) -> str:
    """Of a ticket that was opened since the desk is known."""
    meets(store, target(desk, there, tmp_path))
    ticket_with(store, "opened")
    with store.reading() as conn:
        return str(conn.exec_driver_sql("SELECT number FROM tickets").scalar_one())


def test_a_ticket_becomes_one_there_with_its_words_and_our_number(
    store: Store, desk: Desk, there: Receiver, number: str, tmp_path: Path
) -> None:
    telling(store, target(desk, there, tmp_path), lambda: settled(store))
    assert desk.titles() == [f"Не могу войти [{number}]"]
    (text,) = desk.texts()
    assert all(part in text for part in ("ФИО: Иванов Иван Иванович", "Вход и восстановление доступа", number))
    assert desk.contract.mails == 0, "only we write to the citizen"
    with store.reading() as conn:
        ((name, their_number, their_id),) = forwarded.places_of(conn, number)
    assert (name, their_id) == ("desk", "100" if desk.kind == "zammad" else "50")
    assert their_number


def test_what_happens_is_noted_and_closing_and_reopening_change_the_state(
    store: Store, desk: Desk, there: Receiver, number: str, tmp_path: Path
) -> None:
    happens(store, 1, "reply-queued", kind="answer", text="Мы сбросили пароль.")
    happens(store, 1, "reply-sent", kind="answer")
    happens(store, 1, "noted", text="позвонить <завтра>")
    happens(store, 1, "closed")
    telling(store, target(desk, there, tmp_path), lambda: settled(store))
    assert desk.states() == ["closed"]
    happens(store, 1, "reopened")
    telling(store, target(desk, there, tmp_path), lambda: settled(store))
    assert desk.states() == ["open" if desk.kind == "zammad" else "active"]
    notes = desk.texts()[1:]
    assert len(notes) == 4, "one for each event that says something"
    assert "Мы сбросили пароль." in notes[0]
    assert ("<завтра>" if desk.kind == "zammad" else "&lt;завтра&gt;") in notes[1]
    assert all(number in note for note in notes)
    assert desk.contract.mails == 0


LOST = {
    "cut before a word": Does(cut=0),
    "cut in the answer": Does(cut=60),
    "500 after it was done": Does(status=500),
    "silence after it was done": Does(after=2.0),
}


@pytest.mark.parametrize("fault", LOST)
def test_an_answer_that_is_lost_makes_no_second_ticket_and_no_second_note(
    store: Store, desk: Desk, there: Receiver, number: str, tmp_path: Path, fault: str
) -> None:
    """The contract does what it was told before its answer is lost: the worst case."""
    one = target(desk, there, tmp_path)
    for what in ("closed", "reopened"):
        there.then(LOST[fault])
        telling(store, one, lambda: settled(store))
        happens(store, 1, what)
    there.then(LOST[fault])
    telling(store, one, lambda: settled(store))
    assert len(desk.titles()) == 1
    assert len(desk.texts()) == 3


def test_the_newer_shape_of_a_search_is_understood(
    store: Store, there: Receiver, number: str, desk: Desk, tmp_path: Path
) -> None:
    if desk.kind == "zammad":
        desk.contract.listed = False
    there.then(Does(cut=0))
    telling(store, target(desk, there, tmp_path), lambda: settled(store))
    assert len(desk.titles()) == 1


def test_a_ticket_older_than_the_settings_is_made_at_its_next_event(
    store: Store, desk: Desk, there: Receiver, tmp_path: Path
) -> None:
    ticket_id = ticket_with(store, "opened")
    meets(store, target(desk, there, tmp_path))
    happens(store, ticket_id, "raised")
    telling(store, target(desk, there, tmp_path), lambda: settled(store))
    assert len(desk.titles()) == 1
    assert len(desk.texts()) == 2


def test_after_a_restore_what_is_there_is_found_again(
    store: Store, desk: Desk, there: Receiver, number: str, tmp_path: Path
) -> None:
    telling(store, target(desk, there, tmp_path), lambda: settled(store))
    with store.writing() as conn:  # as the backup had it
        conn.exec_driver_sql("DELETE FROM forward_tickets")
        conn.exec_driver_sql("UPDATE forwards SET last = 0")
        forwarded.be_careful(conn)
    telling(store, target(desk, there, tmp_path), lambda: settled(store))
    assert len(desk.titles()) == 1
    assert len(desk.texts()) == 1


def test_a_ticket_that_was_deleted_there_costs_its_own_events_only(
    store: Store, desk: Desk, there: Receiver, number: str, tmp_path: Path
) -> None:
    telling(store, target(desk, there, tmp_path), lambda: settled(store))
    desk.lose()
    happens(store, 1, "closed")
    ticket_with(store, "opened")
    telling(store, target(desk, there, tmp_path), lambda: settled(store))
    with store.reading() as conn:
        (aside,) = forwarded.aside_lines(conn)
    assert "404" in aside.reason
    assert len(desk.titles()) == 1


def test_a_citizen_without_an_address_is_the_desks_own(
    store: Store, desk: Desk, there: Receiver, tmp_path: Path
) -> None:
    meets(store, target(desk, there, tmp_path))
    ticket_id = ticket_with(store)
    with store.writing() as conn:
        conn.exec_driver_sql("UPDATE tickets SET address = NULL")
    happens(store, ticket_id, "opened")
    happens(store, ticket_id, "letter-joined")
    telling(store, target(desk, there, tmp_path), lambda: settled(store))
    assert len(desk.texts()) == 2


def test_doctor_hears_who_we_are_and_what_is_wrong(desk: Desk, there: Receiver, tmp_path: Path) -> None:
    assert "lets us in" in asyncio.run(target(desk, there, tmp_path).look())
    (tmp_path / "wrong").write_text("nonsense")
    (tmp_path / "wrong").chmod(0o600)
    with pytest.raises(TargetRefuses, match="is the secret still valid"):
        asyncio.run(target(desk, there, tmp_path, secret_file=tmp_path / "wrong").look())
    there.then(Does(body=b"<html>"))
    with pytest.raises(TargetRefuses, match="is url right"):
        asyncio.run(target(desk, there, tmp_path).look())


def test_a_group_or_mailbox_that_is_not_there_is_told(
    store: Store, desk: Desk, there: Receiver, number: str, tmp_path: Path
) -> None:
    telling(
        store, target(desk, there, tmp_path, group="Nobody", mailbox=99),
        lambda: count(store, "SELECT count(*) FROM forward_aside") == 1,
    )  # fmt: skip
    with store.writing() as conn:
        forwarded.try_again(conn, "desk", None)
    telling(store, target(desk, there, tmp_path), lambda: count(store, "SELECT count(*) FROM forward_aside") == 0)
    assert len(desk.titles()) == 1


def test_a_help_desk_without_leave_for_personal_data_or_without_its_token_is_refused(
    desk: Desk, there: Receiver, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="personal = true"):
        target(desk, there, tmp_path, personal=False)
    with pytest.raises(ConfigError, match="API token"):
        target(desk, there, tmp_path, secret_file=None)
