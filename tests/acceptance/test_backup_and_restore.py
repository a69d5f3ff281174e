"""`backup` beside the working daemon, `restore` onto an empty place: the desk goes on, nothing lost, nothing doubled."""

import base64
import email
import email.policy
import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from servers.daemon import Daemon
from servers.finished import Finished
from servers.postgresql import PostgreSQL, postgresql

from service.errors import PriemnayaError
from store.blobs import open_blobs
from store.database import Store
from store.overview import overview
from store.sealed import MAGIC, SealedBlobs, keys_from
from triage import words

LETTER = """\
From: Ольга <olga.{n}@post.example>
To: support@desk.example
Subject: Не могу войти
Date: Tue, 17 Nov 2026 10:{n:02}:00 +0300
Message-ID: <letter-{n}@post.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Здравствуйте! Письмо номер {n}. Со вчерашнего вечера не приходит код подтверждения, не могу войти в личный кабинет.

Мещерякова Ольга Витальевна
"""
Empty = Callable[[Daemon], None]


def letters(first: int, count: int) -> list[bytes]:
    return [LETTER.format(n=n).encode() for n in range(first, first + count)]


def answered(daemon: Daemon) -> list[EmailMessage]:
    return [
        email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)
        for raw in daemon.mta.delivered()
    ]


def wait(daemon: Daemon, tickets: int) -> None:
    """Until so many tickets are there and nothing is to be sent."""
    store = Store(daemon.store)

    def reached() -> bool:
        try:
            with store.reading() as conn:
                now = overview(conn)
        except PriemnayaError:  # the tables are being made
            return False
        return sum(now.tickets.values()) == tickets and now.waiting == now.queued == 0

    daemon.until(reached)
    store.close()


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with postgresql() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def emptied(request: pytest.FixtureRequest, daemon: Daemon) -> Empty:
    """The daemon's store on that database; how it is lost with the letters, and an empty place made."""
    if request.param == "postgresql":
        server: PostgreSQL = request.getfixturevalue("server")
        daemon.store = server.fresh()
        daemon.settings("")
        Finished(folder=daemon.folder).run("migrate")

    def empty(daemon: Daemon) -> None:
        shutil.rmtree(daemon.folder / "blobs")
        for path in daemon.folder.glob("store.db*"):
            path.unlink()
        if request.param == "postgresql":
            daemon.store = server.fresh()
            daemon.settings("")

    return empty


def test_a_restored_desk_goes_on_without_losing_or_doubling_a_letter(
    daemon: Daemon, emptied: Empty, tmp_path: Path
) -> None:
    desk, backup = Finished(folder=daemon.folder), tmp_path / "backup"
    daemon.mail_server.deliver(daemon.user, *letters(0, 6))
    process = daemon.start()
    wait(daemon, 6)
    taken = desk.asked("backup", str(backup))
    assert taken["letters"] == 6
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=backup, check=True)
    daemon.mail_server.deliver(daemon.user, *letters(6, 4))
    wait(daemon, 10)
    daemon.kill(process)
    emptied(daemon)

    said = desk.asked("restore", str(backup))
    assert (said["new"], said["silent"]) == (4, 0)
    assert desk.asked("verify")["flaws"] == []
    again = daemon.start()
    daemon.mail_server.deliver(daemon.user, *letters(10, 3))
    wait(daemon, 13)
    assert daemon.stop(again) == 0

    there = desk.asked("verify")
    assert (there["letters"], there["tickets"], there["flaws"]) == (13, 13, [])
    replies = answered(daemon)
    assert Counter(reply["In-Reply-To"] for reply in replies) == {f"<letter-{n}@post.example>": 1 for n in range(13)}
    numbers = [re.findall(r"\d\d-\d{7,10}-\d", reply["Subject"])[0] for reply in replies]
    assert len(set(numbers)) == 13, "a number that citizens have was given out again"
    assert len(daemon.mail_server.kept(daemon.user, "Processed")) == 13


def test_reading_again_twice_changes_nothing(daemon: Daemon, emptied: Empty, tmp_path: Path) -> None:
    desk, backup = Finished(folder=daemon.folder), tmp_path / "backup"
    daemon.mail_server.deliver(daemon.user, *letters(0, 2))
    process = daemon.start()
    wait(daemon, 2)
    desk.run("backup", str(backup))
    daemon.mail_server.deliver(daemon.user, *letters(2, 2))
    wait(daemon, 4)
    assert "stop it" in desk.failed("restore", str(backup), "--reread-only")
    daemon.stop(process)
    emptied(daemon)
    desk.run("restore", str(backup), "--no-reread")
    assert desk.asked("restore", str(backup), "--reread-only")["new"] == 2
    assert desk.asked("restore", str(backup), "--reread-only")["new"] == 0


