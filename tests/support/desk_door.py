"""The page on a free port, and a browser of the simplest kind."""

import asyncio
import http.client
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from service.settings import Settings
from store import staff
from store.database import Store
from store.upgrade import migrate
from triage.access import Role
from triage.passwords import password_hash
from triage.serve import serve

PASSWORD = "a long enough password"
HASH = password_hash(PASSWORD)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


@dataclass
class Said:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: str


class Door:
    """The page on a free port, and a browser of the simplest kind."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.port = free_port()
        self.store = Store(f"sqlite:///{folder}/store.db")
        migrate(self.store)
        with self.store.writing() as conn:
            for role in Role:
                staff.add_person(conn, login=role, name=role, role=role, team=None, password=HASH)
        self.settings = Settings.model_validate(
            {
                "store": {"url": f"sqlite:///{folder}/store.db", "blobs": f"file://{folder}/blobs"},
                "web": {"listen": f"127.0.0.1:{self.port}"},
                **settings,
            }
        )

    def ask(
        self,
        method: str,
        path: str,
        form: Mapping[str, str | list[str]] | None = None,
        *,
        cookie: str = "",
        source: str = "127.0.0.1",
        **headers: str,
    ) -> Said:
        """One request, from that address of this machine; nothing is followed."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if cookie:
            sent["Cookie"] = f"desk={cookie}"
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        made = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20, source_address=(source, 0))
        with closing(made) as conn:
            conn.request(method, path, body=urlencode(form, doseq=True) if form is not None else None, headers=sent)
            answer = conn.getresponse()
            return Said(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode())

    def log_in(self, login: str = "triage") -> str:
        """A session's cookie."""
        said = self.ask("POST", "/login", {"login": login, "password": PASSWORD})
        assert said.status == 303, said.body
        return said.headers["set-cookie"].partition(";")[0].partition("=")[2]


@contextmanager
def open_door(folder: Path, **settings: Any) -> Iterator[Door]:
    """Served until the block ends."""
    (folder / "blobs").mkdir()
    made = Door(folder, **settings)
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(made.settings, stop)), daemon=True)
    thread.start()
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            if made.ask("GET", "/healthz").status == 200:
                break
        except OSError:
            time.sleep(0.1)
    yield made
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)
    assert not thread.is_alive()
    loop.close()
    made.store.close()
