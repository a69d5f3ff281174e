"""What the quality page counts, on both databases."""

import pytest
from sqlalchemy import insert
from store_rows import Clock, claim, letter, open_ticket, receive, settled

from store import quality, rows
from store.database import Store
from store.records import LetterState
from store.schema import corrections

HOUR = 3_600_000


def tell(store: Store, ticket_id: int, topic: str, said: str, **more: object) -> None:
    """A topic told by a person."""
    row = {"ticket_id": ticket_id, "at_ms": 1_800_000_000_000, "who": "olga", "topic": topic, "said": said,
           "confidence": 0.7, "model": "m1", "hidden": False, "undone": False, **more}  # fmt: skip
    with store.writing() as conn:
        conn.execute(insert(corrections), row)


def ticket(store: Store, number: int, **changed: object) -> int:
    """A ticket of a letter of its own."""
    made = receive(store, letter(number))[0]
    with store.writing() as conn:
        return open_ticket(conn, made.letter_id, **changed).id


def test_letters_are_counted_by_when_they_became_durable_and_what_became_of_them(timed: Store, clock: Clock) -> None:
    receive(timed, letter(1), letter(2))
    claimed = claim(timed)
    assert claimed is not None
    with timed.writing() as conn:
        rows.settle(conn, claimed, settled(state=LetterState.AUTOMATIC))
    clock.ms += HOUR
    receive(timed, letter(3))
    with timed.reading() as conn:
        first = quality.arrived(conn, since_ms=clock.ms - HOUR, until_ms=clock.ms)
        second = quality.arrived(conn, since_ms=clock.ms, until_ms=clock.ms + 1)
        third = quality.arrived(conn, since_ms=0, until_ms=1)
    assert (first.letters, first.robots, first.parked) == (2, 1, 0)
    assert (second.letters, second.robots, third.letters, third.robots) == (1, 0, 0, 0)


def test_of_each_ticket_the_last_topic_told_counts_and_none_that_was_undone(store: Store) -> None:
    first, second, third = (ticket(store, number) for number in (1, 2, 3))
    tell(store, first, "access", "access")
    tell(store, first, "mobile", "access", hidden=True)
    tell(store, second, "status", "status")
    tell(store, second, "other", "status", undone=True)
    tell(store, third, "other", "other", at_ms=5)
    with store.reading() as conn:
        found = quality.told(conn, since_ms=1000)
    assert [(one.topic, one.said, one.hidden, one.right) for one in found] == [
        ("status", "status", False, True),
        ("mobile", "access", True, False),
    ]


def test_behind_a_mistake_are_the_tickets_last_told_so(store: Store) -> None:
    for number, then in enumerate((("mobile", False), ("mobile", True), ("other", False)), start=1):
        one = ticket(store, number)
        tell(store, one, "mobile", "access")
        tell(store, one, then[0], "access", hidden=then[1])
    tell(store, ticket(store, 4), "mobile", "access", undone=True)
    asked = {"right": "mobile", "said": "access", "since_ms": 1000}
    with store.reading() as conn:
        found = quality.told_otherwise(conn, blind=False, most=9, **asked)  # type: ignore[arg-type]
        blind = quality.told_otherwise(conn, blind=True, most=9, **asked)  # type: ignore[arg-type]
        one = quality.told_otherwise(conn, blind=False, most=1, **asked)  # type: ignore[arg-type]
    assert ([each.hidden for each in found], len(blind), len(one)) == ([True, False], 1, 1)


@pytest.mark.parametrize(
    ("confidence", "tenth"), [(0.0, 0), (0.09, 0), (0.1, 1), (0.55, 5), (0.8, 8), (0.99, 9), (1.0, 9)]
)
def test_confidence_is_counted_by_tenths(store: Store, confidence: float, tenth: int) -> None:
    ticket(store, 1, confidence=confidence, opened_ms=100)
    ticket(store, 2, topic="mobile", confidence=confidence, opened_ms=200)
    with store.reading() as conn:
        found = quality.mix(conn, since_ms=100, until_ms=200)
    assert (dict(found.topics), dict(found.confidence)) == ({"access": 1}, {tenth: 1})


def test_unknown_words_are_the_mean_of_a_stretch_and_letters_without_words_do_not_count(store: Store) -> None:
    for number, share in enumerate((0.1, 0.3, None, 0.9), start=1):
        ticket(store, number, unknown=share, opened_ms=100 if number < 4 else 200)
    with store.reading() as conn:
        found = quality.unknown_words(conn, since_ms=100, until_ms=200)
        nothing = quality.unknown_words(conn, since_ms=300, until_ms=400)
    assert (found.tickets, found.share) == (2, pytest.approx(0.2))
    assert (nothing.tickets, nothing.share) == (0, None)


def test_the_oldest_in_doubt_come_first(store: Store) -> None:
    ticket(store, 1, needs_review=True, opened_ms=1)
    ticket(store, 2, needs_review=False, opened_ms=2)
    ticket(store, 3, needs_review=True, state="closed", opened_ms=3)
    ticket(store, 4, needs_review=True, opened_ms=4)
    with store.reading() as conn:
        assert [one.opened_ms for one in quality.oldest_in_doubt(conn, most=9)] == [1, 4]
        assert len(quality.oldest_in_doubt(conn, most=1)) == 1
