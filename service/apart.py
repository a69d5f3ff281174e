"""A loop of the daemon in a thread of its own: what it waits for on a disk holds up nobody, and it need not hand each
of its turns to another thread and wait until that, and then this one, has its turn at the processor.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

Work = Callable[[asyncio.Event], Coroutine[Any, Any, None]]  # its stop; set once it shall end in good order


@dataclass(frozen=True, slots=True)
class _Begun:
    """The work, as far as it can be reached from outside: only by call_soon_threadsafe."""

    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event
    task: "asyncio.Task[None]"

    def tell(self, what: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # its loop is closed: it has ended
            self.loop.call_soon_threadsafe(what)


async def apart(work: Work, stop: asyncio.Event, *, name: str) -> None:
    """Runs the work in a thread and event loop of its own until it ends, and passes the stop on to it.

    Raises what the work raised. When this is cancelled so is the work, which is not waited for: it may be at the disk.
    """
    here = asyncio.get_running_loop()
    begun: asyncio.Future[_Begun] = here.create_future()
    ended: asyncio.Future[None] = here.create_future()
    threading.Thread(target=_thread, args=(work, here, begun, ended), name=name, daemon=True).start()
    there = await begun
    passing = asyncio.create_task(_pass_on(stop, there), name=f"stop-{name}")
    try:
        await asyncio.shield(ended)
    except asyncio.CancelledError:
        there.tell(there.task.cancel)
        raise
    finally:
        passing.cancel()


async def _pass_on(stop: asyncio.Event, there: _Begun) -> None:
    await stop.wait()
    there.tell(there.stop.set)


def _thread(
    work: Work, here: asyncio.AbstractEventLoop, begun: "asyncio.Future[_Begun]", ended: "asyncio.Future[None]"
) -> None:
    async def go() -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # we are in one
        stop = asyncio.Event()
        here.call_soon_threadsafe(begun.set_result, _Begun(asyncio.get_running_loop(), stop, task))
        await work(stop)

    fault: BaseException | None = None
    try:
        asyncio.run(go())
    except BaseException as error:  # noqa: BLE001  # whatever it is, it belongs to who waits for the work
        fault = error
    with suppress(RuntimeError):  # nobody waits any more: their loop is closed
        here.call_soon_threadsafe(_tell_end, ended, fault)


def _tell_end(ended: "asyncio.Future[None]", fault: BaseException | None) -> None:
    if ended.done():
        return
    if fault is None:
        ended.set_result(None)
    elif isinstance(fault, asyncio.CancelledError):
        ended.cancel()
    else:
        ended.set_exception(fault)
