"""A letter whose words are erased: its page says so, and it waits for nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_door import Door, open_door
from store_rows import claim, letter, receive, settle_as_ticket

from store import rows
from store.blobs import open_blobs
from store.erasing import Act, Due, Erased, Reason, erase

NOT_HANDED_OVER = "Сервер не отдал это письмо"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as made:
        yield made


@pytest.mark.parametrize("parked", [False, True])
def test_it_is_said_to_be_erased_and_not_to_lie_in_the_mailbox(door: Door, tmp_path: Path, parked: bool) -> None:
    blobs = open_blobs(f"file://{tmp_path}/blobs")
    receive(door.store, letter(1, blob=blobs.write_all([b"From: a@post.example"])[0]))
    mine = claim(door.store)
    assert mine is not None
    if parked:
        with door.store.writing() as conn:
            rows.park(conn, mine, reason="time")
    else:
        settle_as_ticket(door.store, mine)
    what = [Due(kind=Erased.LETTER, id=mine.id, number=None)]
    erase(door.store, blobs, what, Act(id="a", who="ops", reason=Reason.REQUEST))
    cookie = door.log_in("reader")
    page = door.ask("GET", f"/letters/{mine.id}", cookie=cookie).body
    assert "Письмо уничтожено" in page
    assert NOT_HANDED_OVER not in page
    for tab in ("unanswered", "parked"):
        assert f"/letters/{mine.id}" not in door.ask("GET", f"/?tab={tab}", cookie=cookie).body


def test_one_that_the_server_never_handed_over_lies_in_the_mailbox(door: Door) -> None:
    receive(door.store, letter(1))
    with door.store.writing() as conn:
        rows.fetch_failed(conn, 1, 7, [9], reason="fetch-failed")
        for _ in range(2):
            rows.fetch_failed(conn, 1, 7, [9], reason="fetch-failed")
    assert NOT_HANDED_OVER in door.ask("GET", "/letters/2", cookie=door.log_in("reader")).body
