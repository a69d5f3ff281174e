"""An asynchronous server of the tests beside a test that is not: it runs in a thread with a loop of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

T = TypeVar("T")


class Do:
    """Calls a function in the server's loop and waits for it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def __call__(self, function: Callable[[], object]) -> None:
        async def call() -> None:
            if asyncio.iscoroutine(answer := function()):
                await answer

        asyncio.run_coroutine_threadsafe(call(), self._loop).result(10)


@contextlib.contextmanager
def beside(server: AbstractAsyncContextManager[T]) -> Iterator[tuple[T, Do]]:
    """The server, entered; and how to do something in its loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="beside", daemon=True)
    thread.start()
    entered = asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
    try:
        yield entered, Do(loop)
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
