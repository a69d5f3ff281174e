"""The small resolver of `doctor`, against a name server of the test's own on loopback."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service import dns
from service.dns import Kind, NameServer, ask, system_server
from service.errors import Temporary

Answer = Callable[[bytes], bytes]
NAME = b"\xc0\x0c"  # the question's name, by a pointer


@contextmanager
def name_server(udp: Answer, tcp: Answer | None = None) -> Iterator[NameServer]:
    """Answers every question by these functions until the block ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream, socket.socket(type=socket.SOCK_DGRAM) as packets:
        stream.bind(("127.0.0.1", 0))
        stream.listen()
        packets.bind(stream.getsockname())

        def over_udp() -> None:
            while True:
                question, whence = packets.recvfrom(4096)
                if question == b"end":
                    return
                packets.sendto(udp(question), whence)

        def over_tcp() -> None:
            assert tcp is not None
            with stream.accept()[0] as one:
                answer = tcp(one.recv(4096)[2:])
                one.sendall(struct.pack("!H", len(answer)) + answer)

        threads = [threading.Thread(target=over_udp), *([threading.Thread(target=over_tcp)] if tcp else [])]
        for thread in threads:
            thread.start()
        yield NameServer(host="127.0.0.1", port=stream.getsockname()[1])
        packets.sendto(b"end", packets.getsockname())
        for thread in threads:
            thread.join(5)


def answer(question: bytes, *records: tuple[int, bytes], flags: int = 0x8180) -> bytes:
    head = question[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0)
    said = [NAME + struct.pack("!HHIH", kind, 1, 60, len(data)) + data for kind, data in records]
    return head + question[12:] + b"".join(said)


def mx(preference: int, label: bytes) -> tuple[int, bytes]:
    return (15, struct.pack("!H", preference) + bytes([len(label)]) + label + NAME)


def test_mail_hosts_come_in_the_order_of_preference() -> None:
    records = (mx(20, b"second"), (5, b"\x05other\0"), mx(10, b"first"))
    with name_server(lambda question: answer(question, *records)) as server:
        assert ask("desk.example", Kind.MX, server) == ("first.desk.example", "second.desk.example")


def test_the_strings_of_a_text_are_joined() -> None:
    with name_server(lambda question: answer(question, (16, b"\x07v=spf1 \x04-all"))) as server:
        assert ask("desk.example", Kind.TXT, server) == ("v=spf1 -all",)


def test_a_name_that_is_not_there_has_no_records() -> None:
    with name_server(lambda question: answer(question, flags=0x8183)) as server:
        assert ask("desk.example", Kind.MX, server) == ()


def test_an_answer_cut_short_is_asked_for_over_tcp() -> None:
    with name_server(
        lambda question: answer(question, flags=0x8380), lambda question: answer(question, (16, b"\x05whole"))
    ) as server:
        assert ask("desk.example", Kind.TXT, server) == ("whole",)


@pytest.mark.parametrize(
    "lie",
    [
        lambda question: answer(question, flags=0x8182),  # SERVFAIL
        lambda question: answer(question, (15, b"\0\x0a" + b"\xc0\x29")),  # a name that points at itself
        lambda question: answer(question, (16, b"\x05whole"))[:40],
        lambda question: question[:5],
    ],
)
def test_an_answer_that_cannot_be_read_is_no_answer(lie: Answer) -> None:
    with name_server(lie) as server, pytest.raises(Temporary, match="does not answer"):
        ask("desk.example", Kind.MX, server)


def test_a_silent_server_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns, "SECONDS", 0.05)
    with socket.socket(type=socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        with pytest.raises(Temporary, match=r"resolv\.conf"):
            ask("desk.example", Kind.MX, NameServer(host="127.0.0.1", port=silent.getsockname()[1]))


def test_the_systems_server_is_the_first_that_is_named(tmp_path: Path) -> None:
    named = tmp_path / "resolv.conf"
    named.write_text("# a comment\nsearch example\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n")
    assert system_server(named) == NameServer(host="192.0.2.1")
    assert system_server(tmp_path / "none") == NameServer(host="127.0.0.1")
