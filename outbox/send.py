"""Hands one finished message to the mail server, and says what became of it; only this and grouped.py speak SMTP.

Temporary: try again later. Permanent: the server refused this message or recipient for good.
A silence after the final dot leaves it unknown whether the message was taken; it counts as temporary and goes
again under the same Message-ID (seen in practice: the receiver's filter outlasts the timeout).
"""

import asyncio
import os
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib.typing import Default

from outbox.grouped import hand_over, on_a_line
from service.errors import ConfigError, Permanent, Temporary

COMMAND_SECONDS = 30.0  # one SMTP step; see outbox.post.FIRST_PAUSE_MS
REST_SECONDS = 20.0  # a connection unused for longer is made anew: the far end, or a NAT, may have dropped it silently
WHOLE_SECONDS = 120.0  # one message; under the outbox lease of 180 s (store: REPLY_LEASE_MS)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class RecipientRefused(Permanent):
    """The server knows no such recipient, or takes no letter for it; no more are sent there."""


class ServerAway(Temporary):
    """The mail server cannot be reached, lets us not in, or takes no letter from us now: no letter's fault."""


class NoAnswer(Temporary):
    """The connection broke or fell silent in the middle of a letter; it may have been taken, and goes again."""


class Tls(StrEnum):
    """How the connection is protected."""

    IMPLICIT = "implicit"
    STARTTLS = "starttls"
    PLAIN = "plain"  # only to a loopback address (rulings 21)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """The mail server that takes our letters."""

    host: str
    port: int
    tls: Tls
    lmtp: bool = False
    login: str | None = None
    password: Callable[[], str | None] = lambda: None
    ca_file: Path | None = None


class Sender(Protocol):
    """Takes one message at a time."""

    async def send(self, raw: bytes, *, envelope_from: str, recipient: str) -> str:
        """Returns the server's word; raises Temporary or Permanent, and ServerAway where the letter is not to blame."""

    async def ready(self) -> None:
        """Connects when there is no connection; raises ServerAway when the server is not there."""

    async def close(self) -> None:
        """Ends the connection, if one is open."""


def relay_from_url(
    url: str, *, login: str | None, password: Callable[[], str | None], ca_file: Path | None = None
) -> Relay:
    """Reads smtp://, smtps:// or lmtp://; ConfigError names what is wrong with it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as fault:
        raise ConfigError("smtp.url is no URL; write it like smtp://mail.desk.example:587") from fault
    host = parts.hostname or ""
    if parts.scheme not in ("smtp", "smtps", "lmtp") or not host:
        raise ConfigError(f"smtp.url: {parts.scheme}://… is not known; use smtp://, smtps://, lmtp:// or maildir:/path")
    if any(not 0 < len(label) < 64 for label in host.removesuffix(".").split(".")):
        raise ConfigError(f"smtp.url: {host!r} is no name of a host; write it like smtp://mail.desk.example:587")
    if parts.password:
        raise ConfigError("smtp.url: no password in the URL; put it into a file and name it in smtp.password_file")
    default = {"smtp": 25, "smtps": 465, "lmtp": 24}[parts.scheme]
    plain = host in LOOPBACK or host.startswith("127.")
    tls = Tls.IMPLICIT if parts.scheme == "smtps" else Tls.PLAIN if plain else Tls.STARTTLS
    return Relay(
        host=host,
        port=port or default,
        tls=tls,
        lmtp=parts.scheme == "lmtp",
        login=login or (unquote(parts.username) if parts.username else None),
        password=password,
        ca_file=ca_file,
    )


class _Lmtp(aiosmtplib.SMTP):
    """LMTP is SMTP with LHLO (RFC 2033 §4.1); with one recipient a message there is one answer after the dot too."""

    async def execute_command(self, *args: bytes, timeout: Any = Default.token) -> aiosmtplib.SMTPResponse:  # noqa: ASYNC109  # its signature
        if args[0] == b"EHLO":
            args = (b"LHLO", *args[1:])
        return await super().execute_command(*args, timeout=timeout)


class SmtpSender:
    """Keeps one connection open between messages and makes a new one after any fault."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._client: aiosmtplib.SMTP | None = None
        self._used = 0.0  # when, by the monotonic clock

    async def send(self, raw: bytes, *, envelope_from: str, recipient: str) -> str:
        """Returns the server's word; raises Temporary or Permanent, both with the server's code."""
        try:
            on_a_line(recipient)
        except ValueError as error:
            raise RecipientRefused("recipient refused: the address cannot be said to a mail server") from error
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                client = await self._connected()
                answer = await _one_message(client, raw, envelope_from=envelope_from, recipient=recipient)
                self._used = time.monotonic()
                return answer
        except (Temporary, ConfigError):
            await self._drop()
            raise
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            fault = _fault(error, self._relay)
            if not isinstance(fault, Permanent):
                await self._drop()
            raise fault from error

    async def greet(self) -> datetime | None:
        """Connects, logs in and says NOOP, sending nothing; until when the certificate holds, null without TLS."""
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                client = await self._connected()
                await client.noop()
                told = client.get_transport_info("peercert")
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise _fault(error, self._relay) from error
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(told["notAfter"]), UTC) if told else None

    async def ready(self) -> None:
        """See Sender."""
        await self._connected()

    async def close(self) -> None:
        """QUIT, politely and briefly."""
        client, self._client = self._client, None
        if client is not None and client.is_connected:
            try:
                async with asyncio.timeout(5):
                    await client.quit()
            except (aiosmtplib.SMTPException, OSError, TimeoutError):
                client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            if time.monotonic() - self._used < REST_SECONDS:
                return self._client
            await self._drop()
        relay = self._relay
        client = (_Lmtp if relay.lmtp else aiosmtplib.SMTP)(
            hostname=relay.host,
            port=relay.port,
            use_tls=relay.tls is Tls.IMPLICIT,
            start_tls=relay.tls is Tls.STARTTLS,
            timeout=COMMAND_SECONDS,
            tls_context=_context(relay),
        )
        try:
            async with asyncio.timeout(WHOLE_SECONDS / 2):
                await client.connect()
                if relay.login and (password := relay.password()) is not None:
                    await client.login(relay.login, password)
                await _say_hello(client)
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:  # the last of a host's name
            client.close()
            raise ServerAway(str(_fault(error, relay))) from error
        self._client, self._used = client, time.monotonic()
        return client

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


