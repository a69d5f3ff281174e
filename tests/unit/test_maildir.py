"""A local Maildir as a mailbox."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

import intake.maildir
from intake.mailbox import Waiting
from intake.maildir import MaildirMailbox, uid_of
from service.errors import Permanent, Temporary


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    """An empty Maildir."""
    for name in ("tmp", "new", "cur"):
        (tmp_path / name).mkdir()
    return tmp_path


def put(maildir: Path, name: str, raw: bytes = b"Subject: x\n\nbody\n", *, age: float = 60) -> Path:
    """A letter delivered so many seconds ago; `name` has its folder."""
    path = maildir / name
    path.write_bytes(raw)
    os.utime(path, (time.time() - age,) * 2)
    return path


def on(maildir: Path, work: Callable[[MaildirMailbox], Coroutine[object, object, None]]) -> None:
    """Open, work, close."""

    async def run() -> None:
        mailbox = MaildirMailbox(maildir)
        assert await mailbox.open() == 1
        await work(mailbox)
        await mailbox.close()

    asyncio.run(run())


async def raws(mailbox: MaildirMailbox, letters: list[Waiting]) -> list[bytes]:
    """The bytes of these letters."""
    return [letter.raw async for letter in mailbox.fetch(letters)]


def test_letters_come_in_order_of_arrival_from_new_and_cur_never_from_tmp(maildir: Path) -> None:
    put(maildir, "new/3", b"three", age=10)
    put(maildir, "cur/1:2,S", b"one", age=30)
    put(maildir, "new/2", b"two", age=20)
    put(maildir, "tmp/4", b"half wr")
    put(maildir, "new/.hidden")

    async def work(mailbox: MaildirMailbox) -> None:
        waiting = await mailbox.waiting()
        assert [w.size for w in waiting] == [3, 3, 5]
        assert await raws(mailbox, waiting) == [b"one", b"two", b"three"]
        assert abs(waiting[0].arrived.timestamp() - (time.time() - 30)) < 5

    on(maildir, work)


def test_a_uid_stays_over_restarts_renames_and_flags(maildir: Path) -> None:
    seen: list[int] = []
    path = put(maildir, "new/1")

    async def work(mailbox: MaildirMailbox) -> None:
        seen.extend(w.uid for w in await mailbox.waiting())

    on(maildir, work)
    on(maildir, work)
    path = path.rename(maildir / "cur/1:2,S")
    on(maildir, work)
    path.rename(maildir / "cur/1:2,FRS")
    on(maildir, work)
    assert len(seen) == 4
    assert len(set(seen)) == 1
    assert 0 < seen[0] < 2**63


def test_another_letter_under_a_used_name_has_another_uid(maildir: Path) -> None:
    seen: list[int] = []

    async def work(mailbox: MaildirMailbox) -> None:
        seen.extend(w.uid for w in await mailbox.waiting())

    put(maildir, "new/letter.eml", b"first!", age=60)
    on(maildir, work)
    put(maildir, "new/letter.eml", b"second", age=50)
    on(maildir, work)
    put(maildir, "new/letter.eml", b"third, longer", age=60)
    on(maildir, work)
    assert len(set(seen)) == 3


def test_a_letter_whose_flags_changed_since_the_listing_is_still_found(maildir: Path) -> None:
    path = put(maildir, "new/1", b"here")

    async def work(mailbox: MaildirMailbox) -> None:
        waiting = await mailbox.waiting()
        path.rename(maildir / "cur/1:2,S")
        assert await raws(mailbox, waiting) == [b"here"]
        await mailbox.move([waiting[0].uid], "Processed")

    on(maildir, work)
    assert [p.name for p in (maildir / ".Processed/cur").iterdir()] == ["1:2,S"]


def test_a_letter_that_left_or_changed_does_not_come(maildir: Path) -> None:
    gone, changed = put(maildir, "new/1", b"gone"), put(maildir, "new/2", b"part")

    async def work(mailbox: MaildirMailbox) -> None:
        waiting = await mailbox.waiting()
        gone.unlink()
        changed.write_bytes(b"part and the rest")
        assert await raws(mailbox, waiting) == []
        assert await mailbox.fetch_headers(waiting[0].uid) == b""

    on(maildir, work)


def test_a_file_that_is_just_being_written_waits_for_its_end(maildir: Path) -> None:
    async def work(mailbox: MaildirMailbox) -> None:
        (maildir / "new/by-hand.eml").write_bytes(b"Subj")
        assert await mailbox.waiting() == []
        (maildir / "new/by-hand.eml").write_bytes(b"Subject: whole\n\n")
        assert await mailbox.wait(5)
        assert await raws(mailbox, await mailbox.waiting()) == [b"Subject: whole\n\n"]

    on(maildir, work)


def test_only_plain_files_are_letters(maildir: Path, tmp_path: Path) -> None:
    os.mkfifo(maildir / "new/fifo")
    (maildir / "new/link").symlink_to("/etc/hostname")
    (maildir / "new/folder").mkdir()
    for name in ("fifo", "link", "folder"):
        os.utime(maildir / "new" / name, (time.time() - 60,) * 2, follow_symlinks=False)

    async def work(mailbox: MaildirMailbox) -> None:
        assert await mailbox.waiting() == []

    on(maildir, work)


def test_moving_is_repeatable_and_replaces_nothing(maildir: Path) -> None:
    put(maildir, "new/1", b"first")

    async def work(mailbox: MaildirMailbox) -> None:
        uids = [w.uid for w in await mailbox.waiting()]
        await mailbox.move(uids, "Processed")
        await mailbox.move([*uids, 12345], "Processed")
        assert await mailbox.waiting() == []

    on(maildir, work)
    put(maildir, "new/1", b"another under the same name")
    on(maildir, work)
    kept = sorted(p.read_bytes() for p in (maildir / ".Processed/cur").iterdir())
    assert kept == [b"another under the same name", b"first"]
    assert sorted(p.name for p in (maildir / ".Processed").iterdir()) == ["cur", "maildirfolder", "new", "tmp"]


@pytest.mark.parametrize(
    ("folder", "made"), [("TooLarge", ".TooLarge"), ("A/B", ".A.B"), ("Готово", ".&BBMEPgRCBD4EMgQ+-")]
)
def test_folders_are_those_of_maildir_plus_plus(folder: str, made: str, maildir: Path) -> None:
    put(maildir, "new/1")

    async def work(mailbox: MaildirMailbox) -> None:
        await mailbox.move([w.uid for w in await mailbox.waiting()], folder)

    on(maildir, work)
    assert len(list((maildir / made / "cur").iterdir())) == 1


@pytest.mark.parametrize("folder", ["", "..", "../../tmp", "a.b", "/etc", "a//b"])
def test_a_folder_name_cannot_lead_out_of_the_maildir(folder: str, maildir: Path) -> None:
    put(maildir, "new/1")

    async def work(mailbox: MaildirMailbox) -> None:
        with pytest.raises(Permanent, match="cannot be a Maildir folder"):
            await mailbox.move([w.uid for w in await mailbox.waiting()], folder)

    on(maildir, work)
    assert (maildir / "new/1").exists()


def test_both_folders_are_synced_after_the_rename(maildir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[str, bool]] = []
    put(maildir, "new/1")

    def note(folder: Path) -> None:
        synced.append((str(folder.relative_to(maildir)), (maildir / "new/1").exists()))

    monkeypatch.setattr(intake.maildir, "_sync", note)

    async def work(mailbox: MaildirMailbox) -> None:
        await mailbox.move([w.uid for w in await mailbox.waiting()], "Processed")

    on(maildir, work)
    assert synced[-2:] == [(".Processed/cur", False), ("new", False)]


@pytest.mark.parametrize(
    ("raw", "head"),
    [
        (b"A: 1\nB: 2\n\nbody\r\n\r\nmore", b"A: 1\nB: 2\n\n"),
        (b"A: 1\r\n\r\nbody\n\nmore", b"A: 1\r\n\r\n"),
        (b"A: 1\n", b"A: 1\n"),
        (b"A: " + b"x" * 400_000, b"A: " + b"x" * (256 * 1024 - 3)),
    ],
)
def test_headers_alone_are_read_within_their_cap(raw: bytes, head: bytes, maildir: Path) -> None:
    put(maildir, "new/1", raw)

    async def work(mailbox: MaildirMailbox) -> None:
        assert await mailbox.fetch_headers((await mailbox.waiting())[0].uid) == head

    on(maildir, work)


def test_waiting_ends_with_a_new_letter_and_not_before(maildir: Path) -> None:
    put(maildir, "new/1")
    for name in ("new", "cur"):
        os.utime(maildir / name, (time.time() - 60,) * 2)

    async def work(mailbox: MaildirMailbox) -> None:
        await mailbox.waiting()
        begun = time.monotonic()
        assert not await mailbox.wait(0.7)
        assert time.monotonic() - begun >= 0.7
        put(maildir, "tmp/2").rename(maildir / "new/2")
        assert await mailbox.wait(60)
        assert time.monotonic() - begun < 30
        assert len(await mailbox.waiting()) == 2

    on(maildir, work)


def test_a_folder_that_is_no_maildir_is_named(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match=r"no Maildir there \(new/ is missing\)"):
        asyncio.run(MaildirMailbox(tmp_path).open())


def test_what_cannot_be_read_is_temporary_and_named(maildir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(maildir, "new/1")

    def refused(self: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    async def work(mailbox: MaildirMailbox) -> None:
        waiting = await mailbox.waiting()
        with monkeypatch.context() as patch:
            patch.setattr(Path, "open", refused)  # as root every mode can be read
            with pytest.raises(Temporary, match=r"new/1: cannot be read: Permission denied"):
                await raws(mailbox, waiting)
        (maildir / "new/1").unlink()
        (maildir / "new").rmdir()
        with pytest.raises(Temporary, match="cannot be read: No such file"):
            await mailbox.waiting()

    on(maildir, work)


def test_uids_are_spread() -> None:
    uids = {uid_of(f"{n}.host", size=100, modified_ns=5) for n in range(10_000)}
    assert len(uids) == 10_000
    assert uid_of("1.host:2,S", size=1, modified_ns=1) == uid_of("1.host", size=1, modified_ns=1)
