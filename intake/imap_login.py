"""The account of an IMAP mailbox, and the way in: connection, TLS, login.

STARTTLS is never left out silently (rulings 21), and nothing that was said before TLS is believed after it.
"""

import asyncio
import ipaddress
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from aioimaplib import aioimaplib as upstream  # type: ignore[import-untyped]  # ships no annotations

from intake.imap_faults import login_refused
from intake.imap_protocol import ConnectionLost, HardenedProtocol, Refused
from intake.imap_words import readable
from service.errors import Permanent, Temporary


class Tls(StrEnum):
    """How the connection is secured."""

    IMPLICIT = "implicit"  # TLS from the first byte, port 993
    STARTTLS = "starttls"  # required; to a loopback address plain when the server has none


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where a mailbox is and how to get in. Secrets are asked for at each login, never kept."""

    host: str
    port: int
    tls: Tls
    login: str
    folder: str = "INBOX"  # as people write it: Unicode, parts divided by "/"
    password: Callable[[], str] | None = field(default=None, repr=False)  # may block: called in a thread
    token: Callable[[], str] | None = field(default=None, repr=False)  # XOAUTH2; goes before the password
    ca_file: Path | None = None  # authorities trusted instead of the system's
    timeout_seconds: float = 40.0  # of silence; an operation's whole time grows with its size

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.port}"

    @property
    def identity(self) -> str:
        """Host, login and folder, normalised (rulings 7); the login's part before the @ as written: it may matter."""
        local, at, domain = self.login.rpartition("@")
        login = local + at + (domain.lower() if at else domain)
        folder = "INBOX" if self.folder.upper() == "INBOX" else self.folder
        return "/".join(quote(part, safe="@") for part in (self.host.lower().rstrip("."), login, folder))


async def logged_in(account: Account) -> HardenedProtocol:
    """A connection over which the account's folders can be opened; nothing is left open when this raises."""
    context = await asyncio.to_thread(_tls_context, account.ca_file)
    wire = await _connected(account, context)
    try:
        await _greeted(account, wire)
        await _secure(account, wire, context)
        if wire.state != upstream.AUTH:
            await _log_in(account, wire)
    except BaseException:
        wire.abort()
        raise
    return wire


async def _connected(account: Account, context: ssl.SSLContext) -> HardenedProtocol:
    implicit = account.tls is Tls.IMPLICIT
    try:
        async with asyncio.timeout(account.timeout_seconds):
            _, wire = await asyncio.get_running_loop().create_connection(
                lambda: HardenedProtocol(patience=account.timeout_seconds),
                account.host,
                account.port,
                ssl=context if implicit else None,
                server_hostname=account.host if implicit else None,
                happy_eyeballs_delay=0.25,
            )
    except TimeoutError as fault:
        words = f"{account.place}: no connection in {account.timeout_seconds:.0f} s: is a firewall between?"
        raise Temporary(words) from fault
    return wire


async def _greeted(account: Account, wire: HardenedProtocol) -> None:
    try:
        async with asyncio.timeout(account.timeout_seconds):
            greeting = await wire.wait_greeting()
    except TimeoutError as fault:
        hint = "" if account.tls is Tls.IMPLICIT else ": a port for TLS (993) wants imaps:// in mailbox.url"
        raise Temporary(f"{account.place}: no greeting in {account.timeout_seconds:.0f} s{hint}") from fault
    if wire.state == upstream.LOGOUT:
        raise ConnectionLost(f"the server does not let us in now: {readable(greeting)}")


async def _secure(account: Account, wire: HardenedProtocol, context: ssl.SSLContext) -> None:
    """Only a loopback address may go without TLS, and only when the server there has none."""
    if account.tls is Tls.IMPLICIT:
        await wire.capability()
        return
    if wire.state == upstream.AUTH:
        # RFC 9051 §11.1: an attacker greets with PREAUTH, because STARTTLS is not allowed after it.
        raise Permanent(f"{account.place}: the server greets with PREAUTH before TLS: use imaps:// in mailbox.url")
    await wire.capability()
    if "STARTTLS" in wire.capabilities:
        await wire.starttls(context, host=account.host)
    elif not _is_loopback(wire):
        raise Permanent(
            f"{account.place}: the server offers no STARTTLS, and no password is sent in the clear:"
            " use imaps:// in mailbox.url, or look who stands between"
        )


async def _log_in(account: Account, wire: HardenedProtocol) -> None:
    try:
        if account.token is not None:
            token = await asyncio.to_thread(account.token)
            await wire.authenticate("XOAUTH2", f"user={account.login}\1auth=Bearer {token}\1\1".encode())
        elif account.password is not None:
            await wire.log_in(account.login, await asyncio.to_thread(account.password))
        else:
            raise Permanent(f"{account.place}: no password: set mailbox.password_file or mailbox.token_command")
    except Refused as fault:
        by_token = account.token is not None
        raise login_refused(fault, place=account.place, login=account.login, by_token=by_token) from fault


def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except (OSError, ssl.SSLError) as fault:
        raise Permanent(f"mailbox.ca_file: {ca_file} cannot be read as PEM certificates: {fault}") from fault


def _is_loopback(wire: HardenedProtocol) -> bool:
    """Whether the peer that answered is this machine; the name alone would prove nothing."""
    peer = wire.transport.get_extra_info("peername")
    return bool(peer) and ipaddress.ip_address(peer[0].partition("%")[0]).is_loopback
