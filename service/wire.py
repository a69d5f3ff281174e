"""Messages between the daemon and its workers: four bytes of length, then the bytes.

A job is the bytes themselves, or the place of a file that has them, which a worker reads itself: a letter of 20 MB
need not pass through the daemon.
"""

import asyncio
import socket
import struct
from pathlib import Path

LONGEST = 256 * 1024 * 1024  # over any letter that intake takes
_BYTES, _FILE = b"=", b"@"
DONE, NO_MEMORY, AWAY, BROKE = b"+", b"memory", b"~", b"-"  # how an answer begins; what was made, or is told, follows


def job_message(job: bytes | Path) -> bytes:
    """A job as a message."""
    return _FILE + bytes(job) if isinstance(job, Path) else _BYTES + job


def job_bytes(message: bytes) -> bytes:
    """The bytes of a job; OSError when its file cannot be read."""
    return Path(message[1:].decode()).read_bytes() if message[:1] == _FILE else message[1:]


def send(to: socket.socket, message: bytes) -> None:
    """Writes one message; raises OSError when the other end is gone."""
    to.sendall(struct.pack("!I", len(message)) + message)


def receive(source: socket.socket) -> bytes | None:
    """Reads one message; null when the other end is gone."""
    head = _exactly(source, 4)
    return None if head is None else _exactly(source, struct.unpack("!I", head)[0])


async def give(to: socket.socket, message: bytes) -> None:
    """Sends one message to a socket that does not block; OSError when the other end is gone."""
    await asyncio.get_running_loop().sock_sendall(to, struct.pack("!I", len(message)) + message)


async def answer_of(source: socket.socket) -> bytes | None:
    """The next message from a socket that does not block, and nothing of the one after it; null when the other end is
    gone.
    """
    head = await _so_many(source, 4)
    return None if head is None else await _so_many(source, struct.unpack("!I", head)[0])


async def _so_many(source: socket.socket, length: int) -> bytes | None:
    if length > LONGEST:
        return None
    loop, taken = asyncio.get_running_loop(), bytearray()
    while len(taken) < length:
        piece = await loop.sock_recv(source, min(65536, length - len(taken)))
        if not piece:
            return None
        taken += piece
    return bytes(taken)


def _exactly(source: socket.socket, length: int) -> bytes | None:
    if length > LONGEST:
        return None
    buffer, filled = bytearray(length), 0
    view = memoryview(buffer)
    while filled < length:
        count = source.recv_into(view[filled:])
        if count == 0:
            return None
        filled += count
    return bytes(buffer)
