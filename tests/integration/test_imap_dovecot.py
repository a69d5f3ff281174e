"""The mailbox over a real Dovecot."""

import asyncio
import itertools
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from urllib.parse import quote

import pytest
from servers.certificates import Authority
from servers.dovecot import PASSWORD, Dovecot, dovecot, token
from servers.proxy import Fault, Kind, Proxy

from intake.imap import ImapMailbox
from intake.imap_login import Account, Tls
from intake.line import sender_of
from intake.mailbox import Fetched, Waiting
from intake.mailbox_url import mailbox_from_url
from service.errors import Permanent, Temporary

_users = (f'Citizen {n} "quoted"@Desk.example' for n in itertools.count())


@pytest.fixture
def user() -> str:
    """A user name of its own for each test; its signs must be quoted."""
    return next(_users)


def account(server: Dovecot, authority: Authority, user: str, **changes: object) -> Account:
    """The user's account over implicit TLS."""
    facts: dict[str, object] = {
        "host": "localhost",
        "port": server.tls_port,
        "tls": Tls.IMPLICIT,
        "login": user,
        "password": lambda: PASSWORD,
        "ca_file": authority.ca_file,
        "timeout_seconds": 5.0,
    }
    return Account(**(facts | changes))  # type: ignore[arg-type]  # a table of changes


def with_open(account: Account, work: Callable[[ImapMailbox], Coroutine[object, object, None]]) -> None:
    """Open, work, close."""

    async def run() -> None:
        mailbox = ImapMailbox(account)
        try:
            await mailbox.open()
            await work(mailbox)
        finally:
            await mailbox.close()

    asyncio.run(run())


async def fetched(mailbox: ImapMailbox, letters: list[Waiting]) -> list[Fetched]:
    """All of them."""
    return [letter async for letter in mailbox.fetch(letters)]


