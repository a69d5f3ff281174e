"""Filing settled letters into a folder a topic, for those who read the mailbox by hand; off by default.

Only what is known for sure is moved: a letter whose UID in `processed` the server told when it was moved there
(COPYUID), under the same UIDVALIDITY, whose topic is in no doubt. It goes over a connection of its own, beside the
line, so that no new letter waits for it; whatever fails leaves letters where they lie.
"""

import asyncio
import contextlib
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from intake.mailbox import Landed, Mailbox
from service import logs
from service.errors import PriemnayaError
from store import filing as rows
from store.database import Store
from store.filing import ToFile
from store.records import MailboxHold

FolderOf = Callable[[str], str]
SECONDS = 60.0  # for one look's letters
_SIGNS = re.compile(r"[/.\\%*\"^~|]|[\x00-\x1f]")  # divide folders, stand for many, or lead out of them, by server


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """Under which UIDs letters lie in `processed`."""

    validity: int
    uids: Mapping[int, int]  # by the letter's id


def folder_below(processed: str, title: str) -> str:
    """The folder of a topic, by its title."""
    return f"{processed}/{' '.join(_SIGNS.sub(' ', title).split()) or 'Другое'}"


class Filing:
    """What one intake files; nothing without `folder_of`."""

    def __init__(self, mailbox: Mailbox, store: Store, *, processed: str, folder_of: FolderOf | None) -> None:
        self._mailbox, self._store = mailbox, store
        self._processed, self._folder_of = processed, folder_of
        self._task: asyncio.Task[None] | None = None
        self._silent_server = False  # said once

    def lying(self, landed: Landed | None, ids: Mapping[int, int], folder: str) -> Lying | None:
        """What to write down of letters that were moved, by the UIDs they had; None: nothing."""
        if self._folder_of is None or folder != self._processed or not ids:
            return None
        if landed is None:
            self._say_once("the server does not tell where moved letters lie (no UIDPLUS): they stay there")
            return None
        return Lying(validity=landed.validity, uids={ids[old]: new for old, new in landed.uids.items() if old in ids})

    async def begin(self, hold: MailboxHold) -> None:
        """Starts what there is to file, unless the last look's is still at it."""
        if self._folder_of is None or (self._task is not None and not self._task.done()):
            return
        wanted = await asyncio.to_thread(self._wanted, hold)
        opened = await self._mailbox.sibling(self._processed) if wanted else None
        if opened is not None:
            self._task = asyncio.create_task(self._file(opened, wanted, self._folder_of), name="filing")

    async def end(self) -> None:
        """Nothing is filed any more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _file(self, opened: Mailbox, wanted: tuple[ToFile, ...], folder_of: FolderOf) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                await self._into_folders(opened, wanted, folder_of)
        except (PriemnayaError, TimeoutError) as fault:
            logs.warning("letters-unfiled", letters=len(wanted), error=str(fault) or "it took too long")
        finally:
            await opened.close()

    async def _into_folders(self, opened: Mailbox, wanted: tuple[ToFile, ...], folder_of: FolderOf) -> None:
        validity = await opened.open()
        lost = [one.id for one in wanted if one.validity != validity]
        if lost:
            await asyncio.to_thread(self._stay, lost)
        by_folder: dict[str, list[ToFile]] = defaultdict(list)
        for one in wanted:
            if one.validity == validity:
                by_folder[folder_of(one.topic)].append(one)
        for folder, letters in by_folder.items():
            await opened.move([one.uid for one in letters], folder)
            await asyncio.to_thread(self._filed, [one.id for one in letters], folder)
        logs.info("letters-filed", letters=len(wanted) - len(lost), folders=len(by_folder))

    def _wanted(self, hold: MailboxHold) -> tuple[ToFile, ...]:
        with self._store.reading() as conn:
            return rows.to_file(conn, hold.mailbox_id)

    def _filed(self, ids: list[int], folder: str) -> None:
        with self._store.writing() as conn:
            rows.filed(conn, ids, folder=folder)

    def _stay(self, ids: list[int]) -> None:
        with self._store.writing() as conn:
            rows.stay(conn, ids)

    def _say_once(self, error: str) -> None:
        if not self._silent_server:
            self._silent_server = True
            logs.warning("letters-unfiled", error=error, remedy="mailbox.by_topic does nothing here: take it out")
