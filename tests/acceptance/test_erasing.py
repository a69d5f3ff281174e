"""`purge`, `export-person`, `erase-person`: words go everywhere they lay, the numbers stay, the act says it."""

import csv
import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
from servers.daemon import Daemon
from servers.finished import COMMAND, Finished

TERMS = "[retention]\nletters_days = 30\ntickets_days = 30\nreplies_days = 30\naccess_days = 30\nbackups_days = 14\n"
LONG_AGO = 1_600_000_000_000
WRITER = ("o.mesheryakova@post.example", "Мещерякова", "502711483095")  # of the first sample letter


def close_all(desk: Finished, *, but: int | None = None) -> None:
    """All tickets but that of one letter are closed long ago."""
    closing = "UPDATE tickets SET state = 'closed', closed_ms = ?, address = address WHERE letter_id IS NOT ?"
    desk.sql(closing, LONG_AGO, but)
    desk.sql("UPDATE letters SET settled_ms = ?", LONG_AGO)
    desk.sql("UPDATE outbox SET created_ms = ?", LONG_AGO)


def lies_in(desk: Finished, words: tuple[str, ...]) -> set[str]:
    """Where the words are found, byte by byte, in everything the desk keeps."""
    kept = [*desk.folder.glob("priemnaya.db*"), *desk.blobs(), *(desk.folder / "inbox").rglob("*:2,*")]
    return {str(path) for path in kept for word in words if word.encode() in path.read_bytes()}


def serve(desk: Finished, until: str) -> None:
    """The daemon works until the query says 0."""
    with (desk.folder / "run.log").open("wb") as log:
        process = subprocess.Popen([COMMAND, "run", "--config", str(desk.config)], stderr=log)
        ends = time.monotonic() + 60
        while desk.sql(until)[0][0] and time.monotonic() < ends:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert desk.sql(until)[0][0] == 0, (desk.folder / "run.log").read_text()


def test_a_dry_run_counts_and_changes_nothing(finished: Finished) -> None:
    finished.more(TERMS)
    close_all(finished)
    counted = finished.asked("purge", "--dry-run")
    assert counted == {
        "letter": 40,
        "reply": finished.sql("SELECT count(*) FROM outbox")[0][0],
        "ticket": finished.sql("SELECT count(*) FROM tickets")[0][0],
        "access": 0,
        "form": 0,
    }
    assert len(finished.blobs()) == 40
    assert lies_in(finished, WRITER)


def test_what_is_over_its_time_is_gone_from_every_place_and_the_numbers_stay(
    finished: Finished, tmp_path: Path
) -> None:
    finished.more(TERMS)
    close_all(finished)
    before = finished.sql("SELECT number, topic, state, opened_ms FROM tickets ORDER BY id")
    said = finished.asked("purge", "--acts", str(tmp_path / "acts"))
    assert said["on_server"] == 40
    serve(finished, "SELECT count(*) FROM letters WHERE erase_asked_ms IS NOT NULL")
    assert lies_in(finished, WRITER) == set()
    assert finished.blobs() == []
    assert list((finished.folder / "inbox" / ".Processed" / "cur").iterdir()) == []
    assert finished.sql("SELECT number, topic, state, opened_ms FROM tickets ORDER BY id") == before
    assert finished.asked("verify")["flaws"] == []
    assert finished.asked("purge", "--acts", str(tmp_path / "acts")) == {"erased": 0}


def test_the_act_has_what_the_order_asks_for_and_names_nobody(finished: Finished, tmp_path: Path) -> None:
    finished.more(TERMS + 'operator = "Центр поддержки, Москва, ул. Примерная, 1"\n')
    close_all(finished)
    said = finished.asked("purge", "--acts", str(tmp_path))
    act, journal = Path(said["act"]), Path(said["journal"])
    text = act.read_text()
    for part in (
        "Оператор: Центр поддержки",
        "категорий",
        "Способ уничтожения",
        "Причина: истёк срок",
        "Дата",
        "Резервные",
    ):
        assert part in text
    number = finished.sql("SELECT number FROM tickets ORDER BY id LIMIT 1")[0][0]
    assert f"заявка {number}" in text
    assert not [word for word in WRITER if word in text + journal.read_text()]
    with journal.open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert len(rows) == said["erased"]
    assert all(row["Причина"] and row["Дата"] and row["Информационная система"] == "Приёмная" for row in rows)
    assert (act.stat().st_mode | journal.stat().st_mode) & 0o077 == 0


