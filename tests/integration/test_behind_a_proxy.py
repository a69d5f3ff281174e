"""Whose address is counted behind a proxy: the one the proxy on this machine saw, over real HTTP."""

import asyncio
import http.client
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from desk_door import Door, open_door
from servers.small_desk import free_port, until

from service.settings_file import parse
from store.database import Store
from store.upgrade import migrate
from triage.public_app import serve_public

ELSEWHERE = "127.0.0.2"  # a machine that is not the proxy's
SETTINGS = """
[desk]
signing_key_file = "{folder}/key"
[store]
url = "sqlite:///{folder}/store.db"
blobs = "file://{folder}/blobs"
[public]
listen = "127.0.0.1:{port}"
base_url = "https://desk.example"
form = true
"""


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
    port = free_port()
    (tmp_path / "blobs").mkdir()
    (tmp_path / "key").write_text("k" * 40)
    (tmp_path / "key").chmod(0o600)
    with closing(Store(f"sqlite:///{tmp_path}/store.db")) as store:
        migrate(store)
    settings = parse(SETTINGS.format(folder=tmp_path, port=port), where="x.toml")

    def looked(forwarded: str, source: str = "127.0.0.1") -> int:
        made = http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=(source, 0))
        with closing(made) as conn:
            conn.request("GET", "/form/c/made-up", headers={"X-Forwarded-For": forwarded})
            return conn.getresponse().status

    def asked() -> None:
        until(lambda: _answers(port), lambda: "the public pages")
        assert 429 in [looked("198.51.100.1") for _ in range(40)]
        assert looked("198.51.100.2") == 404
        assert 429 in [looked(f"203.0.113.{one}, 198.51.100.1") for one in range(40)]
        assert 429 in [looked(f"192.0.2.{one}", ELSEWHERE) for one in range(40)]

    async def served() -> None:
        stop = asyncio.Event()
        pages = asyncio.create_task(serve_public(settings, stop))
        try:
            await asyncio.to_thread(asked)
        finally:
            stop.set()
            await pages

    asyncio.run(served())


def _answers(port: int) -> bool:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as conn:
            conn.request("GET", "/robots.txt")
            return conn.getresponse().status == 200
    except OSError:
        return False
