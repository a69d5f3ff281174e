"""A topic that is hidden until a person has told it is not given away by asking for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_door import Door, open_door
from store_rows import open_ticket

from store.schema import tickets
from triage.hiding import is_hidden
from triage.indexing import index_some

HIDDEN = next(f"26-{n:07}-0" for n in range(1000) if is_hidden(f"26-{n:07}-0"))
OPEN = next(f"26-{n:07}-0" for n in range(1000) if not is_hidden(f"26-{n:07}-0"))


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as made:
        with made.store.writing() as conn:
            for number in (HIDDEN, OPEN):
                opened = open_ticket(conn, None, topic="payments")
                conn.execute(tickets.update().where(tickets.c.id == opened.id).values(number=number))
        while index_some(made.store):
            pass
        yield made


@pytest.mark.parametrize("address", ["/?topic=payments", "/?topic=payments&tab=new"])
def test_the_queue_of_a_topic_leaves_it_out(door: Door, address: str) -> None:
    shown = door.ask("GET", address, cookie=door.log_in()).body
    assert OPEN in shown
    assert HIDDEN not in shown


def test_without_a_topic_it_stands_in_the_queue(door: Door) -> None:
    shown = door.ask("GET", "/", cookie=door.log_in()).body
    assert OPEN in shown
    assert HIDDEN in shown


def test_a_search_for_a_topic_leaves_it_out(door: Door) -> None:
    cookie = door.log_in()
    found = door.ask("POST", "/search", {"q": "тема:оплата"}, cookie=cookie).body
    rows = found.partition("<main")[2]
    assert f'data-number="{OPEN}"' in rows
    assert f'data-number="{HIDDEN}"' not in rows
