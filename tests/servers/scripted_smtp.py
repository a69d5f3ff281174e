"""An SMTP server that says what a test wants to one command and is sound otherwise.

async with ScriptedSmtp() as server:
    server.wrong["RCPT"] = b"451 come again"    # or SILENCE, HANGS_UP, ENDLESS
    … connect to 127.0.0.1:server.port …
    server.letters
"""

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from typing import Self

from servers.certificates import Certificate

SILENCE, HANGS_UP, ENDLESS = b"", b"hangs up", b"250 " + b"x" * 1_000  # instead of an answer, and for good
SOUND = {
    "GREETING": b"220 mx",
    "DATA": b"354 go on",
    "DOT": b"250 taken",
    "QUIT": b"221 bye",
    "STARTTLS": b"220 go on",
}


class ScriptedSmtp:
    """`wrong` is what it says instead, `heard` what came in one piece each, `letters` what it has taken."""

    def __init__(self, *, offers: Sequence[bytes] = (b"PIPELINING",), certificate: Certificate | None = None) -> None:
        self.wrong: dict[str, bytes] = {}
        self.heard: list[bytes] = []
        self.letters: list[bytes] = []
        self.connections = 0
        self.together = False  # answers to what came in one piece are one piece too
        self.piece = 0  # answers come in pieces of so many bytes
        self._tasks: set[asyncio.Task[None]] = set()
        self._tls: ssl.SSLContext | None = None
        self._at_once = b"STARTTLS" not in offers
        self._hello = b"\r\n".join([b"250-mx", *(b"250-" + one for one in offers), b"250 HELP"])
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate.chain, certificate.key)

    async def __aenter__(self) -> Self:
        tls = self._tls if self._at_once else None
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        with contextlib.suppress(OSError, asyncio.CancelledError), contextlib.closing(writer):
            await self._say(writer, self._answer("GREETING"))
            unread, in_letter, says = b"", False, b""
            while said := await reader.read(65536):
                self.heard.append(said)
                unread += said
                while (end := unread.find(mark := b"\r\n.\r\n" if in_letter else b"\r\n")) >= 0:
                    line, unread = unread[:end], unread[end + len(mark) :]
                    word = "DOT" if in_letter else line.partition(b" ")[0].decode().upper()
                    answer = self._answer(word)
                    if answer in (SILENCE, HANGS_UP):
                        await self._say(writer, says)
                        while answer == SILENCE and await reader.read(65536):
                            pass
                        return
                    while answer == ENDLESS:
                        await self._say(writer, answer)
                    if word == "DOT" and answer.startswith(b"250"):
                        self.letters.append(line + b"\r\n")
                    in_letter = answer.startswith(b"354")
                    says += answer
                    if not self.together:
                        says = await self._say(writer, says)
                    if word == "STARTTLS" and self._tls is not None:
                        await writer.start_tls(self._tls)
                says = await self._say(writer, says)

    def _answer(self, word: str) -> bytes:
        hello = word in ("EHLO", "LHLO")
        answer = self.wrong.get(word, self._hello if hello else SOUND.get(word, b"250 ok"))
        return answer if answer in (SILENCE, HANGS_UP, ENDLESS) else answer + b"\r\n"

    async def _say(self, writer: asyncio.StreamWriter, words: bytes) -> bytes:
        size = self.piece or max(len(words), 1)
        for start in range(0, len(words), size):
            writer.write(words[start : start + size])
            await writer.drain()
            await asyncio.sleep(0)
        return b""
