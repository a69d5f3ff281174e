"""A TCP proxy on loopback that cuts, resets, stalls or slows a connection at a chosen place.

async with Proxy(port, Fault(kind=Kind.STALL, at=b"UID STORE")) as proxy:
    … connect to 127.0.0.1:proxy.port …
    proxy.fault = None      # from now on, new connections pass unharmed
"""

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self


class Kind(StrEnum):
    """What happens at the place."""

    CUT = "cut"  # FIN in both directions
    RESET = "reset"  # RST to the client
    STALL = "stall"  # nothing passes any more in either direction, the connection stays
    HALF_CLOSE = "half-close"  # FIN to the client, as if the server had ended its half; what the client says is lost
    THROTTLE = "throttle"  # from there on `rate` bytes a second downwards


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault; it strikes when the first of its places is reached.

    What is matched passes downwards; upwards only where it is slowed, else what stands in the lines before it.
    """

    kind: Kind
    at: bytes | None = None  # seen from the client to the server
    at_down: bytes | None = None  # seen from the server to the client
    after: int | None = None  # bytes from the server to the client
    rate: int = 0
    swallows: bool = False  # what is matched downwards is lost too: the server has done it, the client never hears


class _Link:
    """One client's connection."""

    def __init__(self, fault: Fault | None) -> None:
        self.fault = fault
        self.struck = asyncio.Event()
        self.down = 0
        self.tail = {"up": b"", "down": b""}

    def passing(self, data: bytes, way: str) -> bytes:
        """The part of `data` that still passes; sets `struck` when the place is in it."""
        fault = self.fault
        if fault is None:
            return data
        mark = fault.at if way == "up" else fault.at_down
        seen = self.tail[way] + data
        if mark is not None and mark in seen:
            self.struck.set()
            if way == "up" and fault.kind is not Kind.THROTTLE:
                lines, end, _ = seen[: seen.index(mark)].rpartition(b"\r\n")  # commands may come in one piece
                return data[: max(len(lines + end) - len(self.tail[way]), 0)]
            return b"" if fault.swallows else data
        self.tail[way] = seen[-len(mark) :] if mark else b""
        if way == "down":
            self.down += len(data)
            if fault.after is not None and self.down > fault.after:
                self.struck.set()
                return data[: len(data) - (self.down - fault.after)]
        return data


class Proxy:
    """Listens on `port` and passes on to 127.0.0.1:`target`; `connections` counts."""

    def __init__(self, target: int, fault: Fault | None = None) -> None:
        self._target = target
        self.fault = fault
        self.connections = 0
        self.strikes = 0
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._links: dict[asyncio.Task[None], _Link] = {}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        self._server.close()
        self.drop_all()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def drop_all(self) -> None:
        """End every connection now."""
        for task in self._tasks:
            task.cancel()

    def forget_all(self) -> None:
        """Nothing passes over any open connection any more, and neither end is told: what a NAT's short memory does."""
        for link in self._links.values():
            link.fault = Fault(kind=Kind.STALL)
            link.struck.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        far_writer: asyncio.StreamWriter | None = None
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
            link = self._links[task] = _Link(self.fault)
            await self._pass_on(link, reader, writer, far_reader, far_writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for one in (writer, far_writer):
                if one is not None:
                    one.close()
                    with contextlib.suppress(OSError, asyncio.CancelledError):
                        await one.wait_closed()
            self._tasks.discard(task)
            self._links.pop(task, None)

    async def _pass_on(
        self,
        link: _Link,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
    ) -> None:
        pumps = [
            asyncio.create_task(self._pump(link, reader, far_writer, "up")),
            asyncio.create_task(self._pump(link, far_reader, writer, "down")),
        ]
        struck = asyncio.create_task(link.struck.wait())
        try:
            await asyncio.wait((*pumps, struck), return_when=asyncio.FIRST_COMPLETED)
            if not link.struck.is_set():
                return
            self.strikes += 1
            kind = link.fault.kind if link.fault else None
            if kind is Kind.HALF_CLOSE:
                writer.write_eof()
            if kind in (Kind.STALL, Kind.HALF_CLOSE):
                for pump in pumps:
                    pump.cancel()
                await asyncio.Event().wait()
            elif kind is Kind.THROTTLE:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            elif kind is Kind.RESET:
                sock = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
        finally:
            for task in (*pumps, struck):
                task.cancel()
            await asyncio.gather(*pumps, struck, return_exceptions=True)

    async def _pump(self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        while data := await reader.read(65536):
            slow = link.struck.is_set() and way == "down"
            passing = data if link.struck.is_set() else link.passing(data, way)
            if slow and link.fault and link.fault.rate:
                for start in range(0, len(passing), max(link.fault.rate // 20, 1)):
                    writer.write(passing[start : start + max(link.fault.rate // 20, 1)])
                    await writer.drain()
                    await asyncio.sleep(0.05)
                continue
            writer.write(passing)
            await writer.drain()
            if link.struck.is_set() and link.fault and link.fault.kind is not Kind.THROTTLE:
                return
