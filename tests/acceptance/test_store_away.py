"""PostgreSQL is away for ten minutes while letters go on coming. Then all are answered within a minute, without a person."""

import itertools
import time
from pathlib import Path

import pytest
from servers.daemon import Daemon
from servers.desk import Desk
from servers.postgresql import postgresql
from servers.running import descendants

from store.database import Store
from store.upgrade import migrate

AWAY = 600.0  # seconds
EVERY = 3.0  # seconds, a letter
MORE_MB = 24.0  # what the processes may grow by meanwhile: the heap's pieces, and no letter


@pytest.mark.long
def test_a_store_that_is_away_for_ten_minutes(daemon: Daemon) -> None:
    desk = Desk.at(daemon)
    with postgresql() as database:
        daemon.store = database.fresh()
        store = Store(daemon.store)
        migrate(store)
        store.close()
        daemon.settings("")
        desk.begins()
        for _ in range(20):
            desk.letter()
        desk.recovers("warm")

        database.stop()
        began, memory = time.monotonic(), [held_mb(daemon)]
        for moment in itertools.takewhile(lambda at: at < AWAY, itertools.count(0.0, EVERY)):
            desk.letter()
            memory.append(held_mb(daemon))
            time.sleep(max(0.0, began + moment + EVERY - time.monotonic()))
        assert desk.lying() == desk.sent - 21, "what came meanwhile lies safe on the server"
        database.start()
        desk.recovers("ten minutes")
        assert len(daemon.running()) == 1, "nobody had to start it again"
        assert daemon.count("SELECT count(*) FROM letters WHERE state = 'parked'") == 0
        print(
            f"{desk.sent} letters, MB of PSS at first {memory[0]:.0f}, at most {max(memory):.0f}, then {memory[-1]:.0f}"
        )
        assert max(memory) < memory[0] + MORE_MB
        desk.in_order()
        daemon.end()


def held_mb(daemon: Daemon) -> float:
    """MB that its processes hold, what they share counted once."""
    (process,) = daemon.running()
    return sum(_pss(pid) for pid in (process.pid, *descendants(process.pid))) / 1024


def _pss(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # it has just ended
        return 0
    return next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)
