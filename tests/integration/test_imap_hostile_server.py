"""The mailbox against servers that fail, lie or attack: the faults of aioimaplib 2.0.3, each with its cure."""

import asyncio
import logging
import socket
import ssl
import time
from collections.abc import Callable, Coroutine

import pytest
from servers.certificates import Authority
from servers.proxy import Fault, Kind, Proxy
from servers.scripted_imap import ScriptedImap, Silence

import intake.imap
import intake.imap_login
from intake.imap import ImapMailbox
from intake.imap_login import Account, Tls
from intake.mailbox import Fetched, Waiting
from service.errors import Permanent, PriemnayaError, Temporary

SECRET = "very secret"


def mailbox_at(server: ScriptedImap, **changes: object) -> ImapMailbox:
    """A mailbox on the scripted server; short of patience."""
    facts: dict[str, object] = {
        "host": "127.0.0.1",
        "port": server.port,
        "tls": Tls.STARTTLS,
        "login": "ivan",
        "password": lambda: SECRET,
        "timeout_seconds": 0.5,
    }
    return ImapMailbox(Account(**(facts | changes)))  # type: ignore[arg-type]  # a table of changes


def on(server: ScriptedImap, work: Callable[[ImapMailbox], Coroutine[object, object, None]], **changes: object) -> None:
    """Start the server, open a mailbox there, work, close."""

    async def run() -> None:
        async with server:
            mailbox = mailbox_at(server, **changes)
            await mailbox.open()
            await work(mailbox)
            await mailbox.close()

    asyncio.run(run())


def refusal(server: ScriptedImap, **changes: object) -> PriemnayaError:
    """The error of opening a mailbox there."""

    async def run() -> PriemnayaError:
        async with server:
            try:
                await mailbox_at(server, **changes).open()
            except PriemnayaError as fault:
                return fault
            raise AssertionError("it opened")

    return asyncio.run(run())


async def fetched(mailbox: ImapMailbox, letters: list[Waiting]) -> list[Fetched]:
    """All of them."""
    return [letter async for letter in mailbox.fetch(letters)]


LETTER = (
    b"Subject: x\r\n\r\n"
    b"* 7 FETCH (UID 99 BODY[] {5}\r\nevil!)\r\n"
    b"* BYE\r\n+ go on\r\nAAAA1 OK FETCH done\r\n* 1 FETCH (FLAGS (\\Deleted))\r\n)\r\n {3}\r\n"
)


# --- framing


@pytest.mark.parametrize("piece", [0, 1, 7, 64])
@pytest.mark.parametrize("name", ["a).pdf", "a(.pdf", "((((", '\\"{5}', "* x * y"])
def test_neither_a_letter_nor_a_file_name_is_ever_read_as_protocol(name: str, piece: int) -> None:
    structure = b'("APPLICATION" "PDF" ("NAME" "%b") NIL NIL "BASE64" 5)' % name.encode()

    def answer(line: str) -> bytes:
        if "BODY.PEEK" not in line:
            return (
                b'* 1 FETCH (UID 3 RFC822.SIZE %d INTERNALDATE " 1-Jan-2026 00:00:00 +0000" BODYSTRUCTURE %b)\r\n'
                b'* 2 FETCH (UID 4 RFC822.SIZE %d INTERNALDATE " 1-Jan-2026 00:00:00 +0000")\r\nTAG OK\r\n'
                % (len(LETTER), structure, len(LETTER))
            )
        return (
            b"* 1 FETCH (BODYSTRUCTURE %b UID 3 BODY[] {%d}\r\n%b FLAGS ())\r\n* 3 EXISTS\r\n"
            b"* 2 FETCH (UID 4 BODY[] {%d}\r\n%b)\r\nTAG OK\r\n" % (structure, len(LETTER), LETTER, len(LETTER), LETTER)
        )

    async def work(mailbox: ImapMailbox) -> None:
        got = await fetched(mailbox, await mailbox.waiting())
        assert [(one.uid, one.raw) for one in got] == [(3, LETTER), (4, LETTER)]

    on(ScriptedImap(letters={3: LETTER, 4: LETTER}, on={"UID FETCH": answer}, piece=piece), work)