def letter(n: int, size: int = 200) -> bytes:
    """A letter as it comes over the wire."""
    line = b"* 7 FETCH (UID 99 BODY[] {5} a).pdf\r\n"
    return b"Subject: %d\r\n\r\n" % n + line * (size // len(line) + 1)


def as_kept(*letters: bytes) -> list[bytes]:
    """What Dovecot.kept shows of these letters."""
    return sorted(raw.replace(b"\r\n", b"\n") for raw in letters)


@pytest.mark.parametrize("tls", list(Tls))
def test_letters_come_whole_over_both_ways_of_tls(
    tls: Tls, mail_server: Dovecot, authority: Authority, user: str
) -> None:
    letters = [letter(n) for n in range(3)] + [letter(9, 6_000_000)]
    mail_server.deliver(user, *letters)
    port = mail_server.tls_port if tls is Tls.IMPLICIT else mail_server.port

    async def work(mailbox: ImapMailbox) -> None:
        waiting = await mailbox.waiting()
        assert [w.size for w in waiting] == [len(raw) for raw in letters]
        assert all(abs(w.arrived.timestamp() - time.time()) < 60 for w in waiting)
        got = await fetched(mailbox, waiting)
        assert [one.raw for one in got] == letters
        assert [one.uid for one in got] == [w.uid for w in waiting]
        assert await mailbox.fetch_headers(waiting[3].uid) == b"Subject: 9\r\n\r\n"

    with_open(account(mail_server, authority, user, tls=tls, port=port), work)


def test_uidvalidity_and_uids_stay_over_connections(mail_server: Dovecot, authority: Authority, user: str) -> None:
    mail_server.deliver(user, letter(1), letter(2))

    async def look() -> tuple[int, list[int]]:
        mailbox = ImapMailbox(account(mail_server, authority, user))
        validity = await mailbox.open()
        uids = [w.uid for w in await mailbox.waiting()]
        await mailbox.close()
        return validity, uids

    first = asyncio.run(look())
    assert first == asyncio.run(look())
    assert len(first[1]) == 2


def test_what_came_since_and_who_sent_it(mail_server: Dovecot, authority: Authority, user: str) -> None:
    def of(sender: str, n: int) -> bytes:
        return f"From: {sender}\r\n".encode() + letter(n)

    mail_server.deliver(user, of("<ivan@post.example>", 1), letter(2))

    async def work(mailbox: ImapMailbox) -> None:
        first, second = (w.uid for w in await mailbox.waiting())
        assert await mailbox.newer() == []
        mail_server.deliver(user, of("Anna\r\n <Anna@post.example>", 3))
        await mailbox.wait(5)
        (third,) = await mailbox.newer()
        assert third.size == len(of("Anna\r\n <Anna@post.example>", 3))
        assert await mailbox.newer() == []
        heads = await mailbox.senders([first, second, third.uid, 4_000_000_000])
        assert [sender_of(heads.get(uid, b"")) for uid in (first, second, third.uid, 4_000_000_000)] == [
            "ivan@post.example", None, "anna@post.example", None,
        ]  # fmt: skip
        assert await mailbox.senders([]) == {}

    with_open(account(mail_server, authority, user), work)


@pytest.mark.parametrize("folder", ["Processed", "Готово & сдано", 'Odd "name"', "Архив/2026", "Слишком большие ✉ 🙂"])
def test_a_letter_moves_into_any_folder_which_is_made_when_missing(
    folder: str, mail_server: Dovecot, authority: Authority, user: str
) -> None:
    mail_server.deliver(user, letter(1), letter(2), letter(3))

    async def work(mailbox: ImapMailbox) -> None:
        uids = [w.uid for w in await mailbox.waiting()]
        await mailbox.move([uids[0]], folder)
        await mailbox.move([uids[0], uids[1], 4_000_000_000], folder)
        assert [w.uid for w in await mailbox.waiting()] == [uids[2]]

    with_open(account(mail_server, authority, user), work)
    assert mail_server.kept(user, folder) == as_kept(letter(1), letter(2))

    async def read(mailbox: ImapMailbox) -> None:
        got = await fetched(mailbox, await mailbox.waiting())
        assert sorted(one.raw for one in got) == [letter(1), letter(2)]

    with_open(account(mail_server, authority, user, folder=folder), read)


def test_without_move_a_letter_is_copied_then_expunged(
    plain_mail_server: Dovecot, authority: Authority, user: str
) -> None:
    plain_mail_server.deliver(user, letter(1), letter(2))

    async def work(mailbox: ImapMailbox) -> None:
        assert "MOVE" not in mailbox.abilities
        uids = [w.uid for w in await mailbox.waiting()]
        await mailbox.move([uids[0]], "Processed")
        await mailbox.move([uids[0]], "Processed")
        assert [w.uid for w in await mailbox.waiting()] == [uids[1]]

    with_open(account(plain_mail_server, authority, user, tls=Tls.STARTTLS, port=plain_mail_server.port), work)
    assert plain_mail_server.kept(user, "Processed") == as_kept(letter(1))
    assert plain_mail_server.kept(user) == as_kept(letter(2))


def test_without_move_and_uidplus_nothing_is_expunged_and_nothing_comes_twice(authority: Authority, user: str) -> None:
    with dovecot(authority.issue("localhost"), capability="IMAP4rev1 IDLE") as server:
        server.deliver(user, letter(1), letter(2))

        async def work(mailbox: ImapMailbox) -> None:
            uids = [w.uid for w in await mailbox.waiting()]
            await mailbox.move([uids[0]], "Processed")
            assert [w.uid for w in await mailbox.waiting()] == [uids[1]]

        with_open(account(server, authority, user), work)
        assert server.kept(user) == as_kept(letter(1), letter(2))
        assert server.kept(user, "Processed") == as_kept(letter(1))


def test_idle_tells_of_a_new_letter_at_once_and_waits_otherwise(
    mail_server: Dovecot, authority: Authority, user: str
) -> None:
    async def work(mailbox: ImapMailbox) -> None:
        begun = time.monotonic()
        assert not await mailbox.wait(0.3)
        assert time.monotonic() - begun >= 0.3
        asyncio.get_running_loop().call_later(0.2, mail_server.deliver, user, letter(1))
        assert await mailbox.wait(60)
        assert time.monotonic() - begun < 30
        assert len(await mailbox.waiting()) == 1
        assert not await mailbox.wait(0.1)

    with_open(account(mail_server, authority, user), work)


def test_a_letter_that_comes_between_listing_and_waiting_is_not_slept_over(
    mail_server: Dovecot, authority: Authority, user: str
) -> None:
    async def work(mailbox: ImapMailbox) -> None:
        await mailbox.waiting()
        mail_server.deliver(user, letter(1))
        begun = time.monotonic()
        assert await mailbox.wait(60)
        assert time.monotonic() - begun < 30

    with_open(account(mail_server, authority, user), work)


def test_a_wait_that_is_cancelled_leaves_the_mailbox_usable(
    mail_server: Dovecot, authority: Authority, user: str
) -> None:
    async def work(mailbox: ImapMailbox) -> None:
        for pause in (0.0, 0.001, 0.2):
            waiting = asyncio.create_task(mailbox.wait(60))
            await asyncio.sleep(pause)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert await mailbox.waiting() == []

    with_open(account(mail_server, authority, user), work)


def test_a_thousand_letters_are_listed_and_fetched_quickly(
    mail_server: Dovecot, authority: Authority, user: str
) -> None:
    maildir = mail_server.maildir(user)
    for n in range(1000):
        (maildir / "new" / f"{n:06}.test").write_bytes(letter(n, 8000))
        (maildir / "new" / f"{n:06}.test").chmod(0o666)

    async def work(mailbox: ImapMailbox) -> None:
        cpu = time.process_time()
        waiting = await mailbox.waiting()
        assert len({w.uid for w in waiting}) == 1000
        assert len(await fetched(mailbox, waiting)) == 1000
        assert time.process_time() - cpu < 1.5  # 0.1 s measured; quadratic work shows
        await mailbox.move([w.uid for w in waiting], "Processed")
        assert await mailbox.waiting() == []

    with_open(account(mail_server, authority, user), work)


def test_a_token_logs_in_by_xoauth2(mail_server: Dovecot, authority: Authority, user: str) -> None:
    login = f"{abs(hash(user))}@desk.example"

    async def work(mailbox: ImapMailbox) -> None:
        assert "MOVE" in mailbox.abilities
        assert await mailbox.waiting() == []

    with_open(account(mail_server, authority, login, password=None, token=lambda: token(login)), work)


def test_words_that_are_not_ascii_and_tokens_log_in_without_sasl_ir(
    plain_mail_server: Dovecot, authority: Authority
) -> None:
    for changes in (
        {"login": "иван@почта.рф"},
        {"login": "ivan@desk.example", "token": lambda: token("ivan@desk.example")},
    ):
        facts = account(plain_mail_server, authority, "", tls=Tls.STARTTLS, port=plain_mail_server.port, **changes)

        async def work(mailbox: ImapMailbox) -> None:
            assert "SASL-IR" not in mailbox.abilities
            assert await mailbox.waiting() == []

        with_open(facts, work)


@pytest.mark.parametrize("sasl_ir", [True, False])
def test_a_refused_token_is_told_at_once(
    sasl_ir: bool, mail_server: Dovecot, plain_mail_server: Dovecot, authority: Authority
) -> None:
    begun = time.monotonic()
    server = mail_server if sasl_ir else plain_mail_server
    stale = account(
        server, authority, "a@b", port=server.port, tls=Tls.STARTTLS, timeout_seconds=60.0,
        token=lambda: token("a@b", lives_seconds=-5),
    )  # fmt: skip
    with pytest.raises(Permanent, match=r"login 'a@b' was refused.*token_command"):
        asyncio.run(ImapMailbox(stale).open())
    assert time.monotonic() - begun < 30


class Case:
    """What is wrong, and what must be said."""

    def __init__(self, kind: type[Exception], words: str, **changes: object) -> None:
        self.kind, self.words, self.changes = kind, words, changes


WRONG = {
    "password": Case(Permanent, "login 'ivan' was refused.*password_file", password=lambda: "no"),
    "no password": Case(Permanent, "no password: set mailbox.password_file", password=None),
    "line end in the password": Case(Permanent, "line end or NUL", password=lambda: "a\r\nX LOGOUT"),
    "folder": Case(Permanent, "folder 'Нет такой' cannot be opened", folder="Нет такой"),
    "authority": Case(Permanent, "signed by an authority unknown here: set mailbox.ca_file", ca_file=None),
    "host name": Case(Permanent, "certificate is for another address", host="127.0.0.1"),
    "unknown host": Case(Temporary, "host name is not known", host="imap.invalid"),
    "TLS to a plain port": Case(Permanent, "no TLS is spoken there.*imap://", port="plain"),
    "plain to a TLS port": Case(Temporary, "no greeting in 1 s.*imaps://", tls=Tls.STARTTLS, timeout_seconds=1.0),
    "nobody listens": Case(Temporary, "nothing listens there", port=1),
    "ca_file is missing": Case(Permanent, "ca_file.*cannot be read", ca_file=Path("/nonexistent.pem")),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_set_wrong_is_named_with_its_remedy(name: str, mail_server: Dovecot, authority: Authority) -> None:
    case = WRONG[name]
    changes = dict(case.changes)
    if changes.get("port") == "plain":
        changes["port"] = mail_server.port
    wrong = account(mail_server, authority, "ivan", **changes)
    with pytest.raises(case.kind, match=case.words) as caught:
        asyncio.run(ImapMailbox(wrong).open())
    assert PASSWORD not in str(caught.value)
    assert wrong.host in str(caught.value) or "ca_file" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "days", "words"),
    [
        ("localhost", (-9, -1), "has expired"),
        ("localhost", (1, 9), "not valid yet"),
        ("other.example", (-1, 9), "is for another name"),
    ],
)
def test_a_certificate_that_does_not_hold_is_refused_both_ways(
    name: str, days: tuple[int, int], words: str, authority: Authority
) -> None:
    with dovecot(authority.issue(name, days=days)) as server:
        for tls, port in ((Tls.IMPLICIT, server.tls_port), (Tls.STARTTLS, server.port)):
            with pytest.raises(Permanent, match=words):
                asyncio.run(ImapMailbox(account(server, authority, "ivan", tls=tls, port=port)).open())


