"""Servers that restart, forget, refuse or talk nonsense, a full disk, a locked store, a clock that jumps.

Each trouble begins while the desk works, a letter comes, the trouble ends; a minute later at the latest the letter has
its ticket, is moved and answered once. Where only a person can help, the log says what to do.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers.beside import beside
from servers.bucket import bucket
from servers.certificates import Authority
from servers.chaos import letter
from servers.daemon import Daemon
from servers.desk import Desk
from servers.dovecot import dovecot
from servers.postgresql import postgresql
from servers.proxy import Fault, Kind, Proxy
from servers.scripted_imap import ScriptedImap, Silence
from servers.scripted_smtp import ScriptedSmtp
from sqlalchemy import NullPool, create_engine, make_url, text

from store.database import Store
from store.upgrade import migrate

pytestmark = pytest.mark.long
LASTS = 8.0  # seconds of each trouble
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"


@pytest.fixture
def desk(daemon: Daemon) -> Desk:
    """On real servers; not started."""
    return Desk.at(daemon)


def lasting(
    desk: Desk, name: str, *, begin: Callable[[], object], end: Callable[[], object], seconds: float = LASTS
) -> None:
    """A trouble of some seconds."""
    began = time.monotonic()
    desk.through(name, begin=begin, struck=lambda: time.monotonic() - began > seconds, end=end)


# --- servers


def test_a_mail_server_that_is_killed_and_comes_back(desk: Desk, authority: Authority) -> None:
    with dovecot(authority.issue("localhost")) as own:
        desk.daemon.mail_server = own
        desk = Desk.at(desk.daemon)
        desk.daemon.mailbox = f"imaps://{desk.daemon.user}@localhost:{own.tls_port}/INBOX"
        desk.daemon.settings("")
        desk.begins()
        lasting(desk, "dovecot", begin=own.running.kill, end=own.running.start)
        desk.in_order()
        desk.daemon.end()


def test_an_mta_that_is_killed_and_comes_back(desk: Desk) -> None:
    desk.begins()
    lasting(desk, "mta", begin=desk.daemon.mta.running.kill, end=desk.daemon.mta.running.start)
    desk.in_order()


def test_a_new_uidvalidity_and_old_letters_put_back_make_no_second_ticket(desk: Desk, authority: Authority) -> None:
    with dovecot(authority.issue("localhost")) as own:
        desk.daemon.mail_server = own
        desk = Desk.at(desk.daemon)
        desk.daemon.mailbox = f"imaps://{desk.daemon.user}@localhost:{own.tls_port}/INBOX"
        desk.daemon.settings("")
        desk.begins()
        for _ in range(4):
            desk.letter()
        desk.daemon.until(desk.done)
        box = own.maildir(desk.daemon.user)

        def forget() -> None:
            own.running.kill()
            for place in (box, box / ".Processed"):
                for file in place.glob("dovecot*"):
                    file.unlink()
            for file in (box / ".Processed" / "cur").iterdir():
                file.rename(box / "cur" / file.name)

        desk.through("uidvalidity", begin=forget, struck=lambda: True, end=own.running.start)
        desk.in_order()
        assert len(own.kept(desk.daemon.user, "Processed")) == desk.sent
        validities = desk.daemon.rows(
            "SELECT DISTINCT uidvalidity FROM mailboxes UNION SELECT uidvalidity FROM letters"
        )
        assert len(validities) == 2
        desk.daemon.end()


# What an IMAP server does wrong: for which command it says what
IMAP = {
    "quota": {"UID MOVE": b"TAG NO [OVERQUOTA] the disk is full\r\n"},
    "bye at the door": {"LOGIN": b"* BYE too many connections\r\n"},
    "bye in idle": {"IDLE": b"* BYE shutting down\r\n"},
    "garbage": {"UID SEARCH": b"\x00\xff\xfe garbage\r\n"},
    "garbage in a letter": {"UID FETCH 3 (UID BODY": b"* 1 FETCH (UID 3 BODY[] \"not closed\r\nTAG OK\r\n"},
    "garbage in a letter for long": {"UID FETCH 3 (UID BODY": b"* 1 FETCH (UID 3 BODY[] \"not closed\r\nTAG OK\r\n"},
    "short literal": {"UID FETCH 3 (UID BODY": b"* 1 FETCH (UID 3 BODY[] {5000}\r\nshort)\r\nTAG OK\r\n"},
    "locked": {"SELECT": b"TAG NO [INUSE] locked\r\n"},
    "internal error": {"UID FETCH": b"TAG NO [SERVERBUG] internal error\r\n"},
    "silence": {"UID SEARCH": Silence.STALL},
}  # fmt: skip


@pytest.mark.parametrize("name", IMAP)
def test_an_imap_server_that_does_wrong_for_a_while(name: str, daemon: Daemon) -> None:
    server = ScriptedImap(letters={})

    def move(line: str) -> bytes:
        for uid in (int(one) for run in line.split()[2].split(",") for one in run.split(":")):
            server.letters.pop(uid, None)
        return b"TAG OK done\r\n"

    server.on["UID MOVE"] = move
    with beside(server) as (_, do):
        daemon.mailbox = f"imap://ivan@127.0.0.1:{server.port}/INBOX"
        daemon.settings("")
        uids = iter(range(2, 100))

        def deliver(raw: bytes) -> None:
            server.letters[next(uids)] = raw.replace(b"\n", b"\r\n")
            do(lambda: server.push(b"* %d EXISTS\r\n" % len(server.letters)))

        desk = Desk(daemon=daemon, deliver=deliver, lying=lambda: len(server.letters))
        desk.begins()  # the next letter's UID is 3

        struck: list[str] = []
        told = {command: _noting(struck, words) for command, words in IMAP[name].items()}

        def wrong() -> None:
            server.on = {**({} if "UID MOVE" in IMAP[name] else {"UID MOVE": move}), **told}
            do(server.drop)

        def right() -> None:
            if name == "garbage in a letter for long":
                # It is set aside, and the log says so to a person (rulings 4)
                daemon.until(lambda: "letter-parked" in daemon.log() and "parked list" in daemon.log(), seconds=120)
                daemon.command("parked", "reprocess", "--all")
            server.on = {"UID MOVE": move}

        lasting(desk, name, begin=wrong, end=right)
        assert struck
        desk.in_order()
        daemon.end()


def _noting(struck: list[str], words: bytes | Silence) -> Callable[[str], bytes | Silence]:
    """The words, and a note that they were said."""

    def say(line: str) -> bytes | Silence:
        struck.append(line)
        return words

    return say


SMTP = {
    "busy at the door": {"GREETING": b"421 too busy"},
    "disk full": {"MAIL": b"452 4.3.1 insufficient system storage"},
    "greylisted": {"RCPT": b"451 4.7.1 come again"},
    "no data now": {"DATA": b"451 4.3.0 later"},
    "not taken": {"DOT": b"451 4.3.0 queue file write error"},
    "closing": {"MAIL": b"421 4.3.2 shutting down"},
    "no service": {"GREETING": b"554 5.3.2 no SMTP service here"},
    "garbage at the door": {"GREETING": b"\x00\xff\xfe garbage"},
    "garbage": {"RCPT": b"\x00\xff\xfe garbage"},
    "garbage after the letter": {"DOT": b"garbage"},
}


@pytest.mark.parametrize("name", SMTP)
def test_a_mail_server_that_puts_off_for_a_while(name: str, desk: Desk) -> None:
    with beside(ScriptedSmtp()) as (server, _):
        desk.daemon.smtp = f"smtp://127.0.0.1:{server.port}"
        desk.daemon.settings("")
        desk.begins()
        lasting(desk, name, begin=lambda: server.wrong.update(SMTP[name]), end=server.wrong.clear)
        assert len(server.letters) == desk.sent
        assert desk.daemon.verified() == []
        desk.daemon.end()


# --- the store


@pytest.mark.parametrize("how", ["locked", "killed"])
def test_a_postgresql_that_is_locked_or_gone(how: str, desk: Desk) -> None:
    with postgresql() as database:
        desk.daemon.store = database.fresh()
        store = Store(desk.daemon.store)
        migrate(store)
        desk.daemon.settings("")
        desk.begins()
        if how == "killed":
            lasting(desk, how, begin=database.kill, end=database.start)
        else:
            with contextlib.ExitStack() as lock:

                def begin() -> None:
                    lock.enter_context(store.writing()).exec_driver_sql("LOCK TABLE letters IN ACCESS EXCLUSIVE MODE")

                began = time.monotonic()
                begin()
                desk.deliver(letter(10))
                desk.sent += 1
                while time.monotonic() - began < 2 * LASTS:  # over the lock limit of 10 s
                    time.sleep(0.1)
            desk.recovers(how)
        store.close()
        desk.in_order()
        desk.daemon.end()


def test_a_locked_sqlite_store(desk: Desk) -> None:
    desk.begins()
    with contextlib.closing(
        sqlite3.connect(desk.daemon.store.removeprefix("sqlite:///"), isolation_level=None)
    ) as other:
        began = time.monotonic()
        other.execute("BEGIN IMMEDIATE")
        desk.letter()
        while time.monotonic() - began < 2 * LASTS:  # over the 10 s that a writer waits
            time.sleep(0.1)
        other.execute("ROLLBACK")
    desk.recovers("locked")
    assert "the store is locked by another writer" in desk.daemon.log()
    desk.in_order()


def test_a_blob_store_that_is_gone_for_a_while(desk: Desk) -> None:
    desk.begins()
    blobs, aside = desk.daemon.folder / "blobs", desk.daemon.folder / "aside"

    def back() -> None:
        shutil.rmtree(blobs, ignore_errors=True)
        aside.rename(blobs)

    def away() -> None:
        blobs.rename(aside)
        blobs.write_text("no folder")

    def end() -> None:
        blobs.unlink()
        back()

    lasting(desk, "blobs", begin=away, end=end)
    desk.in_order()


@pytest.mark.parametrize(("kind", "verb"), [(Kind.CUT, b"PUT "), (Kind.STALL, b"PUT "), (Kind.STALL, b"GET ")])
def test_a_bucket_that_does_not_answer_for_a_while(kind: Kind, verb: bytes, desk: Desk) -> None:
    with bucket("127.0.0.1") as text_of_keys:
        port = int(text_of_keys.rpartition(":")[2].strip().rstrip('"'))
        keys = desk.daemon.folder / "keys.toml"
        with beside(Proxy(port)) as (proxy, do):
            keys.write_text(text_of_keys.replace(f":{port}", f":{proxy.port}"))
            desk.daemon.blobs = f's3://letters/desk"\nblobs_credentials_file = "{keys}'
            desk.daemon.settings("")
            desk.begins()
            strikes = proxy.strikes

            def begin() -> None:
                proxy.fault = Fault(kind=kind, at=verb)
                do(proxy.drop_all)

            def end() -> None:
                proxy.fault = None

            desk.through(f"{kind} {verb.decode()}", begin=begin, struck=lambda: proxy.strikes > strikes, end=end)
            desk.in_order()
            desk.daemon.end()


@contextlib.contextmanager
def small_disk(place: Path, *, megabytes: int) -> Iterator[Path]:
    """A disk of that size; mounting needs root."""
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def full(disk: Path) -> Path:
    """The file that fills it."""
    with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return disk / "filler"


def test_a_full_disk_is_named_and_the_work_goes_on_when_there_is_room(desk: Desk, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=8) as disk:
        desk.daemon.store, desk.daemon.blobs = f"sqlite:///{disk}/store.db", f"file://{disk}/blobs"
        desk.daemon.settings("")
        desk.begins()
        lasting(desk, "full", begin=lambda: full(disk), end=(disk / "filler").unlink)
        assert "is full: free some space" in desk.daemon.log()
        desk.in_order()
        desk.daemon.end()


def test_a_full_disk_under_postgresql_is_named_and_the_work_goes_on_when_there_is_room(desk: Desk) -> None:
    with postgresql() as database, small_disk(database.folder / "small", megabytes=64) as disk:
        desk.daemon.store = database.fresh()
        shutil.chown(disk, "postgres")
        engine = create_engine(database.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as conn:
            conn.execute(text(f"CREATE TABLESPACE small LOCATION '{disk}'"))
            conn.execute(text(f"ALTER DATABASE {make_url(desk.daemon.store).database} SET TABLESPACE small"))
        store = Store(desk.daemon.store)
        migrate(store)
        store.close()
        desk.daemon.settings("")
        desk.begins()

        def struck() -> bool:
            """More letters, until the pages that there are have no room either."""
            told = "PostgreSQL is out of space" in desk.daemon.log()
            if not told:
                desk.letter()
                time.sleep(0.5)
            return told

        desk.through("full", begin=lambda: full(disk), struck=struck, end=(disk / "filler").unlink)
        desk.in_order()
        desk.daemon.end()


# --- the clock


def test_a_clock_that_jumps_an_hour_ahead_and_back(desk: Desk, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("+0")
    faked = {
        "LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    assert Path(FAKETIME).exists(), "run: make servers"
    desk.begins(**faked)
    time.sleep(6)  # the clock is looked at every five seconds
    for jump in ("+3600", "+0", "-3600"):
        desk.through(jump, begin=lambda jump=jump: clock.write_text(jump), struck=lambda: True, end=lambda: None)  # type: ignore[misc]  # bound at once
        time.sleep(6)
    assert desk.daemon.log().count("clock-jumped") == 3
    desk.in_order()


def test_leases_of_the_dead_in_a_false_future_end(desk: Desk, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("+3600")
    faked = {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    desk.letter()
    dead = desk.daemon.start(fault="kill desk:claimed 1", **faked)
    assert dead.wait(150) == -9
    assert desk.daemon.count("SELECT min(due) FROM letters") > (time.time() + 1800) * 1000
    desk.daemon.start()
    desk.daemon.until(
        lambda: " started " in desk.daemon.log().rpartition("fault-point-armed")[2].partition(" started ")[2],
        seconds=150,
    )
    desk.recovers("false future")
    desk.in_order()


def test_what_only_a_person_can_mend_is_said(desk: Desk) -> None:
    desk.begins()
    password = desk.daemon.folder / "imap-password"
    right = password.read_text()
    password.write_text("wrong")
    os.kill(desk.daemon.running()[0].pid, 1)  # SIGHUP: a new shift logs in anew
    desk.daemon.until(lambda: "password_file" in desk.daemon.log())
    password.write_text(right)
    os.kill(desk.daemon.running()[0].pid, 1)
    desk.letter()
    desk.recovers("password")
    desk.in_order()
