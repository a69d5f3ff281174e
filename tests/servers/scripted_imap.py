"""An IMAP server that keeps to a script: it answers soundly, except where a test gives it other words.

    async with ScriptedImap(on={"UID STORE": Silence.CLOSE}) as server: …

A script's words are bytes (b"TAG" becomes the command's tag), Silence, or a function of the command line that
returns either. `heard` has every line that came, `sent_plain` whether a password came before TLS.
"""

import asyncio
import re
import ssl
from collections.abc import Callable, Mapping
from enum import Enum
from types import TracebackType
from typing import Self


class Silence(Enum):
    """What a server does instead of answering."""

    STALL = "stall"  # says nothing more, keeps the connection
    CLOSE = "close"  # closes the connection


Words = bytes | Silence | Callable[[str], "bytes | Silence"]
_ARRIVED = b'"17-Jul-2026 12:44:25 +0300"'


class ScriptedImap:
    """One server on loopback; its folder holds `letters` by UID."""

    def __init__(
        self,
        *,
        letters: Mapping[int, bytes] | None = None,
        capability: str = "IMAP4rev1 IDLE MOVE UIDPLUS",
        greeting: bytes = b"* OK ready\r\n",
        on: Mapping[str, Words] | None = None,
        tls: ssl.SSLContext | None = None,
        piece: int = 0,
    ) -> None:
        self.letters = dict(letters or {})
        self.capability = capability.encode()
        self.greeting = greeting
        self.on = dict(on or {})
        self.tls = tls
        self.piece = piece  # write so many bytes at a time, so that they arrive apart
        self.heard: list[str] = []
        self.connections = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def push(self, words: bytes) -> None:
        """Say something to every client, unasked."""
        for writer in self._writers:
            await self._write(writer, words)

    def drop(self) -> None:
        """Close every connection now."""
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        self.connections += 1
        try:
            await self._write(writer, self.greeting)
            while line := (await reader.readline()).decode().rstrip("\r\n"):
                self.heard.append(line)
                if not await self._answer(line, reader, writer):
                    break
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            # Not wait_closed: after a failed TLS handshake it never returns (seen in practice with Python 3.11).
            writer.close()
            self._tasks.discard(task)

    async def _answer(self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one line; False ends the connection."""
        tag, _, rest = line.partition(" ")
        if line == "DONE":
            tag, rest = self._idle_tag, "DONE"
        name = next((name for name in self.on if rest.upper().startswith(name)), None)
        words = self.on[name] if name else self._sound(rest)
        if callable(words):
            words = words(rest)
        if words is Silence.STALL:
            await asyncio.Event().wait()
        if words is Silence.CLOSE:
            return False
        assert isinstance(words, bytes)
        if rest.upper() == "IDLE":
            self._idle_tag = tag
        await self._write(writer, words.replace(b"TAG", tag.encode()))
        if rest.upper() == "STARTTLS" and self.tls is not None and b" OK" in words:
            await writer.start_tls(self.tls)
        return rest.upper() != "LOGOUT"

    async def _write(self, writer: asyncio.StreamWriter, words: bytes) -> None:
        step = self.piece or len(words) or 1
        for start in range(0, len(words), step):
            writer.write(words[start : start + step])
            await writer.drain()
            if self.piece:
                await asyncio.sleep(0)

    def _sound(self, rest: str) -> bytes:
        """What a sound server says."""
        upper = rest.upper()
        done = b"TAG OK done\r\n"
        if upper == "CAPABILITY":
            return b"* CAPABILITY " + self.capability + b"\r\n" + done
        if upper.startswith("SELECT"):
            return b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] \r\n" % len(self.letters) + done
        if upper.startswith("UID SEARCH"):
            return b"* SEARCH" + b"".join(b" %d" % uid for uid in self.letters) + b"\r\n" + done
        if upper.startswith("UID FETCH"):
            return b"".join(self._fetch(rest)) + done
        return {"IDLE": b"+ idling\r\n", "LOGOUT": b"* BYE \r\n" + done}.get(upper, done)

    def _fetch(self, rest: str) -> list[bytes]:
        numbers, parts = rest.split(" ", 3)[2:]
        wanted: set[int] = set()
        for run in numbers.split(","):
            first, _, last = run.partition(":")
            wanted.update(range(int(first), int(last or first) + 1))
        return [
            self.fetched(number, uid, letter, whole="BODY.PEEK[]" in parts, head="HEADER" in parts)
            for number, (uid, letter) in enumerate(self.letters.items(), 1)
            if uid in wanted
        ]

    @staticmethod
    def fetched(number: int, uid: int, letter: bytes, *, whole: bool, head: bool = False) -> bytes:
        """One FETCH response."""
        if whole:
            return b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (number, uid, len(letter), letter)
        if head:
            block = re.split(rb"(?<=\r\n)\r\n", letter, maxsplit=1)[0] + b"\r\n"
            return b"* %d FETCH (UID %d BODY[HEADER]<0> {%d}\r\n%b)\r\n" % (number, uid, len(block), block)
        return b"* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE %b)\r\n" % (number, uid, len(letter), _ARRIVED)
