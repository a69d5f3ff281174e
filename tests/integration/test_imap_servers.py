"""The mailbox against Cyrus and Courier: what a server lacks (MOVE with Courier) is done another way."""

import asyncio
import contextlib
import imaplib
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest
from servers.certificates import Authority
from servers.courier import courier
from servers.cyrus import Imap, cyrus

from intake.imap import ImapMailbox
from intake.imap_login import Account, Tls
from intake.line import sender_of
from intake.mailbox import Fetched, Waiting

pytestmark = pytest.mark.long
LETTERS = [
    b"Subject: one\r\n\r\nfirst\r\n",
    b"From: Ivan\r\n <ivan@post.example>\r\nSubject: two\r\n\r\n"
    + b"a longer line of text, many times over\r\n" * 9000,
    "Subject: three\r\n\r\nкириллица как есть\r\n".encode(),
]
SERVERS: dict[str, Callable[[Authority], AbstractContextManager[Imap]]] = {
    "cyrus": lambda authority: cyrus(authority.issue("localhost")),
    "cyrus, folders below the inbox": lambda authority: cyrus(authority.issue("localhost"), beside=False),
    "courier": lambda authority: courier(),
}


@pytest.fixture(params=list(SERVERS))
def server(request: pytest.FixtureRequest, authority: Authority) -> Iterator[Imap]:
    with SERVERS[request.param](authority) as running:
        yield running


@contextlib.contextmanager
def by_hand(server: Imap) -> Iterator[imaplib.IMAP4]:
    """Another client of the same mailbox."""
    client = imaplib.IMAP4("127.0.0.1", server.port)
    client.login(server.user, server.password)
    yield client
    client.logout()


def put(server: Imap, *letters: bytes) -> None:
    with by_hand(server) as client:
        for raw in letters:
            assert client.append("INBOX", "", "", raw)[0] == "OK"


def on(server: Imap, authority: Authority, work: Callable[[ImapMailbox], Coroutine[object, object, None]]) -> None:
    """Opens the mailbox, over TLS where the server has it, works, closes."""
    account = Account(
        host="localhost" if server.tls_port else "127.0.0.1",
        port=server.tls_port or server.port,
        tls=Tls.IMPLICIT if server.tls_port else Tls.STARTTLS,
        login=server.user,
        password=lambda: server.password,
        ca_file=authority.ca_file,
        timeout_seconds=20.0,
    )

    async def run() -> None:
        mailbox = ImapMailbox(account)
        assert await mailbox.open() > 0
        await work(mailbox)
        await mailbox.close()

    asyncio.run(run())


async def all_of(mailbox: ImapMailbox, waiting: list[Waiting]) -> list[Fetched]:
    return [letter async for letter in mailbox.fetch(waiting)]


def test_letters_come_out_as_they_went_in_and_move_into_a_folder_that_is_made(
    server: Imap, authority: Authority
) -> None:
    put(server, *LETTERS)

    async def work(mailbox: ImapMailbox) -> None:
        waiting = await mailbox.waiting()
        assert sorted(one.raw for one in await all_of(mailbox, waiting)) == sorted(LETTERS)
        assert await mailbox.fetch_headers(waiting[0].uid) == b"Subject: one\r\n\r\n"
        heads = await mailbox.senders([one.uid for one in waiting])
        assert [sender_of(heads.get(one.uid, b"")) for one in waiting] == [None, "ivan@post.example", None]
        for folder in ("Processed", "Разобрано"):
            await mailbox.move([waiting.pop().uid], folder)
        assert [one.uid for one in await mailbox.waiting()] == [one.uid for one in waiting]

    on(server, authority, work)
    with by_hand(server) as client:
        folders = [line.decode().rpartition(' "')[2].rstrip('"').rpartition(" ")[2] for line in client.list()[1]]  # type: ignore[union-attr]
    assert any(folder.endswith("Processed") for folder in folders)
    assert any(folder.endswith("&BCAEMAQ3BD4EMQRABDAEPQQ+-") for folder in folders)


def test_a_letter_that_arrives_is_noticed_while_we_wait(server: Imap, authority: Authority) -> None:
    async def work(mailbox: ImapMailbox) -> None:
        await mailbox.waiting()
        loop = asyncio.get_running_loop()
        loop.call_later(0.5, lambda: loop.run_in_executor(None, put, server, LETTERS[0]))
        began = time.monotonic()
        assert await mailbox.wait(60)
        assert time.monotonic() - began < 45
        assert len(await mailbox.waiting()) == 1

    on(server, authority, work)


def test_five_hundred_letters_move_at_once(server: Imap, authority: Authority) -> None:
    letters = [b"Subject: %d\r\n\r\nx\r\n" % n for n in range(500)]
    with ThreadPoolExecutor(20) as pool:  # Courier lets each connection wait a second for each APPEND
        list(pool.map(lambda start: put(server, *letters[start : start + 25]), range(0, 500, 25)))

    async def work(mailbox: ImapMailbox) -> None:
        waiting = await mailbox.waiting()
        assert len(await all_of(mailbox, waiting)) == 500
        await mailbox.move([one.uid for one in waiting], "Processed")
        assert await mailbox.waiting() == []

    on(server, authority, work)
    with by_hand(server) as client:
        names = [line.decode() for line in client.list()[1]]  # type: ignore[union-attr]
        name = next(line.rpartition(" ")[2] for line in names if "Processed" in line)
        assert client.select(name, readonly=True)[1] == [b"500"]