def test_the_url_opens_the_same_mailbox(mail_server: Dovecot, authority: Authority, user: str) -> None:
    mail_server.deliver(user, letter(1))

    async def run() -> None:
        mailbox = mailbox_from_url(
            f"imap://{quote(user)}@localhost:{mail_server.port}/INBOX",
            password=lambda: PASSWORD,
            ca_file=authority.ca_file,
        )
        await mailbox.open()
        assert len(await mailbox.waiting()) == 1
        await mailbox.close()

    asyncio.run(run())


PLACES = [
    b"CAPABILITY", b"LOGIN", b"NAMESPACE", b"SELECT", b"UID SEARCH", b"RFC822.SIZE", b"BODY.PEEK",
    b"UID COPY", b"CREATE", b"UID STORE", b"UID EXPUNGE", b"IDLE", b"DONE",
]  # fmt: skip


@pytest.mark.parametrize("kind", [Kind.CUT, Kind.RESET, Kind.STALL])
@pytest.mark.parametrize("place", PLACES, ids=bytes.decode)
def test_a_connection_that_breaks_anywhere_is_told_soon_and_loses_no_letter(
    place: bytes, kind: Kind, plain_mail_server: Dovecot, authority: Authority, user: str
) -> None:
    letters = [letter(1), letter(2, 300_000)]
    plain_mail_server.deliver(user, *letters)

    async def whole_way(mailbox: ImapMailbox) -> list[bytes]:
        await mailbox.open()
        waiting = await mailbox.waiting()
        got = await fetched(mailbox, waiting)
        await mailbox.move([w.uid for w in waiting], "Processed")
        await mailbox.wait(0.05)
        await mailbox.waiting()
        return [one.raw for one in got]

    async def run() -> None:
        async with Proxy(plain_mail_server.port, Fault(kind=kind, at=place)) as proxy:
            mailbox = ImapMailbox(
                account(
                    plain_mail_server, authority, user, host="127.0.0.1", port=proxy.port, tls=Tls.STARTTLS,
                    timeout_seconds=1.0 if kind is Kind.STALL else 30.0,
                )
            )  # fmt: skip
            begun = time.monotonic()
            with pytest.raises(Temporary, match=f"127.0.0.1:{proxy.port}"):
                await whole_way(mailbox)
            assert time.monotonic() - begun < 20
            assert proxy.strikes == 1
            with pytest.raises(Temporary, match="not connected"):
                await mailbox.waiting()
            proxy.fault = None
            await whole_way(mailbox)
            await mailbox.close()

    asyncio.run(run())
    processed = set(plain_mail_server.kept(user, "Processed"))
    assert processed == set(as_kept(*letters))  # one copied but not yet expunged may be there twice
    assert plain_mail_server.kept(user) == []


def test_a_slow_link_is_borne_while_bytes_come(plain_mail_server: Dovecot, authority: Authority, user: str) -> None:
    plain_mail_server.deliver(user, letter(1, 400_000))

    async def run() -> None:
        slow = Fault(kind=Kind.THROTTLE, at_down=b"BODY[]", rate=400_000)
        async with Proxy(plain_mail_server.port, slow) as proxy:
            mailbox = ImapMailbox(
                account(plain_mail_server, authority, user, port=proxy.port, tls=Tls.STARTTLS, timeout_seconds=0.4)
            )
            await mailbox.open()
            begun = time.monotonic()
            got = await fetched(mailbox, await mailbox.waiting())
            assert got[0].raw == letter(1, 400_000)
            assert time.monotonic() - begun > 0.5
            await mailbox.close()

    asyncio.run(run())
