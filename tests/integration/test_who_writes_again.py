"""A citizen who writes again, and a ticket handed to the one in charge, are seen in the queue and on the ticket."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk_door import Door, open_door
from store_rows import open_ticket


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("ticket", "chips"),
    [
        ({}, []),
        ({"raised": 1}, ["пишет снова"]),
        ({"raised": 3, "state": "waiting"}, ["пишет снова: 3"]),
        ({"raised": 2, "escalated_ms": 1}, ["ждёт старшего", "пишет снова: 2"]),
        ({"raised": 2, "escalated_ms": 1, "state": "answered"}, []),  # nobody waits for anybody any more
    ],
)
def test_who_waits_for_us_again_is_seen(door: Door, ticket: dict[str, Any], chips: list[str]) -> None:
    with door.store.writing() as conn:
        opened = open_ticket(conn, None, **ticket)
    tab, cookie = {"waiting": "waiting", "answered": "done"}.get(ticket.get("state", ""), "new"), door.log_in("reader")
    queue = door.ask("GET", f"/?tab={tab}", cookie=cookie).body
    page = door.ask("GET", f"/t/{opened.number}?tab=mine", cookie=cookie).body
    assert opened.number in queue
    for body in (queue, page):
        for chip in ("ждёт старшего", "пишет снова", "пишет снова: 2", "пишет снова: 3"):
            assert body.count(f">{chip}</span>") == chips.count(chip)
