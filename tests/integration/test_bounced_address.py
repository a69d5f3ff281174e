"""An address that returned our letter: robots do not write there until a person says that it works again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_door import Door, open_door
from sqlalchemy import select
from store_rows import open_ticket

from outbox.unasked import no_longer_waits
from service.settings import Settings
from store import rows
from store.records import TicketChange
from store.schema import audit, bounces
from tickets.terms import terms_of
from tickets.ticket import State, Why
from triage.bounced_page import MOST

ADDRESS = "maria@post.example"
WARNING = "Письма на этот адрес возвращаются"
BUTTON = "Писать снова"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as made:
        yield made


def of_a_bounced_address(door: Door) -> str:
    """The path of a ticket."""
    with door.store.writing() as conn:
        opened = open_ticket(conn, None, address=ADDRESS)
        rows.note_bounce(conn, ADDRESS, message_id="1@desk.example")
    return f"/t/{opened.number}"


def bounced(door: Door) -> bool:
    with door.store.reading() as conn:
        return rows.bounced(conn, ADDRESS)


def test_staff_see_that_letters_come_back_and_lift_it(door: Door) -> None:
    path, cookie = of_a_bounced_address(door), door.log_in()
    page = door.ask("GET", path, cookie=cookie).body
    assert WARNING in page
    assert BUTTON in page
    said = door.ask("POST", f"{path}/write-again", {"back": "tab=new"}, cookie=cookie)
    assert (said.status, said.headers["location"].partition("?")[0]) == (303, path)
    assert not bounced(door)
    page = door.ask("GET", path, cookie=cookie).body
    assert WARNING not in page
    assert "<b>triage</b>: на адрес снова можно писать" in page


@pytest.mark.parametrize("page", ["the ticket's", "/bounced"])
def test_wherever_it_is_lifted_the_audit_and_the_addresss_open_tickets_say_so(door: Door, page: str) -> None:
    path = of_a_bounced_address(door)
    with door.store.writing() as conn:
        other = open_ticket(conn, None, address=ADDRESS, state="open")
        closed = open_ticket(conn, None, address=ADDRESS, state="closed")
        nobodys = open_ticket(conn, None, address="ivan@post.example")
    cookie = door.log_in("head")
    if page == "/bounced":
        assert door.ask("POST", page, {"address": ADDRESS}, cookie=cookie).status == 200
    else:
        assert door.ask("POST", f"{path}/write-again", {}, cookie=cookie).status == 303
    for ticket, times in (
        (path, 1),
        (f"/t/{other.number}", 1),
        (f"/t/{closed.number}", 0),
        (f"/t/{nobodys.number}", 0),
    ):
        assert door.ask("GET", ticket, cookie=cookie).body.count("<b>head</b>: на адрес снова можно писать") == times
    with door.store.reading() as conn:
        (line,) = conn.execute(select(audit).where(audit.c.what == "bounce-lifted"))
    assert (line.who, ADDRESS in str(line.data)) == ("head", False)


def test_staff_read_in_the_history_why_a_ticket_no_longer_waits(door: Door) -> None:
    path, cookie = of_a_bounced_address(door), door.log_in()
    with door.store.writing() as conn:
        rows.update_ticket(conn, 1, TicketChange(state=State.WAITING))
        no_longer_waits(conn, 1, terms_of(Settings()), who="post", why=Why.UNASKED)
    page = door.ask("GET", path, cookie=cookie).body
    assert "<b>почта</b>: изменено состояние — новая (наш вопрос не дошёл)" in page


def test_a_second_click_changes_nothing(door: Door) -> None:
    path, cookie = of_a_bounced_address(door), door.log_in()
    for _ in range(2):
        assert door.ask("POST", f"{path}/write-again", {}, cookie=cookie).status == 303
    assert door.ask("GET", path, cookie=cookie).body.count("на адрес снова можно писать") == 1


def test_who_only_reads_sees_it_and_cannot_lift_it(door: Door) -> None:
    path, cookie = of_a_bounced_address(door), door.log_in("reader")
    page = door.ask("GET", path, cookie=cookie).body
    assert WARNING in page
    assert BUTTON not in page
    assert door.ask("POST", f"{path}/write-again", {}, cookie=cookie).status == 403
    assert bounced(door)


def test_a_ticket_that_is_not_there_lifts_nothing(door: Door) -> None:
    of_a_bounced_address(door)
    assert door.ask("POST", "/t/26-9999999-9/write-again", {}, cookie=door.log_in()).status == 404
    assert bounced(door)


def of_the_form(door: Door, *addresses: str) -> str:
    """A head's cookie; questions of the public form, which have no ticket, came back from these addresses."""
    with door.store.writing() as conn:
        for address in addresses:
            rows.note_bounce(conn, address, message_id="1@desk.example")
    return door.log_in("head")


def test_heads_see_and_lift_what_has_no_ticket(door: Door) -> None:
    cookie = of_the_form(door, ADDRESS, "ivan@post.example")
    assert '<a href="/bounced">Возвраты</a>' in door.ask("GET", "/", cookie=cookie).body
    page = door.ask("GET", "/bounced", cookie=cookie).body
    assert page.count(f'value="{ADDRESS}"') == page.count('value="ivan@post.example"') == 1
    said = door.ask("POST", "/bounced", {"address": ADDRESS}, cookie=cookie)
    assert (said.status, f"На {ADDRESS} снова можно писать" in said.body) == (200, True)
    assert f'value="{ADDRESS}"' not in said.body
    assert not bounced(door)
    with door.store.reading() as conn:
        (line,) = conn.execute(select(audit).where(audit.c.what == "bounce-lifted"))
    assert line.who == "head"
    assert ADDRESS not in str(line.data), "the audit outlives a person's erasing"


def test_without_bounces_the_page_says_that_all_is_well(door: Door) -> None:
    cookie = of_the_form(door)
    assert "Возвратов нет" in door.ask("GET", "/bounced", cookie=cookie).body
    assert door.ask("POST", "/bounced", {"address": ADDRESS}, cookie=cookie).status == 422


def test_of_very_many_the_last_are_shown_and_any_other_is_lifted_by_typing_it(door: Door) -> None:
    cookie = of_the_form(door, ADDRESS)
    with door.store.writing() as conn:
        later = [{"address": f"p{one}@post.example", "at_ms": 2**41, "message_id": "1"} for one in range(MOST)]
        conn.execute(bounces.insert(), later)
    page = door.ask("GET", "/bounced", cookie=cookie).body
    assert (page.count("@post.example</b>"), f'value="{ADDRESS}"' in page) == (MOST, False)
    assert door.ask("POST", "/bounced", {"address": " Maria@post.example "}, cookie=cookie).status == 200
    assert not bounced(door)


def test_the_list_is_for_heads(door: Door) -> None:
    of_the_form(door, ADDRESS)
    cookie = door.log_in("triage")
    assert "/bounced" not in door.ask("GET", "/", cookie=cookie).body
    assert door.ask("GET", "/bounced", cookie=cookie).status == 403
    assert door.ask("POST", "/bounced", {"address": ADDRESS}, cookie=cookie).status == 403
    assert bounced(door)