def test_an_answer_of_many_lines_needs_no_recursion() -> None:
    letters = dict.fromkeys(range(1, 501), b"x")
    noise = b"".join(b"* %d FETCH (FLAGS (\\Seen))\r\n" % n for n in range(20_000))

    def answer(line: str) -> bytes:
        return noise + b"".join(ScriptedImap.fetched(uid, uid, b"x", whole=False) for uid in letters) + b"TAG OK\r\n"

    async def work(mailbox: ImapMailbox) -> None:
        begun = time.process_time()
        assert len(await mailbox.waiting()) == 500
        assert time.process_time() - begun < 3  # 0.2 s measured

    on(ScriptedImap(letters=letters, on={"UID FETCH": answer}), work, timeout_seconds=5.0)


@pytest.mark.parametrize(
    "words",
    [
        b"* 1 FETCH (UID 3 BODY[] {999999999999}\r\n",
        b"* 1 FETCH (UID 3 BODY[] {4}\r\nfour\r\nTAG OK\r\n",
        b'* 1 FETCH (UID 3 BODY[] "not closed)\r\nTAG OK\r\n',
        b"* 1 FETCH (UID 3 BODY[] NIL))\r\nTAG OK\r\n",
        b"* 1 FETCH (UID\r\nTAG OK\r\n",
        b"* 1 FETCH " + b"(" * 100 + b"\r\nTAG OK\r\n",
        b"OTHER OK done\r\n",
        b"\x00\xff garbage\r\n",
        b"TAG NO [SERVERBUG] broken\r\n",
        b"TAG BAD what?\r\n",
        b"* BYE going down\r\n",
    ],
)
def test_an_unsound_answer_ends_the_connection_and_is_temporary(words: bytes) -> None:
    async def work(mailbox: ImapMailbox) -> None:
        waiting = await mailbox.waiting()
        begun = time.monotonic()
        with pytest.raises(Temporary, match=r"127\.0\.0\.1:\d+: could not read letters: "):
            await fetched(mailbox, waiting)
        assert time.monotonic() - begun < 10
        with pytest.raises(Temporary, match="not connected"):
            await mailbox.waiting()

    script = {"UID FETCH 3 (UID BODY": words}
    on(ScriptedImap(letters={3: b"x"}, on=script), work)


def test_what_nobody_asked_for_is_passed_over() -> None:
    words = (
        b"* 1 FETCH (FLAGS (\\Seen))\r\n* 9 FETCH (UID 99 BODY[] {2}\r\nno)\r\n* OK {5}\r\n* VANISHED 4\r\n"
        b"* 1 FETCH (UID 3 BODY[] {3}\r\nyes)\r\n* 1 FETCH (UID 3 BODY[] {2}\r\nno)\r\n"
        b"* 2 FETCH (UID 4 BODY[] NIL)\r\nTAG OK\r\n"
    )

    async def work(mailbox: ImapMailbox) -> None:
        got = await fetched(mailbox, await mailbox.waiting())
        assert [(one.uid, one.raw) for one in got] == [(3, b"yes")]

    on(ScriptedImap(letters={3: b"x", 4: b"y", 5: b"z"}, on={"UID FETCH 3:5 (UID BODY": words}), work)


def test_a_short_body_may_come_as_a_quoted_string() -> None:
    async def work(mailbox: ImapMailbox) -> None:
        got = await fetched(mailbox, await mailbox.waiting())
        assert got[0].raw == b'a "b" * c \\'

    words = b'* 1 FETCH (UID 3 BODY[] "a \\"b\\" * c \\\\")\r\nTAG OK\r\n'
    on(ScriptedImap(letters={3: b"x"}, on={"UID FETCH 3 (UID BODY": words}), work)


# --- waiting


def test_a_server_that_talks_but_never_ends_is_given_up() -> None:
    async def run() -> None:
        async with ScriptedImap(letters={3: b"x"}, on={"UID SEARCH": Silence.STALL}) as server:
            mailbox = mailbox_at(server)
            await mailbox.open()
            begun = time.monotonic()
            task = asyncio.create_task(mailbox.waiting())
            while not task.done() and time.monotonic() - begun < 30:
                await server.push(b"* OK still busy\r\n")
                await asyncio.sleep(0.05)
            with pytest.raises(Temporary, match="could not list the letters"):
                await task
            assert 0.9 < time.monotonic() - begun < 20

    asyncio.run(run())


