"""The daemon makes the SQLite file, and the page, another user of the same group, writes to it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from store.database import Store, now
from store.upgrade import migrate


@pytest.fixture
def umask_of_the_units() -> Iterator[None]:
    """UMask=0007 of both units."""
    before = os.umask(0o007)
    yield
    os.umask(before)


def test_the_group_may_write_the_file_and_what_lies_beside_it(tmp_path: Path, umask_of_the_units: None) -> None:
    store = Store(f"sqlite:///{tmp_path}/store.db")
    migrate(store)
    with store.writing():
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("store.db*")}
    store.close()
    assert modes == {"store.db": 0o660, "store.db-wal": 0o660, "store.db-shm": 0o660}


def test_another_process_that_leaves_does_not_take_our_log_with_it(tmp_path: Path) -> None:
    """What was committed after it would be in a deleted file: seen by nobody else, and gone with this process."""
    store = Store(f"sqlite:///{tmp_path}/store.db")
    migrate(store)
    with store.reading() as first, store.reading() as second:  # a second connection of this process
        assert now(first)
        assert now(second)
    program = (
        "import sys; from store.database import *; s = Store(sys.argv[1])\nwith s.writing() as c: now(c)\ns.close()"
    )
    subprocess.run([sys.executable, "-c", program, f"sqlite:///{tmp_path}/store.db"], check=True)
    assert (tmp_path / "store.db-wal").exists()
    with store.writing() as conn:
        conn.execute(text("INSERT INTO counters (year, last) VALUES (2026, 7)"))
    with closing(sqlite3.connect(tmp_path / "store.db")) as other:
        assert other.execute("SELECT last FROM counters").fetchall() == [(7,)]
    store.close()