async def _say_hello(client: aiosmtplib.SMTP) -> None:
    """EHLO, or HELO to a server that knows no more; the library would say it with the first letter only."""
    if client.is_ehlo_or_helo_needed:
        try:
            await client.ehlo()
        except aiosmtplib.SMTPHeloError:
            if not client.is_connected:  # it was 421
                raise
            await client.helo()


async def _one_message(client: aiosmtplib.SMTP, raw: bytes, *, envelope_from: str, recipient: str) -> str:
    if client.supports_extension("pipelining"):
        return await hand_over(client, raw, envelope_from=envelope_from, recipient=recipient, seconds=COMMAND_SECONDS)
    refused, answer = await client.sendmail(envelope_from, [recipient], raw)
    if refused:
        code = next(iter(refused.values())).code
        raise (Temporary if code < 500 else RecipientRefused)(f"recipient refused: {code}")
    return answer


def _context(relay: Relay) -> ssl.SSLContext | None:
    if relay.tls is Tls.PLAIN:
        return None
    context = ssl.create_default_context()
    if relay.ca_file is not None:
        context.load_verify_locations(relay.ca_file)
    return context


def _fault(error: Exception, relay: Relay) -> Temporary | Permanent:
    """Sorts a fault; the text carries the code and what to do, never the server's words (they quote addresses)."""
    place = f"{relay.host}:{relay.port}"
    if (broken := _tls_fault(error)) is not None:
        if isinstance(broken, ssl.SSLCertVerificationError):
            words = f"certificate not accepted: {broken.verify_message}. Mend it or set smtp.ca_file."
            return Temporary(f"{place}: {words}")
        return ServerAway(f"{place}: TLS failed ({broken.reason}). Where TLS begins with STARTTLS, write smtp://.")
    if isinstance(error, aiosmtplib.SMTPConnectError | socket.gaierror | ConnectionRefusedError):
        return ServerAway(f"{place}: no connection. Check smtp.url and that the mail server runs.")
    return _answered(error, place) or NoAnswer(f"{place}: {type(error).__name__}")


def _answered(error: Exception, place: str) -> Temporary | Permanent | None:
    """A fault that the server told with a code."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return Temporary(f"{place}: login refused ({error.code}). Check smtp.login and smtp.password_file.")
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        codes = [one.code for one in error.recipients]
        return (RecipientRefused if min(codes) >= 500 else Temporary)(f"recipient refused: {codes[0]}")
    if isinstance(error, aiosmtplib.SMTPSenderRefused) and error.code < 500:
        return ServerAway(f"{place}: takes no letters now: {error.code}. Look at its disk and its log.")
    if isinstance(error, aiosmtplib.SMTPResponseException) and 500 <= error.code <= 599:
        return Permanent(f"message refused: {error.code}")
    return Temporary(f"{place}: put off: {error.code}") if isinstance(error, aiosmtplib.SMTPResponseException) else None


def _tls_fault(error: BaseException | None) -> ssl.SSLError | None:
    """The fault of TLS, which the library sometimes hides behind an error of its own."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return error
        error = error.__cause__ or error.__context__
    return None


class MaildirSender:
    """Writes each message into a Maildir instead of sending it, for trials and the demo."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._count = 0

    async def send(self, raw: bytes, *, envelope_from: str, recipient: str) -> str:
        """Returns the file's name; raises Temporary when the disk refuses."""
        try:
            return await asyncio.to_thread(self._write, raw, envelope_from, recipient)
        except OSError as error:
            raise Temporary(f"{self._path}: {error.strerror}. Make room or mend the rights of this folder.") from error

    async def ready(self) -> None:
        """A folder is always there; when it is not, the letter tells."""

    async def close(self) -> None:
        """Nothing is open."""

    def _write(self, raw: bytes, envelope_from: str, recipient: str) -> str:
        for part in ("tmp", "new", "cur"):
            (self._path / part).mkdir(parents=True, exist_ok=True)
        self._count += 1
        name = f"{time.time():.6f}.P{os.getpid()}Q{self._count}.{socket.gethostname()}"
        with (self._path / "tmp" / name).open("xb") as out:
            out.write(f"Return-Path: <{envelope_from}>\nDelivered-To: {recipient}\n".encode())
            out.write(raw.replace(b"\r\n", b"\n"))
            out.flush()
            os.fsync(out.fileno())
        (self._path / "tmp" / name).rename(self._path / "new" / name)
        return name


def sender_from_url(
    url: str, *, login: str | None, password: Callable[[], str | None], ca_file: Path | None = None
) -> Sender:
    """The sender for smtp.url; ConfigError when it cannot be used."""
    if url.startswith("maildir:"):
        return MaildirSender(Path(url.removeprefix("maildir:")))
    return SmtpSender(relay_from_url(url, login=login, password=password, ca_file=ca_file))
