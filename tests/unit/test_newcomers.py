"""Who comes while the line in the mailbox is long: taken in next, but never before an earlier letter of the same sender."""

import asyncio
from datetime import UTC, datetime

import pytest

from intake.mailbox import Waiting
from intake.maildir import MaildirMailbox
from intake.newcomers import AT_ONCE, EVERY_SECONDS, FEW, Newcomers, sender_of


def waiting(uid: int) -> Waiting:
    return Waiting(uid=uid, size=100, arrived=datetime(2026, 11, 27, tzinfo=UTC))


class Server(MaildirMailbox):
    """Letters by UID, each a sender."""

    def __init__(self, **senders: str) -> None:
        self.senders = {int(uid.removeprefix("u")): sender for uid, sender in senders.items()}
        self.asked = 0

    async def newer(self, than: int) -> list[Waiting]:
        self.asked += 1
        return [waiting(uid) for uid in sorted(self.senders) if uid > than]

    async def fetch_headers(self, uid: int) -> bytes:
        return f"Subject: x\r\nFrom: {self.senders[uid]}\r\n\r\n".encode()

    async def of_sender(self, address: str) -> list[int]:
        return [uid for uid, sender in self.senders.items() if address in sender]


def coming(server: Server, *, listed: int, after: float = EVERY_SECONDS) -> list[int]:
    """The UIDs that are taken in next, so many seconds after a look at the first so many letters began."""
    moments = iter([0.0, after, after])
    newcomers = Newcomers(server, now=lambda: next(moments))
    newcomers.begin([waiting(uid) for uid in range(1, listed + 1)])
    return [letter.uid for letter in asyncio.run(newcomers.come())]


OLD = {f"u{uid}": f"old{uid}@post.example" for uid in range(1, 100)}


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        pytest.param({}, [], id="nobody"),
        pytest.param({"u100": "new@post.example"}, [100], id="one"),
        pytest.param({"u100": "Old <OLD7@post.example>"}, [7, 100], id="one who waits already: in order"),
        pytest.param({"u100": "nobody at all"}, [], id="one whose sender cannot be told"),
        pytest.param({f"u{uid}": f"new{uid}@post.example" for uid in range(100, 130)}, [*range(120, 130)], id="many"),
    ],
)
def test_who_has_just_come_is_next(came: dict[str, str], expected: list[int]) -> None:
    assert coming(Server(**OLD, **came), listed=99) == expected
    assert len(expected) <= AT_ONCE


def test_a_sender_of_whom_many_wait_yields() -> None:
    flood = {f"u{uid}": "robot@loop.example" for uid in range(1, 2 + FEW)}
    new = FEW + 2
    assert coming(Server(**flood, **{f"u{new}": "robot@loop.example"}), listed=new - 1) == []


def test_a_short_look_asks_nothing() -> None:
    server = Server(**OLD, u100="new@post.example")
    assert coming(server, listed=99, after=EVERY_SECONDS - 0.1) == []
    assert server.asked == 0


def test_a_server_that_fell_silent_at_the_question_is_not_asked_again_before_a_whole_look() -> None:
    class Falling(Server):
        async def of_sender(self, address: str) -> list[int]:
            raise ConnectionError(address)

    server = Falling(**OLD, u100="new@post.example")
    moments = iter(range(0, 1000, 10))
    newcomers = Newcomers(server, now=lambda: next(moments))
    newcomers.begin([waiting(1)])
    with pytest.raises(ConnectionError):
        asyncio.run(newcomers.come())
    newcomers.begin([waiting(1)])
    assert asyncio.run(newcomers.come()) == []
    assert server.asked == 1
    newcomers.end()
    with pytest.raises(ConnectionError):
        asyncio.run(newcomers.come())


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"From: A <A.B@Post.example>\r\n\r\n", "a.b@post.example"),
        (b"from:\tx@y.example\n\nFrom: z@y.example", "x@y.example"),
        (b"Subject: none\r\n\r\n", None),
    ],
)
def test_the_sender_is_seen_at_a_glance(head: bytes, expected: str | None) -> None:
    assert sender_of(head) == expected
