"""An open store for every test, once on SQLite and once on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.postgresql import PostgreSQL
from store_rows import Clock

from store.database import Store


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a store without tables, on either database."""
    if request.param == "postgresql":
        server: PostgreSQL = request.getfixturevalue("server")
        return server.fresh()
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An open store with the database's own clock."""
    opened = Store(url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    """The clock of `timed`."""
    return Clock()


@pytest.fixture
def timed(url: str, clock: Clock) -> Iterator[Store]:
    """An open store whose clock the test sets."""
    opened = Store(url, clock=clock)
    yield opened
    opened.close()
