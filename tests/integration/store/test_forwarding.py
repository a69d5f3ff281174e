"""Telling a webhook: in order, at least once under one key, past faults of every kind, on both stores."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator

import pytest
from servers.certificates import Authority
from servers.postgresql import PostgreSQL
from servers.receiver import Does, Receiver, receiver
from store_rows import Clock
from told_elsewhere import SECRET, count, genuine, happens, meets, telling, ticket_with

import outbox.forwarding
from outbox.webhook import Webhook
from service.http import ANSWER_MOST, NoAnswer, Request, Server
from store import forwarded
from store import forwarding as rows
from store.database import Store
from store.faults import LostClaim
from tickets.ticket import Event

WANTED = tuple(event.value for event in Event)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox.forwarding, "FIRST_PAUSE_MS", 50)
    monkeypatch.setattr(outbox.forwarding, "REFUSED_PAUSE_MS", 50)
    monkeypatch.setattr(outbox.forwarding, "LONGEST_PAUSE_MS", 100)
    monkeypatch.setattr(outbox.forwarding, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(outbox.forwarding, "EVENT_SECONDS", 1.0)


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as serving:
        yield serving


def webhook(there: Receiver, **changed: object) -> Webhook:
    values: dict[str, object] = {"secrets": [SECRET.encode()], "wanted": WANTED, "personal": False}
    return Webhook("crm", Server(there.url), **{**values, **changed})  # type: ignore[arg-type]


def types(there: Receiver) -> list[str]:
    return [json.loads(one.body)["type"] for one in there.heard]


def keys(there: Receiver) -> list[str]:
    return [one.headers["webhook-id"] for one in there.heard]


def asides(store: Store) -> list[forwarded.AsideLine]:
    with store.reading() as conn:
        return list(forwarded.aside_lines(conn))


def test_each_event_is_told_once_in_order_and_signed(store: Store, there: Receiver) -> None:
    meets(store, webhook(there))
    ticket_with(store, "opened", "reply-queued", "reply-sent", "closed")
    telling(store, webhook(there), lambda: len(there.heard) == 4)
    telling(store, webhook(there), lambda: True)
    assert types(there) == ["ticket.opened", "ticket.reply-queued", "ticket.reply-sent", "ticket.closed"]
    assert len(set(keys(there))) == 4
    assert all(genuine(one.headers, one.body) for one in there.heard)
    assert not genuine(there.heard[0].headers, there.heard[1].body)


def test_what_happened_before_the_target_was_named_is_not_told(store: Store, there: Receiver) -> None:
    ticket_id = ticket_with(store, "opened")
    meets(store, webhook(there))
    happens(store, ticket_id, "closed")
    telling(store, webhook(there), lambda: len(there.heard) == 1)
    assert types(there) == ["ticket.closed"]


def test_only_the_events_asked_for_are_told_and_the_others_are_not_looked_at_again(
    store: Store, there: Receiver
) -> None:
    target = webhook(there, wanted=["closed"])
    meets(store, target)
    ticket_with(store, "opened", "closed", "noted", "noted")
    telling(store, target, lambda: count(store, "SELECT last FROM forwards") == 4)
    assert types(there) == ["ticket.closed"]


FAULTS = {
    "500": Does(status=500),
    "502 with a page": Does(status=502, body=b"<html>"),
    "a status nobody knows": Does(status=599),
    "408": Does(status=408),
    "429": Does(status=429, headers={"Retry-After": "1"}),
    "cut in the head": Does(cut=20),
    "cut in the body": Does(body=b"x" * 500, cut=400),
    "ended without a word": Does(cut=0),
    "no HTTP": Does(status=200, headers={"Bad Header Name": "x"}),
    "silence": Does(after=3.0),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_passing_fault_is_told_again_under_the_same_key_before_anything_else(
    store: Store, there: Receiver, fault: str
) -> None:
    meets(store, webhook(there))
    ticket_with(store, "opened", "closed")
    there.then(FAULTS[fault], FAULTS[fault])
    telling(store, webhook(there), lambda: len(there.heard) == 4)
    telling(store, webhook(there), lambda: count(store, "SELECT last FROM forwards") == 2)
    assert types(there) == ["ticket.opened"] * 3 + ["ticket.closed"]
    assert len(set(keys(there)[:3])) == 1
    assert asides(store) == []
    assert count(store, "SELECT count(*) FROM forwards WHERE last_error IS NULL AND failing_ms IS NULL") == 1


def test_a_target_that_asks_for_time_gets_it(store: Store, there: Receiver) -> None:
    meets(store, webhook(there))
    ticket_with(store, "opened")
    there.then(Does(status=429, headers={"Retry-After": "2"}))
    began = time.monotonic()
    telling(store, webhook(there), lambda: len(there.heard) == 2)
    assert time.monotonic() - began >= 1.9


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422, 418])
def test_an_event_that_is_not_taken_is_set_aside_and_the_next_goes_on_until_a_person_retries(
    store: Store, there: Receiver, status: int
) -> None:
    meets(store, webhook(there))
    ticket_with(store, "opened", "closed")
    told = b'{"error": "no customer ivan@post.example 7701234567"}'
    there.then(Does(status=status, body=told))
    telling(store, webhook(there), lambda: len(there.heard) == 2)
    telling(store, webhook(there), lambda: count(store, "SELECT last FROM forwards") == 2)
    (aside,) = asides(store)
    assert (aside.what, aside.forward) == ("opened", "crm")
    assert f"answers {status}: no customer … …" in aside.reason, "no address and no number of the other side's words"
    with store.writing() as conn:
        assert forwarded.try_again(conn, "crm", [aside.id]) == [aside.id]
    telling(store, webhook(there), lambda: len(there.heard) == 3)
    telling(store, webhook(there), lambda: asides(store) == [])
    assert types(there) == ["ticket.opened", "ticket.closed", "ticket.opened"]
    assert keys(there)[0] == keys(there)[2]


@pytest.mark.parametrize("status", [301, 302, 307, 401, 403, 404, 405])
def test_a_target_that_lets_us_not_in_costs_no_event(store: Store, there: Receiver, status: int) -> None:
    """A wrong secret or address is no event's fault: set aside one by one, a night's events would all be lost to it."""
    with receiver() as other:
        meets(store, webhook(there))
        ticket_with(store, "opened", "closed")
        there.then(*[Does(status=status, headers={"Location": other.url})] * 3)
        telling(store, webhook(there), lambda: len(there.heard) == 5)
        assert types(there) == ["ticket.opened"] * 4 + ["ticket.closed"]
        assert asides(store) == []
        assert other.heard == [], "a redirect is not followed"


def test_what_is_a_week_old_and_does_not_get_through_is_given_up(timed: Store, clock: Clock, there: Receiver) -> None:
    meets(timed, webhook(there))
    ticket_id = ticket_with(timed, "opened")
    there.then(Does(status=500), Does(status=500))
    telling(timed, webhook(there), lambda: count(timed, "SELECT tries FROM forwards") == 1)
    clock.ms += outbox.forwarding.GIVE_UP_MS + 1
    happens(timed, ticket_id, "closed")
    telling(timed, webhook(there), lambda: len(there.heard) == 3)
    (aside,) = asides(timed)
    assert aside.reason.startswith("given up after 7 days")
    assert types(there)[-1] == "ticket.closed"


def test_without_leave_no_word_of_a_person_is_told(store: Store, there: Receiver) -> None:
    meets(store, webhook(there))
    ticket_id = ticket_with(store, "opened")
    happens(store, ticket_id, "noted", text="позвонить Ивановой")
    happens(store, ticket_id, "assigned", to="olga")
    happens(store, ticket_id, "reply-failed", kind="answer", reason="550 5.1.1 no such user ivanova")
    happens(store, ticket_id, "state-changed", to="new", why="silence")
    telling(store, webhook(there), lambda: len(there.heard) == 5)
    bodies = b"".join(one.body for one in there.heard).decode()
    assert not [word for word in ("Иванов", "person@", "Не могу", "olga", "ivanova", "позвонить") if word in bodies]
    told = json.loads(there.heard[-1].body)
    assert told["data"]["event"] == {"who": "desk", "to": "new", "why": "silence"}
    assert told["data"]["ticket"]["state"] == "new"


def test_with_leave_fields_and_words_are_told(store: Store, there: Receiver) -> None:
    target = webhook(there, personal=True)
    meets(store, target)
    happens(store, ticket_with(store), "noted", text="позвонить Ивановой")
    telling(store, target, lambda: len(there.heard) == 1)
    told = json.loads(there.heard[0].body)["data"]
    assert told["ticket"]["fields"] == {"fio": "Иванов Иван Иванович"}
    assert told["ticket"]["address"] == "person@post.example"
    assert told["event"]["text"] == "позвонить Ивановой"


def test_one_daemon_tells_a_target_and_one_that_lost_it_settles_nothing(store: Store) -> None:
    ticket_id = ticket_with(store)
    with store.writing() as conn:
        first = rows.hold_forward(conn, "crm", holder="a", lease_ms=60_000)
        assert first is not None
        assert rows.hold_forward(conn, "crm", holder="b", lease_ms=60_000) is None
    happens(store, ticket_id, "closed")
    with store.reading() as conn:
        event = rows.next_happening(conn, first, after=0, whole=10, wanted=WANTED)
    assert event is not None
    with store.writing() as conn:
        rows.renew_forward(conn, first, lease_ms=-1)
        second = rows.hold_forward(conn, "crm", holder="b", lease_ms=60_000)
        assert second is not None
    for act in (
        lambda conn: rows.told(conn, first, event, None),
        lambda conn: rows.set_aside(conn, first, event, reason="x"),
        lambda conn: rows.begin_telling(conn, first, lease_ms=1),
        lambda conn: rows.renew_forward(conn, first, lease_ms=1),
    ):
        with pytest.raises(LostClaim), store.writing() as conn:
            act(conn)
    assert asides(store) == []


def test_a_line_that_becomes_visible_late_is_not_left_out(server: PostgreSQL, template: str, there: Receiver) -> None:
    """On PostgreSQL an id taken first may be committed last."""
    store = Store(server.fresh(like=template))
    meets(store, webhook(there))
    first, second = ticket_with(store), ticket_with(store)
    may_commit, wrote = threading.Event(), threading.Event()

    def slowly() -> None:
        with store.writing() as conn:
            conn.exec_driver_sql("UPDATE tickets SET version = version + 1 WHERE id = %s", (first,))
            rows_of(conn, first)
            wrote.set()
            assert may_commit.wait(20)

    def rows_of(conn: object, ticket_id: int) -> None:
        from store import rows as all_rows  # noqa: PLC0415  # the loop's own rows have the short name here

        all_rows.add_history(conn, ticket_id, who="desk", what="raised", data={})  # type: ignore[arg-type]

    slow = threading.Thread(target=slowly)
    slow.start()
    assert wrote.wait(20)
    happens(store, second, "closed")
    began = time.monotonic()

    def looked_for_a_second() -> bool:
        return time.monotonic() - began > 1.0

    def let_it() -> bool:
        assert there.heard == [], "the later line is visible, and waits for the earlier one"
        may_commit.set()
        return True

    telling(store, webhook(there), looked_for_a_second, let_it, lambda: len(there.heard) == 2)
    slow.join()
    assert types(there) == ["ticket.raised", "ticket.closed"]
    store.close()


def test_after_a_restore_each_event_up_to_it_is_asked_about_first(store: Store) -> None:
    ticket_with(store, "opened")
    with store.writing() as conn:
        hold = rows.hold_forward(conn, "crm", holder="a", lease_ms=60_000)
        assert hold is not None
    ticket_with(store, "opened", "closed")
    with store.writing() as conn:
        forwarded.be_careful(conn)
    with store.reading() as conn:
        assert rows.place(conn, hold).careful_until == 3


def test_a_certificate_of_nobodys_is_not_spoken_to_and_a_trusted_one_is(authority: Authority) -> None:
    with receiver(certificate=authority.issue("localhost")) as there:
        with pytest.raises(NoAnswer, match="certificate is not accepted"):
            asyncio.run(Server(there.url).ask(Request()))
        answer = asyncio.run(Server(there.url, ca_file=authority.ca_file).ask(Request()))
    assert answer.status == 200


def test_an_endless_answer_is_not_read_to_its_end(there: Receiver) -> None:
    there.then(Does(body=b"x" * (3 * ANSWER_MOST)))
    assert len(asyncio.run(Server(there.url).ask(Request())).body) == ANSWER_MOST


def test_what_a_person_drops_is_never_told(store: Store, there: Receiver) -> None:
    meets(store, webhook(there))
    ticket_with(store, "opened")
    there.then(Does(status=400))
    telling(store, webhook(there), lambda: len(asides(store)) == 1)
    with store.writing() as conn:
        assert forwarded.drop(conn, "crm", None) == [1]
    telling(store, webhook(there), lambda: True)
    assert len(there.heard) == 1


def test_a_target_that_is_no_more_is_forgotten(store: Store, there: Receiver) -> None:
    meets(store, webhook(there))
    ticket_with(store, "opened")
    there.then(Does(status=400))
    telling(store, webhook(there), lambda: len(asides(store)) == 1)
    with store.writing() as conn:
        assert forwarded.forget_places(conn, "crm")
        assert forwarded.forwards_now(conn) == ()
        assert not forwarded.forget_places(conn, "crm")
