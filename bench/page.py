"""How long the staff's pages take at 100,000 tickets: every page, a decision, every kind of search; on both databases.

Rows are loaded directly. A request goes through the whole application (session, guard, store, template), without a
network. On a machine that others use, the wall tells of them too: then read the CPU column (of this process) and the
mean of what PostgreSQL's processes spent. The quality page is asked
as it stands, and with its figures counted anew each time.
Run: `.venv/bin/python bench/page.py [--tickets 100000] [--only sqlite|postgresql] [--pages quality]`. The bar: p95
under 100 ms.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import text

sys.path[0] = str(Path(__file__).parents[1] / "tests")  # not this folder first: it has a classify.py of its own
sys.path.append(str(Path(__file__).parent))

from page_rows import fill_search, load
from servers.postgresql import postgresql

from service.settings import Settings
from store import staff
from store.database import Store
from store.upgrade import migrate
from triage.access import hashed
from triage.app import app

ROUNDS = 40
Asked = tuple[str, str, dict[str, str] | None]  # method, address, form
SEARCHES = {
    "number": "26-0000500-9",
    "common word": "кабинет",
    "two words": "код подтверждения",
    "rare word": "редкостный",
    "phrase": '"личного кабинета"',
    "prefix": "подтвержд*",
    "without": "кабинет -пошлина",
    "topic and word": "тема:вход кабинет",
    "state and word": "статус:новая кабинет",
    "no ИНН": "нет:инн",
    "ИНН": "500100732259",
    "sender": "person77@post.example",
    "domain": "от:post.example",
    "term": "срок:<1д",
    "doubt": "увер:<0.3 кабинет",
}


class Client:
    """Speaks ASGI to the application, as the person of the cookie."""

    def __init__(self, made: Any, token: str) -> None:
        self._app, self._token = made, token

    async def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, bytes, float, float]:
        """Status, body, milliseconds by the wall and of this process's CPU."""
        body = urlencode(form or {}).encode()
        where, _, query = path.partition("?")
        headers = [
            (b"host", b"127.0.0.1"), (b"cookie", f"desk={self._token}".encode()), (b"sec-fetch-site", b"same-origin"),
            (b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", str(len(body)).encode()),
        ]  # fmt: skip
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": where, "raw_path": where.encode(), "query_string": query.encode(), "headers": headers,
            "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 80), "root_path": "",
        }  # fmt: skip
        got: dict[str, Any] = {"status": 0, "body": b""}
        fed = False

        async def receive() -> dict[str, Any]:
            nonlocal fed
            if fed:
                await asyncio.sleep(3600)
            fed = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                got["status"] = message["status"]
            else:
                got["body"] += message.get("body", b"")
                got["ms"] = (time.perf_counter() - began) * 1000  # what follows is the audit, after the answer
                got["cpu"] = (time.process_time() - began_cpu) * 1000

        began, began_cpu = time.perf_counter(), time.process_time()
        await self._app(scope, receive, send)
        return got["status"], got["body"], got["ms"], got["cpu"]


def _asked(numbers: list[str], mark: str) -> dict[str, list[Asked]]:
    """What is asked, by its name in the table."""
    tabs = ("doubtful", "new", "waiting", "burning", "mine", "done", "unanswered", "parked")
    pages = {f"tab {tab}": f"/?tab={tab}" for tab in tabs} | {
        "tab new, page 2": f"/?tab=new&after={mark}",
        "tab new, one topic": "/?tab=new&topic=mobile",
        "tab new, one team": "/?tab=new&team=team+3",
        "quality, 7 days": "/quality?days=7&anew=1",
        "quality, 30 days": "/quality?days=30&anew=1",
        "quality, 90 days": "/quality?days=90&anew=1",
        "quality, 90 days, told unseen": "/quality?days=90&blind=1&anew=1",
        "quality, as it stands": "/quality?days=90",
        "quality, behind a mistake": "/quality/pair?right=access&said=mobile&days=90",
        "by hand": "/register",
        "snippets": "/snippets",
        "letters of ours": "/letters",
        "own page": "/me",
        "staff": "/people",
    }
    asked: dict[str, list[Asked]] = {name: [("GET", path, None)] * ROUNDS for name, path in pages.items()}
    some = numbers[:ROUNDS]
    asked["a ticket"] = [("GET", f"/t/{one}?tab=new", None) for one in some]
    asked["confirm, to the next"] = [
        ("POST", f"/t/{one}/decide", {"what": "confirm", "version": "1", "back": "tab=new"}) for one in some
    ]
    for name, words in SEARCHES.items():
        asked[f"search: {name}"] = [("POST", "/search", {"q": words})] * ROUNDS
    return asked


