"""Whose address is counted behind a proxy: the one the proxy on this machine saw, over real HTTP."""

from itertools import count
from pathlib import Path

import pytest
from desk_door import Door, open_door
from public_pages import open_pages

ELSEWHERE = "127.0.0.2"  # a machine that is not the proxy's


def test_the_login_of_one_client_waits_and_that_of_another_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # the web server's own setting, which would believe everybody
    monkeypatch.setattr("triage.passwords.FIRST_WAIT", 900.0)
    with open_door(tmp_path) as door:
        _log_in_from_everywhere(door)


def _log_in_from_everywhere(door: Door) -> None:
    names = count()

    def tried(forwarded: str, *, source: str = "127.0.0.1") -> int:
        told = {"login": f"nobody{next(names)}", "password": "wrong"}
        return door.ask("POST", "/login", told, source=source, x_forwarded_for=forwarded).status

    assert [tried("198.51.100.1") for _ in range(6)] == [403] * 5 + [429]
    assert tried("198.51.100.2") == 403
    assert tried("203.0.113.9, 198.51.100.1") == 429, "what a client wrote before the proxy did is nobody's address"
    assert tried("203.0.113.9, 198.51.100.1, 127.0.0.1") == 429, "two proxies on this machine"
    assert [tried(f"198.51.100.{one}", source=ELSEWHERE) for one in range(10, 16)] == [403] * 5 + [429]


def test_a_citizen_who_asks_too_often_shuts_out_nobody_else(tmp_path: Path) -> None:
    with open_pages(tmp_path) as pages:

        def looked(forwarded: str, source: str = "127.0.0.1") -> int:
            return pages.ask("/form/c/made-up", forwarded=forwarded, source=source)

        assert 429 in [looked("198.51.100.1") for _ in range(40)]
        assert looked("198.51.100.2") == 404
        assert 429 in [looked(f"203.0.113.{one}, 198.51.100.1") for one in range(40)]
        assert 429 in [looked(f"192.0.2.{one}", ELSEWHERE) for one in range(40)]