def test_a_connection_lost_in_idle_wakes_the_waiter_at_once() -> None:
    async def run() -> None:
        async with ScriptedImap() as server:
            mailbox = mailbox_at(server, timeout_seconds=30.0)
            await mailbox.open()
            asyncio.get_running_loop().call_later(0.1, server.drop)
            begun = time.monotonic()
            with pytest.raises(Temporary, match="could not wait for letters"):
                await mailbox.wait(60)
            assert time.monotonic() - begun < 20

    asyncio.run(run())


def test_a_push_in_idle_is_news_but_a_letter_that_left_is_not() -> None:
    async def run() -> None:
        async with ScriptedImap(letters={3: b"x"}) as server:
            mailbox = mailbox_at(server)
            await mailbox.open()
            loop = asyncio.get_running_loop()
            loop.call_later(0.05, lambda: loop.create_task(server.push(b"* 1 EXPUNGE\r\n* OK hello\r\n")))
            assert not await mailbox.wait(0.2)
            loop.call_later(0.05, lambda: loop.create_task(server.push(b"* 1 EXISTS\r\n")))
            assert await mailbox.wait(5)
            await mailbox.close()

    asyncio.run(run())


def test_idle_is_renewed_in_slices_and_a_dead_peer_is_noticed_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake.imap, "IDLE_SLICE", 0.05)
    server = ScriptedImap()

    async def work(mailbox: ImapMailbox) -> None:
        assert not await mailbox.wait(0.3)
        assert 3 <= sum(line.endswith("IDLE") for line in server.heard) <= 7
        assert sum(line == "DONE" for line in server.heard) >= 3
        server.on["DONE"] = Silence.STALL
        with pytest.raises(Temporary, match="IDLE had no answer"):
            await mailbox.wait(5)

    on(server, work)


def test_without_idle_the_server_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake.imap, "IDLE_SLICE", 0.05)
    server = ScriptedImap(capability="IMAP4rev1")

    async def work(mailbox: ImapMailbox) -> None:
        assert not await mailbox.wait(0.12)
        server.on["NOOP"] = b"* 1 EXISTS\r\nTAG OK\r\n"
        assert await mailbox.wait(5)

    on(server, work)


def test_a_command_that_was_cancelled_takes_its_connection_along() -> None:
    async def work(mailbox: ImapMailbox) -> None:
        listing = asyncio.create_task(mailbox.waiting())
        await asyncio.sleep(0.05)
        listing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listing
        with pytest.raises(Temporary, match="given up"):
            await mailbox.waiting()

    on(ScriptedImap(on={"UID SEARCH": Silence.STALL}), work)


def test_the_network_is_asked_to_notice_a_peer_that_is_gone() -> None:
    async def work(mailbox: ImapMailbox) -> None:
        wire = mailbox._wire
        assert wire is not None
        sock = wire.transport.get_extra_info("socket")
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) <= 120

    on(ScriptedImap(), work)


# --- batches


def test_fetches_keep_to_the_byte_and_number_caps_and_listing_asks_only_for_what_is_new() -> None:
    letters = dict.fromkeys(range(1, 1201), b"small") | dict.fromkeys(range(2000, 2005), b"x" * 3_000_000)
    server = ScriptedImap(letters=letters)

    async def work(mailbox: ImapMailbox) -> None:
        waiting = await mailbox.waiting()
        assert [w.uid for w in waiting] == sorted(letters)
        assert [one.raw for one in await fetched(mailbox, waiting)] == list(letters.values())
        listed = [line for line in server.heard if "RFC822.SIZE" in line]
        read = [line.split()[3] for line in server.heard if "BODY.PEEK" in line]
        assert len(listed) == 3
        assert read == ["1:500", "501:1000", "1001:1200,2000:2001", "2002:2003", "2004"]
        server.letters[3000] = b"new"
        assert len(await mailbox.waiting()) == len(letters) + 1
        assert [line.split()[3] for line in server.heard if "RFC822.SIZE" in line][3:] == ["3000"]

    on(server, work, timeout_seconds=5.0)


def test_a_letter_is_neither_marked_seen_nor_looked_for_by_seen() -> None:
    server = ScriptedImap(letters={3: b"a: b\r\n\r\nc"})

    async def work(mailbox: ImapMailbox) -> None:
        await fetched(mailbox, await mailbox.waiting())
        assert await mailbox.fetch_headers(3) == b"a: b\r\n\r\n"
        assert await mailbox.fetch_headers(4) == b""

    on(server, work)
    said = "\n".join(server.heard)
    assert "SEEN" not in said.upper()
    assert "BODY[" not in said


