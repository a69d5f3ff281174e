"""A real PostgreSQL of its own, on a Unix socket in a fresh folder; as root it runs as the user postgres."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from servers.running import kill_tree

BINARIES = Path("/usr/lib/postgresql/15/bin")
USER = "postgres"
_databases = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgreSQL:
    """A running server."""

    folder: Path  # of its socket, its data in `data`
    host: str = ""  # the address it listens at, whom it trusts; none: only on its socket

    def url(self, database: str) -> str:
        """As in [store] url."""
        if self.host:
            return f"postgresql+psycopg://{USER}@{self.host}/{database}"
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}"

    def fresh(self, *, like: str = "template0") -> str:
        """The URL of a new database, a copy of the database `like`, which nobody may be using."""
        name = f"d{next(_databases)}"
        self._run("createdb", "-h", str(self.folder), "-T", like, name)
        return self.url(name)

    def stop(self, *, mode: str = "fast") -> None:
        """Ends the server; every connection breaks."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", mode, "-w", "stop")

    def start(self) -> None:
        """Starts it (again) and waits until it answers."""
        options = f"-c listen_addresses={self.host} -c unix_socket_directories={self.folder} -c max_connections=200"
        # After a kill each file of each test's database would be synced by itself: over a minute on a loaded machine
        options += " -c recovery_init_sync_method=syncfs"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-l", log, "-o", options, "-w", "-t", "110", "start")

    @property
    def pid(self) -> int:
        """Of its first process."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        """SIGKILL for the server and every process of it; nothing is written down any more."""
        kill_tree(self.pid)
        # All are dead, but where nobody takes in orphans the next start would see their numbers in use
        for lock in (self.folder / "data" / "postmaster.pid", self.folder / ".s.PGSQL.5432.lock"):
            lock.unlink(missing_ok=True)

    @staticmethod
    def _run(program: str, *arguments: str) -> None:
        becoming = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*becoming, str(BINARIES / program), *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"

    def init(self) -> None:
        """Makes its data; local connections are trusted."""
        self._run("initdb", "-D", str(self.folder / "data"), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale")
        if self.host:
            with (self.folder / "data" / "pg_hba.conf").open("a") as rules:
                rules.write(f"host all all {self.host}/24 trust\n")


@contextmanager
def postgresql(*, host: str = "") -> Iterator[PostgreSQL]:
    """A server of one's own until the block ends."""
    assert (BINARIES / "postgres").exists(), f"PostgreSQL 15 is not at {BINARIES}: apt-get install postgresql-15"
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # a short path: a socket's has at most 107 characters
    if os.geteuid() == 0:
        shutil.chown(folder, USER, USER)
    server = PostgreSQL(folder=folder, host=host)
    try:
        server.init()
        server.start()
        yield server
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            server.stop(mode="immediate")
        shutil.rmtree(folder, ignore_errors=True)
