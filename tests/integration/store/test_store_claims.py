"""Letters at the desk: one worker a letter, one end a letter, whatever freezes or dies."""

import threading

import pytest
from store_rows import LEASE, Clock, claim, letter, receive, settle_as_ticket, settled

from store import rows
from store.database import Store
from store.faults import LostClaim
from store.letters import LAPSED
from store.records import ClaimedLetter, LetterState
from store.schema import letters


def newest(store: Store, most: int = 1) -> list[str]:
    with store.writing() as conn:
        return [one.blob for one in rows.claim_letters(conn, lease_ms=LEASE, most=most, newest=True)]


def state_of(store: Store, letter_id: int) -> tuple[LetterState, str | None]:
    with store.reading() as conn:
        row = conn.execute(letters.select().where(letters.c.id == letter_id)).one()
    return row.state, row.reason


def taken(store: Store) -> ClaimedLetter:
    found = claim(store)
    assert found is not None
    return found


def test_letters_are_claimed_in_order_of_arrival_and_once(store: Store) -> None:
    receive(store, letter(2), letter(1), letter(3))
    claims = [taken(store) for _ in range(3)]
    assert [one.blob for one in claims] == [letter(uid).blob for uid in (1, 2, 3)]
    assert [one.attempts for one in claims] == [1, 1, 1]
    assert claim(store) is None


def test_several_claims_in_one_statement_are_of_different_senders(store: Store) -> None:
    receive(store, letter(1, sender="a@x"), letter(2, sender="a@x"), letter(3, sender="b@x"), letter(4, sender="c@x"))
    with store.writing() as conn:
        claims = rows.claim_letters(conn, lease_ms=LEASE, most=10)
    assert [one.sender for one in claims] == ["a@x", "b@x", "c@x"]


def test_a_senders_next_letter_waits_for_the_one_before(store: Store) -> None:
    receive(store, letter(1, sender="a@x"), letter(2, sender="a@x"))
    first = taken(store)
    assert claim(store) is None
    settle_as_ticket(store, first)
    assert taken(store).blob == letter(2).blob


def test_from_its_end_the_line_is_taken_newest_first(store: Store) -> None:
    receive(store, letter(2), letter(4), letter(1), letter(3))
    assert newest(store) == [letter(4).blob]
    assert sorted(newest(store, most=2)) == [letter(2).blob, letter(3).blob]
    assert (newest(store), newest(store)) == ([letter(1).blob], [])


def test_from_its_end_nobodys_letter_passes_an_earlier_one_of_the_same_sender(store: Store) -> None:
    receive(store, letter(1, sender="a@x"), letter(2, sender="b@x"))
    receive(store, *(letter(uid, sender="a@x") for uid in range(3, 50)))
    assert newest(store) == [letter(2).blob]
    assert newest(store) == [letter(1).blob]
    assert newest(store) == []


def test_who_writes_hours_after_a_flood_of_one_sender_is_the_newest(timed: Store, clock: Clock) -> None:
    night = clock.ms - 8 * 3_600_000
    for start in (1, 501):
        mail = (letter(uid, sender="robot@loop.example", arrived_ms=night + uid) for uid in range(start, start + 500))
        receive(timed, *mail)
    receive(timed, letter(2000, arrived_ms=clock.ms))
    assert newest(timed) == [letter(2000).blob]


def test_a_lease_that_ran_out_makes_the_letter_due_again(timed: Store, clock: Clock) -> None:
    receive(timed, letter(1))
    first = taken(timed)
    clock.ms += LEASE - 1
    assert claim(timed) is None
    clock.ms += 1
    second = taken(timed)
    assert (second.id, second.attempts) == (first.id, 2)


@pytest.mark.parametrize("report", ["settle", "release", "died", "park"])
def test_a_thawed_worker_changes_nothing(timed: Store, clock: Clock, report: str) -> None:
    receive(timed, letter(1))
    frozen = taken(timed)
    clock.ms += LEASE
    mine = taken(timed)
    with pytest.raises(LostClaim), timed.writing() as conn:
        if report == "settle":
            rows.settle(conn, frozen, settled())
        elif report == "release":
            rows.release_letter(conn, frozen, in_ms=0)
        elif report == "died":
            rows.died(conn, frozen, reason="time")
        else:
            rows.park(conn, frozen, reason="time")
    settle_as_ticket(timed, mine)