# --- moving


def test_folders_are_named_under_the_servers_prefix_and_delimiter() -> None:
    server = ScriptedImap(
        capability="IMAP4rev1 MOVE NAMESPACE",
        on={"NAMESPACE": b'* NAMESPACE (("INBOX." ".")) NIL (("#shared." "."))\r\nTAG OK\r\n'},
    )

    async def work(mailbox: ImapMailbox) -> None:
        await mailbox.move([1, 2, 3, 7], "Архив/2026")
        await mailbox.move([1], "INBOX.Done")

    on(server, work)
    moves = [line.partition(" ")[2] for line in server.heard if "MOVE" in line]
    assert moves == ['UID MOVE 1:3,7 "INBOX.&BBAEQARFBDgEMg-.2026"', 'UID MOVE 1 "INBOX.Done"']


@pytest.mark.parametrize("words", [b"TAG NO [TRYCREATE] missing\r\n", b"TAG NO no such mailbox\r\n"])
def test_a_missing_folder_is_made_once(words: bytes) -> None:
    tries: list[str] = []

    def answer(line: str) -> bytes:
        tries.append(line)
        return words if len(tries) == 1 else b"TAG OK\r\n"

    server = ScriptedImap(on={"UID MOVE": answer})

    async def work(mailbox: ImapMailbox) -> None:
        await mailbox.move([1], "Processed")

    on(server, work)
    assert len(tries) == 2
    assert [line.split()[1] for line in server.heard if "Processed" in line] == ["UID", "CREATE", "SUBSCRIBE", "UID"]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (b"TAG NO [OVERQUOTA] the disk is full\r\n", Temporary),
        (b"TAG NO [NOPERM] read only\r\n", Permanent),
        (b"TAG NO no\r\n", Temporary),
        (b"TAG BAD no\r\n", Temporary),
    ],
)
def test_a_refused_move_says_what_the_server_said(words: bytes, kind: type[Exception]) -> None:
    async def work(mailbox: ImapMailbox) -> None:
        with pytest.raises(kind, match=r"could not move letters to 'Processed': the server refused: "):
            await mailbox.move([1], "Processed")

    on(ScriptedImap(on={"UID MOVE": words}), work)


def test_a_folder_name_cannot_carry_a_command() -> None:
    server = ScriptedImap()

    async def work(mailbox: ImapMailbox) -> None:
        await mailbox.move([1], "a\r\nX DELETE INBOX")

    on(server, work)
    # What is no printable ASCII goes over the wire in modified UTF-7: no line can end in it.
    assert not any(line.startswith("X DELETE") for line in server.heard)


# --- the way in


@pytest.mark.parametrize(
    ("server", "kind", "words"),
    [
        (ScriptedImap(greeting=b"220 smtp.example ESMTP\r\n"), Temporary, "no sound IMAP.*220 smtp.*is this an IMAP"),
        (ScriptedImap(greeting=b"HTTP/1.1 400 Bad Request\r\n"), Temporary, "is this an IMAP port"),
        (ScriptedImap(greeting=b"* BYE too many connections\r\n"), Temporary, "too many connections"),
        (ScriptedImap(greeting=b""), Temporary, "no greeting in 0 s|no greeting in 1 s"),
        (ScriptedImap(greeting=b"* PREAUTH welcome\r\n"), Permanent, "PREAUTH before TLS"),
        (ScriptedImap(on={"LOGIN": b"TAG NO [UNAVAILABLE] later\r\n"}), Temporary, "'ivan' was refused.*later"),
        (ScriptedImap(on={"LOGIN": b"TAG NO wrong\r\n"}), Permanent, "'ivan' was refused: wrong.*password_file"),
        (ScriptedImap(on={"SELECT": b"TAG NO [INUSE] locked\r\n"}), Temporary, "cannot be opened.*locked"),
        (ScriptedImap(on={"SELECT": b"TAG NO [NONEXISTENT] no\r\n"}), Permanent, "Check the folder"),
        (ScriptedImap(on={"SELECT": b"TAG OK\r\n"}), Permanent, "no UIDVALIDITY"),
        (ScriptedImap(on={"CAPABILITY": b"TAG BAD\r\n"}), Temporary, "could not log in"),
        (ScriptedImap(on={"LOGIN": Silence.CLOSE}), Temporary, "closed by the server"),
        (ScriptedImap(on={"LOGIN": b"* BYE \x1b[31mno\r\n"}), Temporary, "could not log in"),
    ],
)  # fmt: skip
def test_what_stops_the_way_in_is_told(server: ScriptedImap, kind: type[Exception], words: str) -> None:
    fault = refusal(server)
    assert isinstance(fault, kind)
    with pytest.raises(kind, match=words):
        raise fault
    assert f"127.0.0.1:{server.port}" in str(fault)
    assert SECRET not in str(fault)
    assert str(fault).isprintable()


