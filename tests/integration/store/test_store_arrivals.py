"""Letters coming in: one row a letter, however often it comes."""

import pytest
from sqlalchemy import func, select
from store_rows import VALIDITY, claim, letter, mailbox, receive, settle_as_ticket

from service.errors import Permanent
from store import rows
from store.arrivals import FAIR_STEP_MS
from store.database import Store
from store.schema import letters


def count(store: Store) -> int:
    with store.reading() as conn:
        return conn.execute(select(func.count()).select_from(letters)).scalar_one()


def test_a_batch_gets_its_rows_in_its_order(store: Store) -> None:
    got = receive(store, letter(3), letter(1), letter(2))
    assert [one.uid for one in got] == [3, 1, 2]
    assert not any(one.known for one in got)
    assert len({one.letter_id for one in got}) == 3


def test_an_empty_batch_is_nothing(store: Store) -> None:
    assert receive(store) == ()


@pytest.mark.parametrize(
    "again",
    [
        pytest.param({"uid": 9}, id="the same bytes under another uid"),
        pytest.param({"uid": None}, id="the same bytes without a uid"),
    ],
)
def test_a_letter_that_is_here_makes_no_second_row(store: Store, again: dict[str, object]) -> None:
    (first,) = receive(store, letter(1))
    (second,) = receive(store, letter(1, blob="2027-01-15/another", **again))
    assert (second.known, second.letter_id) == (True, first.letter_id)
    assert count(store) == 1


@pytest.mark.parametrize("was_moved", [True, False])
def test_other_bytes_under_a_uid_that_was_given_before_are_another_letter(store: Store, *, was_moved: bool) -> None:
    """A mail server put back from its backup counts its UIDs a second time."""
    mailbox_id = mailbox(store)
    (first,) = receive(store, letter(1))
    if was_moved:
        with store.writing() as conn:
            rows.moved(conn, [first.letter_id], folder="Processed")
    others = [letter(2, uid=1), letter(3), letter(4, uid=1, sha256=letter(2).sha256)]
    second, third, same = receive(store, *others)
    assert (second.known, third.known, same.known) == (False, False, True)
    assert (second.uid, same.letter_id, count(store)) == (1, second.letter_id, 3)
    with store.reading() as conn:
        assert rows.known(conn, mailbox_id, VALIDITY, [1])[1].letter_id == second.letter_id
    assert receive(store, letter(2, uid=1, blob="again"))[0].letter_id == second.letter_id


def test_a_uid_given_a_second_time_whose_letter_cannot_be_fetched_is_parked_under_it(store: Store) -> None:
    mailbox_id = mailbox(store)
    (first,) = receive(store, letter(1))
    with store.writing() as conn:
        rows.moved(conn, [first.letter_id], folder="Processed")
        for _ in range(3):
            rows.fetch_failed(conn, mailbox_id, VALIDITY, [1], reason="fetch-failed")
        parked = rows.known(conn, mailbox_id, VALIDITY, [1])[1]
    assert parked.stays
    assert parked.letter_id != first.letter_id


def test_the_same_bytes_twice_in_one_batch_make_one_row(store: Store) -> None:
    first, second = receive(store, letter(1), letter(2, sha256=letter(1).sha256))
    assert (first.known, second.known, second.letter_id) == (False, True, first.letter_id)


def test_a_batch_repeated_after_a_lost_answer_keeps_its_blobs(store: Store) -> None:
    """The commit went through but its answer was lost: the blobs are in use and must not pass for superfluous."""
    receive(store, letter(1), letter(2))
    assert [one.known for one in receive(store, letter(1), letter(2))] == [False, False]
    assert count(store) == 2


def test_a_new_uidvalidity_means_the_bytes_decide(store: Store) -> None:
    mailbox_id = mailbox(store)
    receive(store, letter(1))
    with store.writing() as conn:
        assert rows.known(conn, mailbox_id, VALIDITY + 1, [1]) == {}
        same, other = rows.receive(conn, mailbox_id, VALIDITY + 1, [letter(1, blob="b1"), letter(2, uid=2, blob="b2")])
    assert (same.known, other.known) == (True, False)


