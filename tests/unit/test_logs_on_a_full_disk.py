"""The log may have nowhere to go; the letters go on."""

import errno
import io

import pytest

from service import logs


class Full(io.StringIO):
    """A file on a disk without room."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "no space left")


def test_a_full_disk_under_the_log_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_out", Full())
    logs.info("letter", letter=1)
    logs.error("broke", letter=2)
