"""Where moved letters landed, as servers tell it; and filing that holds nobody up and guesses nothing."""

import asyncio
from typing import Any

import pytest

from intake.filing import Filing, folder_below
from intake.imap_landing import read, together
from intake.mailbox import Landed
from store.database import Store
from store.filing import ToFile
from store.records import MailboxHold


@pytest.mark.parametrize(
    ("line", "validity", "uids"),
    [
        (b"[COPYUID 38505 304,319:320 3956:3958] Done", 38505, {304: 3956, 319: 3957, 320: 3958}),
        (b"[copyuid 1 1:3 7,9,12]", 1, {1: 7, 2: 9, 3: 12}),
        (b"[COPYUID 4294967295 5 6]", 4294967295, {5: 6}),
    ],
)
def test_what_a_server_tells_is_taken(line: bytes, validity: int, uids: dict[int, int]) -> None:
    assert read(line) == Landed(validity=validity, uids=uids)


@pytest.mark.parametrize(
    "line",
    [
        b"", b"Done", b"[COPYUID]", b"[COPYUID 1 1:3 7:8] fewer", b"[COPYUID 1 1 7:8] more", b"[COPYUID x 1 2]",
        b"[COPYUID 1 1:4000000000 1:4000000000] endless", b"[COPYUID 1 3:1 1:3]", b"[COPYUID 1 1: 2]",
        b"[COPYUID 1 ,1 2]", b"[COPYUID 1 1,2 7,7] two on one", b"x [COPYUID 1 1 2]", b"[COPYUID 1 " + b"1," * 20000,
    ],
)  # fmt: skip
def test_what_means_nothing_is_left(line: bytes) -> None:
    assert read(line) is None


def test_several_answers_are_one_when_all_tell_of_the_same_folder() -> None:
    one, two = Landed(validity=1, uids={1: 7}), Landed(validity=1, uids={2: 8})
    assert together([one, two]) == Landed(validity=1, uids={1: 7, 2: 8})
    assert together([one, None]) is None
    assert together([one, Landed(validity=2, uids={2: 8})]) is None
    assert together([]) is None


@pytest.mark.parametrize(
    ("title", "folder"),
    [
        ("Оплата, пошлины, штрафы", "Processed/Оплата, пошлины, штрафы"),
        ("Суд/апелляция 2.0", "Processed/Суд апелляция 2 0"),
        ("../../Drafts", "Processed/Drafts"),
        ("*%\r\n", "Processed/Другое"),
    ],
)
def test_a_title_names_one_folder_below(title: str, folder: str) -> None:
    assert folder_below("Processed", title) == folder


class Slow:
    """A mailbox whose other folder never opens."""

    def __init__(self) -> None:
        self.closed = False

    async def sibling(self, _folder: str) -> "Slow":
        return self

    async def open(self) -> int:
        await asyncio.Event().wait()
        return 1

    async def close(self) -> None:
        self.closed = True


def filing(mailbox: Any, **changed: Any) -> Filing:
    values: dict[str, Any] = {"processed": "Processed", "folder_of": lambda topic: f"Processed/{topic}"}
    return Filing(mailbox, Store("sqlite:////tmp/never-opened.db"), **{**values, **changed})


def test_a_server_that_falls_silent_holds_up_no_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Filing, "_wanted", lambda *_: (ToFile(id=1, uid=1, validity=1, topic="access"),))
    hold = MailboxHold(mailbox_id=1, attempts=1, since_ms=0, uidvalidity=None)
    slow = Slow()

    async def looks() -> None:
        one = filing(slow)
        async with asyncio.timeout(2):
            await one.begin(hold)
            await one.begin(hold)
            await asyncio.sleep(0)
            await one.end()

    asyncio.run(looks())
    assert slow.closed


def test_without_copyuid_letters_stay_and_it_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    one = filing(Slow())
    assert one.lying(None, {1: 10}, "Processed") is None
    assert one.lying(None, {2: 11}, "Processed") is None
    assert capsys.readouterr().err.count("they stay there") == 1


def test_only_what_was_moved_into_processed_by_us_is_written_down() -> None:
    told = Landed(validity=9, uids={1: 7, 5: 8})
    lying = filing(Slow()).lying(told, {1: 10}, "Processed")
    assert lying is not None
    assert (lying.validity, dict(lying.uids)) == (9, {10: 7})
    assert filing(Slow()).lying(told, {1: 10}, "TooLarge") is None
    assert filing(Slow(), folder_of=None).lying(told, {1: 10}, "Processed") is None
