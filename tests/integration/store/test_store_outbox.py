"""Letters of ours: one automatic letter of a kind a letter, one sender at a time, undone only while unclaimed."""

import pytest
from store_rows import Clock, letter, mail, open_ticket, receive, release

from service.errors import Permanent
from store import rows
from store.database import Store
from store.letters import leave_unanswered
from store.records import ClaimedReply, ReplyState
from store.schema import letters, outbox

LEASE = 180_000


def queue(store: Store, message_id: str, **changed: object) -> int | None:
    with store.writing() as conn:
        return rows.queue_reply(conn, mail(message_id, **changed))


def claim(store: Store) -> ClaimedReply | None:
    with store.writing() as conn:
        return rows.claim_reply(conn, lease_ms=LEASE)


def claim_newest(store: Store) -> str | None:
    with store.writing() as conn:
        found = rows.claim_reply(conn, lease_ms=LEASE, newest=True)
    return found and found.message_id


def taken(store: Store) -> ClaimedReply:
    found = claim(store)
    assert found is not None
    return found


def state_of(store: Store, reply_id: int | None) -> ReplyState:
    with store.reading() as conn:
        state: ReplyState = conn.execute(outbox.select().where(outbox.c.id == reply_id)).one().state
    return state


def test_one_letter_gets_one_automatic_reply_of_a_kind(store: Store) -> None:
    (got,) = receive(store, letter(1))
    assert queue(store, "a", letter_id=got.letter_id) is not None
    assert queue(store, "b", letter_id=got.letter_id) is None
    assert queue(store, "c", letter_id=got.letter_id, kind="status") is not None
    assert queue(store, "d", letter_id=got.letter_id, kind="answer", automatic=False) is not None
    assert queue(store, "e", letter_id=got.letter_id, kind="answer", automatic=False) is not None


def test_a_message_id_is_never_used_twice(store: Store) -> None:
    queue(store, "a")
    with pytest.raises(Permanent, match="message_id"):
        queue(store, "a")


def test_a_reply_is_claimed_once_with_all_its_bytes(store: Store) -> None:
    queue(store, "a", raw=bytes(range(256)) * 40)
    mine = taken(store)
    assert (mine.message_id, mine.raw, mine.attempts) == ("a", bytes(range(256)) * 40, 1)
    assert claim(store) is None


def test_from_its_end_the_line_is_taken_newest_first_but_a_persons_replies_in_their_order(
    timed: Store, clock: Clock
) -> None:
    for name, recipient in (("a", "one@x"), ("b", "two@x"), ("c", "three@x"), ("d", "two@x")):
        queue(timed, name, recipient=recipient)
        clock.ms += 1
    assert [claim_newest(timed) for _ in range(5)] == ["c", "b", "a", "d", None]


def test_the_line_of_replies_is_in_the_order_of_the_letters_they_answer(timed: Store, clock: Clock) -> None:
    """Or the replies that the desk goes on queueing to the old would stand behind, and before, who wrote just now."""
    arrived = {"old": clock.ms - 9000, "new": clock.ms - 10, "older": clock.ms - 9500, "oldest": clock.ms - 9900}
    got = receive(timed, *(letter(n, arrived_ms=ms, sender=f"{n}@x") for n, ms in enumerate(arrived.values())))
    for one, name in zip(got, arrived, strict=True):
        queue(timed, name, letter_id=one.letter_id, recipient=f"{name}@x")
        clock.ms += 1
    assert (claim_newest(timed), claim_newest(timed)) == ("new", "old")
    assert (taken(timed).message_id, taken(timed).message_id) == ("oldest", "older")


def test_a_reply_to_a_letter_from_the_future_is_due_at_once(timed: Store, clock: Clock) -> None:
    (got,) = receive(timed, letter(1, arrived_ms=clock.ms + 3_600_000))
    queue(timed, "a", letter_id=got.letter_id)
    assert taken(timed).message_id == "a"


def test_a_staff_letter_waits_and_can_be_undone_until_claimed(timed: Store, clock: Clock) -> None:
    first, second = (queue(timed, name, automatic=False, delay_ms=20_000) for name in ("a", "b"))
    assert claim(timed) is None
    with timed.writing() as conn:
        assert rows.undo_reply(conn, first or 0)
    clock.ms += 19_999
    assert claim(timed) is None
    clock.ms += 1
    assert taken(timed).id == second
    with timed.writing() as conn:
        assert not rows.undo_reply(conn, second or 0)
        assert not rows.undo_reply(conn, first or 0)


