"""A loop in a thread of its own is stopped, cancelled and answered for like any other."""

import asyncio
import threading
import time

import pytest

from service.apart import apart
from service.errors import Permanent


def test_work_ends_in_good_order_at_the_stop_that_is_passed_on() -> None:
    seen: list[str] = []

    async def work(stop: asyncio.Event) -> None:
        seen.append(threading.current_thread().name)
        await stop.wait()
        seen.append("ended")

    async def test() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(apart(work, stop, name="post"))
        await asyncio.sleep(0.05)
        assert seen == ["post"]
        stop.set()
        await running
        assert seen == ["post", "ended"]

    asyncio.run(test())


def test_work_that_waits_for_a_disk_holds_up_nobody() -> None:
    free = threading.Event()

    async def work(_stop: asyncio.Event) -> None:
        assert free.wait(30)

    async def test() -> None:
        running = asyncio.create_task(apart(work, asyncio.Event(), name="post"))
        await asyncio.sleep(0.05)  # comes back, although the work blocks
        assert not running.done()
        free.set()
        await running

    asyncio.run(test())


def test_what_the_work_dies_of_is_raised_where_it_was_started() -> None:
    async def work(_stop: asyncio.Event) -> None:
        raise Permanent("the store is of another version")

    async def test() -> None:
        with pytest.raises(Permanent, match="another version"):
            await apart(work, asyncio.Event(), name="post")

    asyncio.run(test())


def test_work_that_is_cut_off_is_cancelled() -> None:
    cancelled = threading.Event()

    async def work(_stop: asyncio.Event) -> None:
        try:
            await asyncio.sleep(600)
        finally:
            cancelled.set()

    async def test() -> None:
        running = asyncio.create_task(apart(work, asyncio.Event(), name="post"))
        await asyncio.sleep(0.05)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    began = time.monotonic()
    asyncio.run(test())
    assert cancelled.wait(30)
    assert time.monotonic() - began < 30
