"""What commands do with a person's words where the store is PostgreSQL; test_erasing.py has all of it on SQLite."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.chaos import letter
from servers.daemon import Daemon
from servers.postgresql import postgresql

TERMS = "[retention]\nletters_days = 30\ntickets_days = 30\nreplies_days = 30\naccess_days = 30\nbackups_days = 14\n"
SETTLED = "SELECT count(*) FROM outbox WHERE state = 'sent'"
ASKED = "SELECT count(*) FROM letters WHERE erase_asked_ms IS NOT NULL"
ADDRESS = "citizen.1@post.example"


@pytest.fixture
def desk(daemon: Daemon) -> Iterator[Daemon]:
    """A desk on PostgreSQL that has answered three citizens, whose tickets are closed long ago."""
    with postgresql() as server:
        daemon.store = server.fresh()
        daemon.settings(TERMS)
        daemon.command("migrate")
        daemon.mail_server.deliver(daemon.user, *(letter(n) for n in range(3)))
        serve(daemon, SETTLED, 3)
        daemon.change(
            "UPDATE tickets SET state = 'closed', closed_ms = 1",
            "UPDATE letters SET settled_ms = 1",
            "UPDATE outbox SET created_ms = 1",
        )
        yield daemon


def serve(daemon: Daemon, query: str, wanted: int) -> None:
    """The daemon works until the query says so many."""
    process = daemon.start()
    daemon.until(lambda: daemon.count(query) == wanted)
    assert daemon.stop(process) == 0


def told(daemon: Daemon, *words: str) -> dict[str, object]:
    """A command's answer as JSON."""
    answer: dict[str, object] = json.loads(daemon.command(*words, "--json"))
    return answer


def test_a_letter_is_explained_and_the_explaining_is_written_down(desk: Daemon) -> None:
    (ticket,) = desk.rows("SELECT number FROM tickets JOIN letters ON letters.ticket_id = tickets.id WHERE uid = 2")
    assert ticket.number in desk.command("explain", "chaos-1@post.example")
    assert desk.count("SELECT count(*) FROM audit WHERE who LIKE 'ops:%'") == 1


def test_a_person_gets_everything_and_is_erased_alone(desk: Daemon, tmp_path: Path) -> None:
    desk.command("export-person", str(tmp_path / "person"), "--address", ADDRESS)
    assert "Мещерякова" in (tmp_path / "person" / "person.json").read_text()
    assert told(desk, "erase-person", "--address", ADDRESS, "--yes", "--acts", str(tmp_path))["erased"] == 3
    serve(desk, ASKED, 0)
    assert desk.count("SELECT count(*) FROM tickets WHERE address IS NOT NULL") == 2
    assert len(desk.mail_server.kept(desk.user, "Processed")) == 2
    assert desk.verified() == []
    desk.command("export-person", str(tmp_path / "again"), "--address", ADDRESS, statuses=(1,))


def test_what_is_over_its_time_is_counted_then_gone(desk: Daemon, tmp_path: Path) -> None:
    assert told(desk, "purge", "--dry-run") == {"letter": 3, "reply": 3, "ticket": 3, "access": 0, "form": 0}
    assert told(desk, "purge", "--acts", str(tmp_path / "acts"))["on_server"] == 3
    serve(desk, ASKED, 0)
    assert desk.count("SELECT count(*) FROM tickets WHERE address IS NOT NULL") == 0
    assert desk.mail_server.kept(desk.user, "Processed") == []
    assert desk.verified() == []
    assert told(desk, "purge", "--acts", str(tmp_path / "acts")) == {"erased": 0}
