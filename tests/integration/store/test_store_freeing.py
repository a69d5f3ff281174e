"""What is erased is gone from SQLite's log too, also while others read; where it cannot be yet, that is said."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from store_rows import open_ticket

from store.database import Store, savepoint
from store.erasing import Act, Due, Erased, Reason, erase
from store.freeing import empty_log, free_for_good
from store.upgrade import migrate

ACT = Act(id="a1", who="ops:test", reason=Reason.RETENTION)
WORDS = "Хрюндельбрюк Аполлинария"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Store]:
    """A SQLite store with one ticket, whose words stand in the log."""
    store = Store(f"sqlite:///{tmp_path}/store.db")
    migrate(store)
    with store.writing() as conn:
        open_ticket(conn, None, fields={"fio": WORDS})
    yield store
    store.close()


def holds(folder: Path) -> set[str]:
    """The files of the store in which the words stand."""
    return {path.name for path in folder.glob("store.db*") if WORDS.encode() in path.read_bytes()}


def opened_files() -> set[str]:
    """What this process has open, by path; a deleted file is marked as such."""
    return {str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()}


def erase_ticket(store: Store) -> None:
    erase(store, None, [Due(kind=Erased.TICKET, id=1, number=None)], ACT)  # type: ignore[arg-type]  # no letter: no blobs


def test_a_reader_of_an_earlier_moment_keeps_the_log_and_that_is_told(desk: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM tickets").fetchone()
        erase_ticket(desk)
        assert free_for_good(desk, seconds=0) is False
        assert "store.db-wal" in holds(tmp_path)
        with desk.writing() as conn:  # nobody was shut out by it
            conn.execute(text("UPDATE tickets SET updated_ms = 1"))
        reader.execute("COMMIT")
    assert empty_log(desk) is True
    assert (tmp_path / "store.db-wal").stat().st_size == 0
    assert holds(tmp_path) == set()


def test_readers_that_come_and_go_do_not_keep_it(desk: Store, tmp_path: Path) -> None:
    stop, read = threading.Event(), threading.Semaphore(0)

    def look() -> None:
        while not stop.is_set():
            with desk.reading() as conn:
                conn.execute(text("SELECT fields FROM tickets")).all()
            read.release()

    readers = [threading.Thread(target=look) for _ in range(3)]
    for one in readers:
        one.start()
    try:
        assert all(read.acquire(timeout=30) for _ in range(9))
        erase_ticket(desk)
        assert free_for_good(desk) is True
    finally:
        stop.set()
        for one in readers:
            one.join()
    assert holds(tmp_path) == set()


def test_what_is_only_replaced_leaves_no_words_either(desk: Store, tmp_path: Path) -> None:
    """Also where SQLite was built without SECURE_DELETE: each connection of ours asks for it."""
    with desk.writing() as conn:
        assert conn.execute(text("PRAGMA secure_delete")).scalar_one() == 1
        conn.execute(text("UPDATE tickets SET fields = '{}'"))
    assert empty_log(desk) is True
    assert holds(tmp_path) == set()


def test_what_a_savepoint_may_take_back_is_kept_in_no_file(desk: Store) -> None:
    """SQLite deletes such a file when it is done, but the words stay in the free space of the disk."""
    before = opened_files()
    with desk.writing() as conn:
        for _ in range(100):
            open_ticket(conn, None, fields={"fio": WORDS * 100})
        with savepoint(conn):
            conn.execute(text("UPDATE tickets SET fields = '{}'"))
            assert opened_files() - before == set()


def test_postgresql_frees_a_table_that_takes_longer_than_a_statement_may(store: Store) -> None:
    if store.dialect == "sqlite":
        assert free_for_good(store) is True
        return
    with store.writers.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("SET statement_timeout = 1"))  # of the connection that comes next out of the pool
    assert free_for_good(store) is True
    with store.reading() as conn:
        assert conn.execute(text("SHOW statement_timeout")).scalar_one() == "1min"
