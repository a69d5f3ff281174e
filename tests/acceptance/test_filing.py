"""Settled letters are filed by topic on a real Dovecot: those without doubt, after settling, and found again later."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from servers.certificates import Authority
from servers.daemon import Daemon
from servers.dovecot import Dovecot, dovecot
from servers.exim import Exim

from classify.topics import title
from intake.filing import folder_below


def sample(name: str) -> bytes:
    return resources.files("commands").joinpath("sample_letters", name).read_bytes()


LETTERS = ("01-access-complete.eml", "09-payments-double.eml", "34-bounce.eml", "10-appointments-from-village.eml")


def kept(server: Dovecot, user: str, folder: str) -> int:
    return len(server.kept(user, folder))


def by_topic(daemon: Daemon) -> None:
    text = daemon.config.read_text().replace("poll_seconds = 2", "poll_seconds = 2\nby_topic = true")
    daemon.config.write_text(text)


def unfiled(daemon: Daemon) -> int:
    return daemon.count("SELECT count(*) FROM letters WHERE lies_as IS NOT NULL AND state = 'settled'")


def test_letters_go_into_their_topics_folders_once_nobody_doubts(daemon: Daemon) -> None:
    by_topic(daemon)
    daemon.mail_server.deliver(daemon.user, *map(sample, LETTERS))
    process = daemon.start()
    daemon.until(lambda: daemon.count("SELECT count(*) FROM letters WHERE state <> 'received'") == len(LETTERS))
    sure = "SELECT count(*) FROM tickets WHERE NOT needs_review"
    filed = "SELECT count(*) FROM letters WHERE where_on_server LIKE 'Processed/%'"
    assert daemon.count(sure) > 0
    daemon.until(lambda: daemon.count(filed) == daemon.count(sure))
    daemon.until(lambda: kept(daemon.mail_server, daemon.user, "Processed") == len(LETTERS) - daemon.count(sure))
    daemon.change("UPDATE tickets SET needs_review = false")  # a person told the rest
    daemon.until(lambda: unfiled(daemon) == 0)
    daemon.until(lambda: kept(daemon.mail_server, daemon.user, "Processed") == 1, seconds=30)
    assert daemon.stop(process) == 0
    for (topic,) in daemon.rows("SELECT topic FROM tickets"):
        folder = folder_below("Processed", title(topic))
        assert kept(daemon.mail_server, daemon.user, folder) >= 1
    assert daemon.count("SELECT count(*) FROM letters WHERE where_on_server = 'Processed'") == 1, "the bounce"


def test_a_folder_that_was_made_anew_leaves_letters_where_they_lie(daemon: Daemon) -> None:
    by_topic(daemon)
    daemon.mail_server.deliver(daemon.user, sample(LETTERS[0]))
    process = daemon.start()
    daemon.until(lambda: daemon.count("SELECT count(*) FROM letters WHERE where_on_server LIKE 'Processed/%'") == 1)
    daemon.change("UPDATE letters SET lies_as = 1, lies_under = 1, where_on_server = 'Processed'")
    daemon.until(lambda: unfiled(daemon) == 0)
    assert daemon.count("SELECT count(*) FROM letters WHERE where_on_server = 'Processed'") == 1
    assert daemon.stop(process) == 0


def test_filed_letters_are_read_again_after_a_restore(daemon: Daemon) -> None:
    by_topic(daemon)
    backup = daemon.folder / "backup"
    process = daemon.start()
    daemon.until(lambda: daemon.count("SELECT count(*) FROM mailboxes WHERE last_poll_ms IS NOT NULL") == 1)
    daemon.command("backup", str(backup))
    daemon.mail_server.deliver(daemon.user, sample(LETTERS[0]))
    daemon.until(lambda: daemon.count("SELECT count(*) FROM letters WHERE where_on_server LIKE 'Processed/%'") == 1)
    assert daemon.stop(process) == 0
    for lost in daemon.folder.glob("store.db*"):
        lost.unlink()
    said = daemon.command("restore", str(backup))
    assert daemon.count("SELECT count(*) FROM letters WHERE silent") == 1, said


@pytest.fixture(scope="module")
def copying_server(authority: Authority) -> Iterator[Dovecot]:
    with dovecot(authority.issue("localhost"), capability="IMAP4rev1 IDLE UIDPLUS NAMESPACE") as server:
        yield server


def test_a_server_that_copies_tells_it_too(
    copying_server: Dovecot, mta: Exim, authority: Authority, tmp_path: Path
) -> None:
    daemon = Daemon(tmp_path, copying_server, mta, authority)
    by_topic(daemon)
    daemon.mail_server.deliver(daemon.user, sample(LETTERS[0]))
    process = daemon.start()
    daemon.until(lambda: daemon.count("SELECT count(*) FROM letters WHERE where_on_server LIKE 'Processed/%'") == 1)
    daemon.until(lambda: kept(daemon.mail_server, daemon.user, "Processed") == 0)
    assert daemon.stop(process) == 0
