"""The three loops on a real store, a Maildir and real worker processes; only judging is made plain."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from plain_reader import plain_reader
from sqlalchemy import Connection, text

import intake.line
import intake.maildir
import intake.receive
from intake.mailbox import Fetched, Waiting
from intake.maildir import MaildirMailbox
from intake.receive import Intake, Rules
from outbox.post import Post
from outbox.send import MaildirSender
from service.apart import apart
from service.daemon import Progress
from service.errors import Temporary
from service.patience import Patience
from service.settings import Settings
from service.workers import Workers
from store import rows
from store.blobs import open_blobs
from store.database import Store
from store.records import ClaimedLetter, LetterState, NewTicket, OutgoingMail, SettledLetter
from store.upgrade import migrate
from tickets.desk import LEASE_MS, Desk, letters_at_once
from tickets.number import make_number
from tickets.terms import terms_of
from tickets.verdict import Judged

MOSCOW = ZoneInfo("Europe/Moscow")


class House:
    """A desk on a folder."""

    def __init__(self, folder: Path) -> None:
        self.inbox, self.outbox = folder / "inbox", folder / "outbox"
        for part in ("tmp", "new", "cur"):
            (self.inbox / part).mkdir(parents=True, exist_ok=True)
        self.store = Store(f"sqlite:///{folder}/store.db")
        migrate(self.store)
        self.blobs = open_blobs(f"file://{folder}/blobs")

    def deliver(self, *bodies: str) -> None:
        for body in bodies:
            name = f"{time.time_ns()}.test"
            (self.inbox / "tmp" / name).write_text(f"From: {name}@post.example\nSubject: x\n\n{body}\n")
            (self.inbox / "tmp" / name).rename(self.inbox / "new" / name)

    def age(self, seconds: float) -> None:
        """What lies in the inbox has lain there so long."""
        then = time.time() - seconds
        for file in (self.inbox / "new").iterdir():
            os.utime(file, (then, then))

    async def run(
        self,
        enough: Callable[[], bool],
        *,
        seconds: float = 20,
        since_ms: int = 0,
        take_old: bool = False,
        loops: tuple[str, ...] = ("desk", "intake", "post"),
        mailbox: type[MaildirMailbox] = MaildirMailbox,
    ) -> None:
        """Runs the loops until `enough`, then stops them in good order."""
        stop, progress = asyncio.Event(), Progress()
        post = Post(self.store, MaildirSender(self.outbox), terms=terms_of(Settings()), progress=progress)
        workers = Workers(plain_reader, count=2, seconds=0.5, memory_mb=256)
        await workers.start()
        desk = Desk(self.store, self.blobs, workers, record=record, settled=post.reply_queued, progress=progress)
        rules = Rules(
            processed="Processed",
            too_large="TooLarge",
            max_letter=10_000,
            poll_seconds=0.5,
            since_ms=since_ms,
            take_old=take_old,
            holder="test",
        )
        receiving = Intake(
            mailbox(self.inbox), self.store, self.blobs, rules=rules, arrived=desk.letters_arrived,
            progress=progress,
        )  # fmt: skip
        every = {
            "desk": lambda: desk.run(stop, count=2),
            "intake": lambda: receiving.run(stop),
            "post": lambda: apart(post.run, stop, name="post"),
        }
        running = [asyncio.create_task(every[name]()) for name in loops]
        ends = time.monotonic() + seconds
        while not enough() and time.monotonic() < ends:
            await asyncio.sleep(0.05)
        stop.set()
        await asyncio.gather(*running)
        await workers.stop()

    def replies(self) -> int:
        return len(list((self.outbox / "new").glob("*"))) if self.outbox.exists() else 0

    def one(self, query: str) -> object:
        with self.store.reading() as conn:
            return conn.execute(text(query)).scalar()


def record(conn: Connection, claim: ClaimedLetter, judged: Judged) -> str:
    """Opens a ticket and queues a reply, with nothing decided."""
    verdict = judged.verdict
    if verdict.fields.description == "break":
        raise ValueError("recording this letter breaks the code")
    settled = SettledLetter(
        state=LetterState.SETTLED, message_id=None, sender=verdict.sender, verdict={}, content_key=str(claim.id)
    )
    rows.settle(conn, claim, settled)
    new = NewTicket(
        letter_id=claim.id, state="new", topic="other", confidence=1.0, needs_review=False, kind="request",
        address=verdict.sender, subject="", fields={"description": verdict.fields.description or ""}, missing=(),
        opened_ms=rows.now(conn), first_due_ms=None, final_due_ms=None,
    )  # fmt: skip
    ticket = rows.open_ticket(conn, new, zone=MOSCOW, make_number=make_number)
    rows.queue_reply(
        conn,
        OutgoingMail(
            letter_id=claim.id, ticket_id=ticket.id, kind="acknowledgement", automatic=True,
            recipient=verdict.sender or "", envelope_from="", message_id=f"{claim.id}@desk.example",
            raw=b"Subject: ok\n\n",
        ),
    )  # fmt: skip
    return f"ticket {ticket.number}"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_every_letter_becomes_one_ticket_and_one_reply_and_moves(house: House) -> None:
    house.deliver(*(f"letter {n}" for n in range(30)))
    asyncio.run(house.run(lambda: house.replies() == 30))
    assert house.one("SELECT count(*) FROM tickets") == 30
    assert house.one("SELECT count(DISTINCT message_id) FROM outbox WHERE state = 'sent'") == 30
    assert list((house.inbox / "new").iterdir()) == []
    assert house.one("SELECT count(*) FROM letters WHERE moved_ms IS NOT NULL") == 30


def test_a_letter_that_arrives_while_we_wait_is_answered_within_seconds(house: House) -> None:
    began: list[float] = []

    def enough() -> bool:
        if not began:
            began.append(time.monotonic())
            house.deliver("hello")
        return house.replies() == 1

    asyncio.run(house.run(enough))
    assert house.replies() == 1
    assert time.monotonic() - began[0] < 20


@pytest.mark.parametrize(("seconds", "each"), [(0.5, 3), (10.0, 3), (10.1, 2), (15.0, 2), (15.1, 1), (60.0, 1)])
def test_a_desk_holds_no_more_letters_than_could_all_overrun_within_the_lease(seconds: float, each: int) -> None:
    assert letters_at_once(2, seconds) == 2 * each
    assert each == 1 or each * seconds * 1000 <= LEASE_MS


def test_who_writes_behind_a_long_line_is_among_the_first_to_be_read_and_to_be_answered(house: House) -> None:
    house.deliver(*(f"old {n}" for n in range(40)))
    house.age(3600)
    house.deliver("new")
    asyncio.run(house.run(lambda: house.one("SELECT count(*) FROM letters") == 41, loops=("intake",)))
    asyncio.run(house.run(lambda: house.one("SELECT count(*) FROM tickets") == 41, loops=("desk",)))
    new = "(SELECT id FROM letters ORDER BY arrived_ms DESC LIMIT 1)"
    sooner = f"SELECT count(*) FROM letters WHERE settled_ms < (SELECT settled_ms FROM letters WHERE id = {new})"  # noqa: S608
    assert house.one(sooner) < 12  # type: ignore[operator]  # three at once, of the front, then of the end
    with house.store.writing() as conn:
        older = f"UPDATE outbox SET due = due - 3600000, created_ms = created_ms - 3600000 WHERE letter_id <> {new}"  # noqa: S608
        conn.execute(text(older))
    asyncio.run(house.run(lambda: house.replies() == 41, loops=("post",)))
    sooner = f"SELECT count(*) FROM outbox WHERE sent_ms < (SELECT sent_ms FROM outbox WHERE letter_id = {new})"  # noqa: S608
    assert house.one(sooner) == 1


def test_letters_from_before_the_start_stay_until_they_are_asked_for_and_then_are_silent(house: House) -> None:
    house.deliver("old")
    (old,) = (house.inbox / "new").iterdir()
    os.utime(old, (1_000_000, 1_000_000))
    house.deliver("new")
    told = "SELECT count(*) FROM letters WHERE NOT silent"
    asyncio.run(house.run(lambda: house.replies() == 1, since_ms=2_000_000_000))
    assert old.exists()
    assert house.one("SELECT older FROM mailboxes") == 1
    assert house.one(told) == 1
    asyncio.run(house.run(lambda: not old.exists(), take_old=True))
    assert house.one("SELECT count(*) FROM letters WHERE silent") == 1
    assert house.one(told) == 1


def test_a_letter_under_the_uid_of_a_moved_one_is_read_and_the_same_letter_only_moved(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail server put back from its backup gives its UIDs a second time."""
    monkeypatch.setattr(intake.maildir, "uid_of", lambda *_, **__: 5)
    inbox = house.inbox / "new"
    house.deliver("first")
    asyncio.run(house.run(lambda: house.replies() == 1))
    house.deliver("second")
    asyncio.run(house.run(lambda: house.replies() == 2))
    assert house.one("SELECT count(*) FROM tickets") == 2
    moved = list((house.inbox / ".Processed").rglob("*.test*"))
    assert len(moved) == 2
    for processed in moved:
        processed.rename(inbox / processed.name.partition(":")[0])
        asyncio.run(house.run(lambda: not list(inbox.iterdir())))
    assert (house.replies(), house.one("SELECT count(*) FROM letters")) == (2, 2)