def test_a_settled_letter_cannot_be_settled_again(store: Store) -> None:
    receive(store, letter(1))
    mine = taken(store)
    settle_as_ticket(store, mine)
    with pytest.raises(LostClaim):
        settle_as_ticket(store, mine)


def test_the_second_death_parks(store: Store) -> None:
    receive(store, letter(1))
    for parked in (False, True):
        with store.writing() as conn:
            (mine,) = rows.claim_letters(conn, lease_ms=LEASE, most=1)
            assert rows.died(conn, mine, reason="memory") is parked
    assert state_of(store, mine.id) == (LetterState.PARKED, "memory")
    assert claim(store) is None


def test_five_claims_in_silence_park_and_the_next_letter_goes_on(timed: Store, clock: Clock) -> None:
    silent, other = receive(timed, letter(1), letter(2))
    for _ in range(5):
        assert taken(timed).id == silent.letter_id
        clock.ms += LEASE
    assert taken(timed).id == other.letter_id
    assert state_of(timed, silent.letter_id) == (LetterState.PARKED, LAPSED)


def test_a_claim_that_is_heard_of_late_is_not_held_against_the_letter(timed: Store, clock: Clock) -> None:
    receive(timed, letter(1))
    for _ in range(12):
        late = taken(timed)
        clock.ms += LEASE
        mine = taken(timed)
        with timed.writing() as conn:
            rows.heard_late(conn, late.id)
            rows.release_letter(conn, mine, in_ms=0)
    settle_as_ticket(timed, taken(timed))


def test_a_letter_put_back_is_no_silent_one(timed: Store, clock: Clock) -> None:
    receive(timed, letter(1))
    for _ in range(12):
        mine = taken(timed)
        with timed.writing() as conn:
            rows.release_letter(conn, mine, in_ms=1000)
        assert claim(timed) is None
        clock.ms += 1000
    assert taken(timed).attempts == 13


def test_unpark_begins_anew(timed: Store, clock: Clock) -> None:
    (got,) = receive(timed, letter(1))
    mine = taken(timed)
    with timed.writing() as conn:
        rows.park(conn, mine, reason="crash")
        assert rows.unpark(conn, got.letter_id)
        assert not rows.unpark(conn, got.letter_id)
    again = taken(timed)
    assert (again.id, again.deaths, again.attempts) == (got.letter_id, 0, 2)


def test_what_a_jumping_clock_put_far_off_is_pulled_in(timed: Store, clock: Clock) -> None:
    receive(timed, letter(1))
    taken(timed)
    clock.ms -= 10 * LEASE
    with timed.writing() as conn:
        rows.pull_in_letters(conn, longest_ms=LEASE)
    assert claim(timed) is not None


def test_an_outcome_that_fails_leaves_the_others_of_its_commit(store: Store) -> None:
    receive(store, letter(1), letter(2))
    one, two = taken(store), taken(store)
    stolen = ClaimedLetter(**{name: getattr(two, name) for name in two.__slots__} | {"attempts": 99})
    with store.writing() as conn:
        for mine in (one, stolen):
            try:
                with rows.savepoint(conn):
                    rows.settle(conn, mine, settled(state=LetterState.AUTOMATIC, reason="bounce"))
            except LostClaim:
                continue
    assert state_of(store, one.id)[0] is LetterState.AUTOMATIC
    assert state_of(store, two.id)[0] is LetterState.RECEIVED


def test_threads_that_claim_together_share_nothing(store: Store) -> None:
    receive(store, *(letter(uid) for uid in range(1, 101)))
    got: list[int] = []

    def work() -> None:
        while (mine := claim(store)) is not None:
            got.append(mine.id)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == len(set(got)) == 100
