"""Under systemd each line carries its fields, so that `journalctl EVENT=letter LETTER=17` finds it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from service import logs


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A journald that only listens."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.bind(str(tmp_path / "socket"))
    listening.settimeout(2)
    monkeypatch.setattr(logs, "JOURNAL", str(tmp_path / "socket"))
    monkeypatch.setattr(logs, "_TO_JOURNAL", True)
    yield listening
    listening.close()


def _fields(datagram: bytes) -> dict[str, str]:
    return dict(line.split("=", 1) for line in datagram.decode().splitlines())


def test_a_line_has_its_event_its_facts_and_a_stable_id(journal: socket.socket) -> None:
    logs.error("letter-parked", letter=17, reason="two\nlines")
    said = _fields(journal.recv(65536))
    assert said["EVENT"] == "letter-parked"
    assert said["LETTER"] == "17"
    assert said["REASON"] == '"two lines"'
    assert said["PRIORITY"] == "3"
    assert said["MESSAGE_ID"] == logs.message_id("letter-parked")


def test_without_a_journal_the_line_goes_to_stderr_with_its_priority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logs, "JOURNAL", str(tmp_path / "none"))
    monkeypatch.setattr(logs, "_TO_JOURNAL", True)
    logs.info("started", pid=1)
    assert capsys.readouterr().err == "<6>started pid=1\n"