def test_a_moved_letter_that_a_kill_left_unmarked_is_marked_at_the_next_start(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else its UID would be waited for, and another letter under it be moved unread."""
    monkeypatch.setattr(intake.maildir, "uid_of", lambda *_, **__: 5)
    unmarked = "SELECT count(*) FROM letters WHERE moved_ms IS NULL"
    house.deliver("first")
    asyncio.run(house.run(lambda: house.replies() == 1))
    with house.store.writing() as conn:
        conn.execute(text("UPDATE letters SET moved_ms = NULL"))
    assert house.one(unmarked) == 1
    asyncio.run(house.run(lambda: house.one(unmarked) == 0))
    house.deliver("second")
    asyncio.run(house.run(lambda: house.replies() == 2))
    assert house.one("SELECT count(*) FROM tickets") == 2


def test_a_letter_of_the_very_second_of_the_first_start_is_taken(house: House) -> None:
    """Servers tell the time of arrival in whole seconds; the moment of the start has parts of one."""
    second = 1_772_442_000
    house.deliver("in that second", "in the one before")
    for file, came in zip(sorted((house.inbox / "new").iterdir()), (second, second - 1), strict=True):
        os.utime(file, (came, came))
    asyncio.run(house.run(lambda: house.replies() == 1, since_ms=second * 1000 + 700))
    assert (house.one("SELECT older FROM mailboxes"), house.one("SELECT count(*) FROM letters WHERE NOT silent")) == (
        1,
        1,
    )


@pytest.mark.parametrize("body", ["die", "hang", "break"])
def test_a_letter_that_breaks_the_code_twice_is_parked_and_the_others_go_on(house: House, body: str) -> None:
    house.deliver("before", body, "after")
    parked = "SELECT count(*) FROM letters WHERE state = 'parked'"
    asyncio.run(house.run(lambda: house.one(parked) == 1 and house.replies() == 2))
    assert house.one("SELECT count(*) FROM letters WHERE state = 'parked'") == 1
    assert house.one("SELECT reason FROM letters WHERE state = 'parked'")
    assert house.replies() == 2


def test_a_letter_whose_scanner_is_away_waits_and_is_never_parked(house: House) -> None:
    house.deliver("before", "wait", "after")
    asyncio.run(house.run(lambda: False, seconds=8))  # put off twice and more: after about 2 s, then 4 s
    assert house.replies() == 2
    assert house.one("SELECT state FROM letters WHERE ticket_id IS NULL") == "received"
    assert house.one("SELECT attempts FROM letters WHERE ticket_id IS NULL") >= 2  # type: ignore[operator]
    assert house.one("SELECT deaths FROM letters WHERE ticket_id IS NULL") == 0


def test_the_same_bytes_twice_make_one_ticket(house: House) -> None:
    for name in ("one", "two"):
        (house.inbox / "new" / name).write_text("From: same@post.example\n\nthe same\n")
    asyncio.run(house.run(lambda: house.replies() == 1 and not list((house.inbox / "new").iterdir())))
    assert house.one("SELECT count(*) FROM letters") == 1
    assert house.one("SELECT count(*) FROM tickets") == 1


def test_a_letter_too_large_is_kept_by_its_headers_and_lies_in_its_own_folder(house: House) -> None:
    house.deliver("x" * 20_000)
    asyncio.run(house.run(lambda: house.replies() == 1))
    assert house.one("SELECT too_large FROM letters")
    assert len(list((house.inbox / ".TooLarge" / "cur").iterdir())) == 1


def test_while_the_blobs_are_away_one_letter_at_a_time_is_tried_and_none_is_set_aside(house: House) -> None:
    house.deliver(*(f"letter {n}" for n in range(30)))
    blobs = house.inbox.parent / "blobs"
    aside = blobs.with_name("aside")

    def received() -> bool:
        return house.one("SELECT count(*) FROM letters") == 30

    async def away_and_back() -> None:
        received_only = asyncio.create_task(house.run(received, seconds=20, loops=("intake",)))
        await received_only
        blobs.rename(aside)
        await house.run(lambda: False, seconds=6)
        tried = house.one("SELECT sum(attempts) FROM letters")
        assert isinstance(tried, int)
        assert 1 <= tried <= 12, "the whole line must not be claimed again and again"
        assert house.one("SELECT count(*) FROM letters WHERE state <> 'received' OR deaths > 0") == 0
        aside.rename(blobs)
        await house.run(lambda: house.replies() == 30, seconds=60)

    asyncio.run(away_and_back())
    assert house.replies() == 30


def test_claims_whose_commit_was_not_answered_are_put_back_at_once_and_park_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.deliver("letter")
    asyncio.run(house.run(lambda: house.one("SELECT count(*) FROM letters") == 1, loops=("intake",)))
    writing, unanswered = house.store.writing, 0

    @contextmanager
    def breaking() -> Iterator[Connection]:
        nonlocal unanswered
        with writing() as conn:
            before = rows.now(conn)
            yield conn
            claimed = conn.execute(text("SELECT attempts FROM letters WHERE due > :now"), {"now": before}).scalar()
        if claimed and unanswered < 7:
            unanswered += 1
            raise Temporary("the connection broke after the commit")

    monkeypatch.setattr(house.store, "writing", breaking)
    monkeypatch.setattr(Patience, "next", lambda _self: 0.01)
    began = time.monotonic()
    asyncio.run(house.run(lambda: house.one("SELECT count(*) FROM tickets") == 1, loops=("desk",)))
    assert time.monotonic() - began < 15, "no lease had to end"
    assert (house.one("SELECT state FROM letters"), unanswered) == ("settled", 7)
    assert house.one("SELECT attempts FROM letters") == 8


class Garbled(MaildirMailbox):
    """Cannot hand out one of its letters, and breaks off when it is asked for it."""

    async def fetch(self, batch: Sequence[Waiting]) -> AsyncIterator[Fetched]:
        async for one in super().fetch(batch):
            if b"garbled" in one.raw:
                raise Temporary("the server sent garbage")
            yield one


def test_a_letter_that_cannot_be_fetched_lets_the_others_by_and_is_set_aside_when_it_has_failed_long(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake.receive, "SET_ASIDE_AFTER", 3.0)
    monkeypatch.setattr(Patience, "next", lambda _self: 0.1)
    house.deliver("1", "2", "garbled", "4", "5")
    others: list[float] = []

    def parked() -> bool:
        if not others and house.one("SELECT count(*) FROM letters WHERE state = 'received'") == 4:
            others.append(time.monotonic())
        return house.one("SELECT count(*) FROM letters WHERE state = 'parked'") == 1

    asyncio.run(house.run(parked, loops=("intake",), mailbox=Garbled))
    assert others, "they were let by"
    assert time.monotonic() - others[0] > 1, "it was given its time"
    assert len(list((house.inbox / "new").iterdir())) == 1, "it stays on the server"


class Filling(MaildirMailbox):
    """A letter comes while the first of the others are fetched."""

    come = ""

    async def fetch(self, batch: Sequence[Waiting]) -> AsyncIterator[Fetched]:
        async for one in super().fetch(batch):
            yield one
        if not self.come:
            self.come = "new"
            new = self._path / "new" / self.come
            new.write_text("From: just@post.example\n\nhello\n")
            os.utime(new, (time.time() - 1, time.time() - 1))  # written whole


def test_a_letter_that_comes_while_a_long_inbox_is_taken_in_is_taken_in_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake.line, "BATCH_LETTERS", 10)
    monkeypatch.setattr(intake.line, "TURN_SECONDS", 0.0)
    house.deliver(*(f"letter {n}" for n in range(100)))
    house.age(3600)  # the first look finds them all
    asyncio.run(house.run(lambda: house.one("SELECT count(*) FROM letters") == 101, loops=("intake",), mailbox=Filling))
    # those AT_ONCE who had the turn when it came, and a batch of the oldest
    assert house.one("SELECT count(*) FROM letters WHERE id < (SELECT id FROM letters WHERE sender LIKE 'just%')") == 30
    assert list((house.inbox / "new").iterdir()) == []


def test_a_mailbox_that_another_has_taken_is_let_go_in_the_middle_of_a_look(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake.receive, "LEASE_MS", 300)
    monkeypatch.setattr(intake.line, "BATCH_LETTERS", 1)
    write_all = house.blobs.write_all

    def slowly(batch: Sequence[bytes]) -> list[str]:
        time.sleep(0.1)
        return write_all(batch)

    monkeypatch.setattr(house.blobs, "write_all", slowly)
    house.deliver(*(f"letter {n}" for n in range(40)))
    taken: list[int] = []

    def another_takes_it() -> bool:
        here = house.one("SELECT count(*) FROM letters")
        if not taken and isinstance(here, int) and here >= 3:
            taken.append(here)
            with house.store.writing() as conn:
                conn.execute(
                    text("UPDATE mailboxes SET holder = 'other', attempts = attempts + 1, due = due + 3600000")
                )
        return False

    asyncio.run(house.run(another_takes_it, seconds=5, loops=("intake",)))
    assert taken
    assert house.one("SELECT count(*) FROM letters") <= taken[0] + 10  # type: ignore[operator]
