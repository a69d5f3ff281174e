"""When two letters are one (rulings 6): neither a second ticket for two copies, nor a letter lost for being like another."""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from boxed_desk import DAY, MINUTE, BoxedDesk
from citizens import INN, NAME, TROUBLE, write
from servers.postgresql import PostgreSQL

from store import rows
from store.database import Store
from store.records import NewLetter
from store.upgrade import migrate
from tickets.desk import Worked, whose

MARIA = "maria@post.example"
WHOLE = f"{NAME}, ИНН {INN}. 1 марта 2026 года. {TROUBLE}"
LIST = (("List-Id", "<all.department.example>"),)
REDIRECTED = (("Auto-Submitted", "auto-forwarded"),)
PROGRAM = "1@localhost"  # seen in practice: the Message-ID of every letter of a program


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[BoxedDesk]:
    made = BoxedDesk(tmp_path)
    yield made
    made.close()


def letter(desk: BoxedDesk, body: str = WHOLE, *without: str, **more: object) -> bytes:
    """Of now, by default; without those headers."""
    said = {"at_ms": desk.clock.ms, "message_id": "m@post.example", **more}
    raw = write(MARIA, body, **said)  # type: ignore[arg-type]  # what `write` takes by name
    head, gap, text = raw.partition(b"\n\n")
    kept = [line for line in head.split(b"\n") if line.partition(b":")[0].decode().lower() not in without]
    return b"\n".join(kept) + gap + text


def again(raw: bytes, by: str) -> bytes:
    """The same over another route."""
    return f"Received: from {by}.example\n".encode() + raw


def became(desk: BoxedDesk, *letters: bytes) -> list[str]:
    return [desk.take(raw).partition(":")[0] for raw in letters]


@pytest.mark.parametrize("robots", [LIST, REDIRECTED])
def test_a_letter_whose_first_copy_came_as_a_robots_opens_its_ticket(
    desk: BoxedDesk, robots: Sequence[tuple[str, str]]
) -> None:
    copy, direct = letter(desk, headers=robots), letter(desk)
    assert became(desk, copy, direct, again(direct, "b"), again(copy, "c")) == [
        "automatic", "open", "duplicate", "duplicate",
    ]  # fmt: skip
    assert [one.to for one in desk.post()] == [MARIA]


@pytest.mark.parametrize("without", [(), ("message-id",)])
def test_a_letter_over_two_routes_is_one(desk: BoxedDesk, without: tuple[str, ...]) -> None:
    one = letter(desk, WHOLE, *without)
    assert became(desk, again(one, "a"), again(one, "b")) == ["open", "duplicate"]
    assert len(desk.post()) == 1


def test_the_same_words_a_month_later_are_another_letter(desk: BoxedDesk) -> None:
    first = letter(desk, WHOLE, "message-id")
    assert became(desk, first) == ["open"]
    desk.pass_time(30 * DAY)
    assert became(desk, letter(desk, WHOLE, "message-id")) == ["open"]


@pytest.mark.parametrize("without", [("message-id",), ()])
def test_letters_without_words_are_told_apart_by_their_subjects(desk: BoxedDesk, without: tuple[str, ...]) -> None:
    subjects = ("Не приходит код из СМС", "Верните деньги за пошлину")
    letters = [letter(desk, "", *without, subject=one, message_id=PROGRAM) for one in subjects]
    assert "duplicate" not in became(desk, *letters)


def test_without_message_id_and_date_only_the_same_bytes_are_the_same_letter(desk: BoxedDesk) -> None:
    bare = letter(desk, WHOLE, "message-id", "date")
    assert became(desk, again(bare, "a"), again(bare, "a")) == ["open", "known"]
    assert became(desk, again(bare, "b")) != ["duplicate"]


def test_a_letter_too_large_over_two_routes_is_one(desk: BoxedDesk) -> None:
    head = letter(desk).partition(b"\n\n")[0] + b"\n\n"
    for route in ("a", "b"):
        desk.take(again(head, route), too_large=True)
        desk.pass_time(MINUTE)
    assert desk.one("SELECT count(*) FROM tickets") == 1
    assert len(desk.post()) == 1


def test_two_desks_settle_two_copies_of_an_unread_senders_letter_one_after_the_other(
    server: PostgreSQL, tmp_path: Path
) -> None:
    """Where intake saw no sender, two copies may be claimed at once, by two daemons on one store."""
    url = server.fresh()
    store = Store(url)
    migrate(store)
    desk = BoxedDesk(tmp_path, url=url)
    raw = letter(desk)
    copies = [again(raw, route) for route in ("a", "b")]
    with desk.store.writing() as conn:
        for place, copy in enumerate(copies):
            digest = hashlib.sha256(copy).hexdigest()
            new = NewLetter(uid=None, blob=f"b/{place}", sha256=digest, size=1, arrived_ms=None, sender=None)
            rows.receive(conn, desk._hold.mailbox_id, None, [new])
        first, second = rows.claim_letters(conn, lease_ms=MINUTE, most=2)
    works = [
        Worked(claim=claim, judged=desk.judge(copy), fault=None, ms=0)
        for claim, copy in zip((first, second), copies, strict=True)
    ]
    done: list[str] = []

    def settle(store: Store, one: Worked) -> None:
        assert one.judged is not None
        with store.writing() as conn:
            rows.lock_senders(conn, whose(one))
            done.append(desk._recorder.record(conn, one.claim, one.judged).partition(":")[0])
            if one is works[0]:
                other.start()
                other.join(1)  # it waits; without the lock it would be done by now, with a ticket of its own

    other = threading.Thread(target=settle, args=(store, works[1]))
    settle(desk.store, works[0])
    other.join(20)
    assert done == ["open", "duplicate"]
    store.close()
    desk.close()
