"""The only file that speaks HTTP as a client: one request over a connection of its own, within a time and a size.

TLS is always verified, and plain HTTP goes to this machine only. Redirects are not followed: a request that carries a
secret goes where the settings say and nowhere else. Proxies of the environment are not asked either.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import h11

from service.errors import ConfigError, Temporary

SECONDS = 20.0  # a whole request: name, connection, TLS, answer
ANSWER_MOST = 4 * 1024 * 1024  # bytes
HEAD_MOST = 64 * 1024
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class NoAnswer(Temporary):
    """There was no whole answer; whether the request was heard is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked; the path and the query are added to the server's own path."""

    method: str = "GET"
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes


class Server:
    """One address that is spoken to; `ca_file` is trusted beside the system's authorities."""

    def __init__(self, url: str, *, ca_file: Path | None = None) -> None:
        self._url = url_of(url)
        self._tls: ssl.SSLContext | None = None
        if self._url.scheme == "https":
            self._tls = ssl.create_default_context()
            try:
                if ca_file is not None:
                    self._tls.load_verify_locations(ca_file)
            except OSError as error:
                raise ConfigError(f"{ca_file}: no certificates can be read there: {error.strerror}") from error

    @property
    def place(self) -> str:
        """Host and port, for logs; never the path, which may hold a secret."""
        return f"{self._url.hostname}:{self._port}"

    async def ask(self, request: Request, *, seconds: float = SECONDS) -> Answer:
        """The answer, whatever its status. NoAnswer when none came whole in that time."""
        try:
            async with asyncio.timeout(seconds):
                reader, writer = await self._connected()
                try:
                    return await _exchange(reader, writer, self._said(request), request.body)
                finally:
                    writer.transport.abort()  # a TLS farewell could take as long as the other side likes
        except TimeoutError:
            raise NoAnswer(f"{self.place}: no answer in {seconds:.0f} s") from None
        except h11.RemoteProtocolError as error:
            raise NoAnswer(f"{self.place}: its answer is cut off or no HTTP: {error}") from error
        except ssl.SSLCertVerificationError as error:
            raise NoAnswer(f"{self.place}: its certificate is not accepted: {error.verify_message}") from error
        except OSError as error:
            raise NoAnswer(f"{self.place}: {error.strerror or type(error).__name__}") from error

    async def certificate_ends(self, *, seconds: float = SECONDS) -> datetime | None:
        """Connects and says nothing; None: no TLS. NoAnswer when it cannot."""
        try:
            async with asyncio.timeout(seconds):
                _, writer = await self._connected()
        except (OSError, TimeoutError) as error:
            raise NoAnswer(f"{self.place}: {getattr(error, 'verify_message', '') or error or 'no answer'}") from error
        session = writer.get_extra_info("ssl_object")
        writer.transport.abort()
        if session is None:
            return None
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(session.getpeercert()["notAfter"]), UTC)

    @property
    def _port(self) -> int:
        return self._url.port or (443 if self._tls else 80)

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, tls = self._url.hostname or "", self._tls
        return await asyncio.open_connection(host, self._port, ssl=tls, server_hostname=host if tls else None)

    def _said(self, request: Request) -> h11.Request:
        """A path of the request stands under the server's own, a query beside the server's own."""
        path, _, query = request.path.partition("?")
        queries = "&".join(part for part in (self._url.query, query) if part)
        target = (self._url.path.rstrip("/") + path if path else self._url.path) or "/"
        headers = {
            "Host": self._url.netloc.rpartition("@")[2],
            "Connection": "close",
            "User-Agent": "priemnaya",
            "Accept": "application/json",
            **({"Content-Length": str(len(request.body))} if request.body or request.method != "GET" else {}),
            **request.headers,
        }
        return h11.Request(
            method=request.method, target=f"{target}?{queries}" if queries else target, headers=list(headers.items())
        )


def url_of(written: str) -> SplitResult:
    """A URL that may be spoken to; ConfigError with the remedy."""
    try:
        url = urlsplit(written)
        url.port  # noqa: B018  # it is read, and refused, only when asked for
    except ValueError:
        raise ConfigError("not a URL: write https://host/path") from None
    if url.scheme == "http" and url.hostname not in LOOPBACK:
        raise ConfigError("http:// goes to this machine only: write https://")
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ConfigError("not a URL: write https://host/path")
    if url.username or url.password or url.fragment:
        raise ConfigError("a name, a password or a # part does not belong into it: the secret has a file of its own")
    return url


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, said: h11.Request, body: bytes
) -> Answer:
    conn = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_MOST)
    writer.write(conn.send(said) or b"")
    writer.write(conn.send(h11.Data(data=body)) or b"")
    writer.write(conn.send(h11.EndOfMessage()) or b"")
    await writer.drain()
    head: h11.Response | None = None
    parts, size = [], 0
    while True:
        event = conn.next_event()
        if event is h11.NEED_DATA:
            conn.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            parts.append(bytes(event.data))
            size += len(event.data)
        elif not isinstance(event, h11.InformationalResponse):
            break
        if head is not None and size > ANSWER_MOST:
            break  # what is over it is not read: nobody needs it, and it must not fill the memory
    if head is None:
        raise h11.RemoteProtocolError("the connection ended before an answer")
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
    return Answer(status=head.status_code, headers=headers, body=b"".join(parts)[:ANSWER_MOST])
