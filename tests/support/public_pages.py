"""The public pages on a free port, over a store of their own."""

import asyncio
import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

from desk_door import free_port

from service.settings import Settings
from service.settings_file import parse
from store.database import Store
from store.upgrade import migrate
from triage.public_app import serve_public

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


class PublicPages:
    """Asked as a browser or a proxy asks."""

    def __init__(self, folder: Path, more: str) -> None:
        self.port = free_port()
        (folder / "blobs").mkdir()
        (folder / "key").write_text("k" * 40)
        (folder / "key").chmod(0o600)
        self.settings: Settings = parse(SETTINGS.format(folder=folder, port=self.port) + more, where="test")
        self.store = Store(self.settings.store.url)
        migrate(self.store)

    def ask(
        self, path: str, form: dict[str, str] | None = None, *, source: str = "127.0.0.1", forwarded: str | None = None
    ) -> int:
        """The status of one request, from that address of this machine; POST when there is a form."""
        headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
        if form is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        made = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(source, 0))
        with closing(made) as conn:
            conn.request("GET" if form is None else "POST", path, body=urlencode(form or {}), headers=headers)
            return conn.getresponse().status

    def answers(self) -> bool:
        """Whether it can be asked."""
        try:
            return self.ask("/robots.txt") == 200
        except OSError:
            return False


@contextmanager
def open_pages(folder: Path, more: str = "") -> Iterator[PublicPages]:
    """Served until the block ends."""
    made = PublicPages(folder, more)
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve_public(made.settings, stop)), daemon=True)
    thread.start()
    ends = time.monotonic() + 60
    while not made.answers():
        assert time.monotonic() < ends
        time.sleep(0.05)
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        loop.close()
        made.store.close()
