"""One letter to a server that offers PIPELINING (RFC 2920): MAIL, RCPT and DATA go as a group; two waits, not four.

aiosmtplib says one command at a time and loses answers that come together, so for the time of one letter its
connection is read here, by asyncio's own `set_protocol`. All else is the library's: connecting, TLS, logging in, QUIT.
What is raised is what its `sendmail` raises.
"""

import asyncio
import re
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import aiosmtplib
from aiosmtplib import SMTPResponse, SMTPStatus
from aiosmtplib.email import quote_address

LONGEST_LINE, LONGEST_ANSWER = 8_192, 32_768  # bytes, as in aiosmtplib; a server that says more is no mail server
TAKEN, GO_ON, CLOSING = SMTPStatus.completed, SMTPStatus.start_input, SMTPStatus.domain_unavailable
_CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")
_LINE_END = re.compile(rb"\r\n|\n|\r")


async def hand_over(client: aiosmtplib.SMTP, raw: bytes, *, envelope_from: str, recipient: str, seconds: float) -> str:
    """The server's word once it has taken the letter; each answer is waited for so many seconds at most.

    EHLO must have been said. ValueError as by `on_a_line`, before anything is said.
    The connection is closed unless the conversation came to a place from which the next letter can begin.
    """
    letter = _with_line_ends(raw)
    group = _group(client, envelope_from, recipient, size=len(letter))
    with _Conversation(client, seconds=seconds) as server:
        said = await server.ask(group, answers=3)
        if (fault := _refusal(said, envelope_from, recipient) or server.fault) is not None:
            await server.forget(said)
            raise fault
        said = await server.ask(_dots_doubled(letter) + b".\r\n", answers=1)
        if (fault := _not_taken(said[0]) if said else server.fault) is not None:
            await server.forget(said)
            raise fault
        server.in_order = True
        return said[0].message


def _group(client: aiosmtplib.SMTP, envelope_from: str, recipient: str, *, size: int) -> bytes:
    sender, to = on_a_line(envelope_from), on_a_line(recipient)
    told = b" SIZE=%d" % size if client.supports_extension("size") else b""
    return b"MAIL FROM:%b%b\r\nRCPT TO:%b\r\nDATA\r\n" % (sender, told, to)


def on_a_line(address: str) -> bytes:
    """As a command says it; ValueError where none can, or not without SMTPUTF8 (RFC 6531)."""
    said = quote_address(address).encode("ascii")
    if _CONTROLS.search(said):
        raise ValueError("An address contains a control character")
    return said


def _with_line_ends(raw: bytes) -> bytes:
    """Every line ends with CRLF, the last one too; what is stored is so already, and counting is cheap."""
    if not raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r"):
        raw = _LINE_END.sub(b"\r\n", raw)
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


def _dots_doubled(letter: bytes) -> bytes:
    """RFC 5321 §4.5.2: else a line with a lone dot would end the letter, and what follows be taken for commands."""
    return (b"." if letter.startswith(b".") else b"") + letter.replace(b"\n.", b"\n..")


def _refusal(said: Sequence[SMTPResponse], sender: str, recipient: str) -> aiosmtplib.SMTPException | None:
    """By the first command that was refused: the server then refuses those after it for its want (RFC 2920 §3.1)."""
    for command, (code, words) in zip(("MAIL", "RCPT", "DATA"), said, strict=False):
        if command == "MAIL" and code != TAKEN:
            return aiosmtplib.SMTPSenderRefused(code, words, sender)
        if command == "RCPT" and code not in (TAKEN, SMTPStatus.will_forward):
            return aiosmtplib.SMTPRecipientsRefused([aiosmtplib.SMTPRecipientRefused(code, words, recipient)])
        if command == "DATA" and code != GO_ON:
            return aiosmtplib.SMTPDataError(code, words)
    return None


def _not_taken(answer: SMTPResponse) -> aiosmtplib.SMTPDataError | None:
    return None if answer.code == TAKEN else aiosmtplib.SMTPDataError(answer.code, answer.message)


