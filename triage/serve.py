"""Serving the staff's page: uvicorn under our own signals."""

import asyncio
import contextlib
from collections.abc import Iterator

import uvicorn

from service.errors import ConfigError
from service.settings import Settings
from service.settings_file import secret
from store.database import Store
from triage.app import app
from triage.indexing import keep_indexed

GRACE_SECONDS = 5


class _Server(uvicorn.Server):
    """The daemon decides when to stop, not the server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the signals alone."""
        yield


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Serves [web] listen until the stop; ConfigError when the address is taken or no address."""
    store = Store(settings.store.url, password=secret(settings.store.password_file, "store-password"))
    host, port = _address(settings.web.listen)
    pages = app(settings, store)
    config = uvicorn.Config(
        pages,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,  # paths would carry ticket numbers into a log
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config)
    serving = asyncio.create_task(_served(server, settings.web.listen), name="uvicorn")
    stopping = asyncio.create_task(stop.wait(), name="stop-web")
    indexing = asyncio.create_task(keep_indexed(store, stop), name="indexing")
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        pages.state.hub.close()  # open streams would hold the server up
        server.should_exit = True
        await serving
    finally:
        stopping.cancel()
        indexing.cancel()
        await asyncio.wait({indexing})
        await asyncio.to_thread(store.close)


async def _served(server: uvicorn.Server, listen: str) -> None:
    try:
        await server.serve()
    except SystemExit:  # uvicorn's way of saying that it could not bind
        raise ConfigError(f"web.listen: {listen} cannot be used: is another program there?") from None


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise ConfigError(f"web.listen: {listen!r} is no address; write it like 127.0.0.1:8080")
    return host.strip("[]"), int(port)