def test_what_was_queued_or_not_settled_is_not_sent_by_itself(finished: Finished, tmp_path: Path) -> None:
    """It may have been sent between the backup and the loss."""
    finished.sql("UPDATE outbox SET state = 'queued', sent_ms = NULL WHERE id = 1")
    finished.sql("UPDATE letters SET state = 'received', ticket_id = NULL WHERE state = 'automatic'")
    finished.sql("UPDATE tickets SET state = 'waiting', waiting_until_ms = 1, waiting_since_ms = 0 WHERE id = 1")
    finished.sql("UPDATE tickets SET state = 'waiting', waiting_until_ms = 9000000000000 WHERE id = 2")
    waiting = finished.sql("SELECT count(*) FROM letters WHERE state = 'received'")[0][0]
    last = finished.sql("SELECT max(last) FROM counters")[0][0]
    finished.run("backup", str(tmp_path / "backup"))
    elsewhere = empty_place(finished, tmp_path / "new")
    said = elsewhere.asked("restore", str(tmp_path / "backup"), "--no-reread", "--last-number", "26-0777777-4")
    assert (said["held"], said["silent"]) == (1, waiting)
    assert said["sequence"] == max(777_777, last + 1000)
    assert said["overdue"] == [1], "it may have been closed by a letter, and must not be a second time"
    columns = "state, needs_review, first_due_ms IS NULL, waiting_until_ms, waiting_since_ms"
    assert elsewhere.sql(f"SELECT {columns} FROM tickets WHERE id = 1") == [("new", 1, 0, None, None)]  # noqa: S608
    assert elsewhere.sql("SELECT state FROM tickets WHERE id = 2") == [("waiting",)]
    ((what, who, data),) = elsewhere.sql("SELECT what, who, data FROM history ORDER BY id DESC LIMIT 1")
    assert (what, who) == ("state-changed", "ops")
    assert words.WHY[json.loads(data)["why"]] == "восстановление из резервной копии"
    assert elsewhere.sql("SELECT state FROM outbox WHERE id = 1") == [("held",)]
    assert elsewhere.sql("SELECT count(*) FROM letters WHERE silent") == [(waiting,)]


def test_the_last_answer_waits_as_long_as_we_waited_before_the_loss(finished: Finished, tmp_path: Path) -> None:
    final, moved = ("unixepoch('2026-03-04 15:00') * 1000", "unixepoch('2026-03-24 15:00') * 1000")  # both working days
    began = "unixepoch('now', '-20 days') * 1000"
    finished.sql(
        "UPDATE tickets SET state = 'waiting', kind = 'request', waiting_until_ms = 1, "  # noqa: S608  # our own words
        f"waiting_since_ms = {began}, final_due_ms = {final} WHERE id = 1"
    )
    finished.run("backup", str(tmp_path / "backup"))
    elsewhere = empty_place(finished, tmp_path / "new")
    assert elsewhere.asked("restore", str(tmp_path / "backup"), "--no-reread")["overdue"] == [1]
    days = elsewhere.sql(f"SELECT state, (final_due_ms - {moved}) / 86400000 FROM tickets WHERE id = 1")  # noqa: S608
    assert days in ([("new", 0)], [("new", 1)]), "one day more when midnight passed meanwhile"


def empty_place(desk: Finished, folder: Path) -> Finished:
    folder.mkdir()
    made = Finished(folder=folder)
    made.config.write_text(desk.config.read_text().replace(str(desk.folder), str(folder)))
    return made


def test_a_place_that_is_not_empty_is_refused(finished: Finished, tmp_path: Path) -> None:
    finished.run("backup", str(tmp_path / "backup"))
    before = (finished.folder / "priemnaya.db").read_bytes()
    assert "not empty" in finished.run("restore", str(tmp_path / "backup"), status=78)
    assert (finished.folder / "priemnaya.db").read_bytes() == before
    assert "name a new folder" in finished.run("backup", str(tmp_path / "backup"), status=78)


