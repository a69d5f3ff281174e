"""Workers keep hostile work apart: each limit is told, and the next job goes on."""

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from odd_work import prepared, unfit

from service.errors import ConfigError, Temporary
from service.nursery import BEHIND
from service.workers import GIVEN, Limit, Overran, Workers


def with_workers(test: Callable[[Workers], Awaitable[None]], *, count: int = 1, seconds: float = 1.0) -> None:
    async def run() -> None:
        workers = Workers(prepared, count=count, seconds=seconds, memory_mb=256)
        await workers.start()
        try:
            await test(workers)
        finally:
            await workers.stop()

    asyncio.run(run())


def test_a_worker_answers() -> None:
    async def test(workers: Workers) -> None:
        assert await workers.do(b"letter") == b"LETTER"

    with_workers(test)


def test_many_jobs_share_few_workers() -> None:
    async def test(workers: Workers) -> None:
        answers = await asyncio.gather(*(workers.do(b"n%d" % n) for n in range(50)))
        assert answers == [b"N%d" % n for n in range(50)]

    with_workers(test, count=2)


def test_workers_stand_behind_the_loops_that_talk_to_servers() -> None:
    async def test(workers: Workers) -> None:
        assert int(await workers.do(b"nice")) == min(os.getpriority(os.PRIO_PROCESS, 0) + BEHIND, 19)

    with_workers(test)


@pytest.mark.parametrize(
    ("job", "limit"),
    [(b"sleep", Limit.TIME), (b"eat", Limit.MEMORY), (b"die", Limit.CRASH), (b"raise", Limit.CRASH)],
)
def test_a_broken_limit_is_named_and_the_next_job_goes_on(job: bytes, limit: Limit) -> None:
    async def test(workers: Workers) -> None:
        with pytest.raises(Overran) as overran:
            await workers.do(job)
        assert overran.value.limit is limit
        assert "secret" not in str(overran.value)
        assert await workers.do(b"next") == b"NEXT"

    with_workers(test)


@pytest.mark.parametrize("job", [b"sleep", b"eat", b"die", b"raise", b"wait"])
def test_a_job_that_waited_behind_one_that_went_wrong_is_done_all_the_same(job: bytes) -> None:
    async def test(workers: Workers) -> None:
        first, second, third = (asyncio.create_task(workers.do(one)) for one in (job, b"second", b"third"))
        with pytest.raises((Overran, Temporary)):
            await first
        assert (await second, await third) == (b"SECOND", b"THIRD")

    with_workers(test)


def test_the_next_job_lies_ready_for_a_worker_and_is_begun_while_the_loop_is_busy(tmp_path: Path) -> None:
    async def test(workers: Workers) -> None:
        go, done = tmp_path / "go", tmp_path / "done"
        jobs = [asyncio.create_task(workers.do(one)) for one in (b"until %s" % bytes(go), b"make %s" % bytes(done))]
        while sum(seat.worker.jobs for seat in workers._seats if seat.worker) < GIVEN:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        go.touch()
        stand_still_until(done)
        await asyncio.gather(*jobs)

    with_workers(test, seconds=30.0)


@pytest.mark.parametrize("which", [0, 1])
def test_a_job_that_is_given_up_takes_no_other_with_it(tmp_path: Path, which: int) -> None:
    async def test(workers: Workers) -> None:
        waits = b"until %s" % bytes(tmp_path / "go")
        jobs = [asyncio.create_task(workers.do(waits)), asyncio.create_task(workers.do(waits))]
        await asyncio.sleep(0.1)
        jobs[which].cancel()
        (tmp_path / "go").touch()
        assert await jobs[1 - which] == waits.upper()
        assert await workers.do(b"next") == b"NEXT"

    with_workers(test, seconds=30.0)


def test_two_long_jobs_do_not_share_a_worker_while_another_is_idle(tmp_path: Path) -> None:
    async def test(workers: Workers) -> None:
        files = [tmp_path / name for name in ("a", "b")]
        jobs = [asyncio.create_task(workers.do(b"until %s" % bytes(file))) for file in files]
        await asyncio.sleep(0.1)
        files[1].touch()
        assert await jobs[1]
        files[0].touch()
        assert await jobs[0]

    with_workers(test, count=2, seconds=30.0)


def test_what_is_away_for_a_while_is_no_fault_of_the_job() -> None:
    async def test(workers: Workers) -> None:
        with pytest.raises(Temporary, match="scanner"):
            await workers.do(b"wait")
        assert await workers.do(b"next") == b"NEXT"

    with_workers(test)


def test_a_dead_nursery_is_replaced() -> None:
    async def test(workers: Workers) -> None:
        assert workers._nursery is not None
        workers._nursery.kill()
        with pytest.raises(Overran):  # its workers die with it
            await asyncio.sleep(0.2)
            await workers.do(b"die")
        for _ in range(20):
            try:
                assert await workers.do(b"again") == b"AGAIN"
                return
            except Exception:  # noqa: BLE001  # the death is noticed within a few tries
                await asyncio.sleep(0.1)
        raise AssertionError("no new nursery")

    with_workers(test)


def test_a_worker_that_died_idle_is_no_fault_of_the_next_job() -> None:
    async def test(workers: Workers) -> None:
        await workers.do(b"letter")
        os.kill(newest_worker(), signal.SIGKILL)
        while Path(f"/proc/{newest_worker()}/stat").read_text().split()[2] != "Z":
            await asyncio.sleep(0.01)
        assert await workers.do(b"letter") == b"LETTER"

    with_workers(test)


def test_a_nursery_that_dies_in_the_middle_of_a_job_is_no_fault_of_the_job() -> None:
    async def test(workers: Workers) -> None:
        job = asyncio.create_task(workers.do(b"sleep"))
        await asyncio.sleep(0.5)
        nursery = workers._nursery
        assert nursery is not None
        nursery.kill()
        with pytest.raises(Temporary, match="nursery died"):
            await job
        assert await workers.do(b"letter") == b"LETTER"

    with_workers(test)


def stand_still_until(file: Path) -> None:
    """Turns no loop meanwhile."""
    given_up = time.monotonic() + 20
    while not file.exists():
        assert time.monotonic() < given_up, f"no {file.name} in 20 s"
        time.sleep(0.005)


def newest_worker() -> int:
    """The only worker of the only nursery that this process has."""
    (nursery,) = [child for child in multiprocessing.active_children() if child.name == "nursery"]
    children = Path(f"/proc/{nursery.pid}/task/{nursery.pid}/children").read_text().split()
    return int(children[-1])


def test_work_that_cannot_be_prepared_tells_the_remedy() -> None:
    workers = Workers(unfit, count=1, seconds=1.0, memory_mb=256)
    with pytest.raises(ConfigError, match="Train one"):
        asyncio.run(workers.start())


def test_a_file_that_cannot_be_read_is_no_fault_of_the_letter(tmp_path: Path) -> None:
    async def test(workers: Workers) -> None:
        with pytest.raises(Temporary, match="file"):
            await workers.do(tmp_path / "gone")
        (tmp_path / "letter").write_bytes(b"read by the worker")
        assert await workers.do(tmp_path / "letter") == b"READ BY THE WORKER"

    with_workers(test)
