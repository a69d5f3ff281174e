"""The post loop while the mail server is away, full, or falls silent: no letter is blamed for it, and all go soon after."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from store_rows import claim, letter, mail, receive, settle_as_ticket

import outbox.post
from outbox.post import Post
from outbox.send import NoAnswer, ServerAway
from service.daemon import Progress
from service.errors import Temporary
from service.patience import Patience
from service.settings import Settings
from store import rows
from store.database import Store
from store.upgrade import migrate
from tickets.terms import terms_of


class Server:
    """A mail server as the loop sees it; `fault` is what it fails with."""

    def __init__(self) -> None:
        self.fault: Temporary | None = None
        self.reachable = True
        self.tried = 0
        self.sent: list[str] = []

    async def send(self, raw: bytes, *, envelope_from: str, recipient: str) -> str:
        self.tried += 1
        if self.fault is not None:
            raise self.fault
        self.sent.append(recipient)
        return "250 ok"

    async def ready(self) -> None:
        if not self.reachable:
            raise ServerAway("still away")

    async def close(self) -> None:
        pass


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(f"sqlite:///{tmp_path}/store.db")
    migrate(made)
    return made


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox.post, "Patience", lambda **_: Patience(first=0.02, longest=0.02))


def queue(store: Store, count: int) -> None:
    receive(store, *(letter(n) for n in range(1, count + 1)))
    for _ in range(count):
        mine = claim(store)
        assert mine is not None
        settle_as_ticket(store, mine)


def attempts(store: Store) -> list[int]:
    with store.reading() as conn:
        return [row[0] for row in conn.exec_driver_sql("SELECT attempts FROM outbox ORDER BY id")]


def run(store: Store, server: Server, *, steps: list[Callable[[], bool]]) -> None:
    """Turns the loop until each step in turn has come true."""

    async def turning() -> None:
        stop = asyncio.Event()
        loop = asyncio.create_task(Post(store, server, terms=terms_of(Settings()), progress=Progress()).run(stop))
        ends = time.monotonic() + 20
        for step in steps:
            while not step():
                assert time.monotonic() < ends
                await asyncio.sleep(0.01)
        stop.set()
        await loop

    asyncio.run(turning())


def test_while_the_server_is_away_no_letter_is_claimed_and_all_go_when_it_is_back(store: Store) -> None:
    queue(store, 5)
    server = Server()
    server.fault, server.reachable = ServerAway("gone"), False
    since: list[float] = []

    def long_away() -> bool:
        since.append(time.monotonic())
        return server.tried > 0 and since[-1] - since[0] > 0.5

    def comes_back() -> bool:
        assert server.tried == 1, "the others were not even tried"
        server.fault, server.reachable = None, True
        return True

    run(store, server, steps=[long_away, comes_back, lambda: len(server.sent) == 5])
    assert sorted(attempts(store)) == [1, 1, 1, 1, 2]


def test_every_second_reply_is_to_who_wrote_last_however_fresh_the_line_is(store: Store) -> None:
    """A post just as fast as the oldest are settled would otherwise never come to the newest."""
    server = Server()
    for one in receive(store, *(letter(n) for n in range(1, 10))):
        with store.writing() as conn:
            rows.queue_reply(conn, mail(f"m{one.uid}", letter_id=one.letter_id, recipient=f"person{one.uid}@x"))
    run(store, server, steps=[lambda: len(server.sent) == 9])
    assert [name[len("person")] for name in server.sent] == ["1", "9", "2", "8", "3", "7", "4", "6", "5"]


def test_a_server_that_takes_no_letters_is_not_each_letters_fault(store: Store) -> None:
    queue(store, 3)
    server = Server()
    server.fault = ServerAway("452")

    def room_again() -> bool:
        server.fault = None
        return True

    run(store, server, steps=[lambda: server.tried >= 4, room_again, lambda: len(server.sent) == 3])


@pytest.mark.parametrize(("fault", "most"), [(NoAnswer("cut"), 30_000), (Temporary("451"), 30_000)])
def test_a_letter_put_off_comes_again_within_half_a_minute(store: Store, fault: Temporary, most: int) -> None:
    queue(store, 1)
    server = Server()
    server.fault = fault
    run(store, server, steps=[lambda: server.tried == 1])
    with store.reading() as conn:
        in_ms = conn.exec_driver_sql("SELECT due - created_ms FROM outbox").scalar_one()
    assert 5_000 < in_ms < most


def test_connections_that_break_do_not_make_a_letter_wait_longer_and_longer() -> None:
    assert max(outbox.post._pause_ms(NoAnswer("cut"), n) for n in range(1, 31)) <= 26_000
    assert outbox.post._pause_ms(NoAnswer("cut"), 31) > 1_000_000, "by then it is the letter's doing"
    assert outbox.post._pause_ms(Temporary("451"), 10) > 1_000_000
