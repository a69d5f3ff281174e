"""Asking a real clamd: clean, found, over its limit, away, frozen."""

import socket
import threading
import time
from collections.abc import Iterator

import made_files as made
import pytest
from servers.clamav import EICAR, LIMIT, Clamd, clamd

from intake.letter import File
from service.errors import ConfigError, Temporary
from validate import clamd as asking
from validate.attachments import Scanned, examine_files
from validate.clamd import scanner
from validate.findings import FileFault

INFECTED = made.pdf(more={6: made.stream(EICAR)})


@pytest.fixture(scope="module")
def server() -> Iterator[Clamd]:
    with clamd() as running:
        yield running


@pytest.fixture(params=["socket", "port"])
def address(request: pytest.FixtureRequest, server: Clamd) -> str:
    return server.path if request.param == "socket" else f"127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (made.pdf(), Scanned.CLEAN),
        (made.jpeg(), Scanned.CLEAN),
        (b"x", Scanned.CLEAN),
        (EICAR, Scanned.FOUND),
        (INFECTED, Scanned.FOUND),
        (made.archive(a=EICAR), Scanned.FOUND),
        (b"x" * (LIMIT - 100), Scanned.CLEAN),
        (b"x" * (LIMIT - 200) + EICAR, Scanned.FOUND),
    ],
)
def test_what_clamd_says_is_told(address: str, data: bytes, says: Scanned) -> None:
    assert scanner(address, required=True)(data) is says


@pytest.mark.parametrize("size", [LIMIT + 1, 3 * LIMIT, 40 * LIMIT])
@pytest.mark.parametrize("required", [True, False])
def test_a_file_over_clamds_limit_is_unchecked_and_holds_no_letter_up(address: str, size: int, required: bool) -> None:
    scan = scanner(address, required=required)
    assert scan(b"x" * size) is Scanned.UNCHECKED
    assert scan(made.pdf()) is Scanned.CLEAN  # the next is asked about all the same


def test_a_file_beyond_what_clamd_looks_at_is_no_malware() -> None:
    with clamd(alert=True, most=50_000) as server:
        scan = scanner(server.path, required=True)
        assert scan(made.pdf()) is Scanned.CLEAN
        assert scan(made.jpeg(quality=95)) is Scanned.UNCHECKED


@pytest.mark.parametrize("address", ["/nonexistent/clamd.ctl", "127.0.0.1:1", "no-such-host.invalid:3310"])
def test_out_of_reach_makes_a_letter_wait_only_where_that_is_set(address: str) -> None:
    with pytest.raises(Temporary, match="clamd at "):
        scanner(address, required=True)(b"x")
    assert scanner(address, required=False)(b"x") is Scanned.UNCHECKED


@pytest.mark.parametrize("address", ["clamd", "localhost:", ":3310", "localhost:99999", "localhost:port", ""])
def test_an_address_that_is_none_is_an_error_of_the_settings(address: str) -> None:
    with pytest.raises(ConfigError, match="clamd"):
        scanner(address, required=False)


def test_a_frozen_scanner_is_given_up_in_seconds_and_then_left_alone_for_a_while(
    server: Clamd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ANSWER_SECONDS", 0.3)
    now = 1000.0
    scan = scanner(server.path, required=False, clock=lambda: now)
    server.freeze()
    try:
        began = time.monotonic()
        assert scan(b"x") is Scanned.UNCHECKED
        assert 0.2 < time.monotonic() - began < 20
        began = time.monotonic()
        assert [scan(b"x") for _ in range(20)] == [Scanned.UNCHECKED] * 20
        assert time.monotonic() - began < 3, "not one more of them is waited for"
        with pytest.raises(Temporary):
            scanner(server.path, required=True)(b"x")
    finally:
        server.thaw()
    assert scan(b"x") is Scanned.UNCHECKED
    now += asking.REST_SECONDS + 1
    assert scan(b"x") is Scanned.CLEAN


def test_a_scanner_that_dies_while_it_is_asked_is_out_of_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def die() -> None:
            for _ in range(2):
                line, _ = listening.accept()
                line.recv(16)
                line.close()

        thread = threading.Thread(target=die)
        thread.start()
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(Temporary, match="clamd at"):
            scanner(address, required=True)(b"x" * 3_000_000)
        assert scanner(address, required=False)(b"x" * 3_000_000) is Scanned.UNCHECKED
        thread.join(5)


def test_an_infected_document_is_refused_as_malware(server: Clamd) -> None:
    scan = scanner(server.path, required=True)
    files = tuple(
        File(name=name, data=data, declared="", cid=None, referred=False)
        for name, data in [("чисто.pdf", made.pdf()), ("заражено.pdf", INFECTED), ("тип.txt", EICAR)]
    )
    verdicts = examine_files(files, scan=scan)
    assert [verdict.reason for verdict in verdicts] == [None, FileFault.MALWARE, FileFault.TYPE]
    assert [verdict.scanned for verdict in verdicts] == [True, True, None]


def test_twenty_letters_are_scanned_at_once(server: Clamd) -> None:
    scan, said = scanner(server.path, required=True), list[Scanned]()
    threads = [threading.Thread(target=lambda: said.append(scan(INFECTED))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert said == [Scanned.FOUND] * 20
