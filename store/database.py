"""The door to the store: engines, transactions, the clock. SQLite or PostgreSQL by the URL.

SQLite has one writer. Every writing transaction takes the write lock at its first word (BEGIN IMMEDIATE),
so that nobody reads, decides, and then finds the store changed. Readers begin plainly and see the store as it
was at that moment (WAL). Writers of one process share one connection: they wait in the pool's fair queue
instead of SQLite's polling.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from service.errors import ConfigError
from store.columns import SIMULATED, now_ms, to_json
from store.faults import told

BUSY_SECONDS = 10  # how long a writer waits for another process's transaction; shorter than any lease
NOW = select(now_ms())
WRITE = "write sqlite:////path/to/file.db or postgresql+psycopg://user@host/name"

# Nothing hangs: a dead server or network is noticed by us within half a minute, a dead client by the server too.
POSTGRESQL_LIMITS: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "options": "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"
    " -c tcp_keepalives_idle=20 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
}

Clock = Callable[[], int]
_MAKING = Lock()  # no connection of ours may come between the making of a file and its closing


class Store:
    """An open store. Used from any number of threads; a connection belongs to one thread at a time.

    `url` is `sqlite:////absolute/path` or `postgresql+psycopg://…`; `password` is put into it, so that the
    settings need not hold it. `clock` (milliseconds since the epoch) stands in for the database's clock in
    simulations. ConfigError when the URL is of no such kind or the SQLite file's folder is not there.
    Connects at the first use, not here.
    """

    def __init__(self, url: str, *, password: str | None = None, clock: Clock | None = None) -> None:
        self.url = _checked(url, password)
        self.dialect = self.url.get_backend_name()
        if self.dialect == "sqlite":
            writing = Connecting(pool_size=1, begin="BEGIN IMMEDIATE", scratch="MEMORY")
            self._writers = sqlite_engine(self.url, writing, clock=clock)
            self._readers = sqlite_engine(self.url, Connecting(pool_size=8, begin="BEGIN", read_only=True), clock=clock)
        else:
            self._writers = postgresql_engine(self.url, clock=clock)
            self._readers = self._writers.execution_options(postgresql_readonly=True)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that may write: committed at the end of the block, rolled back on any error.

        Raises Temporary, Permanent or ConfigError for the store's own faults; other errors pass through.
        Never nest it: on SQLite the inner one would wait for the outer one until it times out.
        """
        with _speaking_plainly(), self._writers.begin() as conn:
            yield conn

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that only reads and never waits for a writer; a write in it is refused."""
        with _speaking_plainly(), self._readers.begin() as conn:
            yield conn

    @property
    def writers(self) -> Engine:
        """The engine behind `writing`, for migrations and backups."""
        return self._writers

    def close(self) -> None:
        """Let all connections go; the store may be used again afterwards."""
        self._readers.dispose()
        self._writers.dispose()


@contextmanager
def savepoint(conn: Connection) -> Iterator[None]:
    """A part of a transaction that can fail alone: on an error only this part is rolled back, and it is told
    as in `Store.writing`. So the outcomes of several letters may share one commit (rulings 3).
    """
    with _speaking_plainly():
        conn.exec_driver_sql("SAVEPOINT alone")  # `begin_nested` compiles anew each time: 0.2 ms a letter
        try:
            yield
        except BaseException:
            if not conn.invalidated:  # with a lost connection the whole transaction is gone
                conn.exec_driver_sql("ROLLBACK TO SAVEPOINT alone")
                conn.exec_driver_sql("RELEASE SAVEPOINT alone")
            raise
        conn.exec_driver_sql("RELEASE SAVEPOINT alone")


def now(conn: Connection) -> int:
    """Milliseconds since the epoch, UTC, by the store's clock."""
    moment: int = conn.execute(NOW).scalar_one()
    return moment


@contextmanager
def _speaking_plainly() -> Iterator[None]:
    """SQLAlchemy's errors quote rows and letters in their text, so they are not even kept as the cause."""
    try:
        yield
    except SQLAlchemyError as error:
        raise told(error) from None


def _checked(written: str, password: str | None) -> URL:
    try:
        url = make_url(written)
    except (ArgumentError, ValueError):  # the second of a port
        raise ConfigError(f"[store] url: not a URL; {WRITE}") from None
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
        return url.set(password=password) if password is not None else url
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise ConfigError(f"[store] url: neither a SQLite file nor PostgreSQL; {WRITE}")
    folder = Path(url.database).parent
    if not folder.is_dir():
        raise ConfigError(f"[store] url: there is no folder {folder}: create it, owned by the service's user")
    return url.set(drivername="sqlite")


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting:
    """How an engine connects to a SQLite file."""

    pool_size: int
    begin: str  # how its transactions begin
    read_only: bool = False
    foreign_keys: bool = True  # off only while tables are migrated
    # Where savepoints keep what they may have to take back. A file for each costs a twentieth of a letter's time and
    # leaves words of letters in the disk's free space; in MEMORY nothing large may be sorted on that connection.
    scratch: str = "FILE"


def sqlite_engine(url: URL, how: Connecting, *, clock: Clock | None = None) -> Engine:
    """An engine on a SQLite file, durable at each commit."""
    engine = create_engine(
        url,
        pool_size=how.pool_size,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        connect_args={"timeout": BUSY_SECONDS},
        hide_parameters=True,
        json_serializer=to_json,
    )

    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # the driver must not begin transactions of its own
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA wal_autocheckpoint = 4000")
        raw.execute("PRAGMA cache_size = -16000")
        raw.execute(f"PRAGMA temp_store = {how.scratch}")
        raw.execute("PRAGMA synchronous = FULL")  # NORMAL may undo commits after a power cut, yet letters were moved
        raw.execute(f"PRAGMA foreign_keys = {int(how.foreign_keys)}")
        raw.execute(f"PRAGMA query_only = {int(how.read_only)}")
        raw.execute("PRAGMA secure_delete = ON")  # what is erased, and what is only replaced, leaves no words behind
        if clock is not None:
            raw.create_function("desk_now", 0, clock)

    event.listen(engine, "do_connect", lambda *_: _made_for_the_group(str(url.database)))
    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", lambda conn: conn.exec_driver_sql(how.begin))
    if clock is not None:
        setattr(engine.dialect, SIMULATED, True)
    return engine


def _made_for_the_group(path: str) -> None:
    """An absent file is made with 0660 less the umask: SQLite's own 0644 shuts out the page, which is of the group.

    The -wal and -shm files beside it take its mode. A file that is there is never opened here: closing it again would
    drop every lock that this process's connections have on it (POSIX locks are the process's), and the next other
    process to leave would take itself for the last one and delete the log under us (sqlite.org/howtocorrupt.html §2.2).
    """
    with _MAKING, suppress(OSError):  # SQLite says better what is wrong
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o660))


def postgresql_engine(url: URL, *, clock: Clock | None) -> Engine:
    """An engine with our limits; a connection that broke takes its siblings out of the pool with it."""
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=8,
        pool_timeout=BUSY_SECONDS,
        connect_args={key: value for key, value in POSTGRESQL_LIMITS.items() if key not in url.query},
        hide_parameters=True,
        json_serializer=to_json,
    )
    if clock is not None:
        setattr(engine.dialect, SIMULATED, True)
        told_time = "SELECT set_config('priemnaya.now', %s, true)"
        event.listen(engine, "begin", lambda conn: conn.exec_driver_sql(told_time, (str(clock()),)))
    return engine
