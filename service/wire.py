"""Messages between the daemon and its workers: four bytes of length, then the bytes."""

import socket
import struct

LONGEST = 256 * 1024 * 1024  # over any letter that intake takes


def send(to: socket.socket, message: bytes) -> None:
    """Writes one message; raises OSError when the other end is gone."""
    to.sendall(struct.pack("!I", len(message)))
    to.sendall(message)


def receive(source: socket.socket) -> bytes | None:
    """Reads one message; null when the other end is gone."""
    head = _exactly(source, 4)
    return None if head is None else _exactly(source, struct.unpack("!I", head)[0])


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
