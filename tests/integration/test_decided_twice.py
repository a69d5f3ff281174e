"""The same form sent twice, by a second click, a reload or the button back: one decision, one letter. Over real HTTP."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from desk_door import Door, Said, open_door
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


def done(said: Said) -> str:
    """The decision's name, as the button that undoes it has it."""
    return parse_qs(urlsplit(said.headers["location"]).query)["done"][0]


def letters(door: Door) -> int:
    with door.store.reading() as conn:
        return int(conn.execute(text("SELECT count(*) FROM outbox")).scalar_one())


def states(door: Door) -> list[str]:
    with door.store.reading() as conn:
        return list(conn.execute(text("SELECT state FROM tickets ORDER BY id")).scalars())


def test_many_are_asked_once_however_often_their_form_is_sent(door: Door) -> None:
    with door.store.writing() as conn:
        ticket = open_ticket(conn, None, missing=("date",)).id
    cookie = door.log_in()
    form = {"what": "ask", "each": "yes", "ticket": str(ticket), "batch": drawn(door, cookie)}
    first, second = (door.ask("POST", "/many", form, cookie=cookie) for _ in range(2))
    assert (first.status, second.status, letters(door)) == (303, 409, 1)
    assert "второе письмо никому не уйдёт" in second.body
    assert door.ask("POST", "/undo", {"batch": done(first)}, cookie=cookie).status == 303
    assert letters(door) == 0
    assert door.ask("POST", "/many", {**form, "batch": drawn(door, cookie)}, cookie=cookie).status == 303
    assert letters(door) == 1


def test_another_decision_from_the_same_drawn_page_is_recorded_and_undone_alone(door: Door) -> None:
    """By the button back, or in the page's copy: what is decided, on which tickets and with which fields, is another."""
    with door.store.writing() as conn:
        one, other = (open_ticket(conn, None, missing=("date",), address=f"a{n}@post.example").id for n in range(2))
    cookie = door.log_in()
    form: dict[str, str | list[str]] = {"batch": drawn(door, cookie), "ticket": str(one), "what": "ask", "each": "yes"}
    another: list[dict[str, str | list[str]]] = [
        {**form, "ticket": str(other)},  # another ticket
        {**form, "what": "topic", "topic": "mobile"},  # another decision
        {**form, "what": "topic", "topic": "access"},  # another field
        {**form, "what": "spam", "ticket": [str(one), str(other)]},
    ]
    said = [door.ask("POST", "/many", each, cookie=cookie) for each in (form, *another)]
    assert [each.status for each in said] == [303] * 5
    assert [door.ask("POST", "/many", each, cookie=cookie).status for each in (form, *another)] == [409] * 5
    assert (letters(door), states(door)) == (2, ["closed", "closed"])
    assert door.ask("POST", "/undo", {"batch": done(said[-1])}, cookie=cookie).status == 303
    assert (letters(door), states(door)) == (2, ["waiting", "waiting"])


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
