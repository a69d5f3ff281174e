"""Asking the system's name server for MX and TXT records, which the standard library cannot (RFC 1035).

For `doctor` only: one question a packet over UDP, over TCP when the answer was cut (§4.2). Answers are believed as far
as the network to the name server is.
"""

import ipaddress
import secrets
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from service.errors import Temporary

SECONDS = 3.0  # for one question, tried twice
JUMPS_MOST = 32  # compression pointers followed in one name (§4.1.4); more is a loop


class Kind(IntEnum):
    """Which records (§3.2.2)."""

    MX = 15
    TXT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class NameServer:
    """Whom to ask."""

    host: str
    port: int = 53


def system_server(path: Path = Path("/etc/resolv.conf")) -> NameServer:
    """The first name server of the system; the local one where none is named."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        words = line.split()
        if words[:1] == ["nameserver"] and len(words) > 1:
            return NameServer(host=words[1])
    return NameServer(host="127.0.0.1")


def ask(name: str, kind: Kind, server: NameServer) -> tuple[str, ...]:
    """The records' texts (for MX: host names, most wanted first), empty when there are none. Temporary: no answer."""
    question = _question(name, kind)
    for _ in range(2):
        try:
            answer = _over_udp(question, server)
            if answer[2] & 0x02:  # TC: cut short
                answer = _over_tcp(question, server)
            return tuple(_records(answer, kind))
        except (OSError, struct.error, IndexError, ValueError):
            continue
    raise Temporary(f"the name server {server.host} does not answer for {name}: look at /etc/resolv.conf")


def _question(name: str, kind: Kind) -> bytes:
    labels = [label.encode("idna") for label in name.rstrip(".").split(".")]
    head = struct.pack("!HHHHHH", secrets.randbits(16), 0x0100, 1, 0, 0, 0)  # RD: recursion desired
    return head + b"".join(bytes([len(label)]) + label for label in labels) + b"\0" + struct.pack("!HH", kind, 1)


def _over_udp(question: bytes, server: NameServer) -> bytes:
    family = socket.AF_INET6 if ipaddress.ip_address(server.host).version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        asking.settimeout(SECONDS)
        asking.connect((server.host, server.port))
        asking.send(question)
        while True:
            answer = asking.recv(4096)
            if answer[:2] == question[:2]:
                return answer


def _over_tcp(question: bytes, server: NameServer) -> bytes:
    with socket.create_connection((server.host, server.port), timeout=SECONDS) as asking:
        asking.sendall(struct.pack("!H", len(question)) + question)
        with asking.makefile("rb") as reading:
            (length,) = struct.unpack("!H", reading.read(2))
            return reading.read(length)


def _records(answer: bytes, kind: Kind) -> list[str]:
    _, flags, questions, answers, _, _ = struct.unpack("!HHHHHH", answer[:12])
    if flags & 0x0F not in (0, 3):  # 3: no such name, which is an answer
        raise OSError("the name server refuses")
    at = 12
    for _ in range(questions):
        at = _name(answer, at)[1] + 4
    found: list[tuple[int, str]] = []
    for _ in range(answers):
        at = _name(answer, at)[1]
        of, _, _, length = struct.unpack("!HHIH", answer[at : at + 10])
        at += 10
        if of == kind:
            found.append(_record(answer, at, length, kind))
        at += length
    return [text for _, text in sorted(found, key=lambda one: one[0])]


def _record(answer: bytes, at: int, length: int, kind: Kind) -> tuple[int, str]:
    """Its place in the order of preference, and its text."""
    if kind is Kind.MX:
        return struct.unpack("!H", answer[at : at + 2])[0], _name(answer, at + 2)[0]
    return 0, b"".join(_strings(answer[at : at + length])).decode("utf-8", "replace")


def _strings(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        yield data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]


def _name(answer: bytes, at: int) -> tuple[str, int]:
    """The name that begins there, and where what follows it begins."""
    labels: list[str] = []
    after: int | None = None
    for _ in range(JUMPS_MOST):
        length = answer[at]
        if length & 0xC0 == 0xC0:
            after = after or at + 2
            at = struct.unpack("!H", answer[at : at + 2])[0] & 0x3FFF
        elif length == 0:
            return ".".join(labels), after or at + 1
        else:
            labels.append(answer[at + 1 : at + 1 + length].decode("ascii", "replace"))
            at += 1 + length
    raise OSError("the answer's names run in a circle")
