"""Tickets: one a letter by the database, numbered without gaps, changed by whoever saw the newest version."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from store_rows import claim, letter, new_ticket, open_ticket, receive, settle_as_ticket, settled

from service.errors import Permanent
from store import rows
from store.database import Store
from store.faults import StaleTicket
from store.records import Ticket, TicketChange, TicketFile
from store.schema import TICKET_STATES, fields_history, files, history, letters
from tickets.number import make_number
from tickets.ticket import State


def test_the_states_are_those_of_the_desk() -> None:
    assert set(TICKET_STATES) == {str(state) for state in State}


def read(store: Store, ticket_id: int) -> Ticket:
    with store.reading() as conn:
        found = rows.ticket(conn, ticket_id)
    assert found is not None
    return found


def test_a_ticket_is_read_back_as_it_was_opened(store: Store) -> None:
    (got,) = receive(store, letter(1))
    new = new_ticket(got.letter_id, missing=("date",), team="portal", subject="Тема \0", waiting_until_ms=5)
    with store.writing() as conn:
        opened = rows.open_ticket(conn, new, zone=UTC, make_number=make_number)
    found = read(store, opened.id)
    assert found.number == opened.number == "27-0000001-7"
    assert (found.fields, found.missing, found.team, found.version) == (dict(new.fields), ["date"], "portal", 1)
    assert found.subject == "Тема \ufffd"
    with store.reading() as conn:
        assert rows.ticket(conn, opened.id + 1) is None
        assert conn.execute(letters.select()).one().ticket_id == opened.id


def test_the_database_refuses_a_second_ticket_for_one_letter(store: Store) -> None:
    (got,) = receive(store, letter(1))
    with store.writing() as conn:
        open_ticket(conn, got.letter_id)
    with pytest.raises(Permanent, match="letter_id"), store.writing() as conn:
        open_ticket(conn, got.letter_id)
    with store.writing() as conn:  # the number of the refused one is given again
        assert open_ticket(conn, None).number[3:10] == "0000002"


def test_the_sequence_begins_anew_with_the_year_of_the_desks_zone(store: Store) -> None:
    moscow = ZoneInfo("Europe/Moscow")
    eve = int(datetime(2026, 12, 31, 20, 59, tzinfo=UTC).timestamp() * 1000)
    with store.writing() as conn:
        numbers = [
            rows.open_ticket(
                conn, new_ticket(None, opened_ms=eve + minute * 60_000), zone=moscow, make_number=make_number
            )
            for minute in (0, 0, 1, 2)
        ]
    assert [one.number[:10] for one in numbers] == ["26-0000001", "26-0000002", "27-0000001", "27-0000002"]


def test_a_change_leaves_the_rest_and_counts_the_version(store: Store) -> None:
    with store.writing() as conn:
        opened = open_ticket(conn, None, team="portal")
        rows.update_ticket(conn, opened.id, TicketChange(state="waiting", missing=("date",), assignee="anna"))
        rows.update_ticket(conn, opened.id, TicketChange(team=None), version=2)
    found = read(store, opened.id)
    assert (found.state, found.missing, found.assignee, found.team) == ("waiting", ["date"], "anna", None)
    assert (found.topic, found.version) == ("access", 3)


def test_a_change_of_an_older_version_is_refused(store: Store) -> None:
    with store.writing() as conn:
        opened = open_ticket(conn, None)
        rows.update_ticket(conn, opened.id, TicketChange(topic="status"))
    with pytest.raises(StaleTicket), store.writing() as conn:
        rows.update_ticket(conn, opened.id, TicketChange(topic="other"), version=1)
    assert read(store, opened.id).topic == "status"


def test_a_state_the_desk_does_not_know_is_refused(store: Store) -> None:
    with pytest.raises(Permanent, match="state"), store.writing() as conn:
        open_ticket(conn, None, state="lost")


def test_new_fields_are_merged_and_replaced_ones_kept(store: Store) -> None:
    (got,) = receive(store, letter(1))
    with store.writing() as conn:
        opened = open_ticket(conn, got.letter_id, fields={"fio": "Иванов Иван", "inn": "1"})
        brought = {"fio": "Иванов Иван", "inn": "2", "date": "2026-03-15"}
        assert rows.add_fields(conn, opened.id, brought, letter_id=got.letter_id, who="letter") == ("inn", "date")
        assert rows.add_fields(conn, opened.id, brought, letter_id=None, who="anna") == ()
    with store.reading() as conn:
        replaced = conn.execute(fields_history.select()).one()
    assert read(store, opened.id).fields == brought
    assert (replaced.field, replaced.value, replaced.letter_id) == ("inn", "1", got.letter_id)


def test_files_and_history_are_kept_in_order(store: Store) -> None:
    (got,) = receive(store, letter(1))
    found = [
        TicketFile(position=0, name="a.pdf", size=5, type="application/pdf", accepted=True, reason=None),
        TicketFile(position=1, name=None, size=0, type="inode/x-empty", accepted=False, reason="empty"),
    ]
    with store.writing() as conn:
        opened = open_ticket(conn, got.letter_id)
        rows.add_files(conn, opened.id, got.letter_id, found)
        rows.add_files(conn, opened.id, got.letter_id, [])
        for what in ("opened", "reply-queued"):
            rows.add_history(conn, opened.id, who="desk", what=what, data={"why": "да\0", "odd": "\ud800"})
    with store.reading() as conn:
        kept = conn.execute(files.select().order_by(files.c.id)).all()
        lines = conn.execute(history.select().order_by(history.c.id)).all()
    assert [(row.position, row.name, row.accepted, row.reason) for row in kept] == [
        (0, "a.pdf", True, None),
        (1, None, False, "empty"),
    ]
    assert [line.what for line in lines] == ["opened", "reply-queued"]
    assert lines[0].data == {"why": "да\ufffd", "odd": "\ufffd\ufffd\ufffd"}


def test_a_lost_claim_rolls_back_the_ticket_with_it(store: Store) -> None:
    receive(store, letter(1))
    mine = claim(store)
    assert mine is not None
    settle_as_ticket(store, mine)
    with store.writing() as conn:
        with pytest.raises(Permanent), rows.savepoint(conn):
            rows.add_history(conn, 1, who="desk", what="opened", data={})
            open_ticket(conn, mine.id)
        assert len(conn.execute(history.select()).all()) == 1
    assert settled().state == "settled"
