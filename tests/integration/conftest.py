"""Servers for the tests of this folder; `servers` is importable from here on."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from servers.certificates import Authority
from servers.dovecot import Dovecot, dovecot
from servers.postgresql import PostgreSQL, postgresql
from sqlalchemy import make_url

from store.database import Store
from store.upgrade import migrate


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs the certificates of test servers."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def mail_server(authority: Authority) -> Iterator[Dovecot]:
    """A Dovecot with everything: TLS for localhost, STARTTLS, MOVE, UIDPLUS, IDLE, XOAUTH2."""
    with dovecot(authority.issue("localhost")) as server:
        yield server


@pytest.fixture(scope="session")
def plain_mail_server(authority: Authority) -> Iterator[Dovecot]:
    """A Dovecot without TLS and without MOVE, whose conversation a proxy can read."""
    with dovecot(
        authority.issue("localhost"), tls_offered="no", capability="IMAP4rev1 IDLE UIDPLUS NAMESPACE"
    ) as server:
        yield server


@pytest.fixture(scope="session")
def server() -> Iterator[PostgreSQL]:
    """A PostgreSQL for all tests here."""
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
