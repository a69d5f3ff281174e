"""Asking ClamAV's daemon (clamd(8), INSTREAM)."""

import socket
import struct

from service.errors import Temporary
from validate.attachments import Scan, Scanned

SECONDS = 5.0  # well under a letter's time limit
CHUNK = 256 * 1024


def scanner(address: str, *, required: bool) -> Scan:
    """A scan by the clamd at a socket path or host:port. Out of reach: Temporary when `required`, else unchecked."""

    def scan(data: bytes) -> Scanned:
        try:
            answer = _ask(address, data)
        except OSError as error:
            if required:
                raise Temporary(f"clamd at {address}: {error.strerror or error}. Start it, or unset it.") from error
            return Scanned.UNCHECKED
        if answer.endswith(b"FOUND"):
            return Scanned.FOUND
        return Scanned.CLEAN if answer.endswith(b"OK") else Scanned.UNCHECKED

    return scan


def _ask(address: str, data: bytes) -> bytes:
    with _connected(address) as clamd:
        clamd.sendall(b"zINSTREAM\0")
        for at in range(0, len(data), CHUNK):
            piece = data[at : at + CHUNK]
            clamd.sendall(struct.pack("!I", len(piece)) + piece)
        clamd.sendall(struct.pack("!I", 0))
        answer = b""
        while (more := clamd.recv(4096)) and len(answer) < 4096:
            answer += more
    return answer.rstrip(b"\0\n ")


def _connected(address: str) -> socket.socket:
    if address.startswith("/"):
        found = socket.socket(socket.AF_UNIX)
        found.settimeout(SECONDS)
        found.connect(address)
        return found
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=SECONDS)
