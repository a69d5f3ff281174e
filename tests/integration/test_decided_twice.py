"""The same form sent twice, by a second click, a reload or the button back: one decision, one letter. Over real HTTP."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_door import Door, open_door
from sqlalchemy import text
from store_rows import open_ticket

BATCH = re.compile(r'<form id="many".*?name="batch" value="([\w-]+)"', re.DOTALL)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as made:
        yield made


def drawn(door: Door, cookie: str) -> str:
    """What the form of the page carries."""
    found = BATCH.search(door.ask("GET", "/?team=all", cookie=cookie).body)
    assert found is not None
    return found[1]


def letters(door: Door) -> int:
    with door.store.reading() as conn:
        return int(conn.execute(text("SELECT count(*) FROM outbox")).scalar_one())


def test_many_are_asked_once_however_often_their_form_is_sent(door: Door) -> None:
    with door.store.writing() as conn:
        ticket = open_ticket(conn, None, missing=("date",)).id
    cookie = door.log_in()
    form = {"what": "ask", "each": "yes", "ticket": str(ticket), "batch": drawn(door, cookie)}
    first, second = (door.ask("POST", "/many", form, cookie=cookie) for _ in range(2))
    assert (first.status, second.status, letters(door)) == (303, 409, 1)
    assert "второе письмо никому не уйдёт" in second.body
    assert door.ask("POST", "/undo", {"batch": form["batch"]}, cookie=cookie).status == 303
    assert letters(door) == 0
    assert door.ask("POST", "/many", {**form, "batch": drawn(door, cookie)}, cookie=cookie).status == 303
    assert letters(door) == 1


def test_the_page_that_asks_whether_one_is_sure_goes_on_with_the_same_form(door: Door) -> None:
    with door.store.writing() as conn:
        tickets = [open_ticket(conn, None, missing=("date",), address=f"a{n}@post.example").id for n in range(6)]
    cookie = door.log_in()
    form: dict[str, str | list[str]] = {
        "what": "ask", "each": "yes", "ticket": [str(one) for one in tickets], "batch": drawn(door, cookie),
    }  # fmt: skip
    asked = door.ask("POST", "/many", form, cookie=cookie)
    assert (asked.status, letters(door)) == (200, 0)
    assert f'name="batch" value="{form["batch"]}"' in asked.body
    sure = {**form, "sure": "yes"}
    assert [door.ask("POST", "/many", sure, cookie=cookie).status for _ in range(2)] == [303, 409]
    assert letters(door) == 6