async def measure(
    store: Store, folder: Path, url: str, numbers: list[str], server: Path | None, *, pages: str = ""
) -> dict[str, tuple[float, float, float, float]]:
    """Median and p95 of each kind of request by the wall, p95 of its CPU, mean of the database's CPU, in ms."""
    settings = Settings.model_validate({"store": {"url": url, "blobs": f"file://{folder / 'blobs'}"}})
    with store.writing() as conn:
        staff.add_person(conn, login="olga", name="Ольга", role="admin", team=None, password=None)
        person = staff.person(conn, "olga")
        assert person is not None
        staff.begin_session(conn, token=hashed("token"), staff_id=person.id, browser="bench")
    made = app(settings, store)
    await made.state.window.reading.warm()
    client = Client(made, "token")
    status, page, _, _ = await client.ask("GET", "/?tab=new")
    assert status == 200
    mark = page.decode().rsplit("after=", 1)[1].partition('"')[0]
    asked = {name: what for name, what in _asked(numbers, mark).items() if pages in name}
    found = {}
    for name, requests in asked.items():
        took, spent = [], []
        before = _servers_cpu_ms(server)
        for method, path, form in requests:
            status, page, ms, cpu = await client.ask(method, path, form)
            assert status == 200 or (status == 303 and method == "POST"), (name, status, page[-400:])
            took.append(ms)
            spent.append(cpu)
        found[name] = (
            _at(took, 0.5),
            _at(took, 0.95),
            _at(spent, 0.95),
            (_servers_cpu_ms(server) - before) / len(requests),
        )
    return found


def _servers_cpu_ms(folder: Path | None) -> float:
    """What all processes of that PostgreSQL have spent; 0 without one."""
    if folder is None:
        return 0.0
    master = (folder / "data" / "postmaster.pid").read_text().split()[0]
    spent = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == master:
            spent += int(fields[11]) + int(fields[12])
    return spent * 1000 / os.sysconf("SC_CLK_TCK")


def _at(took: list[float], share: float) -> float:
    return sorted(took)[int(len(took) * share)]


@contextmanager
def stores(only: str | None) -> Iterator[dict[str, tuple[str, Path | None]]]:
    """A URL of each database, and the folder of its server."""
    with tempfile.TemporaryDirectory() as folder, postgresql() as server:
        made: dict[str, tuple[str, Path | None]] = {
            "sqlite": (f"sqlite:///{folder}/page.db", None),
            "postgresql": (server.fresh(), server.folder),
        }
        yield {name: where for name, where in made.items() if only in (None, name)}


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--pages", default="", help="only those whose name in the table has this in it")
    args = parser.parse_args()
    with stores(args.only) as urls:
        for name, (url, server) in urls.items():
            with tempfile.TemporaryDirectory() as folder:
                store = Store(url)
                migrate(store)
                numbers = load(store, Path(folder), args.tickets)
                each = fill_search(store)
                if name == "postgresql":
                    with store.writers.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
                        conn.execute(text("VACUUM ANALYZE"))
                print(
                    f"\n{name}, {args.tickets} tickets; indexing {each:.2f} ms a ticket; load {os.getloadavg()[0]:.1f}"
                )
                found = asyncio.run(measure(store, Path(folder), url, numbers, server, pages=args.pages))
                for what, (median, p95, cpu, served) in found.items():
                    print(
                        f"{what:<28} median {median:7.1f} ms   p95 {p95:7.1f} ms   CPU p95 {cpu:6.1f} ms   database {served:6.1f} ms{'   OVER' if p95 > 100 else ''}",
                        flush=True,
                    )
                store.close()


if __name__ == "__main__":
    main()
