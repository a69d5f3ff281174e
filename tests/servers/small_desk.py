"""A small desk of a test's own: Maildirs, SQLite, the installed daemon and pages as processes."""

import contextlib
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

COMMAND = str(Path(sys.executable).parent / "priemnaya")
LOGIN, PASSWORD = "olga", "correct-horse-battery"
SETTINGS = """\
[mailbox]
url = "maildir:{folder}/inbox"
since = 2000-01-01
poll_seconds = 1
[smtp]
url = "maildir:{folder}/outbox"
[store]
url = "sqlite:///{folder}/store.db"
blobs = "file://{folder}/blobs"
[web]
listen = "127.0.0.1:{port}"
{more}
"""


class SmallDesk:
    """Post letters, let the daemon work them, look at them in the page."""

    def __init__(self, folder: Path, *, more: str = "") -> None:
        self.folder, self.port = folder, free_port()
        self.at = f"http://127.0.0.1:{self.port}"
        self.config = folder / "priemnaya.toml"
        self.config.write_text(SETTINGS.format(folder=folder, port=self.port, more=more), encoding="utf-8")
        for part in ("tmp", "new", "cur"):
            (folder / "inbox" / part).mkdir(parents=True)
        self._posted = 0

    def post(self, raw: bytes) -> None:
        """A letter into the mailbox."""
        self._posted += 1
        name = f"{1_790_000_000 + self._posted}.M{self._posted:06}P1.test"
        (self.folder / "inbox" / "tmp" / name).write_bytes(raw)
        (self.folder / "inbox" / "tmp" / name).rename(self.folder / "inbox" / "new" / name)

    @contextlib.contextmanager
    def running(self, what: str) -> Iterator[None]:
        """`priemnaya run` or `web` while the block lasts."""
        with (self.folder / f"{what}.log").open("ab") as log:
            process = subprocess.Popen([COMMAND, what, "--config", str(self.config)], stderr=log)
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)

    def work(self, letters: int) -> None:
        """Until that many letters have found their end."""
        with self.running("run"):
            until(lambda: self.number("SELECT count(*) FROM letters WHERE state <> 'received'") >= letters, self.log)

    @contextlib.contextmanager
    def pages(self) -> Iterator[str]:
        """The staff's pages, with one account; their address."""
        self.run(
            "staff", "add", LOGIN, "--name", "Ольга Дежурная", "--role", "admin", "--password-stdin", given=PASSWORD
        )
        with self.running("web"):
            until(lambda: answers(f"{self.at}/healthz"), self.log)
            yield self.at

    def run(self, *arguments: str, given: str = "", status: int = 0) -> str:
        """What `priemnaya …` prints."""
        done = subprocess.run(
            [COMMAND, *arguments, "--config", str(self.config)],
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def rows(self, query: str, *values: object) -> list[Any]:
        """Rows of its store."""
        with closing(sqlite3.connect(f"file:{self.folder}/store.db?mode=ro", uri=True, timeout=5)) as store:
            return store.execute(query, values).fetchall()

    def number(self, query: str, *values: object) -> int:
        """One number from the store; 0 while there is none."""
        try:
            return int(self.rows(query, *values)[0][0])
        except (sqlite3.OperationalError, IndexError):
            return 0

    def verdict(self, letter: int) -> dict[str, Any]:
        """What was thought of a letter."""
        found: dict[str, Any] = json.loads(self.rows("SELECT verdict FROM letters WHERE id = ?", letter)[0][0])
        return found

    def log(self) -> str:
        """What its processes said."""
        return "\n".join(path.read_text(encoding="utf-8")[-4000:] for path in sorted(self.folder.glob("*.log")))

    def sent(self) -> list[bytes]:
        """What was sent, oldest first."""
        found = sorted((self.folder / "outbox" / "new").glob("*"), key=lambda path: path.stat().st_mtime_ns)
        return [path.read_bytes() for path in found]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def answers(address: str) -> bool:
    """Whether something answers there."""
    try:
        with urllib.request.urlopen(address, timeout=2):  # noqa: S310  # our own loopback address
            return True
    except urllib.error.HTTPError as answer:
        answer.close()
        return True
    except OSError:
        return False


def until(reached: Any, told: Any, *, seconds: float = 60) -> None:
    """Waits; says what the processes said when it does not come to that."""
    ends = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < ends, f"not reached in {seconds} s:\n{told()}"
        time.sleep(0.05)
