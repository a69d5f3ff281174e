"""The installed daemon between a real Dovecot and a real Exim, over TLS."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from servers.certificates import Authority
from servers.daemon import Daemon
from servers.dovecot import Dovecot, dovecot
from servers.exim import Exim, exim
from servers.finished import Finished


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs the servers' certificates."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def mail_server(authority: Authority) -> Iterator[Dovecot]:
    """The citizens' mail lies here."""
    with dovecot(authority.issue("localhost")) as server:
        yield server


@pytest.fixture
def mta(authority: Authority) -> Iterator[Exim]:
    """The replies go here."""
    with exim(authority.issue("localhost")) as server:
        yield server


@pytest.fixture
def daemon(mail_server: Dovecot, mta: Exim, authority: Authority, tmp_path: Path) -> Iterator[Daemon]:
    """The installed command with its settings; not started."""
    made = Daemon(tmp_path, mail_server, mta, authority)
    yield made
    made.end()


@pytest.fixture(scope="session")
def all_done(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A desk that has worked the forty sample letters, for all tests: copied, never touched."""
    return Finished.by_demo(tmp_path_factory.mktemp("finished") / "desk")


@pytest.fixture
def finished(all_done: Finished, tmp_path: Path) -> Finished:
    """A desk of the test's own that has worked the sample letters."""
    return all_done.copied(tmp_path / "desk")
