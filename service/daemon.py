"""Running loops as a service: named tasks, a clean stop, systemd's notifications and watchdog."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Protocol

from service import logs
from service.errors import PriemnayaError, Temporary
from service.patience import Patience

START_SECONDS = 120  # of one try to begin and the rest after it; TimeoutStartSec of the unit is as long
STOP_SECONDS = 25.0  # for the letter in hand; under TimeoutStopSec=45 of the unit


class Notifier:
    """Tells systemd how we are (sd_notify(3)); silent when nobody listens."""

    def __init__(self) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "")
        usec, pid = os.environ.get("WATCHDOG_USEC", "0"), os.environ.get("WATCHDOG_PID", "")
        mine = pid in ("", str(os.getpid()))
        self.watchdog_seconds = int(usec) / 1e6 if usec.isdigit() and mine else 0.0

    def tell(self, **states: str) -> None:
        """Sends e.g. READY="1", STATUS="…"."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        message = "\n".join(f"{key}={value}" for key, value in states.items())
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            try:
                sock.sendto(message.encode(), address)
            except OSError as error:
                logs.warning("notify-failed", error=error.strerror)


class Progress:
    """When each loop last turned, or until when it rests by its own schedule; the watchdog asks."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def turned(self, loop: str, *, rests: float = 0.0, limit: float = 60.0) -> None:
        """The loop did a turn; it means to rest `rests` seconds, and its next turn takes at most `limit`."""
        self._until[loop] = time.monotonic() + rests + limit

    def forget(self) -> None:
        """No loop runs now."""
        self._until.clear()

    def stalled(self) -> list[str]:
        """Loops that are over their own time."""
        now = time.monotonic()
        return [loop for loop, until in [*self._until.items()] if until < now]  # a copy: the post has its own thread


class Shift(Protocol):
    """Everything that runs under one reading of the settings; SIGHUP ends it and starts the next."""

    def tasks(self, stop: asyncio.Event) -> dict[str, Coroutine[Any, Any, None]]:
        """The loops by name; each ends in good order once `stop` is set."""

    async def up(self) -> None:
        """Returns once the loops can do their work: systemd is told READY then and not before."""

    async def status(self) -> str:
        """One line for `systemctl status`, no personal data."""

    async def close(self) -> None:
        """Lets go of what the shift held."""


class Daemon:
    """Owns the tasks of one process; one that dies takes the process down, by name."""

    def __init__(self, *, progress: Progress) -> None:
        self._progress = progress
        self._notifier = Notifier()
        self._stop = asyncio.Event()  # for good
        self._turn = asyncio.Event()  # of this shift
        self._next: Shift | None = None
        self._renewing: asyncio.Task[None] | None = None

    async def first(self, begun: Callable[[], Awaitable[Shift]]) -> Shift:
        """The first shift. What may pass by itself, such as a store that is away, is waited for and told, at least
        every 20 s; systemd is asked for more time before each try. SIGTERM ends the wait as it ends any program.
        """
        patience = Patience(first=1.0, longest=15.0)
        while True:
            self._notifier.tell(EXTEND_TIMEOUT_USEC=str(START_SECONDS * 1_000_000))
            try:
                return await begun()
            except Temporary as fault:
                pause = patience.next()
                logs.warning("start-waits", error=str(fault), again_in=round(pause, 1))
                self._notifier.tell(STATUS=f"not started yet: {fault}")
                await asyncio.sleep(pause)

    async def run(self, shift: Shift, *, renewed: Callable[[], Awaitable[Shift]]) -> None:
        """Runs the shift until SIGTERM or SIGINT; the work in hand is finished within STOP_SECONDS.

        A second signal ends at once. SIGHUP asks `renewed` for the next shift; when that fails, the old one stays.
        Raises the error of the first task that died.
        """
        self._listen(renewed)
        side = asyncio.create_task(self._watch(), name="watchdog")
        try:
            while True:
                await self._one_shift(shift)
                if self._stop.is_set() or self._next is None:
                    return
                shift, self._next = self._next, None
        finally:
            side.cancel()

    async def _one_shift(self, shift: Shift) -> None:
        self._turn = turn = asyncio.Event()
        running = {name: asyncio.create_task(loop, name=name) for name, loop in shift.tasks(turn).items()}
        saying = asyncio.create_task(self._say(shift), name="status")
        waiting = asyncio.create_task(turn.wait(), name="stop")
        ready = asyncio.create_task(self._ready(shift), name="ready")
        if self._stop.is_set():
            turn.set()
        try:
            await asyncio.wait([*running.values(), waiting], return_when=asyncio.FIRST_COMPLETED)
            turn.set()
            if self._stop.is_set():
                self._notifier.tell(STOPPING="1")
            await _finish(running)
        finally:
            saying.cancel()
            waiting.cancel()
            ready.cancel()
            await shift.close()
            self._progress.forget()

    async def _ready(self, shift: Shift) -> None:
        await shift.up()
        self._notifier.tell(READY="1")

    def _listen(self, renewed: Callable[[], Awaitable[Shift]]) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop, number)
        loop.add_signal_handler(signal.SIGHUP, self._asked_to_renew, renewed)

    def _asked_to_stop(self, number: signal.Signals) -> None:
        if self._stop.is_set():
            logs.warning("stopped-at-once", signal=signal.Signals(number).name)
            os._exit(1)
        self._stop.set()
        self._turn.set()

    def _asked_to_renew(self, renewed: Callable[[], Awaitable[Shift]]) -> None:
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew(renewed), name="renew")

    async def _renew(self, renewed: Callable[[], Awaitable[Shift]]) -> None:
        now = str(time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)
        self._notifier.tell(RELOADING="1", MONOTONIC_USEC=now)
        try:
            self._next = await renewed()
        except PriemnayaError as fault:
            logs.error("settings-not-taken", error=str(fault), remedy="mend the file and send SIGHUP again")
            self._notifier.tell(READY="1")
            return
        logs.info("settings-taken")
        self._turn.set()

    async def _watch(self) -> None:
        pause = self._notifier.watchdog_seconds / 3 or 20.0
        while True:
            if stalled := self._progress.stalled():
                logs.error("stalled", loops=",".join(stalled))
            elif self._notifier.watchdog_seconds:
                self._notifier.tell(WATCHDOG="1")
            await asyncio.sleep(pause)

    async def _say(self, shift: Shift) -> None:
        while True:
            self._notifier.tell(STATUS=await shift.status())
            await asyncio.sleep(15)


async def _finish(running: Mapping[str, "asyncio.Task[None]"]) -> None:
    _, late = await asyncio.wait(running.values(), timeout=STOP_SECONDS)
    for name, task in running.items():
        if task in late:
            logs.warning("task-cut-off", task=name)
            task.cancel()
    results = await asyncio.gather(*running.values(), return_exceptions=True)
    for name, result in zip(running, results, strict=True):
        if isinstance(result, Exception):
            logs.error("task-died", task=name, error=type(result).__name__)
            raise result


async def rest(stop: asyncio.Event, seconds: float) -> None:
    """Sleeps, but no longer than until the stop."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
