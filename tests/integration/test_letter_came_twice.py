"""A letter that came twice opens no second ticket (rulings 6): its page leads to the first one's ticket."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_door import Door, open_door
from store_rows import letter, open_ticket, receive, settled

from store import rows
from store.records import LetterState, SettledLetter


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as made:
        yield made


def came_twice(door: Door, folder: Path, first: SettledLetter, *, number: bool) -> tuple[int, int, str]:
    """Both letters, and the first one's ticket."""
    for uid in (1, 2):
        bytes_of = folder / "blobs" / str(letter(uid).blob)
        bytes_of.parent.mkdir(exist_ok=True)
        bytes_of.write_bytes(b"From: person@post.example\r\nSubject: Login\r\n\r\nNo code comes.\r\n")
    one, two = (got.letter_id for got in receive(door.store, letter(1), letter(2)))
    with door.store.writing() as conn:
        claims = {mine.id: mine for mine in rows.claim_letters(conn, lease_ms=1000, most=2)}
        rows.settle(conn, claims[one], first)
        opened = open_ticket(conn, one).number if number else ""
        again = settled(state=LetterState.DUPLICATE, reason="already-answered", same_as=one)
        rows.settle(conn, claims[two], again)
    return one, two, opened


def test_the_second_leads_to_the_ticket_of_the_first(door: Door, tmp_path: Path) -> None:
    one, two, number = came_twice(door, tmp_path, settled(), number=True)
    cookie = door.log_in("reader")
    link = f'<a href="/t/{number}">Повтор письма заявки № {number}</a>'
    assert link in door.ask("GET", f"/letters/{two}", cookie=cookie).body
    assert "Повтор письма" not in door.ask("GET", f"/letters/{one}", cookie=cookie).body


def test_of_a_robots_letter_it_leads_to_the_letter(door: Door, tmp_path: Path) -> None:
    robots = settled(state=LetterState.AUTOMATIC, reason="auto-submitted")
    one, two, _ = came_twice(door, tmp_path, robots, number=False)
    page = door.ask("GET", f"/letters/{two}", cookie=door.log_in("reader")).body
    assert f'<a href="/letters/{one}">Повтор письма, которое пришло раньше</a>' in page
