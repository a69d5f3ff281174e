"""Asks ClamAV's daemon about a file's bytes (clamd(8), INSTREAM)."""

import contextlib
import socket
import struct
import time
from collections.abc import Callable

from service.errors import ConfigError, Temporary
from validate.attachments import Scan, Scanned

CONNECT_SECONDS, ANSWER_SECONDS = 1.0, 4.0  # together the most that one file waits; see attachments.SCAN_SECONDS
REST_SECONDS = 30.0  # a scanner out of reach is not asked again for so long, where the letters may go on without it
CHUNK = 256 * 1024
ANSWER_MOST = 4096  # bytes
# Found by limits or passwords, not by a signature: clamd could not look inside (AlertExceedsMax, AlertEncrypted)
NOT_LOOKED = (b"Heuristics.Limits.", b"Heuristics.Encrypted.")


def scanner(address: str, *, required: bool, clock: Callable[[], float] = time.monotonic) -> Scan:
    """A scan by the clamd at a socket's path or host:port; ConfigError when the address is neither.

    Out of reach, or silent for ANSWER_SECONDS: Temporary when `required`, else unchecked, and then unchecked at once for
    REST_SECONDS. An answer that is neither OK nor FOUND (over StreamMaxLength, a limit of clamd's own) will be the same
    next time, so it is unchecked in both cases.
    """
    _address(address)
    resting_until = 0.0

    def scan(data: bytes) -> Scanned:
        nonlocal resting_until
        if not required and clock() < resting_until:
            return Scanned.UNCHECKED
        try:
            return _judged(_ask(address, data))
        except OSError as error:
            if required:
                why = error.strerror or str(error) or type(error).__name__
                raise Temporary(f"clamd at {address}: {why}. Start it, or unset reading.clamd_required.") from error
            resting_until = clock() + REST_SECONDS
            return Scanned.UNCHECKED

    return scan


def _judged(answer: bytes) -> Scanned:
    _, _, said = answer.partition(b": ")
    if said.endswith(b"FOUND") and not said.startswith(NOT_LOOKED):
        return Scanned.FOUND
    return Scanned.CLEAN if said == b"OK" else Scanned.UNCHECKED


def _ask(address: str, data: bytes) -> bytes:
    """clamd's answer; over its limit it answers and hangs up while we still send, which is no fault of the line."""
    with _connected(address) as clamd:
        clamd.settimeout(ANSWER_SECONDS)
        hung_up: OSError | None = None
        try:
            clamd.sendall(b"zINSTREAM\0")
            for at in range(0, len(data), CHUNK):
                piece = data[at : at + CHUNK]
                clamd.sendall(struct.pack("!I", len(piece)) + piece)
            clamd.sendall(struct.pack("!I", 0))
        except (BrokenPipeError, ConnectionResetError) as error:
            hung_up = error
        answer = _answer(clamd)
    if not answer:
        raise hung_up or ConnectionResetError("hung up without an answer")
    return answer


def _answer(clamd: socket.socket) -> bytes:
    answer = b""
    with contextlib.suppress(ConnectionResetError):  # what came before it counts
        while not answer.endswith(b"\0") and len(answer) < ANSWER_MOST and (more := clamd.recv(ANSWER_MOST)):
            answer += more
    return answer.rstrip(b"\0\n ")


def _connected(address: str) -> socket.socket:
    where = _address(address)
    if isinstance(where, tuple):
        return socket.create_connection(where, timeout=CONNECT_SECONDS)
    found = socket.socket(socket.AF_UNIX)
    try:
        found.settimeout(CONNECT_SECONDS)
        found.connect(where)
    except OSError:
        found.close()
        raise
    return found


def _address(address: str) -> str | tuple[str, int]:
    if address.startswith("/"):
        return address
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ConfigError(f"reading.clamd = {address!r} is no address. Write a socket's path or host:port.")
    return host.strip("[]"), int(port)
