"""Servers for the tests of this folder; `servers` is importable from here on."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from servers.certificates import Authority
from servers.dovecot import Dovecot, dovecot


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
