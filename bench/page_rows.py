"""Rows of a desk in its second month, loaded directly: what bench/page.py asks its pages about."""

import random
import time
from importlib import resources
from pathlib import Path
from typing import Any

from classify.topics import Topic
from store.blobs import open_blobs
from store.database import Store
from store.schema import corrections, files, history, letters, mailboxes, tickets
from store.search import index, unsearched
from tickets.number import make_number
from triage.tokens import ticket_tokens

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


CORRECTED_ONE_IN = 6  # tickets whose topic a person told


def _told(ticket: int, at: int, chance: random.Random, topic: str, sure: float) -> dict[str, object]:
    """What a person said of a ticket's topic: the surer the model, the more often the same."""
    told = topic if chance.random() < sure else chance.choice([one.value for one in Topic])
    return {
        "ticket_id": ticket, "at_ms": at, "who": "olga", "topic": told, "said": topic, "confidence": sure,
        "model": "bench", "hidden": ticket % 20 == 0,
    }  # fmt: skip


def _history(ticket: int, now: int) -> list[dict[str, object]]:
    """What stands in each ticket's history: opened, and answered."""
    said = (("desk", "opened", {"model": "bench"}), ("post", "reply-sent", {"kind": "acknowledgement"}))
    return [{"ticket_id": ticket, "at_ms": now, "who": who, "what": what, "data": data} for who, what, data in said]


def _letter(n: int, blob: str, at: int, ticket: dict[str, Any]) -> dict[str, Any]:
    """The letter that opened the ticket."""
    topic, sure, fields = ticket["topic"], ticket["confidence"], ticket["fields"]
    verdict = {
        "topic": topic, "confidence": sure, "topics": [[topic, sure], ["other", 0.01]], "fields": fields,
        "problems": [], "clues": {"model": "bench", "why": ["код"], "written": {"fio": fields["fio"]}, "references": []},
    }  # fmt: skip
    return {
        "id": n, "mailbox_id": 1, "uidvalidity": 1, "uid": n, "sha256": f"{n:064x}", "size": 2000, "blob": blob,
        "arrived_ms": at, "received_ms": at, "state": "settled", "turn": n, "due": 0,
        "verdict": verdict, "sender": ticket["address"],
    }  # fmt: skip


def _fields(n: int, chance: random.Random) -> dict[str, str]:
    """What was found; one in five thousand has words that no other has, one in twenty thousand a known ИНН."""
    description = f"{chance.choice(SAID)}. {chance.choice(SAID)}. {chance.choice(SAID)}"
    if n % 5_000 == 0:
        description += " редкостный случай"
    fields = {"fio": f"{chance.choice(SURNAMES)} Ольга Витальевна", "description": description}
    if n % 3:
        fields["inn"] = "500100732259" if n % 20_000 == 1 else f"{chance.randrange(10**11, 10**12)}"
    return fields


def _ticket(n: int, at: int, now: int, updated: int, chance: random.Random) -> dict[str, Any]:
    """One of all states, topics, teams and terms."""
    state, topic, sure = chance.choice(STATES), chance.choice([one.value for one in Topic]), chance.random()
    return {
        "id": n, "number": make_number(26, n), "letter_id": n, "state": state, "topic": topic, "confidence": sure,
        "needs_review": state != "closed" and sure < 0.3, "kind": "request", "team": f"team {n % 5}",
        "assignee": "olga" if n % 400 == 0 else None, "address": f"person{n % 30_000}@post.example",
        "subject": "Обращение", "fields": _fields(n, chance), "missing": [] if n % 3 else ["inn_or_account"],
        "first_due_ms": now + chance.randrange(-30, 70) * HOUR, "final_due_ms": now + 700 * HOUR,
        "waiting_until_ms": now + chance.randrange(1, 300) * HOUR if state == "waiting" else None,
        "opened_ms": at, "updated_ms": updated,
        "unknown": round(chance.random() * 0.1, 4), "margin": round(chance.random(), 4),
    }  # fmt: skip


def load(store: Store, folder: Path, count: int) -> list[str]:
    """The rows; the numbers of some tickets whose letters can be read."""
    chance = random.Random(7)  # noqa: S311  # the same rows each time
    raws = [one.read_bytes() for one in resources.files("commands").joinpath("sample_letters").iterdir()]
    blobs = open_blobs(f"file://{folder / 'blobs'}", credentials=None)
    with store.writing() as conn:
        conn.execute(mailboxes.insert(), {"identity": "bench", "since_ms": 0})
    readable: list[str] = []
    now = int(time.time() * 1000)
    for start in range(0, count, BATCH):
        of_letters, of_tickets, of_files, of_history, of_told = [], [], [], [], []
        for n in range(start + 1, min(start + BATCH, count) + 1):
            at = now - (count - n) * 60_000
            ticket = _ticket(n, at, now, now - (count - n) * 59_000, chance)
            blob = blobs.write_all([raws[n % len(raws)]])[0] if n % 500 == 0 else f"bench/{n:09}"
            of_tickets.append(ticket)
            of_letters.append(_letter(n, blob, at, ticket))
            of_history += _history(n, now)
            if n % 4 == 0:
                of_files.append({
                    "ticket_id": n, "letter_id": n, "position": 0, "name": "scan.pdf", "size": 9000,
                    "type": "application/pdf", "accepted": True, "reason": None,
                })  # fmt: skip
            if n % CORRECTED_ONE_IN == 0:
                of_told.append(_told(n, at, chance, ticket["topic"], ticket["confidence"]))
            if n % 500 == 0:
                readable.append(ticket["number"])
        with store.writing() as conn:
            conn.execute(letters.insert(), of_letters)
            conn.execute(tickets.insert(), of_tickets)
            conn.execute(
                letters.update().where(letters.c.id.between(start + 1, start + BATCH)).values(ticket_id=letters.c.id)
            )
            conn.execute(history.insert(), of_history)
            conn.execute(files.insert(), of_files)
            conn.execute(corrections.insert(), of_told)
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
