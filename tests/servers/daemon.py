"""The installed `priemnaya` as a process, started, stopped and killed by tests."""

import contextlib
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from servers.certificates import Authority
from servers.dovecot import PASSWORD, Dovecot
from servers.exim import Exim

COMMAND = str(Path(sys.executable).parent / "priemnaya")
SETTINGS = """\
[mailbox]
url = "imaps://{user}@localhost:{imap}/INBOX"
password_file = "{folder}/imap-password"
ca_file = "{ca}"
since = 2000-01-01
poll_seconds = 2
[smtp]
url = "smtps://localhost:{smtp}"
ca_file = "{ca}"
[store]
url = "{store}"
blobs = "file://{folder}/blobs"
[limits]
replies_per_minute = 100000
{more}
"""


class Daemon:
    """One desk: its settings, its processes, and what can be counted from outside."""

    def __init__(self, folder: Path, mail_server: Dovecot, mta: Exim, authority: Authority) -> None:
        self.folder, self.mail_server, self.mta, self._authority = folder, mail_server, mta, authority
        self.user = f"desk{time.time_ns()}"
        self.store = f"sqlite:///{folder}/store.db"
        (folder / "imap-password").write_text(PASSWORD)
        (folder / "imap-password").chmod(0o600)
        self.config = folder / "priemnaya.toml"
        self.settings("")
        self._running: list[subprocess.Popen[bytes]] = []

    def settings(self, more: str) -> None:
        """Writes the settings file, with more of them."""
        self.config.write_text(
            SETTINGS.format(
                user=self.user, imap=self.mail_server.tls_port, smtp=self.mta.tls_port, folder=self.folder,
                ca=self._authority.ca_file, store=self.store, more=more,
            )
        )  # fmt: skip

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Starts `priemnaya run`; its log is appended to daemon.log."""
        with (self.folder / "daemon.log").open("ab") as log:
            process = subprocess.Popen([COMMAND, "run", "--config", str(self.config), *arguments], stderr=log)
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
        path = self.folder / "store.db"
        if not path.exists():
            return 0
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as store:
            try:
                return int(store.execute(query).fetchone()[0])
            except sqlite3.OperationalError:  # the tables are not made yet
                return 0

    def until(self, reached: Callable[[], bool], *, seconds: float = 60) -> None:
        """Waits; says what the daemon said when it does not come to that."""
        ends = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < ends, f"not reached in {seconds} s:\n{self.log()[-4000:]}"
            time.sleep(0.02)
