"""The daemon makes the SQLite file, and the page, another user of the same group, writes to it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import Store
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
