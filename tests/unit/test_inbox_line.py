"""Which letters of the mailbox are taken in next: in order of arrival, and every second turn those who wrote last."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from intake.line import AT_ONCE, BATCH_BYTES, FEW, TURN_SECONDS, Line, Look, newest_next, sender_of
from intake.mailbox import Waiting
from intake.maildir import MaildirMailbox
from intake.parse import parse

ALONE = BATCH_BYTES // 2 + 1  # bytes: two such letters do not fit into a batch
NOT_TAKEN = 999  # a UID


def letter(uid: int, *, size: int) -> Waiting:
    return Waiting(uid=uid, size=size, arrived=datetime(2026, 11, 27, tzinfo=UTC))


class Server(MaildirMailbox):
    """Letters by UID, each its sender; `listed` lie there when a look begins, others come later."""

    def __init__(self, senders: Mapping[int, str], *, listed: int) -> None:
        self.of, self.highest = dict(senders), listed
        self.asked, self.falls = 0, False

    def listed(self) -> list[Waiting]:
        return [letter(uid, size=ALONE) for uid in self.of if uid <= self.highest]

    async def newer(self) -> list[Waiting]:
        self.asked += 1
        if self.falls:
            raise ConnectionError
        newer = [letter(uid, size=100) for uid in self.of if uid > self.highest]
        self.highest = max(self.of)
        return newer

    async def senders(self, uids: Sequence[int]) -> dict[int, bytes]:
        return {uid: f"From: {self.of[uid]}\r\n\r\n".encode() for uid in uids}


class Looking:
    """Looks at a server, with a clock of their own."""

    def __init__(self, server: Server) -> None:
        self.server, self.moment = server, 0.0
        self.line = Line(server, now=lambda: self.moment)

    def begins(self, *troubled: int) -> None:
        listed = sorted(self.server.listed(), key=lambda one: one.uid in troubled)
        self.line.begin(
            Look(
                listed=listed, troubled=troubled, failures={}, max_letter=2**40, takes=lambda one: one.uid != NOT_TAKEN
            )
        )

    def next(self, *, takes: float = TURN_SECONDS) -> list[int]:
        """The UIDs of the next batch, which takes so many seconds."""
        batch = asyncio.run(self.line.next())
        self.moment += takes
        return [one.uid for one in batch]

    def rest(self, *, takes: float = TURN_SECONDS) -> list[int]:
        """The UIDs of all batches to the end of the look."""
        taken: list[int] = []
        while batch := self.next(takes=takes):
            taken += batch
        return taken


def looking(server: Server, *troubled: int) -> Looking:
    look = Looking(server)
    look.begins(*troubled)
    return look


def people(*uids: int) -> dict[int, str]:
    return {uid: f"person{uid}@post.example" for uid in uids}


LAIN = people(*range(1, 100))


@pytest.mark.parametrize(
    ("took_newest", "seconds", "expected"),
    [
        pytest.param(False, TURN_SECONDS - 0.1, False, id="a look has just begun, or their turn just was"),
        pytest.param(False, TURN_SECONDS, True, id="it lasts"),
        pytest.param(True, 1000.0, False, id="and after them come the others, however long theirs took"),
    ],
)
def test_the_newest_have_every_second_turn_of_a_look_that_lasts(
    took_newest: bool, seconds: float, expected: bool
) -> None:
    assert newest_next(took_newest=took_newest, seconds=seconds) is expected


def test_who_wrote_just_before_a_long_look_waits_for_one_batch_and_the_oldest_have_every_second() -> None:
    look = looking(Server(LAIN, listed=99))
    assert [look.next() for _ in range(6)] == [[1], [99], [2], [98], [3], [97]]
    assert sorted([1, 99, 2, 98, 3, 97, *look.rest()]) == [*range(1, 100)], "each once"


def test_who_writes_during_a_long_look_waits_for_two_batches_at_most_whenever_it_is() -> None:
    server = Server(LAIN, listed=99)
    look = looking(server)
    for uid in range(100, 130):
        server.of |= people(uid)
        assert uid in look.next() + look.next()


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        pytest.param({}, [99], id="nobody: who was the last"),
        pytest.param(people(100), [100, 99], id="one"),
        pytest.param({100: "Seven <PERSON7@post.example>"}, [7, 100], id="one who waits already: in order"),
        pytest.param({100: "nobody at all"}, [99], id="one whose sender cannot be told"),
        pytest.param(people(NOT_TAKEN), [99], id="one that is not taken"),
        pytest.param(people(*range(100, 150)), [*range(149, 149 - AT_ONCE, -1)], id="many"),
    ],
)
def test_who_has_just_come_is_next(came: dict[int, str], expected: list[int]) -> None:
    look = looking(Server({**LAIN, **came}, listed=99))
    assert look.next() == [1]
    assert look.next() == expected


def test_a_sender_of_whom_many_wait_yields_and_hides_nobody() -> None:
    flood = dict.fromkeys(range(1, 300), "robot@loop.example")
    look = looking(Server({**flood, **people(300), **dict.fromkeys(range(301, 900), "robot@loop.example")}, listed=299))
    assert look.next() == [1]
    assert look.next() == [300]
    assert look.rest() == [*range(2, 300)], "the others come with the next look"
    assert len(flood) > FEW


def test_a_letter_that_failed_lately_has_no_turn_of_the_newest_nor_has_its_sender() -> None:
    senders = {**people(*range(1, 10)), 8: "person9@post.example"}
    look = looking(Server(senders, listed=9), 9)
    assert look.next() == [1]
    assert look.next() == [7]
    assert look.rest()[-1] == 9, "the last: its failure ends a look"


def test_a_short_look_asks_nothing() -> None:
    server = Server(LAIN, listed=9)
    assert looking(server).rest(takes=TURN_SECONDS / 10) == [*range(1, 10)]
    assert server.asked == 0


def test_a_server_that_falls_at_the_question_is_not_asked_again_for_a_while() -> None:
    server = Server(LAIN, listed=99)
    look = looking(server)
    look.next()
    server.falls = True
    with pytest.raises(ConnectionError):
        look.next()
    server.falls = False
    look.begins()
    assert look.next() + look.next() + look.next() == [1, 2, 3]
    assert server.asked == 1
    look.moment += 100
    assert 99 in look.next() + look.next()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"From: A <A.B@Post.example>\r\n\r\n", "a.b@post.example"),
        (b"from:\tx@y.example\n\nFrom: z@y.example", "x@y.example"),
        (
            b"Date: x\r\nFrom: =?utf-8?B?0JDQvdC90LA=?=\r\n =?utf-8?B?0JDQvdC90LA=?=\r\n <a@b.example>\r\n\r\n",
            "a@b.example",
        ),
        (b"From:\r\nTo: x@y.example\r\n\r\n", None),
        (b'From: "ivan@old.example" <Ivan@post.example>\r\n\r\n', "ivan@post.example"),
        (b"From: maria@mail.example <m@evil.example>\r\n\r\n", "m@evil.example"),
        ("From: Иван <ivan@почта.рф>\r\n\r\n".encode(), "ivan@xn--80a1acny.xn--p1ai"),
        (b"Subject: none\r\n\r\n", None),
        (b"Subject: returned\r\n\r\nFrom: x@y.example\r\n", None),
    ],
)
def test_the_sender_is_seen_as_the_parser_sees_it(head: bytes, expected: str | None) -> None:
    assert sender_of(head) == expected
    parsed = parse(head).sender
    assert (parsed.email.lower() if parsed else None) == expected