def test_a_ticket_that_is_not_closed_keeps_everything(finished: Finished, tmp_path: Path) -> None:
    finished.more(TERMS)
    close_all(finished, but=1)
    finished.run("purge", "--acts", str(tmp_path))
    assert len(finished.blobs()) == 1
    assert lies_in(finished, WRITER[:1])
    assert finished.sql("SELECT count(*) FROM tickets WHERE address IS NOT NULL") == [(1,)]


def test_nothing_is_purged_without_a_term_or_a_place_for_the_act(finished: Finished) -> None:
    assert "[retention]" in finished.run("purge", "--dry-run", status=78)
    finished.more(TERMS)
    finished.run("purge", status=2)


def test_old_lines_of_the_access_log_go_and_young_ones_stay(finished: Finished, tmp_path: Path) -> None:
    finished.more("[retention]\naccess_days = 30\n")
    finished.run("explain", "1")
    finished.sql("INSERT INTO audit (at_ms, who, what, data) VALUES (?, 'olga', 'opened', '{}')", LONG_AGO)
    finished.run("purge", "--acts", str(tmp_path))
    assert [who.startswith("ops:") for (who,) in finished.sql("SELECT who FROM audit")] == [True]


@pytest.mark.parametrize("by", [("--address", "O.Mesheryakova@post.example"), ("--number", "502711483095")])
def test_a_person_gets_everything_and_is_erased_alone(finished: Finished, tmp_path: Path, by: tuple[str, str]) -> None:
    finished.run("export-person", str(tmp_path / "person"), *by)
    told = json.loads((tmp_path / "person" / "person.json").read_text())
    (ticket,) = told["tickets"]
    assert ticket["fields"]["inn"] == "502711483095"
    assert len(list((tmp_path / "person" / "letters").iterdir())) == len(told["letters"]) == 1
    assert len(list((tmp_path / "person" / "replies").iterdir())) == 1
    assert (tmp_path / "person").stat().st_mode & 0o077 == 0

    assert ticket["number"] in finished.failed("erase-person", *by, "--yes", "--acts", str(tmp_path / "acts"))
    close_all(finished)
    others = finished.sql("SELECT count(*) FROM tickets WHERE address IS NOT NULL")[0][0]
    assert "do it with --yes" in finished.run("erase-person", *by)
    assert lies_in(finished, WRITER)
    said = finished.asked("erase-person", *by, "--yes", "--acts", str(tmp_path / "acts"))
    assert said["erased"] == 3
    assert "требование субъекта" in Path(said["act"]).read_text()
    serve(finished, "SELECT count(*) FROM letters WHERE erase_asked_ms IS NOT NULL")
    assert lies_in(finished, WRITER) == set()
    assert finished.sql("SELECT count(*) FROM tickets WHERE address IS NOT NULL")[0][0] == others - 1
    assert len(finished.blobs()) == 39
    finished.run("export-person", str(tmp_path / "again"), *by, status=1)


def test_the_servers_copy_of_one_letter_is_deleted_and_no_other(daemon: Daemon, tmp_path: Path) -> None:
    """Three letters of one second and nearly one size, in a real IMAP folder."""
    letters = [
        f"From: p{n}@post.example\nSubject: Доступ\nMessage-ID: <m{n}@post.example>\n"
        f"Content-Type: text/plain; charset=utf-8\n\nНе могу войти в кабинет уже который день, помогите. {n}\n".encode()
        for n in range(3)
    ]
    daemon.mail_server.deliver(daemon.user, *letters)
    process = daemon.start()
    daemon.until(lambda: daemon.count("SELECT count(*) FROM outbox WHERE state = 'sent'") == 3)
    desk = Finished(folder=daemon.folder)
    desk.close("p1@post.example")
    said = desk.asked("erase-person", "--address", "p1@post.example", "--yes", "--acts", str(tmp_path))
    assert said["on_server"] == 1
    daemon.until(lambda: daemon.count("SELECT count(*) FROM letters WHERE erase_asked_ms IS NOT NULL") == 0)
    assert daemon.stop(process) == 0
    left = daemon.mail_server.kept(daemon.user, "Processed")
    assert sorted(one[:8] for one in left) == [b"From: p0", b"From: p2"]
    assert "p1@post.example" not in daemon.log()
