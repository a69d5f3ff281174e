"""What the store knows of a letter and its sender when it is settled."""

import threading
import time

from sqlalchemy import Connection
from store_rows import Clock, claim, letter, mail, open_ticket, receive, settled

from store import rows
from store.database import Store
from store.joining import LastLetter, SameLetter
from store.records import LetterState


def test_our_message_ids_name_their_tickets_in_the_order_given(store: Store) -> None:
    with store.writing() as conn:
        first, second = open_ticket(conn, None), open_ticket(conn, None)
        for name, opened in (("a", first), ("b", second), ("c", second)):
            rows.queue_reply(conn, mail(name, ticket_id=opened.id))
        rows.queue_reply(conn, mail("without", ticket_id=None))
    with store.reading() as conn:
        named = rows.tickets_by_message_ids(conn, ["c", "theirs", "b", "without", "a"])
        own = rows.own_letters(conn, ["theirs", "a"])
        assert rows.tickets_by_message_ids(conn, []) == ()
        assert rows.tickets_by_message_ids(conn, ["theirs"] * 100_000) == ()
    assert [ticket.id for ticket in named] == [second.id, first.id]
    assert [(one.message_id, one.ticket_id, one.recipient) for one in own] == [("a", first.id, "person@post.example")]


def test_a_ticket_is_found_by_its_number(store: Store) -> None:
    with store.writing() as conn:
        opened = open_ticket(conn, None)
        found = rows.ticket_by_number(conn, opened.number)
        assert found is not None
        assert found.id == opened.id
        assert rows.ticket_by_number(conn, "26-0000009-9") is None


def test_an_addresss_tickets_come_newest_first(store: Store) -> None:
    with store.writing() as conn:
        ids = [open_ticket(conn, None, opened_ms=ms).id for ms in (100, 300, 200)]
        open_ticket(conn, None, opened_ms=300, address="other@post.example")
        lately = rows.tickets_lately(conn, "person@post.example", since_ms=150)
    assert [ticket.id for ticket in lately] == [ids[1], ids[2]]


def test_limits_count_what_was_sent_and_what_will_be(timed: Store, clock: Clock) -> None:
    with timed.writing() as conn:
        ticket = open_ticket(conn, None).id
        for name, changed in (
            ("a", {}),
            ("b", {"kind": "missing_information"}),
            ("staff", {"kind": "answer", "automatic": False}),
            ("unverified", {"counted": False}),
            ("dropped", {"held": True}),
        ):
            rows.queue_reply(conn, mail(name, ticket_id=ticket, **changed))
        clock.ms += 1
        rows.drop_held(conn, older_than_ms=0, most=9)
        address = "person@post.example"
        assert rows.robot_letters_on(conn, ticket) == {"acknowledgement": 2, "missing_information": 1}
        assert rows.standing(conn, 1, content_key=None, address=address).robot_letters == 2
        for other in ("other@post.example", None):
            assert rows.standing(conn, 1, content_key=None, address=other).robot_letters == 0
    clock.ms += 86_400_001
    with timed.reading() as conn:
        assert rows.standing(conn, 1, content_key=None, address=address).robot_letters == 0


def same(conn: Connection, letter_id: int) -> SameLetter | None:
    return rows.standing(conn, letter_id, content_key="key", address=None).same


def test_the_same_content_is_found_once_it_was_settled(store: Store) -> None:
    receive(store, letter(1), letter(2))
    first, second = claim(store), claim(store)
    assert first is not None
    assert second is not None
    with store.writing() as conn:
        assert same(conn, second.id) is None
        rows.settle(conn, first, settled(content_key="key"))
        opened = open_ticket(conn, first.id)
        found = same(conn, second.id)
        assert found is not None
        assert (found.letter_id, found.ticket_id) == (first.id, opened.id)
        assert same(conn, first.id) is None
        rows.settle(conn, second, settled(state=LetterState.DUPLICATE, same_as=first.id, reason="same-content"))


def test_a_bounced_address_stays_so_until_it_is_lifted(store: Store) -> None:
    address = "gone@post.example"
    with store.writing() as conn:
        assert not rows.bounced(conn, address)
        for message_id in ("a", "b"):
            rows.note_bounce(conn, address, message_id=message_id)
        assert rows.bounced(conn, address)
        assert rows.standing(conn, 1, content_key=None, address=address).bounced
        assert rows.lift_bounce(conn, address)
        assert not rows.lift_bounce(conn, address)
        assert not rows.bounced(conn, address)


def test_the_newest_letter_of_a_ticket_is_known(store: Store) -> None:
    got = receive(store, letter(1, arrived_ms=50), letter(2, arrived_ms=40))
    with store.writing() as conn:
        opened = open_ticket(conn, got[0].letter_id)
        assert rows.last_letter(conn, opened.id) == LastLetter(arrived_ms=50, verified=False)
        assert rows.last_letter(conn, opened.id + 1) is None


def test_two_desks_settle_one_senders_letters_one_after_the_other(store: Store) -> None:
    order: list[str] = []
    locked = threading.Event()

    def first() -> None:
        with store.writing() as conn:
            rows.lock_senders(conn, ["b@x", "a@x"])
            locked.set()
            time.sleep(0.3)
            order.append("first")

    def second() -> None:
        locked.wait()
        with store.writing() as conn:
            rows.lock_senders(conn, ["a@x"])
            order.append("second")

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert order == ["first", "second"]
