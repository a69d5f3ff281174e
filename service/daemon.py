"""Running loops as a service: named tasks, a clean stop, systemd's notifications and watchdog."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Mapping

from service import logs

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

    def stalled(self) -> list[str]:
        """Loops that are over their own time."""
        now = time.monotonic()
        return [loop for loop, until in self._until.items() if until < now]


class Daemon:
    """Owns the tasks of one process; one that dies takes the process down, by name."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.progress = Progress()
        self.notifier = Notifier()

    async def run(
        self,
        tasks: dict[str, Callable[[], Awaitable[None]]],
        *,
        reload: Callable[[], None] | None = None,
        status: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        """Runs the tasks until SIGTERM or SIGINT; the work in hand is finished within STOP_SECONDS.

        A second signal ends at once. SIGHUP calls `reload`. Raises the first task's error.
        """
        self._listen(reload)
        running = {name: asyncio.ensure_future(start()) for name, start in tasks.items()}
        side = [asyncio.ensure_future(self._watch()), asyncio.ensure_future(self._say(status))]
        self.notifier.tell(READY="1")
        stopping = asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait([*running.values(), stopping], return_when=asyncio.FIRST_COMPLETED)
            self.stop.set()
            self.notifier.tell(STOPPING="1")
            await self._finish(running)
        finally:
            for task in [*side, stopping]:
                task.cancel()
            await asyncio.gather(*side, stopping, return_exceptions=True)

    def _listen(self, reload: Callable[[], None] | None) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop, number)
        if reload is not None:
            loop.add_signal_handler(signal.SIGHUP, self._reload, reload)

    def _asked_to_stop(self, number: signal.Signals) -> None:
        if self.stop.is_set():
            logs.warning("stopped-at-once", signal=signal.Signals(number).name)
            os._exit(1)
        self.stop.set()

    def _reload(self, reload: Callable[[], None]) -> None:
        now = str(time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)
        self.notifier.tell(RELOADING="1", MONOTONIC_USEC=now)
        reload()
        self.notifier.tell(READY="1")

    async def _finish(self, running: Mapping[str, "asyncio.Future[None]"]) -> None:
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

    async def _watch(self) -> None:
        pause = self.notifier.watchdog_seconds / 3 or 20.0
        while True:
            if stalled := self.progress.stalled():
                logs.error("stalled", loops=",".join(stalled))
            elif self.notifier.watchdog_seconds:
                self.notifier.tell(WATCHDOG="1")
            await asyncio.sleep(pause)

    async def _say(self, status: Callable[[], Awaitable[str]] | None) -> None:
        while status is not None:
            self.notifier.tell(STATUS=await status())
            await asyncio.sleep(15)


async def rest(stop: asyncio.Event, seconds: float) -> None:
    """Sleeps, but no longer than until the stop."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
