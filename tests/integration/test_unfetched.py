"""Mail that is not being fetched: what the staff's page says, also to whoever sits before it, and what metrics say."""

import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from desk_door import Door, open_door
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from service.settings import Settings
from store.database import Store, now
from store.overview import GIVEN_UP_MS, overview
from store.upgrade import migrate
from triage.metrics import exposed

BOX = (
    "INSERT INTO mailboxes (id, identity, since_ms, due, attempts, last_poll_ms)"
    " VALUES (:id, :name, 0, :due, 0, :polled)"
)
AGAIN = "UPDATE mailboxes SET last_poll_ms = :polled"
POLL = 60_000


def box(store: Store, *, polled_ago: int | None, held: bool = True, number: int = 1) -> None:
    """A mailbox that was looked through so many milliseconds ago."""
    with store.writing() as conn:
        moment = now(conn)
        polled = None if polled_ago is None else moment - polled_ago
        due = moment + 60_000 if held else 0
        conn.execute(text(BOX), {"id": number, "name": f"box-{number}", "due": due, "polled": polled})


def polled(store: Store, *, ago: int) -> None:
    with store.writing() as conn:
        conn.execute(text(AGAIN), {"polled": now(conn) - ago})


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as made:
        yield made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/store.db")
    migrate(opened)
    yield opened
    opened.close()


def said_by(door: Door, cookie: str, path: str) -> str:
    """What the page says of it; the place is there and hidden while there is nothing to say."""
    page = door.ask("GET", path, cookie=cookie).body
    place = page.partition('<p id="unfetched"')[2].partition("</p>")[0]
    attributes, _, words = place.partition(">")
    assert (" hidden" in attributes) is (words == "")
    return words


@pytest.mark.parametrize("path", ["/", "/?tab=done", "/?tab=parked"])
def test_every_tab_says_that_mail_is_not_fetched_and_since_when(door: Door, path: str) -> None:
    cookie = door.log_in()
    assert said_by(door, cookie, path) == "", "a desk without a mailbox has nothing to fetch"
    box(door.store, polled_ago=2 * POLL)
    assert said_by(door, cookie, path) == ""
    polled(door.store, ago=4 * POLL)
    assert said_by(door, cookie, path).startswith("Почта не забирается с ")
    assert "Скажите дежурному" in said_by(door, cookie, path)


def test_a_mailbox_that_was_never_reached_is_said_to_be(door: Door) -> None:
    box(door.store, polled_ago=None)
    assert "ещё ни разу" in said_by(door, door.log_in(), "/")


def test_one_mailbox_that_is_fetched_is_enough(door: Door) -> None:
    box(door.store, polled_ago=100 * POLL)
    box(door.store, polled_ago=POLL, number=2)
    assert said_by(door, door.log_in(), "/") == ""


def test_an_open_page_hears_of_it_and_of_its_end(door: Door) -> None:
    box(door.store, polled_ago=4 * POLL)
    cookie = door.log_in()
    with closing(http.client.HTTPConnection("127.0.0.1", door.port, timeout=60)) as conn:
        conn.request("GET", "/news?ticket=&typing=0", headers={"Cookie": f"desk={cookie}"})
        answer = conn.getresponse()

        def heard() -> str:
            while answer.readline() != b"event: fetching\n":
                continue
            return str(json.loads(answer.readline().removeprefix(b"data: ")))

        assert heard().startswith("Почта не забирается с ")
        polled(door.store, ago=0)
        assert heard() == ""


def told(store: Store) -> dict[str, list[float]]:
    """The metrics of mailboxes."""
    families = text_string_to_metric_families(exposed(store, poll_seconds=60).decode())
    return {one.name: [sample.value for sample in one.samples] for one in families if "mailbox" in one.name}


def test_a_mailbox_that_was_never_reached_alarms_like_one_that_is_not_any_more(store: Store) -> None:
    """Without a line of its own no rule would see it."""
    box(store, polled_ago=None)
    assert told(store) == {
        "priemnaya_mailbox_last_poll_timestamp_seconds": [0],
        "priemnaya_mailbox_held": [1],
        "priemnaya_mailbox_poll_seconds": [60],
    }


@pytest.mark.parametrize(
    ("polled_ago", "held", "left"),
    [
        (GIVEN_UP_MS + POLL, False, 1),
        (GIVEN_UP_MS + POLL, True, 2),
        (GIVEN_UP_MS - POLL, False, 2),
        (None, False, 1),
        (None, True, 2),
        (0, False, 2),
    ],
)
def test_a_mailbox_that_was_given_up_alarms_for_a_week(
    store: Store, polled_ago: int | None, held: bool, left: int
) -> None:
    box(store, polled_ago=polled_ago, held=held)
    with store.reading() as conn:
        assert len(overview(conn).mailboxes) == 1, "the only one is never given up"
    box(store, polled_ago=POLL, number=2)
    with store.reading() as conn:
        assert len(overview(conn).mailboxes) == left
    assert Settings().mailbox.poll_seconds * 1000 == POLL
