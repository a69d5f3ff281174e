"""`doctor`: names what is not as it should be, with the remedy, and changes nothing."""

import hashlib
import re
from collections.abc import Callable

import pytest
from servers.daemon import Daemon
from servers.finished import Finished


def digest(desk: Finished) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(desk.folder.rglob("*"))
        if path.is_file() and path.suffix not in {".db-wal", ".db-shm"}
    }


def test_looking_changes_nothing(finished: Finished) -> None:
    before = digest(finished)
    said = finished.run("doctor", "--offline", status=1)
    assert digest(finished) == before
    assert "→ is the daemon running?" in said
    assert "1 broken" in said


def lose_model(desk: Finished) -> None:
    desk.more('[classify]\nmodel = "/nowhere"\n')


def break_text(desk: Finished) -> None:
    (desk.folder / "texts").mkdir()
    (desk.folder / "texts" / "acknowledgement.txt.j2").write_text("{% if %}")
    (desk.folder / "texts" / "acknowlegement.txt.j2").write_text("Здравствуйте!")
    desk.more(f'[replies]\ntemplates = "{desk.folder}/texts"\n')


def lose_blobs(desk: Finished) -> None:
    (desk.folder / "blobs").rename(desk.folder / "elsewhere")
    (desk.folder / "blobs").write_text("not a folder")


def open_secret(desk: Finished) -> None:
    (desk.folder / "key").write_text("x")
    (desk.folder / "key").chmod(0o644)
    text = desk.config.read_text().replace("[desk]", f'[desk]\nsigning_key_file = "{desk.folder}/key"')
    desk.config.write_text(text)


def lose_scanner(desk: Finished) -> None:
    desk.more('[reading]\nclamd = "/nowhere/clamd.ctl"\n')


@pytest.mark.parametrize(
    ("plant", "what", "said", "remedy"),
    [
        (lose_model, "model", "no model can be read there", "see there"),
        (break_text, "texts", "acknowledgement.txt.j2:1: TemplateSyntaxError", "until then the shipped text"),
        (break_text, "texts", "no letter is called so; known: acknowledgement.txt.j2", "mend the file"),
        (lose_blobs, "blobs", "the blob folder", "see there"),
        (open_secret, "secrets", "others may read this secret. Run: chmod 600", "see there"),
        (lose_scanner, "scanner", "clamd at /nowhere/clamd.ctl", "see there"),
    ],
)
def test_a_fault_is_named_with_its_remedy(
    finished: Finished, plant: Callable[[Finished], None], what: str, said: str, remedy: str
) -> None:
    plant(finished)
    found = [one for one in finished.asked("doctor", "--offline", status=1) if one["level"] == "fail"]
    assert any(one["what"] == what and said in one["said"] and remedy in one["remedy"] for one in found), found


def test_what_waits_for_a_person_is_said(finished: Finished) -> None:
    finished.sql("UPDATE letters SET state = 'parked', reason = 'time' WHERE id = 1")
    finished.sql("UPDATE outbox SET state = 'held' WHERE id = 1")
    finished.sql("UPDATE outbox SET state = 'failed' WHERE id = 2")
    warned = {one["remedy"] for one in finished.asked("doctor", "--offline", status=1) if one["level"] == "warn"}
    assert "priemnaya parked list" in warned
    assert "priemnaya queue list --state failed" in warned
    assert any("queue release" in remedy for remedy in warned)


def test_a_start_that_is_not_in_force_is_told(finished: Finished) -> None:
    """It is written down at the first start; a later change would else be passed over in silence."""

    def told() -> list[str]:
        found = finished.asked("doctor", "--offline", status=1)
        return [one["said"] for one in found if "since says" in one["said"]]

    def say(since: str) -> None:
        finished.config.write_text(re.sub(r"(?m)^since +=.*$", f"since = {since}", finished.config.read_text()))

    finished.sql("UPDATE mailboxes SET since_ms = 1793480400000")
    say("2026-11-01")
    assert told() == []
    say("2026-10-01T09:30:00")
    assert told() == ["[mailbox] since says 2026-10-01 09:30:00, in force is 2026-11-01 00:00:00"]


def test_real_servers_are_greeted_and_their_certificates_read(daemon: Daemon) -> None:
    process = daemon.start()
    daemon.until(lambda: daemon.count("SELECT count(*) FROM mailboxes WHERE last_poll_ms IS NOT NULL") == 1)
    desk = Finished(folder=daemon.folder)
    found = desk.asked("doctor")
    said = {(one["what"], one["level"], one["said"].partition(" 20")[0]) for one in found}
    daemon.stop(process)
    assert ("smtp", "ok", "lets us in; nothing was sent") in said
    assert any(what == "mailbox" and level == "ok" and "let in, UIDVALIDITY" in text for what, level, text in said)
    assert {what for what, _, text in said if text == "certificate holds until"} == {"mailbox", "smtp"}
    assert any(what == "fetching" and level == "ok" for what, level, _ in said)
    assert daemon.mta.delivered() == []


def test_a_folder_that_fills_without_us_is_told(daemon: Daemon) -> None:
    daemon.mail_server.deliver(daemon.user, b"From: a@post.example\n\nx", folder="Processed")
    process = daemon.start()
    daemon.until(lambda: daemon.count("SELECT count(*) FROM mailboxes WHERE last_poll_ms IS NOT NULL") == 1)
    found = Finished(folder=daemon.folder).asked("doctor")
    daemon.stop(process)
    assert any("does another daemon" in (one["remedy"] or "") for one in found), found
