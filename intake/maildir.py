"""A local Maildir as a mailbox: https://cr.yp.to/proto/maildir.html, subfolders as in Maildir++.

Delivery writes into tmp/ and renames into new/, so what is in new/ and cur/ is whole; tmp/ is never looked at.

The UID of a letter is a 63-bit hash of its file's unique name (without flags), size and time of modification. All
three stay when the file is renamed between new/ and cur/ or the daemon starts again, so no list of numbers has to be
kept beside the Maildir and made durable with it. Size and time are in it because people copy files into new/ by hand:
another letter under a name used before must not pass for the letter known by that name. A UID that changes (a restored
backup) costs one more reading; the bytes' hash tells that the letter is known. That any two of a million letters have
the same UID has one chance in 18 million; while both lie here, only the first is listed.
"""

import asyncio
import hashlib
import os
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from intake.imap_words import to_utf7
from intake.mailbox import HEADERS_MOST, Fetched, Waiting
from service.errors import Permanent, Temporary
from service.shred import shred

HEAD_MOST = 64 * 1024  # bytes in which a letter's From is looked for
POLL = 0.5  # seconds between two looks at the folders
SETTLED = 0.2  # seconds for which a file must not have been written to; a copy made by hand is not renamed into place
FRESH = 1.0  # seconds; a folder changed so lately may change again without a new time stamp

_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")


