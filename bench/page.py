"""How long the staff's page takes at 100,000 tickets: every tab, a ticket, a decision, searches; on both databases.

Rows are loaded directly. A request goes through the whole application (session, guard, store, template), without a
network. On a machine that others use, the wall tells of them too: then read the CPU column (of this process) and the mean of
what PostgreSQL's processes spent. Run: `.venv/bin/python bench/page.py [--tickets 100000] [--only sqlite|postgresql]`. The bar: p95 under 100 ms.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import text

sys.path[0] = str(Path(__file__).parents[1] / "tests")  # not this folder: it has a classify.py of its own

from servers.postgresql import postgresql

from classify.topics import Topic
from service.settings import Settings
from store import staff
from store.blobs import open_blobs
from store.database import Store
from store.schema import files, history, letters, mailboxes, tickets
from store.search import index, unsearched
from store.upgrade import migrate
from tickets.number import make_number
from triage.access import hashed
from triage.app import app
from triage.tokens import ticket_tokens

ROUNDS = 40
BATCH = 2_000
HOUR = 3_600_000
STATES = ("closed",) * 70 + ("answered",) * 10 + ("waiting",) * 8 + ("new",) * 9 + ("open",) * 3
SURNAMES = ["Иванова", "Петрова", "Сидорова", "Кузнецова", "Мещерякова", "Лапшина", "Гайсина", "Тюрина", "Рогова"]
SAID = [
    "Не приходит код подтверждения, не могу войти в личный кабинет",
    "Оплатила пошлину дважды, прошу вернуть деньги на карту",
    "Заявление висит в статусе рассмотрения третий месяц",
    "Приложение закрывается сразу после обновления телефона",
    "Справка о стаже пришла с ошибкой в дате рождения",
    "Не принимается электронная подпись на сайте ведомства",
    "Отказали в пособии на ребёнка без объяснения причины",
    "Запись на приём отменилась сама, нужен другой день",
]
SEARCHES = {
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


def _history(ticket: int, now: int) -> list[dict[str, object]]:
    """What stands in each ticket's history: opened, and answered."""
    said = (("desk", "opened", {"model": "bench"}), ("post", "reply-sent", {"kind": "acknowledgement"}))
    return [{"ticket_id": ticket, "at_ms": now, "who": who, "what": what, "data": data} for who, what, data in said]


def load(store: Store, folder: Path, count: int) -> list[str]:
    """The rows; the numbers of some tickets whose letters can be read."""
    chance = random.Random(7)  # noqa: S311  # the same rows each time
    raws = [one.read_bytes() for one in resources.files("commands").joinpath("sample_letters").iterdir()]
    blobs = open_blobs(f"file://{folder / 'blobs'}", credentials=None)
    topics = [topic.value for topic in Topic]
    with store.writing() as conn:
        conn.execute(mailboxes.insert(), {"identity": "bench", "since_ms": 0})
    readable: list[str] = []
    now = int(time.time() * 1000)
    for start in range(0, count, BATCH):
        of_letters, of_tickets, of_files, of_history = [], [], [], []
        for n in range(start + 1, min(start + BATCH, count) + 1):
            state, topic = chance.choice(STATES), chance.choice(topics)
            sure = chance.random()
            description = f"{chance.choice(SAID)}. {chance.choice(SAID)}. {chance.choice(SAID)}"
            if n % 5_000 == 0:
                description += " редкостный случай"
            blob = blobs.write_all([raws[n % len(raws)]])[0] if n % 500 == 0 else f"bench/{n:09}"
            fields = {"fio": f"{chance.choice(SURNAMES)} Ольга Витальевна", "description": description}
            if n % 3:
                fields["inn"] = "500100732259" if n % 20_000 == 1 else f"{chance.randrange(10**11, 10**12)}"
            number = make_number(26, n)
            verdict = {
                "topic": topic, "confidence": sure, "topics": [[topic, sure], ["other", 0.01]], "fields": fields,
                "problems": [], "clues": {"model": "bench", "why": ["код"], "written": {"fio": fields["fio"]}, "references": []},
            }  # fmt: skip
            of_letters.append({
                "id": n, "mailbox_id": 1, "uidvalidity": 1, "uid": n, "sha256": f"{n:064x}", "size": 2000, "blob": blob,
                "arrived_ms": now - (count - n) * 60_000, "received_ms": now, "state": "settled", "turn": n, "due": 0,
                "verdict": verdict, "sender": f"person{n % 30_000}@post.example",
            })  # fmt: skip
            of_tickets.append({
                "id": n, "number": number, "letter_id": n, "state": state, "topic": topic, "confidence": sure,
                "needs_review": state != "closed" and sure < 0.3, "kind": "request", "team": f"team {n % 5}",
                "assignee": "olga" if n % 400 == 0 else None, "address": f"person{n % 30_000}@post.example",
                "subject": "Обращение", "fields": fields, "missing": [] if n % 3 else ["inn_or_account"],
                "first_due_ms": now + chance.randrange(-30, 70) * HOUR, "final_due_ms": now + 700 * HOUR,
                "waiting_until_ms": now + chance.randrange(1, 300) * HOUR if state == "waiting" else None,
                "opened_ms": now - (count - n) * 60_000, "updated_ms": now - (count - n) * 59_000,
                "margin": round(chance.random(), 4),
            })  # fmt: skip
            of_history += _history(n, now)
            if n % 4 == 0:
                of_files.append({
                    "ticket_id": n, "letter_id": n, "position": 0, "name": "scan.pdf", "size": 9000,
                    "type": "application/pdf", "accepted": True, "reason": None,
                })  # fmt: skip
            if n % 500 == 0:
                readable.append(number)
        with store.writing() as conn:
            conn.execute(letters.insert(), of_letters)
            conn.execute(tickets.insert(), of_tickets)
            conn.execute(
                letters.update().where(letters.c.id.between(start + 1, start + BATCH)).values(ticket_id=letters.c.id)
            )
            conn.execute(history.insert(), of_history)
            conn.execute(files.insert(), of_files)
    return readable


