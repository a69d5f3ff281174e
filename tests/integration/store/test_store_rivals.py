"""Two processes work one store and are killed at random: nothing lost, nothing doubled, on both databases."""

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import func, select
from store_rows import letter, receive

from store.blobs import open_blobs
from store.checks import Flaw, flaws
from store.database import Store
from store.letters import LAPSED
from store.schema import letters, outbox, tickets

WORKER = Path(__file__).parents[2] / "support" / "store_worker.py"
LETTERS = 400
STEP = 40


def start(url: str, server: Path, *, lease_ms: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-W", "error", str(WORKER), url, str(server), str(lease_ms)]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


def left(store: Store) -> int:
    with store.reading() as conn:
        unsettled = conn.execute(select(func.count()).where(letters.c.state == "received")).scalar_one()
        unsent = conn.execute(select(func.count()).where(outbox.c.state == "queued")).scalar_one()
        return int(unsettled + unsent)


def reached(store: Store, most: int) -> bool:
    return left(store) <= most


def wait_until(reached: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < ends, "the work does not go on"
        time.sleep(0.01)


def outcome(store: Store, server: Path) -> tuple[int, int, int, Counter[str]]:
    """Letters set aside as silent, tickets, replies in the outbox, and how often each was sent."""
    with store.reading() as conn:
        parked = conn.execute(select(func.count()).where(letters.c.reason == LAPSED)).scalar_one()
        opened = conn.execute(select(func.count(tickets.c.letter_id.distinct()))).scalar_one()
        replies = conn.execute(select(func.count()).select_from(outbox)).scalar_one()
    return parked, opened, replies, Counter(server.read_text().split())


def test_two_processes_share_the_work_and_double_nothing(url: str, store: Store, tmp_path: Path) -> None:
    server = tmp_path / "server"
    server.touch()
    receive(store, *(letter(uid) for uid in range(1, LETTERS + 1)))
    workers = [start(url, server, lease_ms=30_000) for _ in range(2)]
    for worker in workers:
        assert worker.wait(90) == 0, worker.stderr and worker.stderr.read()
        assert worker.stderr
        worker.stderr.close()
    parked, opened, replies, sent = outcome(store, server)
    assert (parked, opened, replies, len(sent)) == (0, LETTERS, LETTERS, LETTERS)
    assert max(sent.values()) == 1


def test_killed_processes_lose_nothing_and_repeat_at_most_the_reply_in_flight(
    url: str, store: Store, tmp_path: Path
) -> None:
    server = tmp_path / "server"
    server.touch()
    receive(store, *(letter(uid) for uid in range(1, LETTERS + 1)))
    dice = random.Random(5)  # noqa: S311 - moments, no secrets
    workers = [start(url, server, lease_ms=1500) for _ in range(2)]
    for done in range(STEP, LETTERS, STEP):  # a kill each time that so many more letters are done
        wait_until(partial(reached, store, LETTERS - done))
        time.sleep(dice.uniform(0, 0.03))
        victim = workers.pop(dice.randrange(2))
        victim.kill()
        victim.communicate()
        workers.append(start(url, server, lease_ms=1500))
    wait_until(partial(reached, store, 0))
    for worker in workers:
        worker.kill()
        worker.communicate()
    parked, opened, replies, sent = outcome(store, server)
    assert left(store) == 0
    assert opened + parked == LETTERS
    blobs = open_blobs(f"file://{tmp_path}/blobs")
    blobs.write_all([b"so that its folder is there, and none of the letters' bytes"])
    assert {one.flaw for one in flaws(store, blobs)} == {Flaw.BYTES_GONE}
    assert replies == len(sent) == opened
    assert sum(sent.values()) - len(sent) <= LETTERS // STEP
