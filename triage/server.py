"""A web server under our own signals: one listener for one set of pages."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette

from service.errors import ConfigError

GRACE_SECONDS = 5
PROXIES = ["127.0.0.1", "::1"]  # their X-Forwarded-For and -Proto are believed: its last address is the client's


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Where pages are served."""

    setting: str  # its name, for the error: web.listen
    address: str  # 127.0.0.1:8080, as the settings have checked it


class _Server(uvicorn.Server):
    """The daemon decides when to stop, not the server."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Says when the address can be asked."""
        await super().startup(sockets)
        if self.started:
            self._listening()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the signals alone."""
        yield


async def serve_pages(
    pages: Starlette,
    listener: Listener,
    stop: asyncio.Event,
    *,
    listening: Callable[[], None] = lambda: None,
    closing: Callable[[], None] = lambda: None,
) -> None:
    """Serves until the stop; `listening` is called once it can be asked, `closing` ends what would hold the server up.
    ConfigError when it cannot listen there.
    """
    host, _, port = listener.address.rpartition(":")
    config = uvicorn.Config(
        pages,
        host=host.strip("[]"),
        port=int(port),
        log_level="warning",
        access_log=False,  # paths would carry ticket numbers into a log
        server_header=False,
        forwarded_allow_ips=PROXIES,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config, listening)
    serving = asyncio.create_task(_served(server, listener), name=f"uvicorn-{listener.setting}")
    stopping = asyncio.create_task(stop.wait(), name=f"stop-{listener.setting}")
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        closing()
        server.should_exit = True
        await serving
    finally:
        stopping.cancel()


async def _served(server: uvicorn.Server, listener: Listener) -> None:
    try:
        await server.serve()
    except SystemExit:  # uvicorn's way of saying that it could not bind
        raise ConfigError(f"{listener.setting}: {listener.address} cannot be used: is another program there?") from None