class MaildirMailbox:
    """The mailbox of intake/mailbox.py in a folder of this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files: dict[int, Path] = {}  # by UID, as of the last look
        self._looked: tuple[int, int] | None = None  # times of new/ and cur/ at that look, null when not to be trusted

    @property
    def identity(self) -> str:
        """See Mailbox."""
        return f"maildir{self._path.resolve()}"

    @property
    def abilities(self) -> frozenset[str]:
        """See Mailbox."""
        return frozenset({"MAILDIR"})

    async def open(self) -> int:
        """See Mailbox. UIDs hold by themselves (see above), so UIDVALIDITY is always 1."""
        for name in ("new", "cur"):
            if not await asyncio.to_thread((self._path / name).is_dir):
                raise Permanent(f"{self._path}: no Maildir there ({name}/ is missing): check mailbox.url or create it")
        self._looked = None
        return 1

    async def close(self) -> None:
        """See Mailbox."""

    async def waiting(self, since: date | None = None) -> list[Waiting]:
        """See Mailbox."""
        found = await asyncio.to_thread(self._look)
        return found if since is None else [letter for letter in found if letter.arrived.date() >= since]

    async def newer(self) -> list[Waiting]:
        """See Mailbox."""
        before = self._files
        return [letter for letter in await asyncio.to_thread(self._look) if letter.uid not in before]

    async def senders(self, uids: Sequence[int]) -> Mapping[int, bytes]:
        """See Mailbox."""
        return await asyncio.to_thread(lambda: {uid: self._read(uid, HEAD_MOST) or b"" for uid in uids})

    async def fetch(self, batch: Sequence[Waiting]) -> AsyncIterator[Fetched]:
        """See Mailbox. A file that changed since it was listed does not come; it will be listed anew."""
        for letter in batch:
            raw = await asyncio.to_thread(self._read, letter.uid)
            if raw is not None:
                yield Fetched(uid=letter.uid, raw=raw, arrived=letter.arrived)

    async def fetch_headers(self, uid: int) -> bytes:
        """See Mailbox."""
        raw = await asyncio.to_thread(self._read, uid, HEADERS_MOST) or b""
        end = _EMPTY_LINE.search(raw)
        return raw[: end.end()] if end else raw

    async def move(self, uids: Sequence[int], folder: str) -> None:
        """See Mailbox; tells no UIDs. Renamed into the cur/ of the Maildir++ folder, both folders synced."""
        await asyncio.to_thread(self._move, uids, folder)

    async def sibling(self, folder: str) -> "MaildirMailbox | None":
        """See Mailbox."""
        path = self._path / _folder_name(folder)
        return MaildirMailbox(path) if await asyncio.to_thread((path / "cur").is_dir) else None

    async def delete(self, uids: Sequence[int]) -> bool:
        """See Mailbox. The bytes are overwritten first, which a disk that writes elsewhere may not honour."""
        await asyncio.to_thread(self._delete, uids)
        return True

    def _delete(self, uids: Sequence[int]) -> None:
        for uid in uids:
            path = self._path_of(uid)
            if path is None:
                continue
            try:
                shred(path)
            except OSError as fault:
                raise Temporary(f"{path}: cannot be deleted: {fault.strerror}: check its owner") from fault
            del self._files[uid]
            _sync(path.parent)

    async def wait(self, seconds: float) -> bool:
        """See Mailbox. Looks at the folders' times every POLL seconds."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            await asyncio.sleep(min(POLL, left))
            if self._looked is None or await asyncio.to_thread(self._times) != self._looked:
                return True
        return False

    def _times(self) -> tuple[int, int]:
        try:
            new, cur = ((self._path / name).stat().st_mtime_ns for name in ("new", "cur"))
        except OSError as fault:
            raise Temporary(
                f"{self._path}: cannot be read: {fault.strerror}: check that it is mounted and ours"
            ) from fault
        return new, cur

    def _look(self) -> list[Waiting]:
        """List new/ and cur/ anew."""
        times, now = self._times(), time.time()
        trusted = now - max(times) / 1e9 > FRESH
        files: dict[int, Path] = {}
        letters: list[tuple[int, str, Waiting]] = []
        for path, stat in self._stats():
            if 0 <= now - stat.st_mtime < SETTLED:
                trusted = False
                continue
            uid = uid_of(path.name, size=stat.st_size, modified_ns=stat.st_mtime_ns)
            if uid in files:
                continue  # the same letter in new/ and cur/, by a move cut short; or a collision (see above)
            files[uid] = path
            arrived = datetime.fromtimestamp(stat.st_mtime, UTC)
            letters.append((stat.st_mtime_ns, path.name, Waiting(uid=uid, size=stat.st_size, arrived=arrived)))
        self._files, self._looked = files, times if trusted else None
        return [letter for _, _, letter in sorted(letters, key=lambda item: item[:2])]

    def _stats(self) -> list[tuple[Path, os.stat_result]]:
        found: list[tuple[Path, os.stat_result]] = []
        for name in ("cur", "new"):
            try:
                with os.scandir(self._path / name) as entries:
                    for entry in entries:
                        # Only plain files: a FIFO or a link put there would hang us or lead elsewhere.
                        if not entry.name.startswith(".") and entry.is_file(follow_symlinks=False):
                            found.append((Path(entry.path), entry.stat(follow_symlinks=False)))
            except FileNotFoundError:
                continue  # moved on between two looks; the folder itself was seen by _times
            except OSError as fault:
                raise Temporary(f"{self._path / name}: cannot be listed: {fault.strerror}: check its owner") from fault
        return found

    def _path_of(self, uid: int) -> Path | None:
        path = self._files.get(uid)
        if path is None or not path.exists():
            self._look()
            path = self._files.get(uid)
        return path

    def _read(self, uid: int, most: int = -1) -> bytes | None:
        path = self._path_of(uid)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                raw = file.read(most)
                stat = os.fstat(file.fileno())
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise Temporary(f"{path}: cannot be read: {fault.strerror}: check the file's owner and mode") from fault
        return raw if uid_of(path.name, size=stat.st_size, modified_ns=stat.st_mtime_ns) == uid else None

    def _move(self, uids: Sequence[int], folder: str) -> None:
        target = self._folder(folder)
        moved_from: set[Path] = set()
        for uid in uids:
            path = self._path_of(uid)
            if path is None:
                continue
            try:
                path.rename(_free(target, path.name, uid))
            except FileNotFoundError:
                continue
            except OSError as fault:
                raise Temporary(f"{path}: cannot be moved to {target}: {fault.strerror}") from fault
            moved_from.add(path.parent)
            del self._files[uid]
        for changed in (target, *sorted(moved_from)) if moved_from else ():
            _sync(changed)

    def _folder(self, folder: str) -> Path:
        """The cur/ of a Maildir++ folder, made when missing."""
        made = self._path / _folder_name(folder)
        if not (made / "cur").is_dir():
            try:
                for name in ("tmp", "new", "cur"):
                    (made / name).mkdir(parents=True, exist_ok=True)
                (made / "maildirfolder").touch()
            except OSError as fault:
                raise Temporary(f"{made}: cannot be made: {fault.strerror}: check the owner of {self._path}") from fault
            _sync(made)
            _sync(self._path)
        return made / "cur"


def uid_of(file_name: str, *, size: int, modified_ns: int) -> int:
    """The UID of a letter, 1 … 2^63-1; flags at the end of the name do not count."""
    unique = file_name.partition(":2,")[0]
    digest = hashlib.blake2b(f"{unique}\0{size}\0{modified_ns}".encode("utf-8", "surrogateescape"), digest_size=8)
    return (int.from_bytes(digest.digest()) >> 1) or 1


def _folder_name(folder: str) -> str:
    """As Maildir++ calls it."""
    parts = folder.split("/")
    if not all(parts) or any("." in part for part in parts):
        raise Permanent(f"the folder name {folder!r} cannot be a Maildir folder: it must be free of dots")
    return "." + ".".join(map(to_utf7, parts))


def _free(target: Path, file_name: str, uid: int) -> Path:
    """A path in target that no other letter has; rename would replace it without a word."""
    unique, _, flags = file_name.partition(":2,")
    path = target / f"{unique}:2,{flags}"
    return target / f"{unique},{uid:x}:2,{flags}" if path.exists() else path


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