def test_the_id_of_an_undone_reply_is_not_given_again(store: Store) -> None:
    first = queue(store, "a")
    with store.writing() as conn:
        rows.undo_reply(conn, first or 0)
    assert queue(store, "b") != first


def test_a_sent_reply_is_marked_by_its_claim_only(timed: Store, clock: Clock) -> None:
    queue(timed, "a")
    frozen = taken(timed)
    clock.ms += LEASE
    mine = taken(timed)
    with timed.writing() as conn:
        assert not rows.sent(conn, frozen)
        assert not rows.failed(conn, frozen, error="x")
        assert rows.sent(conn, mine)
        assert not rows.sent(conn, mine)
    assert state_of(timed, mine.id) is ReplyState.SENT


def test_a_temporary_fault_comes_again_later(timed: Store, clock: Clock) -> None:
    queue(timed, "a")
    with timed.writing() as conn:
        mine = rows.claim_reply(conn, lease_ms=LEASE)
        assert mine is not None
        assert rows.retry_in(conn, mine, in_ms=30_000, error="451")
    assert claim(timed) is None
    clock.ms += 30_000
    assert taken(timed).attempts == 2


def test_a_permanent_fault_ends_it(store: Store) -> None:
    queue(store, "a")
    mine = taken(store)
    with store.writing() as conn:
        assert rows.failed(conn, mine, error="550")
    assert state_of(store, mine.id) is ReplyState.FAILED
    assert claim(store) is None


def test_what_the_breaker_held_goes_out_after_release_or_is_dropped(timed: Store, clock: Clock) -> None:
    with timed.writing() as conn:
        opened = open_ticket(conn, None)
    robot = queue(timed, "a", ticket_id=opened.id)
    staff = queue(timed, "b", kind="answer", automatic=False)
    with timed.writing() as conn:
        assert rows.hold_all_due(conn, error="breaker") == ((1, "acknowledgement"),)
    assert taken(timed).id == staff
    with timed.writing() as conn:
        assert rows.drop_held(conn, older_than_ms=1000, most=9) == ()
        assert release(conn) == 1
        assert rows.hold_all_due(conn, error="breaker") == ((1, "acknowledgement"),)
    clock.ms += 1000
    with timed.writing() as conn:
        assert rows.drop_held(conn, older_than_ms=1000, most=9) == ((robot, opened.id),)
    assert state_of(timed, robot) is ReplyState.DROPPED


def test_so_many_of_the_held_are_given_up_at_once_and_the_oldest_first(store: Store) -> None:
    replies = [queue(store, name) for name in "abc"]
    with store.writing() as conn:
        rows.hold_all_due(conn, error="breaker")
        assert len(rows.drop_held(conn, older_than_ms=0, most=2)) == 2
    assert [state_of(store, one) for one in replies] == [ReplyState.DROPPED, ReplyState.DROPPED, ReplyState.HELD]
    with store.writing() as conn:
        assert len(rows.drop_held(conn, older_than_ms=0, most=2)) == 1


def test_a_flood_that_was_held_is_given_up_however_many_it_is(store: Store) -> None:
    (got,) = receive(store, letter(1))
    with store.writing() as conn:
        reply = rows.queue_reply(conn, mail("a", letter_id=got.letter_id))
        assert reply is not None
        leave_unanswered(conn, range(reply + 70_000, reply - 1, -1), why="breaker")
    with store.reading() as conn:
        assert conn.execute(letters.select()).one().reason == "breaker"


def test_a_reply_may_be_held_from_the_beginning(store: Store) -> None:
    held = queue(store, "a", held=True)
    assert claim(store) is None
    assert state_of(store, held) is ReplyState.HELD


def test_what_a_jumping_clock_put_far_off_is_pulled_in(timed: Store, clock: Clock) -> None:
    queue(timed, "a", delay_ms=10 * LEASE)
    with timed.writing() as conn:
        rows.pull_in_replies(conn, longest_ms=LEASE)
    assert claim(timed) is not None
