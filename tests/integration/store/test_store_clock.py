"""The watch on the store's clock: a jump pauses claiming, and what lies in a false future is brought back."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import store.clock
from service.daemon import rest
from store import rows
from store.clock import Clock, Longest
from store.database import Store
from store.upgrade import migrate

LONGEST = Longest(letters=60_000, replies=7_200_000, mailboxes=90_000)


class Wall:
    """A clock that can be set."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        return int(time.time() * 1000) + self.ahead_ms


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.clock, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(store.clock, "PAUSE_SECONDS", 0.5)


def watched(folder: Path, work: Callable[[Store, Wall, Clock], object]) -> None:
    """Runs `work` in a thread beside the watch."""
    wall = Wall()
    kept = Store(f"sqlite:///{folder}/store.db", clock=wall)
    migrate(kept)

    async def run() -> None:
        stop = asyncio.Event()
        clock = Clock(kept, LONGEST)
        watching = asyncio.create_task(clock.run(stop))
        await rest(stop, 0.2)
        await asyncio.to_thread(work, kept, wall, clock)
        stop.set()
        await watching

    asyncio.run(run())


def within(reached: Callable[[], bool], seconds: float = 10) -> None:
    ends = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < ends
        time.sleep(0.01)


@pytest.mark.parametrize("ahead_ms", [3_600_000, -3_600_000])
def test_after_a_jump_nothing_is_claimed_for_a_while(tmp_path: Path, ahead_ms: int) -> None:
    def work(kept: Store, wall: Wall, clock: Clock) -> None:
        assert clock.may_claim()
        wall.ahead_ms = ahead_ms
        within(lambda: not clock.may_claim())
        within(clock.may_claim)

    watched(tmp_path, work)


def test_a_clock_set_right_by_seconds_disturbs_nobody(tmp_path: Path) -> None:
    def work(kept: Store, wall: Wall, clock: Clock) -> None:
        wall.ahead_ms = 3_000
        time.sleep(0.3)
        assert clock.may_claim()

    watched(tmp_path, work)


def test_a_mailbox_held_into_a_false_future_is_free_again(tmp_path: Path) -> None:
    def work(kept: Store, wall: Wall, clock: Clock) -> None:
        wall.ahead_ms = 3_600_000
        with kept.writing() as conn:
            assert rows.hold(conn, "box", holder="dead", lease_ms=45_000)
        within(lambda: not clock.may_claim())
        within(clock.may_claim)
        wall.ahead_ms = 0

        def taken() -> bool:
            with kept.writing() as conn:
                return rows.hold(conn, "box", holder="next", lease_ms=45_000) is not None

        assert not taken()
        within(taken)

    watched(tmp_path, work)