def test_all_that_a_person_made_is_kept_and_missed_after_a_loss(finished: Finished, tmp_path: Path) -> None:
    made = tmp_path / "made"
    for folder in ("ours", "theirs", "texts"):
        (made / folder).mkdir(parents=True)
    named = {
        "ours/teams.toml": '"Доступ" = ["access"]\n', "ours/titles.toml": 'access = "Вход"\n', "ours/ca.pem": "one",
        "theirs/ca.pem": "other", "theirs/forward.pem": "third", "theirs/card.html": "<p>", "texts/x.j2": "text",
    }  # fmt: skip
    for name, text in named.items():
        (made / name).write_text(text)
    (made / "token").touch(mode=0o600)
    text = finished.config.read_text().replace("[desk]", f'[desk]\nteams = "{made}/ours/teams.toml"')
    text = text.replace("[mailbox]", f'[mailbox]\nca_file = "{made}/ours/ca.pem"')
    text = text.replace("[smtp]", f'[smtp]\nca_file = "{made}/theirs/ca.pem"')
    finished.config.write_text(text)
    finished.more(
        f'[classify]\ntitles = "{made}/ours/titles.toml"\ncard = "{made}/theirs/card.html"\n'
        f'[replies]\ntemplates = "{made}/texts"\n'
        f'[[forward]]\nname = "crm"\nkind = "webhook"\nurl = "https://127.0.0.1:9"\n'
        f'secret_file = "{made}/token"\nca_file = "{made}/theirs/forward.pem"\n'
    )
    backup = tmp_path / "backup"
    kept = finished.asked("backup", str(backup))["settings"]
    assert {place: (backup / "settings" / name).is_file() for name, place in kept.items()} == {
        str(finished.config): True, **{str(made / name): True for name in named if name != "texts/x.j2"},
        str(made / "texts"): False,
    }  # fmt: skip
    authorities = {place: (backup / "settings" / name).read_text() for name, place in kept.items() if "ca.pem" in name}
    assert authorities == {str(made / "ours/ca.pem"): "one", str(made / "theirs/ca.pem"): "other"}
    assert (backup / "settings" / "texts" / "x.j2").read_text() == "text"
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=backup, check=True)
    elsewhere = empty_place(finished, tmp_path / "new")
    (made / "theirs/ca.pem").unlink()
    restoring = elsewhere.command("restore", str(backup), "--no-reread")
    done = subprocess.run(restoring, check=True, capture_output=True, text=True)
    assert done.stderr == f"priemnaya: {made}/theirs/ca.pem is not here; put it back from {backup}/settings/2-ca.pem\n"


def test_a_backup_without_the_signing_key_is_made_and_told_by_its_status(finished: Finished, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.symlink_to(key)  # nobody can read it, root neither
    finished.config.write_text(finished.config.read_text().replace("[desk]", f'[desk]\nsigning_key_file = "{key}"'))
    assert list(finished.asked("backup", str(tmp_path / "backup"), status=1)["left_out"]) == [str(key)]
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=tmp_path / "backup", check=True)


@pytest.mark.parametrize("spoilt", ["store.db", "blobs", "SHA256SUMS", "manifest.json"])
def test_a_backup_that_was_changed_is_not_put_back(finished: Finished, tmp_path: Path, spoilt: str) -> None:
    backup = tmp_path / "backup"
    finished.run("backup", str(backup))
    one = (
        next(path for path in sorted((backup / spoilt).rglob("*")) if path.is_file())
        if spoilt == "blobs"
        else backup / spoilt
    )
    one.write_bytes(one.read_bytes()[:-2] + b"xx")
    elsewhere = empty_place(finished, tmp_path / "new")
    elsewhere.failed("restore", str(backup), "--no-reread")
    assert not (elsewhere.folder / "priemnaya.db").exists()
    assert not (elsewhere.folder / "blobs").exists()


def test_a_later_backup_links_the_letters_it_shares(finished: Finished, tmp_path: Path) -> None:
    finished.run("backup", str(tmp_path / "one"))
    finished.run("backup", str(tmp_path / "two"), "--previous", str(tmp_path / "one"))
    names = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one" / "blobs").rglob("*") if path.is_file()]
    assert len(names) == 40
    assert all((tmp_path / "one" / name).samefile(tmp_path / "two" / name) for name in names)
    assert (tmp_path / "one").stat().st_mode & 0o077 == 0


def test_sealed_letters_stay_sealed_in_the_backup_and_open_after_the_restore(
    finished: Finished, tmp_path: Path
) -> None:
    key = tmp_path / "blobs-key"
    key.touch(mode=0o600)
    key.write_text(base64.b64encode(bytes(range(32))).decode())
    finished.config.write_text(finished.config.read_text().replace("[store]", f'[store]\nblobs_key_file = "{key}"'))
    blobs = SealedBlobs(open_blobs(f"file://{finished.folder}/blobs"), keys_from(key.read_text()))
    for path in finished.blobs():
        blobs.put_back([(f"{path.parent.name}/{path.name}", path.read_bytes())])
    assert finished.asked("verify")["flaws"] == []
    finished.run("backup", str(tmp_path / "backup"))
    kept = [path.read_bytes() for path in (tmp_path / "backup" / "blobs").rglob("*") if path.is_file()]
    assert len(kept) == 40
    assert all(raw.startswith(MAGIC) for raw in kept)
    elsewhere = empty_place(finished, tmp_path / "new")
    elsewhere.run("restore", str(tmp_path / "backup"), "--no-reread")
    assert elsewhere.asked("verify")["flaws"] == []
    key.write_text(base64.b64encode(bytes(32)).decode())
    assert {one["flaw"] for one in elsewhere.asked("verify", status=1)["flaws"]} == {"bytes-gone"}
