"""Reading the folders again into which letters were moved, after the store was put back from a backup (rulings 13).

Letters that came between the backup and the loss are known to nobody here, yet they lie in Processed. Each is told by
its bytes' hash; those that are not known get their row, marked so that nobody is answered: they were answered already.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from intake.line import batches
from intake.mailbox import Fetched, Mailbox, Waiting
from intake.receive import LEASE_MS, new_letter
from service.errors import Temporary
from store import rows
from store.blobs import Blobs
from store.database import Store
from store.filing import folders_used
from store.records import MailboxHold, NewLetter

HOLDER = "restore"
LARGEST = 1 << 62  # no letter stands alone for its size here


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """What was found."""

    looked_at: int
    new: int  # letters that the backup did not have


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Where letters were moved to."""

    processed: str
    too_large: str
    since: date  # letters that arrived earlier are in the backup
    filed: tuple[str, ...] = ()  # those of topics


class Rereader:
    """Reads both folders of an account, while the daemon is stopped."""

    def __init__(self, mailbox: Mailbox, store: Store, blobs: Blobs, folders: Folders) -> None:
        self._mailbox, self._store, self._blobs, self._folders = mailbox, store, blobs, folders

    async def run(self) -> Reread:
        """Temporary when a daemon holds the mailbox. Doing it again changes nothing."""
        hold = await asyncio.to_thread(self._held)
        try:
            await self._mailbox.open()
            names = await asyncio.to_thread(self._names)
            done = [await self._folder(hold, name) for name in names]
        finally:
            await self._mailbox.close()
            with self._store.writing() as conn:
                rows.release(conn, hold)
        return Reread(looked_at=sum(one.looked_at for one in done), new=sum(one.new for one in done))

    def _names(self) -> tuple[str, ...]:
        """Both folders, those of topics, and whatever others the letters of the backup had been moved to."""
        with self._store.reading() as conn:
            used = folders_used(conn)
        return tuple(dict.fromkeys((self._folders.processed, self._folders.too_large, *self._folders.filed, *used)))

    def _held(self) -> MailboxHold:
        with self._store.writing() as conn:
            hold = rows.hold(conn, self._mailbox.identity, holder=HOLDER, lease_ms=LEASE_MS)
        if hold is None:
            raise Temporary("a daemon holds the mailbox: stop it, wait a minute, and reread then")
        return hold

    async def _folder(self, hold: MailboxHold, name: str) -> Reread:
        opened = await self._mailbox.sibling(name)
        if opened is None:
            return Reread(looked_at=0, new=0)
        large = name == self._folders.too_large
        await opened.open()
        try:
            waiting, new = await opened.waiting(self._folders.since), 0
            for batch in batches(waiting, {}, max_letter=LARGEST):
                fetched = await _headers(opened, batch) if large else [one async for one in opened.fetch(batch)]
                letters = [
                    replace(new_letter(one, blob="", size=size, too_large=large), uid=None, silent=True)
                    for one, size in _sized(fetched, batch, large=large)
                ]
                new += await asyncio.to_thread(self._kept, hold, name, [one.raw for one in fetched], letters)
            return Reread(looked_at=len(waiting), new=new)
        finally:
            await opened.close()

    def _kept(self, hold: MailboxHold, folder: str, raws: Sequence[bytes], letters: Sequence[NewLetter]) -> int:
        """Blobs, then rows, as intake does; how many were new. Their UIDs are of this folder, so they are not kept."""
        names = self._blobs.write_all(raws)
        named = [replace(letter, blob=name) for letter, name in zip(letters, names, strict=True)]
        with self._store.writing() as conn:
            rows.renew(conn, hold, lease_ms=LEASE_MS)
            received = rows.receive(conn, hold.mailbox_id, None, named)
            fresh = [one.letter_id for one in received if not one.known]
            rows.moved(conn, fresh, folder=folder)
        self._blobs.delete_all([one.blob for one in received if one.known])
        return len(fresh)


async def _headers(opened: Mailbox, batch: Sequence[Waiting]) -> list[Fetched]:
    found = [Fetched(uid=one.uid, raw=await opened.fetch_headers(one.uid), arrived=one.arrived) for one in batch]
    return [one for one in found if one.raw]


def _sized(fetched: Sequence[Fetched], batch: Sequence[Waiting], *, large: bool) -> list[tuple[Fetched, int]]:
    """Each with the size that its row tells: of a too large one, what the server says."""
    sizes = {letter.uid: letter.size for letter in batch}
    return [(one, sizes[one.uid] if large else len(one.raw)) for one in fetched]