def fill_search(store: Store) -> float:
    """Indexes everything; milliseconds a ticket."""
    began, done = time.monotonic(), 0
    while True:
        with store.reading() as conn:
            found = [row._mapping for row in unsearched(conn, most=500)]
        if not found:
            return (time.monotonic() - began) / max(done, 1) * 1000
        with store.writing() as conn:
            index(conn, [(row["id"], row["version"], ticket_tokens(row)) for row in found])  # type: ignore[arg-type]
        done += len(found)


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


async def measure(
    store: Store, folder: Path, url: str, numbers: list[str], server: Path | None
) -> dict[str, tuple[float, float, float, float]]:
    """Median and p95 of each kind of request by the wall, p95 of its CPU, mean of the database's CPU, in ms."""
    settings = Settings.model_validate({"store": {"url": url, "blobs": f"file://{folder / 'blobs'}"}})
    with store.writing() as conn:
        staff.add_person(conn, login="olga", name="Ольга", role="triage", team=None, password=None)
        person = staff.person(conn, "olga")
        assert person is not None
        staff.begin_session(conn, token=hashed("token"), staff_id=person.id, browser="bench")
    made = app(settings, store)
    await made.state.window.reading.warm()
    client = Client(made, "token")
    asked: dict[str, list[tuple[str, str, dict[str, str] | None]]] = {}
    for tab in ("doubtful", "new", "waiting", "burning", "mine", "done", "unanswered", "parked"):
        asked[f"tab {tab}"] = [("GET", f"/?tab={tab}", None)] * ROUNDS
    status, page, _, _ = await client.ask("GET", "/?tab=new")
    assert status == 200
    mark = page.decode().rsplit("after=", 1)[1].partition('"')[0]
    asked["tab new, page 2"] = [("GET", f"/?tab=new&after={mark}", None)] * ROUNDS
    asked["tab new, one topic"] = [("GET", "/?tab=new&topic=mobile", None)] * ROUNDS
    asked["tab new, one team"] = [("GET", "/?tab=new&team=team+3", None)] * ROUNDS
    asked["a ticket"] = [("GET", f"/t/{one}?tab=new", None) for one in numbers[:ROUNDS]]
    asked["confirm, to the next"] = [
        ("POST", f"/t/{one}/decide", {"what": "confirm", "version": "1", "back": "tab=new"}) for one in numbers[:ROUNDS]
    ]
    for name, words in SEARCHES.items():
        asked[f"search: {name}"] = [("POST", "/search", {"q": words})] * ROUNDS
    found = {}
    for name, requests in asked.items():
        took, spent = [], []
        before = _servers_cpu_ms(server)
        for method, path, form in requests:
            status, page, ms, cpu = await client.ask(method, path, form)
            assert status in (200, 303), (name, status, page[-400:])
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
                found = asyncio.run(measure(store, Path(folder), url, numbers, server))
                for what, (median, p95, cpu, served) in found.items():
                    print(
                        f"{what:<28} median {median:7.1f} ms   p95 {p95:7.1f} ms   CPU p95 {cpu:6.1f} ms   database {served:6.1f} ms{'   OVER' if p95 > 100 else ''}",
                        flush=True,
                    )
                store.close()


if __name__ == "__main__":
    main()
