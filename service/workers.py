"""Worker processes with a time and a memory limit a job, for work on hostile bytes.

A worker that overruns or dies is killed and replaced; the caller is told which limit it was. While it works, the next
job already lies in its socket: a worker that is done need not wait until the daemon's loop comes round. What lay there
when a worker went is given to another; only the job that it had in hand is blamed.
"""

import asyncio
import contextlib
import multiprocessing
import os
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from pathlib import Path

from service.errors import ConfigError, Temporary
from service.nursery import KILL_WORKER, NEW_WORKER, READY, TOLD_MOST, UNFIT, Work, nursery
from service.wire import AWAY, BROKE, NO_MEMORY, answer_of, give, job_message

START_SECONDS = 60  # loading the model on a slow disk, at the most
GIVEN = 2  # jobs at a worker: one in hand, one in its socket


class Limit(StrEnum):
    """Which limit a job broke."""

    TIME = "time"
    MEMORY = "memory"
    CRASH = "crash"


class Overran(Exception):
    """The job broke a limit; `limit` says which, the text what is known of it."""

    def __init__(self, limit: Limit, detail: str = "") -> None:
        super().__init__(f"{limit}{': ' if detail else ''}{detail}")
        self.limit = limit


@dataclass(slots=True, eq=False)
class _Worker:
    """One process and our end of its socket."""

    pid: int
    own: socket.socket
    jobs: int = 0  # given and not answered
    gone: bool = False  # given up: what it still says counts for nothing
    answers: asyncio.Lock = field(default_factory=asyncio.Lock)  # whose turn it is to be answered, in the order given


@dataclass(slots=True, eq=False)
class _Seat:
    """The place of one worker, empty until a job comes."""

    worker: _Worker | None = None
    jobs: int = 0  # meant for this seat
    giving: asyncio.Lock = field(default_factory=asyncio.Lock)


