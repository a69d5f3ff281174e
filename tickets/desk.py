"""The second loop: letters are claimed, judged in limited workers, and their outcomes recorded.

One turn is one commit: the outcomes of the letters judged since the last turn, each under its savepoint, and the claim
of as many letters, so that each worker has its next one ahead. No transaction is open while a letter is judged. One
that was claimed before is worked alone, so that the one that kills the house is found out (rulings 3, 4).
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from sqlalchemy import Connection

from service import logs
from service.daemon import Progress
from service.errors import Permanent, PriemnayaError, Temporary
from service.fault_points import Step, pass_by
from service.patience import Patience, back_off_ms
from service.workers import Overran, Workers
from store import rows
from store.blobs import Blobs
from store.database import Store
from store.faults import LostClaim
from store.line import newest_next
from store.records import ClaimedLetter
from tickets.verdict import Judged

LEASE_MS = 30_000  # over the judge's limit of 10 s (settings.reading.seconds is at most 20)
HELD = 3  # letters a worker: one in its hands, one in its socket, one in the desk's commit
BROKE = "broke"  # the reason of a letter whose recording broke, before the colon and the error's name
IDLE_SECONDS = 1.0  # how soon a letter received by another process is seen

Record = Callable[[Connection, ClaimedLetter, Judged], str]  # in its transaction; returns a word for the log


def letters_at_once(workers: int, seconds: float) -> int:
    """How many letters a desk holds: HELD for each worker.

    Fewer, when waiting for the others' overruns, and then overrunning, would outlast the lease.
    """
    return workers * max(1, min(HELD, int(LEASE_MS / (seconds * 1000))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """A letter that came back from its worker."""

    claim: ClaimedLetter
    judged: Judged | None  # None: it did not end well
    fault: Overran | PriemnayaError | None
    ms: float  # from claim to here


class Desk:
    """Judges and records until the stop; `settled` is called after each commit that may have queued a reply."""

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        workers: Workers,
        *,
        record: Record,
        settled: Callable[[], None],
        progress: Progress,
    ) -> None:
        self._store, self._blobs, self._workers, self._record = store, blobs, workers, record
        self._settled, self._progress = settled, progress
        self._may_claim: Callable[[], bool] = lambda: True
        self._patience = Patience(first=0.5, longest=15.0)
        self._away = _Away()
        self._news = asyncio.Event()
        self._in_hand: set[asyncio.Task[None]] = set()
        self._worked: list[Worked] = []
        self._newest = False  # from which end of the line the next letters are taken (store/line.py)
        self._alone = False  # a letter that was claimed before is in hand
        self._unsure: tuple[ClaimedLetter, ...] = ()  # claims whose commit was not answered: it may have gone through

    def letters_arrived(self) -> None:
        """Wakes the desk; called by intake."""
        self._news.set()

    async def run(self, stop: asyncio.Event, *, count: int, may_claim: Callable[[], bool] = lambda: True) -> None:
        """`count` letters at once; those in hand are finished and recorded before the loop ends.

        `may_claim` is asked before each claim: not after a jump of the store's clock (store/clock.py).
        """
        self._may_claim = may_claim
        stopping = asyncio.create_task(_wake_at(stop, self._news), name="stop-desk")
        try:
            while not (stop.is_set() and not self._in_hand and not self._worked):
                await self._turn(0 if stop.is_set() else self._free(count))
        finally:
            stopping.cancel()

    def _free(self, count: int) -> int:
        """How many letters may be claimed: none beside one that is worked alone, one while something is away."""
        if self._alone or not self._may_claim() or self._away.rests():
            return 0
        return max((1 if self._away else count) - len(self._in_hand), 0)

    async def _turn(self, free: int) -> None:
        worked, self._worked = self._worked, []
        try:
            claims = await asyncio.to_thread(self._commit, worked, free) if worked or free or self._unsure else ()
        except PriemnayaError as fault:
            self._worked = worked + self._worked  # their claims hold for LEASE_MS; after it they come again
            pause = self._patience.next()
            logs.warning("desk-fault", error=str(fault), again_in=round(pause, 1))
            self._progress.turned("desk", rests=pause)
            await asyncio.sleep(pause)
            return
        self._patience.calm()
        self._progress.turned("desk", rests=IDLE_SECONDS)
        if worked:
            pass_by(Step.DESK_COMMITTED)
            self._settled()
        for claim in sorted(claims, key=lambda one: one.attempts > 1):  # those to be worked alone come last
            self._take(claim)
            pass_by(Step.DESK_CLAIMED)
        if not self._worked:
            await self._wait()

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._news.wait(), IDLE_SECONDS)
        except TimeoutError:
            return
        self._news.clear()

    def _take(self, claim: ClaimedLetter) -> None:
        task = asyncio.create_task(self._work(claim, after=set(self._in_hand)), name=f"letter-{claim.id}")
        self._alone = self._alone or claim.attempts > 1
        self._in_hand.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._in_hand.discard(task)
        self._alone = self._alone and bool(self._in_hand)
        self._news.set()

    async def _work(self, claim: ClaimedLetter, *, after: set["asyncio.Task[None]"]) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        judged, fault = None, None
        try:
            if claim.attempts > 1 and after:
                await asyncio.wait(after)
            judged = Judged.model_validate_json(await self._workers.do(await self._bytes_of(claim)))
        except (Overran, PriemnayaError) as error:
            fault = error
        pass_by(Step.DESK_JUDGED)
        self._away.heard(fault)
        self._worked.append(Worked(claim=claim, judged=judged, fault=fault, ms=(loop.time() - began) * 1000))

    async def _bytes_of(self, claim: ClaimedLetter) -> bytes | Path:
        place = self._blobs.place(claim.blob)
        return place if place is not None else await asyncio.to_thread(self._blobs.read, claim.blob)

    def _commit(self, worked: Sequence[Worked], free: int) -> Sequence[ClaimedLetter]:
        claims: Sequence[ClaimedLetter] = ()
        with self._store.writing() as conn:
            rows.lock_senders(conn, chain.from_iterable(map(whose, worked)))
            for one in worked:
                self._record_one(conn, one)
            if worked:
                pass_by(Step.DESK_RECORDED)
            for claim in self._unsure:
                self._put_back(conn, claim)
            if free:
                claims = rows.claim_letters(conn, lease_ms=LEASE_MS, most=free, newest=self._newest)
            self._unsure = (*self._unsure, *claims)
        self._unsure = ()
        if free:
            waited = max((claim.due - LEASE_MS - claim.turn for claim in claims), default=0)
            self._newest = newest_next(took_newest=self._newest, waited_ms=waited)
        return claims

    @staticmethod
    def _put_back(conn: Connection, claim: ClaimedLetter) -> None:
        """Nobody works it and nobody will until its lease ends: due at once, and no lapse of the letter's."""
        with suppress(LostClaim), rows.savepoint(conn):
            rows.release_letter(conn, claim, in_ms=0)

    def _record_one(self, conn: Connection, one: Worked) -> None:
        """One letter's outcome under its savepoint; what breaks here breaks for this letter alone."""
        try:
            with rows.savepoint(conn):
                said = self._record(conn, one.claim, one.judged) if one.judged else self._set_aside(conn, one)
        except LostClaim:
            logs.warning("claim-lost", letter=one.claim.id)
            rows.heard_late(conn, one.claim.id)
            return
        except Temporary:
            raise  # the store's: the whole turn comes again
        except Exception as error:  # noqa: BLE001  # a letter that breaks the code is set aside, the next goes on
            said = f"{BROKE}:{type(error).__name__}"
            logs.error("letter-broke-recording", letter=one.claim.id, error=type(error).__name__)
            with rows.savepoint(conn):
                rows.died(conn, one.claim, reason=said)
        logs.info("letter", letter=one.claim.id, became=said, ms=round(one.ms))

    @staticmethod
    def _set_aside(conn: Connection, one: Worked) -> str:
        """A letter whose reading did not end well: its own fault counts towards parking, ours does not."""
        fault = one.fault
        if isinstance(fault, Overran):
            parked = rows.died(conn, one.claim, reason=f"{fault.limit}: {fault}")
            return f"{'parked' if parked else 'again'}:{fault.limit}"
        if isinstance(fault, Permanent):
            rows.park(conn, one.claim, reason=str(fault))
            return "parked"
        rows.release_letter(conn, one.claim, in_ms=back_off_ms(one.claim.attempts, first_ms=2_000, longest_ms=LEASE_MS))
        return "put-off"


