"""An address that returned our letter: robots do not write there until a person says that it works again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_door import Door, open_door
from store_rows import open_ticket

from store import rows

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
