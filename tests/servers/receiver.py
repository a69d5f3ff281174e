"""An HTTP server of a test's own on loopback: it takes what is told it, and fails as the test says.

with receiver() as there:
    there.then(Does(status=500), Does(cut=20))   # the next two requests
    …
    there.heard[0].body
"""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from servers.certificates import Certificate


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Does:
    """How one request is answered."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    cut: int | None = None  # so many bytes of the answer pass, then the connection ends
    after: float = 0.0  # seconds of silence before


Answers = Callable[[Heard], Does]


class Receiver:
    """What was heard so far, in its order; what is done next."""

    def __init__(self, answers: Answers | None) -> None:
        self.heard: list[Heard] = []
        self._next: list[Does] = []
        self._answers = answers
        self._lock = threading.Lock()
        self.url = ""

    def then(self, *does: Does) -> None:
        """The next requests are answered so."""
        self._next += does

    def answer(self, heard: Heard) -> Does:
        """How this one is answered; one after another. What it does to the server's own state is done even when the
        answer is lost.
        """
        with self._lock:
            self.heard.append(heard)
            made = self._answers(heard) if self._answers is not None else Does()
            return self._next.pop(0) if self._next else made

    def until(self, reached: Callable[[], bool], *, seconds: float = 20) -> None:
        """Waits."""
        ends = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < ends, [(one.method, one.path) for one in self.heard]
            time.sleep(0.01)


@contextmanager
def receiver(answers: Answers | None = None, *, certificate: Certificate | None = None) -> Iterator[Receiver]:
    """Serves until the block ends; TLS with a certificate."""
    there = Receiver(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            heard = Heard(method=self.command, path=self.path, headers=headers, body=self.rfile.read(length))
            does = there.answer(heard)
            time.sleep(does.after)
            said = f"HTTP/1.1 {does.status} said\r\nContent-Type: application/json\r\nConnection: close\r\n"
            said += "".join(f"{name}: {value}\r\n" for name, value in does.headers.items())
            whole = f"{said}Content-Length: {len(does.body)}\r\n\r\n".encode() + does.body
            with suppress(OSError):  # the other side may not have waited
                self.wfile.write(whole if does.cut is None else whole[: does.cut])
            self.close_connection = True

        do_GET = do_POST = do_PUT = any

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False  # a silence outlives its test otherwise
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain, certificate.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    there.url = f"{'https' if certificate else 'http'}://localhost:{server.server_address[1]}"
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    try:
        yield there
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
