"""Deleting on the server what was erased here (rulings 33): only the daemon that holds the mailbox does it.

Nothing of a letter's words is known any more, so its copy is looked for by the time of its arrival and its size, and
told by its hash: what has another hash is never deleted. What is not found is gone already, by somebody else's hand.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from intake.mailbox import Mailbox, Waiting
from service import logs
from service.errors import PriemnayaError
from store import rows
from store.database import Store
from store.records import MailboxHold, ServerCopy

APART = timedelta(days=1)  # a search by day knows no hours and no zones (RFC 3501 §6.4.4)
READ_AT_ONCE = 20


async def erase_copies(mailbox: Mailbox, store: Store, hold: MailboxHold, *, default: str) -> None:
    """Those that are asked for, each folder in one go over a connection of its own; the rest at the next look."""
    asked = await asyncio.to_thread(_asked, store, hold)
    by_folder: dict[str, list[ServerCopy]] = defaultdict(list)
    for copy in asked:
        by_folder[copy.folder or default].append(copy)
    for folder, copies in by_folder.items():
        try:
            deleted = await _in_folder(mailbox, folder, copies)
        except PriemnayaError as fault:  # new letters must not wait for it: it comes again at the next look
            logs.warning("copies-not-erased", folder=folder, letters=len(copies), error=str(fault))
            continue
        await asyncio.to_thread(_gone, store, [copy.id for copy in copies])
        logs.info("copies-erased", folder=folder, asked=len(copies), deleted=deleted)


def _asked(store: Store, hold: MailboxHold) -> tuple[ServerCopy, ...]:
    with store.reading() as conn:
        return rows.copies_to_erase(conn, hold.mailbox_id)


def _gone(store: Store, ids: Sequence[int]) -> None:
    with store.writing() as conn:
        rows.copies_gone(conn, ids)


async def _in_folder(mailbox: Mailbox, folder: str, copies: Sequence[ServerCopy]) -> int:
    opened = await mailbox.sibling(folder)
    if opened is None:
        return 0
    try:
        await opened.open()
        first = datetime.fromtimestamp(min(copy.arrived_ms for copy in copies) / 1000, UTC)
        near = _near(await opened.waiting((first - APART).date()), copies)
        found = await _same(
            opened, near, {copy.sha256 for copy in copies}, headers=any(one.too_large for one in copies)
        )
        if found and not await opened.delete(found):
            remedy = "the server has no UIDPLUS: expunge the folder by hand"
            logs.warning("copies-only-flagged", folder=folder, letters=len(found), remedy=remedy)
        return len(found)
    finally:
        await opened.close()


def _near(waiting: Sequence[Waiting], copies: Sequence[ServerCopy]) -> list[Waiting]:
    """Letters of the same second, or of the same size: either may be told a little differently by a server."""
    seconds, sizes = {copy.arrived_ms // 1000 for copy in copies}, {copy.size for copy in copies}
    return [one for one in waiting if int(one.arrived.timestamp()) in seconds or one.size in sizes]


async def _same(opened: Mailbox, near: Sequence[Waiting], hashes: set[str], *, headers: bool) -> list[int]:
    found: list[int] = []
    for at in range(0, len(near), READ_AT_ONCE):
        part = near[at : at + READ_AT_ONCE]
        if headers:
            for one in part:
                raw = await opened.fetch_headers(one.uid)
                found += [one.uid] if hashlib.sha256(raw).hexdigest() in hashes else []
            continue
        async for letter in opened.fetch(part):
            if hashlib.sha256(letter.raw).hexdigest() in hashes:
                found.append(letter.uid)
    return found