def test_neither_password_nor_letter_reaches_any_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def work(mailbox: ImapMailbox) -> None:
        await fetched(mailbox, await mailbox.waiting())
        await mailbox.wait(0.05)

    on(ScriptedImap(letters={3: b"Subject: private\r\n\r\n"}), work)
    assert SECRET not in caplog.text
    assert "private" not in caplog.text


# --- STARTTLS


def _far(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the peer were on another machine."""
    monkeypatch.setattr(intake.imap_login, "_is_loopback", lambda wire: False)


def _said_secret(server: ScriptedImap) -> bool:
    return any("LOGIN" in line or "AUTHENTICATE" in line or SECRET in line for line in server.heard)


def _server_tls(authority: Authority, name: str = "localhost") -> ssl.SSLContext:
    certificate = authority.issue(name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    return context


def test_starttls_that_was_stripped_is_never_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    _far(monkeypatch)
    server = ScriptedImap()
    fault = refusal(server)
    assert isinstance(fault, Permanent)
    assert "no STARTTLS" in str(fault)
    assert not _said_secret(server)


@pytest.mark.parametrize("words", [b"TAG NO not now\r\n", b"TAG BAD what?\r\n", Silence.CLOSE, Silence.STALL])
def test_starttls_that_was_refused_is_never_done_without_even_on_loopback(words: bytes | Silence) -> None:
    server = ScriptedImap(capability="IMAP4rev1 STARTTLS", on={"STARTTLS": words})
    assert isinstance(refusal(server), Temporary)
    assert not _said_secret(server)


def test_what_was_slipped_in_before_tls_is_forgotten(authority: Authority) -> None:
    injected = (
        b"TAG OK begin\r\n* CAPABILITY IMAP4rev1 EVIL\r\n* 5 EXISTS\r\nAAAA3 OK LOGIN done\r\n* 1 FETCH (X {50}\r\n"
    )
    server = ScriptedImap(
        letters={3: b"x"},
        capability="IMAP4rev1 STARTTLS",
        on={"STARTTLS": injected},
        tls=_server_tls(authority),
    )

    async def work(mailbox: ImapMailbox) -> None:
        assert mailbox.abilities == {"IMAP4REV1", "STARTTLS"}
        assert [w.uid for w in await mailbox.waiting()] == [3]

    on(server, work, host="localhost", ca_file=authority.ca_file, timeout_seconds=5.0)
    assert _said_secret(server)


@pytest.mark.parametrize("kind", [Kind.CUT, Kind.RESET, Kind.STALL])
def test_a_connection_that_breaks_in_the_tls_handshake_is_told_soon(kind: Kind, authority: Authority) -> None:
    server = ScriptedImap(capability="IMAP4rev1 STARTTLS", tls=_server_tls(authority))

    async def run() -> None:
        async with server, Proxy(server.port, Fault(kind=kind, at_down=b"OK begin")) as proxy:
            server.on["STARTTLS"] = b"TAG OK begin\r\n"
            begun = time.monotonic()
            with pytest.raises(Temporary, match="could not log in"):
                await mailbox_at(server, port=proxy.port, host="localhost", ca_file=authority.ca_file).open()
            assert proxy.strikes == 1
            assert time.monotonic() - begun < 20

    asyncio.run(run())
    assert not _said_secret(server)


def test_starttls_verifies_whom_it_speaks_to(authority: Authority) -> None:
    server = ScriptedImap(capability="IMAP4rev1 STARTTLS", tls=_server_tls(authority, "other.example"))
    fault = refusal(server, host="localhost", ca_file=authority.ca_file, timeout_seconds=5.0)
    assert isinstance(fault, Permanent)
    assert "for another name" in str(fault)
    assert not _said_secret(server)
