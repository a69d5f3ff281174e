"""Replies as ops see them, letters as ops find them, and the overview, on both databases."""

from sqlalchemy import text
from store_rows import claim, letter, mail, receive, settle_as_ticket

from store import rows
from store.database import Store
from store.overview import overview
from store.parked import letter_by_id, letters_named, parked_letters
from store.queue import Filter, Tab, queue_rows
from store.records import ReplyState
from store.replies import change_replies, replies, reply_bytes


def test_a_reply_is_held_with_its_reason_and_released(store: Store) -> None:
    with store.writing() as conn:
        one = rows.queue_reply(conn, mail("1@desk.example"))
        assert one is not None
        assert change_replies(conn, of=[ReplyState.QUEUED], to=ReplyState.HELD, ids=[one], why="by hand") == (
            (one, None),
        )
        (line,) = replies(conn)
        assert (line.state, line.last_error) == (ReplyState.HELD, "by hand")
        assert change_replies(conn, of=[ReplyState.HELD], to=ReplyState.QUEUED, ids=None) == ((one, None),)
        assert change_replies(conn, of=[ReplyState.HELD], to=ReplyState.QUEUED, ids=None) == ()
        assert reply_bytes(conn, one) == b"Subject: x\r\n\r\nx"


def test_a_claimed_reply_is_in_its_senders_hands(store: Store) -> None:
    with store.writing() as conn:
        rows.queue_reply(conn, mail("1@desk.example"))
    with store.writing() as conn:
        assert rows.claim_reply(conn, lease_ms=180_000)
    with store.writing() as conn:
        assert change_replies(conn, of=[ReplyState.QUEUED], to=ReplyState.DROPPED, ids=None) == ()


def test_a_letter_whose_reply_a_person_gave_up_stands_without_answer(store: Store) -> None:
    (got,) = receive(store, letter(1))
    mine = claim(store)
    assert mine is not None
    opened = settle_as_ticket(store, mine)
    with store.writing() as conn:
        rows.queue_reply(conn, mail("robot", ticket_id=opened.id, letter_id=got.letter_id))
        assert change_replies(conn, of=[ReplyState.QUEUED], to=ReplyState.HELD, ids=None, why="by hand")
        assert queue_rows(conn, Filter(tab=Tab.UNANSWERED, me="olga"), after=None, limit=9) == ()
        assert change_replies(conn, of=[ReplyState.HELD], to=ReplyState.DROPPED, ids=None)
        (line,) = queue_rows(conn, Filter(tab=Tab.UNANSWERED, me="olga"), after=None, limit=9)
    assert (line.id, line.reason) == (got.letter_id, "dropped")


def test_letters_are_found_by_what_is_at_hand_and_counted(store: Store) -> None:
    receive(store, letter(1), letter(2))
    mine = claim(store)
    assert mine
    opened = settle_as_ticket(store, mine)
    other = claim(store)
    assert other
    with store.writing() as conn:
        rows.park(conn, other, reason="time")
        conn.execute(text("UPDATE tickets SET first_due_ms = 1"))
    with store.reading() as conn:
        assert [one.id for one in letters_named(conn, opened.number)] == [mine.id]
        assert [one.number for one in letters_named(conn, "m@post.example")] == [opened.number]
        assert [one.reason for one in parked_letters(conn)] == ["time"]
        assert letter_by_id(conn, 99) is None
        now = overview(conn)
    assert (now.waiting, now.parked, now.queued, now.overdue, now.tickets) == (0, 1, 1, 1, {"new": 1})