class _Conversation(asyncio.Protocol):
    """The client's connection while one letter is handed over: gathers answers, in whatever pieces they come."""

    def __init__(self, client: aiosmtplib.SMTP, *, seconds: float) -> None:
        theirs, transport = client.protocol, client.transport
        if theirs is None or not isinstance(transport, asyncio.Transport) or transport.is_closing():
            raise aiosmtplib.SMTPServerDisconnected("Server not connected")
        self._client, self._theirs, self._transport = client, theirs, transport
        self._loop, self._seconds = asyncio.get_running_loop(), seconds
        self._unread = bytearray()
        self._lines: list[bytes] = []  # of an answer that goes on
        self._length = 0  # of that answer
        self._asked, self._answers = 0, list[SMTPResponse]()
        self._all: asyncio.Future[None] = self._loop.create_future()
        self._patience: asyncio.TimerHandle | None = None
        self.fault: aiosmtplib.SMTPException | None = None  # after which nothing is heard any more
        self.in_order = False  # the next letter may begin

    def __enter__(self) -> Self:
        self._transport.set_protocol(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._wait_no_more()
        self._transport.set_protocol(self._theirs)
        if self.fault is not None or not self.in_order:
            self._client.close()

    async def ask(self, words: bytes, *, answers: int) -> list[SMTPResponse]:
        """Says the words and hears the answers; they are fewer when there was a fault before the last."""
        self._asked, self._answers = answers, []
        if self.fault is None:
            self._all = self._loop.create_future()
            self._transport.write(words)
            self._wait()
            await self._all
        return self._answers

    async def forget(self, said: Sequence[SMTPResponse]) -> None:
        """RSET; but a server that said "go on" after all waits for a letter, and a lone dot would send an empty one."""
        if self.fault is None and all(answer.code != GO_ON for answer in said):
            self.in_order = [answer.code for answer in await self.ask(b"RSET\r\n", answers=1)] == [TAKEN]

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if self.fault is not None:
            return
        self._unread += data
        while self.fault is None and (end := self._unread.find(b"\n")) >= 0:
            line = bytes(self._unread[:end])
            del self._unread[: end + 1]
            self._hear(line)
        if len(self._unread) > LONGEST_LINE:
            self._end(_nonsense("Response too long"))

    def eof_received(self) -> None:
        """See asyncio.Protocol; the transport closes itself."""
        self._end(aiosmtplib.SMTPServerDisconnected("Unexpected EOF received"))

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol; the library must know it too, else the client calls itself connected."""
        lost = aiosmtplib.SMTPServerDisconnected("Connection lost")
        lost.__cause__ = exc
        self._end(lost)
        self._theirs.connection_lost(exc)

    def _hear(self, line: bytes) -> None:
        self._length += len(line)
        if len(line) > LONGEST_LINE or self._length > LONGEST_ANSWER:
            self._end(_nonsense("Response too long"))
        elif len(line) < 3 or not line[:3].isdigit():
            self._end(_nonsense("Malformed SMTP response line"))
        else:
            self._lines.append(line[4:].strip())
            if line[3:4] != b"-":
                words = b"\n".join(self._lines).decode("utf-8", "surrogateescape")
                self._lines, self._length = [], 0
                self._answered(SMTPResponse(int(line[:3]), words))

    def _answered(self, answer: SMTPResponse) -> None:
        if len(self._answers) == self._asked:  # else it would be taken for the answer to the letter
            self._end(_nonsense("An answer to nothing"))
            return
        self._answers.append(answer)
        self._wait_no_more()
        if answer.code == CLOSING:
            self._end(aiosmtplib.SMTPServerDisconnected("The server is closing"))
        elif len(self._answers) < self._asked:
            self._wait()
        else:
            self._wake()

    def _wait(self) -> None:
        silent = aiosmtplib.SMTPReadTimeoutError("Timed out waiting for server response")
        self._patience = self._loop.call_later(self._seconds, self._end, silent)

    def _wait_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()

    def _end(self, fault: aiosmtplib.SMTPException) -> None:
        self.fault = self.fault or fault
        self._wait_no_more()
        self._wake()

    def _wake(self) -> None:
        if not self._all.done():  # it is when the sending was called off
            self._all.set_result(None)


def _nonsense(what: str) -> aiosmtplib.SMTPResponseException:
    return aiosmtplib.SMTPResponseException(SMTPStatus.invalid_response, what)
