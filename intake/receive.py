"""The first loop: letters come from the mailbox, become durable here, and only then move on the server.

The order that no kill can hurt: (1) bytes into the blob store, synced; (2) rows, one commit a batch; (3) the letters
are moved on the server; (4) that they were moved is written down. A crash between any two leaves letters in the inbox
that are already known here: the next look moves them and makes no second row. docs/flow.md has the table.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from intake.erase import erase_copies
from intake.filing import Filing, FolderOf, Lying
from intake.line import SINGLY_AFTER, Line, Look, sender_of
from intake.mailbox import Fetched, Mailbox, Waiting
from service import logs
from service.daemon import Progress, rest
from service.errors import Permanent, PriemnayaError
from service.fault_points import Step, pass_by
from service.patience import Patience
from store import rows
from store.blobs import Blobs
from store.database import Store
from store.filing import lie
from store.records import KnownLetter, MailboxHold, NewLetter, ReceivedLetter

LEASE_MS = 45_000  # a dead host's mailbox is taken over in under 60 s (rulings 11)
SET_ASIDE_AFTER = 30.0  # seconds of failing at least: a server that talks nonsense for a moment is no letter's fault
FETCH_FAILED = "fetch-failed"  # the reason of a letter that the server does not hand over
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What intake does with which letter."""

    processed: str
    too_large: str
    max_letter: int  # bytes
    poll_seconds: float
    since_ms: int | None  # None: the moment of the first start
    take_old: bool = False  # letters from before that open tickets too; no robot answers them (rulings 8)
    holder: str  # different for every running daemon
    folder_of: FolderOf | None = None  # where a topic's settled letters are filed; None: they stay in `processed`