class _Away:
    """Whether what every letter needs (the blob store, the workers, a required scanner) is away.

    While it is, one letter at a time is tried, with pauses: otherwise the whole line would be put off, one by one.
    """

    def __init__(self) -> None:
        self._patience = Patience(first=1.0, longest=20.0)
        self._until = 0.0
        self._is = False

    def __bool__(self) -> bool:
        return self._is

    def rests(self) -> bool:
        """Not even one letter now."""
        return self._is and time.monotonic() < self._until

    def heard(self, fault: Overran | PriemnayaError | None) -> None:
        """How the working of a letter ended."""
        self._is = isinstance(fault, Temporary)
        if not self._is:
            self._patience.calm()
        elif time.monotonic() >= self._until:
            pause = self._patience.next()
            self._until = time.monotonic() + pause
            logs.warning("desk-waits", error=str(fault), again_in=round(pause, 1))


async def _wake_at(stop: asyncio.Event, news: asyncio.Event) -> None:
    await stop.wait()
    news.set()


def whose(one: Worked) -> Iterator[str]:
    """What two copies of a letter have in common while they are settled: by it another desk waits for this one.

    The sender as intake saw it, of whom a single letter is claimed at a time, and as the parser does, should they
    differ (bytes that only the letter's own charset explains). Where intake saw none, the content has to do.
    """
    heard = one.judged.verdict.sender if one.judged is not None else None
    yield from {*filter(None, (one.claim.sender, (heard or "").lower()))}
    if not one.claim.sender and one.judged is not None and one.judged.clues.content_key:
        yield one.judged.clues.content_key
