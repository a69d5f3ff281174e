"""aioimaplib's protocol, hardened: framing, waiting, TLS. What it says and hears, `imap.py` decides.

aioimaplib 2.0.3 formats commands and keeps the session's state; taken over from it are `select`, `uid`, `fetch`
and `simple_command`, which all end in `execute`. Replaced here, each for a fault seen in practice:

- framing (imap_framing.py). Upstream counts brackets, so a file named "a).pdf" let a letter's body be read as
  protocol; it recurses once a line, rescans all lines at each, cuts "* " out of their middle, and formats the repr
  of every chunk for a log that is off;
- waiting: one command at a time, each with a limit of silence and a limit in all. Upstream hangs for ever on a
  connection lost in IDLE or at UID STORE, and stays unusable after a timeout;
- after a timeout, a cancellation or a malformed answer the connection is aborted: nothing can be told apart any more;
- STARTTLS, XOAUTH2 with a refused token, capabilities after login, quoting of names: upstream has none of them.
"""

import asyncio
import base64
import contextlib
import re
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Any

from aioimaplib import aioimaplib as upstream  # type: ignore[import-untyped]  # ships no annotations

from intake.imap_framing import Framing, Pieces
from intake.imap_words import Malformed, quoted, readable

ANSWER_MOST = 64 * 1024 * 1024  # bytes of one command's answer, when its caller states no less
DONE_SECONDS = 15.0  # for the end of IDLE; a connection that was dropped silently shows itself there
SLOWEST = 16 * 1024  # bytes a second; a link slower than this is given up
KEEPALIVE = ((socket.TCP_KEEPIDLE, 60), (socket.TCP_KEEPINTVL, 20), (socket.TCP_KEEPCNT, 4))

_TAGGED = re.compile(rb"([A-Za-z0-9]+) (OK|NO|BAD)(?: (.*))?$", re.IGNORECASE)
_COUNT = re.compile(rb"(\d{1,10}) (EXISTS|EXPUNGE)$", re.IGNORECASE)


class ConnectionLost(ConnectionError):
    """The server or the network ended the connection: <why>."""


class Silent(TimeoutError):
    """The server did not answer in time: <command>."""


class Refused(Exception):
    """The server answered NO or BAD: <command>, <its words>."""

    def __init__(self, command: str, text: bytes) -> None:
        super().__init__(f"{command}: {readable(text)}")
        self.text = text


class Answer:
    """A command in flight: its tag, what came for it, how to answer when the server asks to go on."""

    def __init__(self, tag: str, name: str, *, replies: Sequence[bytes] = ()) -> None:
        self.tag, self.name = tag.encode(), name
        self.responses: list[Pieces] = []  # without "* "; line, literal, line, …
        self.replies = deque(replies)
        self.challenges: list[bytes] = []
        self.begun = asyncio.Event()  # the server said "+"
        self.done: asyncio.Future[tuple[str, bytes]] = asyncio.get_running_loop().create_future()
        self.done.add_done_callback(_looked_at)