class Intake:
    """Holds one mailbox and empties it; `arrived` is called when new letters are durable."""

    def __init__(
        self,
        mailbox: Mailbox,
        store: Store,
        blobs: Blobs,
        *,
        rules: Rules,
        arrived: Callable[[], None],
        progress: Progress,
    ) -> None:
        self._mailbox, self._store, self._blobs = mailbox, store, blobs
        self._rules, self._arrived, self._progress = rules, arrived, progress
        self._patience = Patience(first=1.0, longest=15.0)  # after a silence of 40 s it stays under a minute
        self._alarm = Patience(first=30.0, longest=300.0)  # a refused password tried too often locks the account
        self._filing = Filing(mailbox, store, processed=rules.processed, folder_of=rules.folder_of)
        self._line = Line(mailbox)
        # UIDs whose fetch did not end well, counted once the server answers again; and when each failed first and last
        self._in_flight: tuple[int, ...] = ()
        self._failing: dict[int, tuple[float, float]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Until the stop: waits for the mailbox, then serves it; any fault ends the connection, not the loop."""
        while not stop.is_set():
            hold: MailboxHold | None = None
            try:
                hold = await self._take()
                if hold is None:
                    self._turned(rests=5)
                    await rest(stop, 5)
                    continue
                pass_by(Step.INTAKE_HELD)
                await self._serve(hold, stop)
            except PriemnayaError as fault:
                await self._stumbled(fault, hold, stop)
            finally:
                await self._mailbox.close()
                if hold is not None:
                    await _quietly(asyncio.to_thread(self._write, rows.release, hold))

    async def _take(self) -> MailboxHold | None:
        return await asyncio.to_thread(
            self._write,
            rows.hold,
            self._mailbox.identity,
            holder=self._rules.holder,
            lease_ms=LEASE_MS,
            since_ms=self._rules.since_ms,
        )

    async def _stumbled(self, fault: PriemnayaError, hold: MailboxHold | None, stop: asyncio.Event) -> None:
        lasting = isinstance(fault, Permanent)
        pause = (self._alarm if lasting else self._patience).next()
        say = logs.error if lasting else logs.warning
        say("mailbox-fault", error=str(fault), again_in=round(pause, 1))
        if hold is not None:
            await _quietly(asyncio.to_thread(self._write, rows.note_poll_failed, hold, error=str(fault)))
        self._turned(rests=pause)
        await rest(stop, pause)

    async def _serve(self, hold: MailboxHold, stop: asyncio.Event) -> None:
        """Looks, fetches, waits, until the stop; raises on any fault. The hold is renewed beside it."""
        renewing = asyncio.create_task(self._renew(hold), name="renew-mailbox")
        stopping = asyncio.create_task(stop.wait(), name="stop-intake")
        try:
            validity = await self._mailbox.open()
            await self._count_failures(hold, validity)
            await self._note_moved(hold, validity)
            while not stop.is_set():
                await self._look(hold, validity, stop, renewing)
                self._patience.calm()  # not sooner: a server may let us in each time and fail at the letters
                self._alarm.calm()
                self._turned(rests=self._rules.poll_seconds)
                waiting = asyncio.create_task(self._wait(), name="idle")
                await asyncio.wait({waiting, renewing, stopping}, return_when=asyncio.FIRST_COMPLETED)
                await _ended(waiting)
        finally:
            await self._filing.end()
            await _ended(renewing, silent=True)
            await _ended(stopping, silent=True)

    async def _note_moved(self, hold: MailboxHold, validity: int) -> None:
        """Marks what a kill kept from being marked: it is here and no longer in the inbox. Unmarked, it would still be
        waited for there under its UID, and a mail server put back from its backup gives that to another letter.
        """
        unnoted = await asyncio.to_thread(self._read, rows.unnoted, hold.mailbox_id, validity)
        lying = {letter.uid for letter in await self._mailbox.waiting()} if unnoted else set()
        gone = {uid: one for uid, one in unnoted.items() if uid not in lying}
        for folder, _, ids in self._left_behind(gone):
            await asyncio.to_thread(self._write, rows.moved, ids, folder=folder)

    async def _wait(self) -> None:
        await self._mailbox.wait(self._rules.poll_seconds)

    async def _renew(self, hold: MailboxHold) -> None:
        """Raises LostClaim when another daemon took the mailbox."""
        while True:
            await asyncio.sleep(LEASE_MS / 3000)
            await asyncio.to_thread(self._write, rows.renew, hold, lease_ms=LEASE_MS)

    async def _look(
        self, hold: MailboxHold, validity: int, stop: asyncio.Event, renewing: "asyncio.Task[None]"
    ) -> None:
        """One look through the whole folder: new letters in, known ones moved; it ends when the hold does."""
        began = time.monotonic()
        waiting = await self._mailbox.waiting()
        young = [one for one in waiting if self._takes(one, hold)]
        known = await asyncio.to_thread(self._read, rows.known, hold.mailbox_id, validity, [w.uid for w in young])
        for folder, uids, ids in self._left_behind(known):
            await self._move(uids, ids, folder)
        failures = await asyncio.to_thread(self._read, rows.fetch_failures, hold.mailbox_id, validity)
        fresh = [letter for letter in young if letter.uid not in known]
        fresh.sort(key=self._failed_last)  # a failure ends the look, and must not keep the same letters out each time
        self._line.begin(
            Look(
                listed=fresh,
                troubled=self._failing.keys(),
                failures=failures,
                max_letter=self._rules.max_letter,
                takes=lambda one: self._takes(one, hold),
            )
        )
        while batch := await self._line.next():
            if stop.is_set():
                return
            if renewing.done():
                renewing.result()
            await self._take_in(hold, validity, batch)
            self._turned()
        await erase_copies(self._mailbox, self._store, hold, default=self._rules.processed)
        await self._filing.begin(hold)
        older, lasted_ms = len(waiting) - len(young), int((time.monotonic() - began) * 1000)
        await asyncio.to_thread(
            self._write, rows.note_poll, hold, uidvalidity=validity, older=older, lasted_ms=lasted_ms
        )

    def _takes(self, letter: Waiting, hold: MailboxHold) -> bool:
        """Not what lay there before the first start (rulings 8)."""
        return self._rules.take_old or not _older(letter.arrived, hold)

    def _failed_last(self, letter: Waiting) -> float:
        """When; 0 when it did not."""
        return self._failing.get(letter.uid, (0.0, 0.0))[1]

    def _left_behind(self, known: dict[int, KnownLetter]) -> Iterator[tuple[str, list[int], list[int]]]:
        """Known letters that still lie in the inbox: we stopped before they were moved, or before it was noted."""
        for folder, large in ((self._rules.processed, False), (self._rules.too_large, True)):
            lying = [(uid, one) for uid, one in known.items() if not one.stays and one.too_large is large]
            if lying:
                yield folder, [uid for uid, _ in lying], [one.letter_id for _, one in lying]

    async def _take_in(self, hold: MailboxHold, validity: int, batch: Sequence[Waiting]) -> None:
        large = batch[0].size > self._rules.max_letter
        self._in_flight = tuple(letter.uid for letter in batch)
        began = time.monotonic()
        fetched = [await self._headers(batch[0])] if large else [one async for one in self._mailbox.fetch(batch)]
        fetched = [one for one in fetched if one.raw]
        self._in_flight = ()
        for letter in batch:
            self._failing.pop(letter.uid, None)
        pass_by(Step.INTAKE_FETCHED)
        received = await asyncio.to_thread(self._keep, hold, validity, fetched, batch, large)
        if not received:
            return
        self._arrived()
        logs.info(
            "received",
            letters=len(received),
            known=sum(one.known for one in received),
            ms=round((time.monotonic() - began) * 1000),
        )
        uids = [one.uid for one in received if one.uid is not None]
        folder = self._rules.too_large if large else self._rules.processed
        await self._move(uids, [one.letter_id for one in received], folder)

    async def _headers(self, letter: Waiting) -> Fetched:
        return Fetched(uid=letter.uid, raw=await self._mailbox.fetch_headers(letter.uid), arrived=letter.arrived)

    def _keep(
        self, hold: MailboxHold, validity: int, fetched: Sequence[Fetched], batch: Sequence[Waiting], large: bool
    ) -> tuple[ReceivedLetter, ...]:
        """Blobs first, synced; then the rows in one commit; a blob without a row is deleted."""
        if not fetched:
            return ()
        sizes = {letter.uid: letter.size for letter in batch}
        names = self._blobs.write_all([one.raw for one in fetched])
        pass_by(Step.INTAKE_KEPT)
        letters = [
            replace(
                new_letter(one, blob=name, size=sizes[one.uid] if large else len(one.raw), too_large=large),
                silent=_older(one.arrived, hold),
            )
            for one, name in zip(fetched, names, strict=True)
        ]
        received = self._write(rows.receive, hold.mailbox_id, validity, letters)
        pass_by(Step.INTAKE_COMMITTED)
        self._blobs.delete_all([one.blob for one in received if one.known])
        return received

    async def _move(self, uids: Sequence[int], letter_ids: Iterable[int], folder: str) -> None:
        ids = list(letter_ids)
        landed = await self._mailbox.move(uids, folder)
        pass_by(Step.INTAKE_MOVED)
        lying = self._filing.lying(landed, dict(zip(uids, ids, strict=True)), folder)
        await asyncio.to_thread(self._write, _moved, ids, folder, lying)
        pass_by(Step.INTAKE_NOTED)

    async def _count_failures(self, hold: MailboxHold, validity: int) -> None:
        """Counts a failed fetch only now that the server answers again: an outage is no letter's fault. The third,
        which sets the letter aside, counts only when it has failed for SET_ASIDE_AFTER.
        """
        failed, self._in_flight = self._in_flight, ()
        moment = time.monotonic()
        self._failing |= {uid: (self._failing.get(uid, (moment, moment))[0], moment) for uid in failed}
        before = await asyncio.to_thread(self._read, rows.fetch_failures, hold.mailbox_id, validity) if failed else {}
        uids = [
            uid
            for uid in failed
            if before.get(uid, 0) < SINGLY_AFTER or moment - self._failing[uid][0] >= SET_ASIDE_AFTER
        ]
        if uids:
            parked = await asyncio.to_thread(
                self._write, rows.fetch_failed, hold.mailbox_id, validity, uids, reason=FETCH_FAILED
            )
            for uid in parked:
                logs.error("letter-parked", uid=uid, reason=FETCH_FAILED, remedy="priemnaya parked list")

    def _turned(self, *, rests: float = 0.0) -> None:
        self._progress.turned("intake", rests=rests, limit=180.0)

    def _write(self, query: Callable[..., T], *args: object, **named: object) -> T:
        with self._store.writing() as conn:
            return query(conn, *args, **named)

    def _read(self, query: Callable[..., T], *args: object, **named: object) -> T:
        with self._store.reading() as conn:
            return query(conn, *args, **named)


def _moved(conn: Connection, ids: Sequence[int], folder: str, lying: Lying | None) -> None:
    rows.moved(conn, ids, folder=folder)
    if lying is not None:
        lie(conn, lying.uids, validity=lying.validity)


def new_letter(one: Fetched, *, blob: str, size: int, too_large: bool) -> NewLetter:
    """The row of a letter whose bytes are durable under that name."""
    return NewLetter(
        uid=one.uid,
        blob=blob,
        sha256=hashlib.sha256(one.raw).hexdigest(),
        size=size,
        arrived_ms=_ms(one.arrived),
        sender=sender_of(one.raw),
        too_large=too_large,
    )


def _older(arrived: datetime, hold: MailboxHold) -> bool:
    """Whether it came before the first start. INTERNALDATE has no parts of a second (RFC 3501 §2.3.3): a letter of the
    very second in which we started counts as come since.
    """
    return _ms(arrived) < hold.since_ms // 1000 * 1000


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


async def _quietly(act: Awaitable[Any]) -> None:
    """Does what may fail without harm: the lease ends by itself, the note is only for the eye."""
    try:
        await act
    except PriemnayaError as fault:
        logs.warning("store-fault", error=str(fault))


async def _ended(task: "asyncio.Task[Any]", *, silent: bool = False) -> None:
    """Cancels the task and waits for it; its own fault is raised unless `silent`."""
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return
    except PriemnayaError:
        if not silent:
            raise
