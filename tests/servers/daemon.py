"""The installed `priemnaya` as a process, started, stopped and killed by tests."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from servers.certificates import Authority
from servers.dovecot import PASSWORD, Dovecot
from servers.exim import Exim
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

COMMAND = str(Path(sys.executable).parent / "priemnaya")
SETTINGS = """\
[mailbox]
url = "{mailbox}"
password_file = "{folder}/imap-password"
ca_file = "{ca}"
since = 2000-01-01
poll_seconds = 2
[smtp]
url = "{smtp}"
ca_file = "{ca}"
[store]
url = "{store}"
blobs = "{blobs}"
[limits]
replies_per_minute = 100000
{more}
"""


class Daemon:
    """One desk: its settings, its processes, and what can be counted from outside."""

    def __init__(self, folder: Path, mail_server: Dovecot, mta: Exim, authority: Authority) -> None:
        self.folder, self.mail_server, self.mta, self._authority = folder, mail_server, mta, authority
        self.user = f"desk{time.time_ns()}"
        self.mailbox = f"imaps://{self.user}@localhost:{mail_server.tls_port}/INBOX"
        self.smtp = f"smtps://localhost:{mta.tls_port}"
        self.store = f"sqlite:///{folder}/store.db"
        self.blobs = f"file://{folder}/blobs"
        (folder / "imap-password").write_text(PASSWORD)
        (folder / "imap-password").chmod(0o600)
        self.config = folder / "priemnaya.toml"
        self.settings("")
        self._running: list[subprocess.Popen[bytes]] = []

    def settings(self, more: str) -> None:
        """Writes the settings file, with more of them."""
        self.config.write_text(
            SETTINGS.format(
                mailbox=self.mailbox, smtp=self.smtp, store=self.store, blobs=self.blobs, folder=self.folder,
                ca=self._authority.ca_file, more=more,
            )
        )  # fmt: skip

    def start(self, *arguments: str, fault: str = "", **environment: str) -> "subprocess.Popen[bytes]":
        """Starts `priemnaya run`; its log is appended to daemon.log. `fault`: see service/fault_points.py."""
        command = [COMMAND, "run", "--config", str(self.config), *arguments]
        environment = {**os.environ, "PRIEMNAYA_TEST_FAULT": fault, **environment}
        with (self.folder / "daemon.log").open("ab") as log:
            process = subprocess.Popen(command, stderr=log, env=environment)
        self._running.append(process)
        return process

    def stop(self, process: "subprocess.Popen[bytes]", *, seconds: float = 30) -> int:
        """SIGTERM, and its exit status."""
        process.send_signal(signal.SIGTERM)
        return process.wait(seconds)

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """SIGKILL: no time for anything."""
        process.kill()
        process.wait(10)

    def verified(self) -> list[object]:
        """The flaws that `verify` finds."""
        return list(json.loads(self.command("verify", "--json", statuses=(0, 1)))["flaws"])

    def command(self, *words: str, statuses: tuple[int, ...] = (0,)) -> str:
        """What a command of the line prints; it must end with such a status."""
        command = [COMMAND, *words, "--config", str(self.config)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode in statuses, done.stderr
        return done.stdout

    def running(self) -> list["subprocess.Popen[bytes]"]:
        """The processes that have not ended."""
        return [process for process in self._running if process.poll() is None]

    def end(self) -> None:
        """Whatever still runs is killed."""
        for process in self._running:
            if process.poll() is None:
                self.kill(process)

    def log(self) -> str:
        """What all its processes said."""
        path = self.folder / "daemon.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def count(self, query: str) -> int:
        """One number from the store; 0 while there is none."""
        found = self.rows(query)
        return int(found[0][0]) if found else 0

    def rows(self, query: str) -> list[Any]:
        """Rows of the store; none while there is no store, no table, or no server."""
        if self.store.startswith("sqlite") and not Path(self.store.removeprefix("sqlite:///")).exists():
            return []
        engine = create_engine(self.store, poolclass=NullPool)
        try:
            with engine.connect() as store:
                return list(store.execute(text(query)))
        except DBAPIError:
            return []
        finally:
            engine.dispose()

    def change(self, *statements: str) -> None:
        """Changes the store from outside, in one transaction."""
        engine = create_engine(self.store, poolclass=NullPool)
        with engine.begin() as store:
            for statement in statements:
                store.execute(text(statement))
        engine.dispose()

    def until(self, reached: Callable[[], bool], *, seconds: float = 60) -> None:
        """Waits; says what the daemon said when it does not come to that."""
        ends = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < ends, f"not reached in {seconds} s:\n{self.log()[-4000:]}"
            time.sleep(0.02)
