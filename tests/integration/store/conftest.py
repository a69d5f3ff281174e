"""A fresh store for every test, once on SQLite and once on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.postgresql import PostgreSQL, postgresql
from sqlalchemy import make_url
from store_rows import Clock

from store.database import Store
from store.upgrade import migrate


@pytest.fixture(scope="session")
def server() -> Iterator[PostgreSQL]:
    """A PostgreSQL for all tests of this folder."""
    with postgresql() as running:
        yield running


@pytest.fixture(scope="session")
def template(server: PostgreSQL) -> str:
    """The name of a database that has the tables; new ones are copied from it."""
    url = server.fresh()
    store = Store(url)
    migrate(store)
    store.close()
    return str(make_url(url).database)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a store with its tables, on either database."""
    if request.param == "postgresql":
        server: PostgreSQL = request.getfixturevalue("server")
        return server.fresh(like=request.getfixturevalue("template"))
    url = f"sqlite:///{tmp_path}/store.db"
    store = Store(url)
    migrate(store)
    store.close()
    return url


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