class HardenedProtocol(upstream.IMAP4ClientProtocol):  # type: ignore[misc]  # the base class is not annotated
    """One IMAP connection. Create it inside a running loop and hand it to `create_connection`."""

    def __init__(self, *, patience: float) -> None:
        super().__init__(asyncio.get_running_loop())
        self.transport: Any = None  # a transport; upstream does not say so
        self.patience = patience  # seconds of silence that a command bears
        self.greeting: asyncio.Future[bytes] = self.loop.create_future()
        self.greeting.add_done_callback(_looked_at)
        self.lost: asyncio.Future[None] = self.loop.create_future()
        self.exists = 0  # letters in the selected folder
        self.news = asyncio.Event()  # letters came since it was last cleared
        self._why_lost: Exception | None = None
        self._farewell = b""
        self._answer: Answer | None = None
        self._idling: Answer | None = None
        self._deaf = False
        self._framing = Framing()
        self._heard = 0.0

    # --- the transport calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, value in KEEPALIVE:
                sock.setsockopt(socket.IPPROTO_TCP, option, value)

    def connection_lost(self, exc: Exception | None) -> None:
        told = f"the server said {readable(self._farewell)!r}" if self._farewell else "closed by the server"
        self._fail(ConnectionLost(str(exc) if exc else told))
        if not self.lost.done():
            self.lost.set_result(None)

    def data_received(self, data: bytes) -> None:
        if self._deaf or self._why_lost is not None:
            return
        self._heard = self.loop.time()
        try:
            for pieces in self._framing.feed(data):
                self._respond(pieces)
                if self._deaf:
                    return
        except (Malformed, ValueError) as fault:
            self._fail(fault)

    def _respond(self, pieces: Pieces) -> None:
        """One whole response to where it belongs."""
        line = pieces[0]
        if not self.greeting.done():
            self.greeting.set_result(line)
        elif line.startswith(b"* "):
            self._untagged((line[2:], *pieces[1:]))
        elif line.startswith(b"+"):
            self._asked(line[1:].strip())
        else:
            self._tagged(line)

    def _untagged(self, pieces: Pieces) -> None:
        line = pieces[0]
        count = _COUNT.match(line)
        if count and count[2].upper() == b"EXISTS":
            number = int(count[1])
            if number > self.exists:
                self.news.set()
            self.exists = number
        elif count:
            self.exists -= 1
        elif line[:4].upper() == b"BYE ":
            self._farewell = line[4:]
        if self._answer is not None:
            self._answer.responses.append(pieces)

    def _asked(self, challenge: bytes) -> None:
        """A "+": the next reply, or an empty line, after which a refused token is told as NO (RFC 7628 §3.2.3)."""
        answer = self._answer
        if answer is None:
            return
        answer.begun.set()
        if answer.name == "IDLE":
            return
        answer.challenges.append(challenge)
        self.transport.write((answer.replies.popleft() if answer.replies else b"") + b"\r\n")

    def _tagged(self, line: bytes) -> None:
        match, answer = _TAGGED.match(line), self._answer
        if match is None or answer is None or match[1] != answer.tag:
            raise Malformed(f"a line that fits no command: {readable(line, most=60)!r}")
        if answer.name == "STARTTLS" and match[2].upper() == b"OK":
            # What follows in the clear may be an attacker's: it must never be read as if it came over TLS.
            self._deaf = True
            self.transport.pause_reading()
        self._answer = None
        if not answer.done.done():
            answer.done.set_result((match[2].decode().upper(), match[3] or b""))

    def _fail(self, fault: Exception) -> None:
        """The connection is over: wake everybody who waits, forget what was half read."""
        if self._why_lost is not None:
            return
        self._why_lost = fault
        self.state = upstream.LOGOUT
        answer, self._answer = self._answer, None
        for waiter in (answer.done if answer else None, self.greeting):
            if waiter is not None and not waiter.done():
                waiter.set_exception(fault)
        self._framing.forget()
        self.news.set()
        if self.transport is not None:
            self.transport.abort()

    # --- commands

    def abort(self, why: str = "closed by us") -> None:
        """End the connection now; safe to call twice."""
        self._fail(ConnectionLost(why))

    async def execute(self, command: upstream.Command, scrub: str | None = None) -> upstream.Response:
        """What every upstream command ends in: send, wait under limits, and hand back upstream's flat lines."""
        del scrub  # only upstream's log needed it; nothing is logged here
        answer = await self.ask(command)
        result, text = answer.done.result()
        lines: list[bytes] = [piece for response in answer.responses for piece in response]
        return upstream.Response(result, [*lines, text])

    async def ask(
        self, command: upstream.Command, *, most: int = ANSWER_MOST, size: int = 0, replies: Sequence[bytes] = ()
    ) -> Answer:
        """Send one command and wait for its tagged answer, whatever it says.

        `size` is how many bytes are expected at most, for the time limit; `most` how many are borne.
        Raises Silent, ConnectionLost or Malformed, and then the connection is over.
        """
        await self._leave_idle()
        answer = self._send(command, most=most, replies=replies)
        await self._settle(answer, limit=2 * self.patience + size / SLOWEST)
        return answer

    async def demand(
        self, name: str, *arguments: str, by_uid: bool = False, most: int = ANSWER_MOST, size: int = 0
    ) -> Answer:
        """`ask` for a command by its name and ready arguments; NO and BAD raise Refused."""
        answer = await self.ask(self._command(name, *arguments, by_uid=by_uid), most=most, size=size)
        result, text = answer.done.result()
        if result != "OK":
            raise Refused(name, text)
        return answer

    def _command(self, name: str, *arguments: str, by_uid: bool = False) -> upstream.Command:
        """Upstream formats it, and refuses CR, LF and NUL in arguments by ValueError."""
        return upstream.Command(name, self.new_tag(), *arguments, prefix="UID" if by_uid else "", loop=self.loop)

    def _send(self, command: upstream.Command, *, most: int = ANSWER_MOST, replies: Sequence[bytes] = ()) -> Answer:
        self._alive()
        if self._answer is not None:
            raise ConnectionLost(f"{command.name} was begun while {self._answer.name} is not done")
        answer = self._answer = Answer(command.tag, command.name, replies=replies)
        self._framing.allowance = most
        self._heard = self.loop.time()
        self.transport.write(str(command).encode() + b"\r\n")
        return answer

    def _alive(self) -> None:
        if self._why_lost is not None:
            raise ConnectionLost(str(self._why_lost)) from self._why_lost

    async def _settle(self, answer: Answer, *, limit: float) -> None:
        """Wait until the answer is there; abort on silence, on the limit and on cancellation."""
        ends = self.loop.time() + limit
        while not answer.done.done():
            due = min(self._heard + self.patience, ends)
            try:
                await asyncio.wait((answer.done,), timeout=max(due - self.loop.time(), 0))
            except asyncio.CancelledError:
                self.abort(f"{answer.name} was given up")
                raise
            now = self.loop.time()
            if not answer.done.done() and now >= min(self._heard + self.patience, ends):
                silent = Silent(f"{answer.name} had no answer for {now - self._heard:.0f} s")
                self._fail(silent)
                raise silent
        answer.done.result()  # raises what _fail has set

    # --- the beginning

    async def wait_greeting(self) -> bytes:
        """The server's first line, without "* "; raises Malformed when it is no IMAP greeting."""
        line = await asyncio.shield(self.greeting)
        kind = line[2:].split(b" ", 1)[0].upper() if line.startswith(b"* ") else b""
        if kind not in {b"OK", b"PREAUTH", b"BYE"}:
            raise Malformed(f"no IMAP server answers there, but {readable(line, most=60)!r}")
        self.state = {b"OK": upstream.NONAUTH, b"PREAUTH": upstream.AUTH, b"BYE": upstream.LOGOUT}[kind]
        return line[2:]

    async def capability(self) -> None:
        """Ask anew what the server can do; needed after STARTTLS and after login (RFC 3501 §6.2)."""
        answer = await self.demand("CAPABILITY")
        words = [pieces[0].decode("ascii", "replace").upper().split() for pieces in answer.responses]
        self.capabilities = {word for line in words if line[:1] == ["CAPABILITY"] for word in line[1:]}

    async def starttls(self, context: ssl.SSLContext, *, host: str) -> None:
        """Go over to TLS; all that was heard in the clear is forgotten (RFC 3501 §6.2.1)."""
        await self.demand("STARTTLS")
        plain = self.transport
        try:
            # start_tls never returns when the connection went before it began, its own limit notwithstanding.
            async with asyncio.timeout(self.patience):
                secured = await self.loop.start_tls(plain, self, context, server_hostname=host)
        except BaseException:
            plain.abort()
            raise
        if secured is None:
            raise ConnectionLost("the connection was closed in the TLS handshake")
        self.transport, self._deaf = secured, False
        await self.capability()

    async def log_in(self, login: str, password: str) -> None:
        """LOGIN, or AUTHENTICATE PLAIN where it is offered and the words are not ASCII; raises Refused."""
        if "AUTH=PLAIN" in self.capabilities and not (login.isascii() and password.isascii()):
            await self.authenticate("PLAIN", f"\0{login}\0{password}".encode())
            return
        await self.demand("LOGIN", quoted(login), quoted(password))
        await self._logged_in()

    async def authenticate(self, mechanism: str, words: bytes) -> None:
        """One-step SASL; raises Refused with the server's reason, also when it is told as a challenge."""
        coded = base64.b64encode(words)
        at_once = "SASL-IR" in self.capabilities
        command = self._command("AUTHENTICATE", mechanism, *((coded.decode(),) if at_once else ()))
        answer = await self.ask(command, replies=() if at_once else (coded,))
        result, text = answer.done.result()
        if result != "OK":
            told = b" ".join(_decoded(challenge) for challenge in answer.challenges if challenge)
            raise Refused("AUTHENTICATE", text + (b" " + told if told else b""))
        await self._logged_in()

    async def _logged_in(self) -> None:
        self.state = upstream.AUTH
        await self.capability()

    # --- IDLE

    @contextlib.asynccontextmanager
    async def idle_turn(self) -> AsyncIterator[None]:
        """IDLE is on inside (RFC 2177). On leaving, DONE is sent at once, so cancelling does no harm."""
        await self._leave_idle()
        answer = self._idling = self._send(self._command("IDLE"))
        try:
            begun = asyncio.ensure_future(answer.begun.wait())
            try:
                await asyncio.wait((begun, answer.done), timeout=self.patience, return_when=asyncio.FIRST_COMPLETED)
            finally:
                begun.cancel()
            if answer.done.done():
                raise Refused("IDLE", answer.done.result()[1])
            if not answer.begun.is_set():
                self._fail(Silent(f"IDLE had no answer for {self.patience:.0f} s"))
            self._alive()
            yield
        finally:
            if self._answer is answer:
                self._heard = self.loop.time()
                self.transport.write(b"DONE\r\n")

    async def _leave_idle(self) -> None:
        answer, self._idling = self._idling, None
        if answer is not None and not answer.done.done():
            await self._settle(answer, limit=min(self.patience, DONE_SECONDS))

    async def rest(self, seconds: float) -> bool:
        """Wait for news, at most so long; True when there are some. Raises ConnectionLost when the connection ends."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.news.wait()
        self._alive()
        return self.news.is_set()


def _looked_at(future: "asyncio.Future[Any]") -> None:
    """A connection may be lost with nobody waiting: the next command tells it, asyncio need not warn."""
    if not future.cancelled():
        future.exception()


def _decoded(challenge: bytes) -> bytes:
    try:
        return base64.b64decode(challenge, validate=True)
    except ValueError:
        return b""
