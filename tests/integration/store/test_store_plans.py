"""No query of the daily way reads a whole table: what costs a millisecond today costs no more at 100,000 tickets."""

import re
import time
from typing import Any

import pytest
from sqlalchemy import Connection, event
from store_rows import claim, letter, mail, mailbox, open_ticket, receive, release, settle_as_ticket

from store import decided, listing, news, queue, rows, staff
from store.database import Store
from store.records import TicketChange

SMALL = {"mailboxes", "counters", "failed_fetches", "bounces", "staff"}  # of a few rows, whatever the desk's size


def a_day(store: Store) -> None:
    """Everything the loops and the page ask, once."""
    mailbox_id = mailbox(store)
    got = receive(store, letter(1), letter(2), letter(2), letter(3, sender=None))
    with store.writing() as conn:
        rows.known(conn, mailbox_id, 7, [1, 2])
        rows.unnoted(conn, mailbox_id, 7)
        rows.moved(conn, [got[0].letter_id], folder="Processed")
        rows.fetch_failed(conn, mailbox_id, 7, [9], reason="fetch-failed")
    mine = claim(store)
    assert mine is not None
    opened = settle_as_ticket(store, mine)
    with store.writing() as conn:
        rows.standing(conn, mine.id, content_key="key", address="a@x")
        rows.own_letters(conn, ["a", "b"])
        rows.tickets_by_message_ids(conn, [f"{mine.id}@desk.example"])
        rows.ticket_by_number(conn, opened.number)
        rows.tickets_lately(conn, "a@x", since_ms=0)
        rows.last_letter(conn, opened.id)
        rows.robot_letters_on(conn, opened.id)
        rows.add_fields(conn, opened.id, {"fio": "Петров Пётр"}, letter_id=None, who="anna")
        rows.queue_reply(conn, mail("a", ticket_id=opened.id))
        rows.claim_letters(conn, lease_ms=1, most=2, newest=True)
        assert rows.claim_reply(conn, lease_ms=-1, newest=True) is not None
        reply = rows.claim_reply(conn, lease_ms=1)
        assert reply is not None
        rows.sent(conn, reply)
        rows.hold_all_due(conn, error="breaker")
        rows.drop_held(conn, older_than_ms=0, most=9)
        release(conn)
        rows.take_reminders(conn, most=10)
        rows.take_silent(conn, most=10)
        rows.take_escalations(conn, age_ms=1, most=10)
        rows.close_answered(conn, age_ms=1, most=10)
        rows.timed_letters_to(conn, "a@x", ("reminder",))
        rows.thread_of(conn, opened.id)
        rows.last_of(conn, opened.id, ("missing_information",))
        rows.update_while(conn, opened.id, "waiting", TicketChange(state="new"))
        rows.without_row(conn, [letter(1).blob])
        open_ticket(conn, None)
    with store.reading() as conn:
        _the_page(conn, opened.id)


def _the_page(conn: Connection, ticket: int) -> None:
    """What the staff's page asks."""
    for tab in queue.Tab:
        wanted = queue.Filter(tab=tab, me="olga")
        queue.queue_rows(conn, wanted, after=None, limit=50)
        for part in (0, 1):
            queue.queue_rows(conn, wanted, after=queue.Place(part=part, key=0.5, id=7), limit=50)
        queue.place_in(conn, wanted, ticket)
    queue.counts(conn, queue.Filter(tab=queue.Tab.NEW, me="olga"))
    listing.history_of(conn, ticket)
    listing.letters_of(conn, ticket)
    listing.last_letter(conn, ticket)
    listing.first_verdict(conn, ticket)
    listing.neighbours(conn, ticket, "a@x")
    listing.not_closed(conn, "a@x")
    listing.related(conn, ticket, 3)
    decided.told_before(conn, ticket)
    decided.last_batch(conn, "olga")
    decided.batch(conn, "b")
    decided.first_time(conn, "b")
    news.happened_since(conn, 5)
    staff.looked(conn, ticket)
    staff.session(conn, "hash", idle_ms=1, whole_ms=1)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_no_query_of_the_daily_way_reads_a_whole_table(store: Store) -> None:
    asked: dict[str, Any] = {}

    def remember(_conn: Connection, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            asked.setdefault(statement, values[0] if isinstance(values, list) else values)

    for engine in (store.writers, store._readers):
        event.listen(engine, "before_cursor_execute", remember)
    a_day(store)
    assert len(asked) > 30
    whole = []
    with store.writing() as conn:
        for statement, values in list(asked.items()):
            for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all():
                scanned = re.fullmatch(r"SCAN (\w+)", row.detail)
                if scanned and scanned[1] not in SMALL | {"CONSTANT", "near", "next", "anon_1"}:
                    whole.append(f"{scanned[1]}: {statement}")
    assert whole == []


def test_a_flood_of_one_sender_costs_no_claim_its_time(store: Store) -> None:
    """With statistics from before the flood; a claim that compares letters pair by pair takes a quarter second here."""
    for uid in range(20):  # PostgreSQL settles on a plan after a few runs
        receive(store, letter(uid))
        mine = claim(store)
        assert mine is not None
        settle_as_ticket(store, mine)
    for start in range(1000, 6000, 500):
        receive(store, *(letter(uid, sender="robot@loop.example") for uid in range(start, start + 500)))
    assert claim(store) is not None  # the first of them is in a worker's hands: the rest must wait
    began = time.monotonic()
    assert [claim(store) for _ in range(20)] == [None] * 20
    with store.writing() as conn:
        assert [rows.claim_letters(conn, lease_ms=1, most=3, newest=True) for _ in range(20)] == [()] * 20
    assert time.monotonic() - began < 5
