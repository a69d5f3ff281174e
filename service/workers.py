"""Worker processes with a time and a memory limit a job, for work on hostile bytes.

A worker that overruns or dies is killed and replaced; the caller is told which limit it was.
"""

import asyncio
import contextlib
import multiprocessing
import os
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from service.errors import ConfigError, Temporary
from service.nursery import KILL_WORKER, NEW_WORKER, READY, TOLD_MOST, UNFIT, Work, nursery
from service.wire import ask, job_message

START_SECONDS = 60  # loading the model on a slow disk, at the most


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


@dataclass(frozen=True, slots=True)
class _Worker:
    """One process and our end of its socket."""

    pid: int
    own: socket.socket


class Workers:
    """A fixed number of workers over one nursery; `do` takes a free one, in the order of asking."""

    def __init__(self, prepare: Callable[[], Work], *, count: int, seconds: float, memory_mb: int) -> None:
        self._prepare, self._seconds, self._memory_mb = prepare, seconds, memory_mb
        self._count = count
        self._free: asyncio.LifoQueue[_Worker | None] = asyncio.LifoQueue()
        self._control: socket.socket | None = None
        self._nursery: multiprocessing.process.BaseProcess | None = None
        self._making = asyncio.Lock()

    async def start(self) -> None:
        """Starts the nursery and waits until it is prepared; its ConfigError, or Temporary, when it cannot be."""
        for _ in range(self._count):
            self._free.put_nowait(None)
        await self._start_nursery()

    async def do(self, job: bytes | Path) -> bytes:
        """The work's answer to the job, which is bytes or a file that has them.

        Raises Overran when a limit was broken, and the work's own Temporary.
        """
        worker = await self._free.get()
        try:
            if worker is not None and _has_died(worker):  # while it was idle: not of the job it is about to get
                self._discard(worker)
                worker = None
            worker = worker or await self._new()
        except BaseException:
            self._free.put_nowait(None)
            raise
        keep: _Worker | None = None
        try:
            answer = await self._ask(worker, job)
            keep = worker
        except Temporary:
            keep = worker
            raise
        except Overran as overran:
            keep = worker if overran.limit is Limit.MEMORY else None
            raise
        finally:
            if keep is None:
                self._discard(worker)
            self._free.put_nowait(keep)
        return answer

    async def _ask(self, worker: _Worker, job: bytes | Path) -> bytes:
        try:
            async with asyncio.timeout(self._seconds):
                answer = await ask(worker.own, job_message(job))
        except TimeoutError as error:
            raise Overran(Limit.TIME, f"over {self._seconds:g} s") from error
        except OSError:
            answer = None
        if answer is None:
            raise self._died()
        if answer == b"memory":
            raise Overran(Limit.MEMORY, f"over {self._memory_mb} MB")
        if answer[:1] == b"~":
            raise Temporary(answer[1:].decode())
        if answer[:1] == b"-":
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

    def _discard(self, worker: _Worker) -> None:
        worker.own.close()
        if self._control is not None:
            with contextlib.suppress(OSError):
                self._control.sendall(KILL_WORKER + str(worker.pid).encode())

    async def stop(self) -> None:
        """Ends the nursery, and with it its workers."""
        while not self._free.empty():
            if (idle := self._free.get_nowait()) is not None:
                idle.own.close()
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