class Workers:
    """A fixed number of workers over one nursery; `do` takes the one with the least to do, in the order of asking."""

    def __init__(self, prepare: Callable[[], Work], *, count: int, seconds: float, memory_mb: int) -> None:
        self._prepare, self._seconds, self._memory_mb = prepare, seconds, memory_mb
        self._seats = [_Seat() for _ in range(count)]
        self._room = asyncio.Semaphore(GIVEN * count)
        self._control: socket.socket | None = None
        self._nursery: multiprocessing.process.BaseProcess | None = None
        self._making = asyncio.Lock()

    async def start(self) -> None:
        """Starts the nursery and waits until it is prepared; its ConfigError, or Temporary, when it cannot be."""
        await self._start_nursery()

    async def do(self, job: bytes | Path) -> bytes:
        """The work's answer to the job, which is bytes or a file that has them.

        Raises Overran when a limit was broken, and the work's own Temporary.
        """
        message = job_message(job)
        async with self._room:
            seat = min(self._seats, key=attrgetter("jobs"))
            seat.jobs += 1
            try:
                while (answer := await self._told(seat, message)) is None:
                    pass
            finally:
                seat.jobs -= 1
        return self._meant(answer)

    async def _told(self, seat: _Seat, message: bytes) -> bytes | None:
        """What the seat's worker says; none when it went for another's sake: the job goes to the next."""
        worker, heard = None, False
        try:
            async with seat.giving:
                worker = await self._at(seat)
                worker.jobs += 1
                await self._give(worker, message)
            async with worker.answers:
                answer = None if worker.gone else await self._answer(worker)
            heard = answer is not None and answer[:1] != BROKE
            return answer
        finally:
            if worker is not None:
                worker.jobs -= 1
                if not heard:  # an answer that comes after all would be taken for the next one's
                    self._give_up(seat, worker)
                if worker.gone and not worker.jobs:
                    worker.own.close()

    async def _at(self, seat: _Seat) -> _Worker:
        """The seat's worker, a new one where none lives."""
        worker = seat.worker
        if worker is not None and not worker.jobs and _has_died(worker):  # while idle: not of the job it is to get
            self._give_up(seat, worker)
            worker.own.close()
        if seat.worker is None:
            seat.worker = await self._new()
        return seat.worker

    async def _give(self, worker: _Worker, message: bytes) -> None:
        """Into its socket; a large one is taken only once the job before is done."""
        try:
            async with asyncio.timeout(GIVEN * self._seconds):
                await give(worker.own, message)
        except OSError as error:  # a timeout is one too
            if not worker.gone:
                raise Temporary("a worker did not take its job; another is started with the next letter") from error

    async def _answer(self, worker: _Worker) -> bytes | None:
        """The next answer; none when the worker was given up meanwhile."""
        try:
            async with asyncio.timeout(self._seconds):
                answer = await answer_of(worker.own)
        except TimeoutError as error:
            raise Overran(Limit.TIME, f"over {self._seconds:g} s") from error
        except OSError:  # it broke off
            answer = None
        if answer is None and not worker.gone:
            raise self._died()
        return answer

    def _meant(self, answer: bytes) -> bytes:
        if answer == NO_MEMORY:
            raise Overran(Limit.MEMORY, f"over {self._memory_mb} MB")
        if answer[:1] == AWAY:
            raise Temporary(answer[1:].decode())
        if answer[:1] == BROKE:
            raise Overran(Limit.CRASH, answer[1:].decode())
        return answer[1:]

    def _died(self) -> Overran | Temporary:
        """Workers die with their nursery, whatever they are at: that is not the job's doing."""
        if self._nursery is None or not self._nursery.is_alive():
            return Temporary("the worker nursery died; it is started anew with the next letter")
        return Overran(Limit.CRASH, "the worker died")

    async def _new(self) -> _Worker:
        async with self._making:
            if self._nursery is None or not self._nursery.is_alive():
                await self._start_nursery()
            return await asyncio.to_thread(self._fork)

    def _fork(self) -> _Worker:
        if self._control is None:
            raise Temporary("the worker processes are not started")
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [NEW_WORKER], [theirs.fileno()])
            answer = self._control.recv(64)
        except OSError:  # it died between two looks at it
            answer = b""
        if len(answer) != 4:
            ours.close()
            raise Temporary("the worker nursery died; it is started anew with the next letter")
        ours.setblocking(False)
        return _Worker(struct.unpack("!I", answer)[0], ours)

    async def _start_nursery(self) -> None:
        if self._control is not None:
            self._control.close()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)  # one message a packet
        # numpy's thread pool would make forking unsafe, and two desks would fight for two cores
        for library in ("OPENBLAS", "OMP", "MKL"):
            os.environ.setdefault(f"{library}_NUM_THREADS", "1")
        self._nursery = multiprocessing.get_context("spawn").Process(
            target=nursery,
            args=(theirs, self._prepare),
            kwargs={"memory_mb": self._memory_mb, "seconds": self._seconds},
            name="nursery",
            daemon=True,
        )
        self._nursery.start()
        theirs.close()
        ours.settimeout(START_SECONDS)
        said = await asyncio.to_thread(_first_word, ours)
        ours.settimeout(None)
        if said != READY:
            ours.close()
            if said.startswith(UNFIT):
                raise ConfigError(said.removeprefix(UNFIT).decode(errors="replace"))
            raise Temporary("the worker processes did not start; the lines above say why")
        self._control = ours

    def _give_up(self, seat: _Seat, worker: _Worker) -> None:
        """Kills it; who waits for its answers wakes up without one, and closes the socket as the last."""
        if worker.gone:
            return
        worker.gone, seat.worker = True, None
        with contextlib.suppress(OSError):
            worker.own.shutdown(socket.SHUT_RDWR)
        if self._control is not None:
            with contextlib.suppress(OSError):
                self._control.sendall(KILL_WORKER + str(worker.pid).encode())

    async def stop(self) -> None:
        """Ends the nursery, and with it its workers."""
        for seat in self._seats:
            if seat.worker is not None:
                seat.worker.own.close()
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._nursery is not None:
            self._nursery.terminate()
            await asyncio.to_thread(self._nursery.join, 5)


def _has_died(worker: _Worker) -> bool:
    """Its end of the socket is closed; one that lives and idles has nothing to say."""
    try:
        return worker.own.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _first_word(own: socket.socket) -> bytes:
    """What the nursery says of itself; nothing when it died or took too long."""
    try:
        return own.recv(len(UNFIT) + TOLD_MOST)
    except OSError:
        return b""
