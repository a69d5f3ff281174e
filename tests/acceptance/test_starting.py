"""What is away when a daemon or the page starts is waited for; only settings that cannot be used end them."""

import contextlib
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.chaos import letter
from servers.daemon import COMMAND, Daemon
from servers.dovecot import free_ports
from servers.postgresql import PostgreSQL, postgresql

from store.database import Store
from store.upgrade import migrate


@pytest.fixture
def database() -> Iterator[PostgreSQL]:
    with postgresql() as server:
        yield server


def test_a_daemon_started_while_postgresql_is_down_waits_and_then_works(daemon: Daemon, database: PostgreSQL) -> None:
    daemon.store = database.fresh()
    with contextlib.closing(Store(daemon.store)) as store:
        migrate(store)
    daemon.settings("")
    daemon.mail_server.deliver(daemon.user, letter(0))
    database.kill()
    process = daemon.start()
    daemon.until(lambda: daemon.log().count("start-waits") >= 2)
    assert "PostgreSQL does not answer" in daemon.log()
    assert process.poll() is None
    database.start()
    daemon.until(lambda: daemon.count("SELECT count(*) FROM outbox WHERE state = 'sent'") == 1)
    assert daemon.stop(process) == 0
    assert "Traceback" not in daemon.log()


def test_the_page_started_while_postgresql_is_down_waits_and_then_serves(daemon: Daemon, database: PostgreSQL) -> None:
    daemon.store = database.fresh()
    with contextlib.closing(Store(daemon.store)) as store:
        migrate(store)
    (port,) = free_ports(1)
    daemon.settings(f'[web]\nlisten = "127.0.0.1:{port}"\n')
    database.kill()
    said = Path(daemon.folder / "web.log")
    with said.open("wb") as log:
        page = subprocess.Popen([COMMAND, "web", "--config", str(daemon.config)], stderr=log)
    try:
        daemon.until(lambda: "start-waits" in said.read_text())
        database.start()
        daemon.until(lambda: "serving" in said.read_text())
    finally:
        page.terminate()
        page.wait(30)


def test_the_page_is_ready_when_it_can_be_asked_and_not_before(daemon: Daemon) -> None:
    """Seen in practice: a unit that starts right after the page's was refused its first connection."""
    (port,) = free_ports(1)
    daemon.settings(f'[web]\nlisten = "127.0.0.1:{port}"\n')
    daemon.command("migrate")
    place = daemon.folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(place))
        told.settimeout(60)
        environment = {**os.environ, "NOTIFY_SOCKET": str(place)}
        page = subprocess.Popen([COMMAND, "web", "--config", str(daemon.config)], env=environment)
        try:
            while b"READY=1" not in told.recv(4096):
                pass
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        finally:
            page.terminate()
            page.wait(30)


def test_tables_that_are_missing_end_it_at_once_with_the_remedy(daemon: Daemon, database: PostgreSQL) -> None:
    daemon.store = database.fresh()
    daemon.settings("")
    assert daemon.start().wait(60) == 78
    assert "run `priemnaya migrate`" in daemon.log()