def test_known_tells_what_is_left_to_do(store: Store) -> None:
    mailbox_id = mailbox(store)
    got = receive(store, letter(1), letter(2), letter(3, too_large=True))
    with store.writing() as conn:
        rows.moved(conn, [got[0].letter_id], folder="Processed")
        for _ in range(3):
            rows.fetch_failed(conn, mailbox_id, VALIDITY, [4], reason="fetch-failed")
        known = rows.known(conn, mailbox_id, VALIDITY, range(1, 1200))
    assert {uid: (one.too_large, one.stays) for uid, one in known.items()} == {
        2: (False, False),
        3: (True, False),
        4: (False, True),
    }


def test_a_fetch_that_fails_thrice_parks_the_uid_without_bytes(store: Store) -> None:
    mailbox_id = mailbox(store)
    with store.writing() as conn:
        assert rows.fetch_failed(conn, mailbox_id, VALIDITY, [1, 2], reason="fetch-failed") == ()
        assert rows.fetch_failed(conn, mailbox_id, VALIDITY, [1], reason="fetch-failed") == ()
        assert rows.fetch_failures(conn, mailbox_id, VALIDITY) == {1: 2, 2: 1}
        assert rows.fetch_failed(conn, mailbox_id, VALIDITY, [1, 2], reason="fetch-failed") == (1,)
        assert rows.fetch_failures(conn, mailbox_id, VALIDITY) == {2: 2}
        assert rows.claim_letters(conn, lease_ms=1, most=1) == ()
    receive(store, letter(2))
    with store.reading() as conn:
        assert rows.fetch_failures(conn, mailbox_id, VALIDITY) == {}


def test_a_parked_uid_without_bytes_is_fetched_anew_after_unpark(store: Store) -> None:
    mailbox_id = mailbox(store)
    with store.writing() as conn:
        for _ in range(3):
            rows.fetch_failed(conn, mailbox_id, VALIDITY, [1], reason="fetch-failed")
        parked = rows.known(conn, mailbox_id, VALIDITY, [1])[1].letter_id
        assert rows.unpark(conn, parked)
        assert rows.known(conn, mailbox_id, VALIDITY, [1]) == {}
        assert not rows.unpark(conn, parked)


def test_a_flood_of_one_sender_lets_others_pass(store: Store) -> None:
    arrived = 1_700_000_000_000
    flood = [letter(uid, sender="robot@loop.example", arrived_ms=arrived + uid) for uid in range(1, 51)]
    receive(store, *flood)
    receive(store, letter(99, sender="person@post.example", arrived_ms=arrived + FAIR_STEP_MS + 60))
    order = []
    while (taken := claim(store)) is not None:
        order.append(taken.sender)
        settle_as_ticket(store, taken)
    assert order.index("person@post.example") == 2
    assert len(order) == 51


def test_letters_without_a_sender_stand_in_one_line(store: Store) -> None:
    arrived = 1_700_000_000_000
    receive(store, *(letter(uid, sender=None, arrived_ms=arrived + uid) for uid in range(1, 21)))
    receive(store, letter(99, arrived_ms=arrived + FAIR_STEP_MS + 60))
    taken = [claim(store) for _ in range(3)]
    assert [one.sender for one in taken if one] == [None, None, "person99@post.example"]


def test_text_no_database_keeps_is_cleaned(store: Store) -> None:
    (got,) = receive(store, letter(1, sender="a\0b\ud800@post.example"))
    taken = claim(store)
    assert taken is not None
    assert (taken.id, taken.sender) == (got.letter_id, "a\ufffdb\ufffd\ufffd\ufffd@post.example")


def test_a_received_letter_must_have_bytes(store: Store) -> None:
    with pytest.raises(Permanent, match="refuses a row"):
        receive(store, letter(1, blob=None))
