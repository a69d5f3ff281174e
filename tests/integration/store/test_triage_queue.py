"""The tabs of the queue: what stands in each, in which order, and that pages follow without a gap or a repeat."""

from typing import Any

from store_rows import open_ticket

from store.database import Store
from store.queue import Filter, Place, Tab, counts, place_in, place_of, queue_rows
from store.schema import tickets

HOUR = 3_600_000
NOW = 1_800_000_000_000


def ticket(store: Store, **columns: Any) -> int:
    """A ticket with these columns, also those that only staff set."""
    later = {name: columns.pop(name) for name in ("snoozed_until_ms", "assignee", "updated_ms") if name in columns}
    with store.writing() as conn:
        made = open_ticket(conn, None, **{"first_due_ms": NOW + 100 * HOUR, **columns}).id
        if later:
            conn.execute(tickets.update().where(tickets.c.id == made).values(**later))
    return made


def ids(store: Store, tab: Tab, **filtered: Any) -> list[int]:
    with store.reading() as conn:
        found = queue_rows(conn, Filter(tab=tab, me="olga", **filtered), after=None, limit=50)
    return [line.id for line in found]


def test_overdue_stand_first_then_the_least_sure_then_the_oldest(timed: Store) -> None:
    sure = ticket(timed, margin=0.9)
    old_doubt, doubt = ticket(timed, margin=0.1), ticket(timed, margin=0.1)
    unknown = ticket(timed, margin=-1.0)
    late = ticket(timed, margin=0.95, first_due_ms=NOW - HOUR)
    later = ticket(timed, margin=0.2, first_due_ms=NOW - 9 * HOUR)
    assert ids(timed, Tab.NEW) == [later, late, unknown, old_doubt, doubt, sure]


def test_each_tab_holds_its_own(timed: Store) -> None:
    doubtful = ticket(timed, needs_review=True, margin=0.1)
    waiting = ticket(timed, state="waiting", waiting_until_ms=NOW + HOUR)
    doubtful_waiting = ticket(timed, state="waiting", waiting_until_ms=NOW + 2 * HOUR, needs_review=True, margin=0.2)
    burning = ticket(timed, first_due_ms=NOW + HOUR, margin=0.5)
    mine = ticket(timed, state="open", assignee="olga", margin=0.6)
    others = ticket(timed, state="open", assignee="anna", margin=0.7)
    answered = ticket(timed, state="answered", updated_ms=NOW)
    closed = ticket(timed, state="closed", updated_ms=NOW + 1, needs_review=True)
    asleep = ticket(timed, snoozed_until_ms=NOW + HOUR, needs_review=True)
    awake = ticket(timed, snoozed_until_ms=NOW - HOUR, margin=0.8)
    assert ids(timed, Tab.DOUBTFUL) == [doubtful, doubtful_waiting]
    assert ids(timed, Tab.NEW) == [doubtful, burning, mine, others, awake]
    assert ids(timed, Tab.WAITING) == [waiting, doubtful_waiting]
    assert ids(timed, Tab.BURNING) == [burning]
    assert ids(timed, Tab.MINE) == [mine]
    assert ids(timed, Tab.DONE) == [closed, answered]
    assert asleep not in ids(timed, Tab.NEW)
    with timed.reading() as conn:
        found = counts(conn, Filter(tab=Tab.NEW, me="olga"))
    assert [found[tab] for tab in Tab] == [2, 5, 2, 1, 1, 2, 0, 0]


def test_team_and_topic_narrow_rows_and_counts(timed: Store) -> None:
    ticket(timed, team="Вход", topic="access")
    payments = ticket(timed, team="Платежи", topic="payments")
    assert ids(timed, Tab.NEW, team="Платежи") == [payments]
    assert ids(timed, Tab.NEW, topic="payments") == [payments]
    with timed.reading() as conn:
        assert counts(conn, Filter(tab=Tab.NEW, me="olga", team="Вход"))[Tab.NEW] == 1


def test_pages_follow_without_gap_or_repeat_across_both_parts(timed: Store) -> None:
    made = {ticket(timed, margin=number % 3 / 10, first_due_ms=NOW + (number % 4 - 2) * HOUR) for number in range(23)}
    wanted, seen, after = Filter(tab=Tab.NEW, me="olga"), [], None
    while True:
        with timed.reading() as conn:
            page = queue_rows(conn, wanted, after=after, limit=4)
        if not page:
            break
        seen += [line.id for line in page]
        after = place_of(str(page[-1].place))
    assert seen == ids(timed, Tab.NEW)
    assert sorted(seen) == sorted(made)


def test_a_place_is_found_again_and_nonsense_is_none(timed: Store) -> None:
    one = ticket(timed, margin=0.25)
    with timed.reading() as conn:
        assert place_in(conn, Filter(tab=Tab.NEW, me="x"), one) == Place(part=1, key=0.25, id=one)
        assert place_in(conn, Filter(tab=Tab.DONE, me="x"), one) is None
    assert place_of("1_0.25_7") == Place(part=1, key=0.25, id=7)
    assert place_of("1_x_7") is None
    assert place_of("") is None
