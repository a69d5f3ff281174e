"""The third loop: letters of ours that are due are sent, one in flight, and marked.

A kill repeats at most the letter in flight, with the same Message-ID. That it was sent and the claim of the next are
one commit. A letter put off comes again later, with growing pauses, for two days; one refused ends with a note on the
ticket, and a refused address gets no more letters until a person lifts it (rulings 19). One whose ticket has gone on
since it was written is dropped when its turn comes, not sent (store/overtaken.py). While the mail server itself is
away no letter is claimed or blamed: the loop asks at least every 40 seconds whether it is back.

It wants a thread of its own (service/apart.py): its turns at the store are made in that, not handed to another.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import Connection

from outbox.send import NoAnswer, RecipientRefused, Sender, ServerAway
from outbox.unasked import letter_lost
from service import logs
from service.daemon import Progress, rest
from service.errors import Permanent, PriemnayaError, Temporary
from service.fault_points import Step, pass_by
from service.patience import Patience, back_off_ms
from store import rows
from store.database import Store
from store.outbox import LONGEST_TRY_MS, OVERTAKEN
from store.records import ClaimedReply
from tickets.terms import Terms
from tickets.ticket import Event

REPLY_LEASE_MS = 180_000  # over outbox.send.WHOLE_SECONDS
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 15_000, 3_600_000  # after a silence of COMMAND_SECONDS it stays under a minute
BROKEN_MOST = 30  # connections that may break in the middle of one letter before it is thought to be the letter's doing
IDLE_SECONDS = 1.0  # how soon a reply queued by another process is seen


class Post:
    """Sends what is due until the stop."""

    def __init__(self, store: Store, sender: Sender, *, terms: Terms, progress: Progress) -> None:
        self._store, self._sender, self._terms, self._progress = store, sender, terms, progress
        self._loop: asyncio.AbstractEventLoop | None = None  # while it runs
        self._queued = asyncio.Event()
        self._patience = Patience(first=1.0, longest=15.0)  # with the store
        self._server = Patience(first=1.0, longest=15.0)  # with one more try to connect it stays under a minute
        self._away = False  # the mail server, when last asked
        self._newest = False  # from which end of the line the next reply is taken (store/line.py)

    def reply_queued(self) -> None:
        """Wakes the post; from any thread."""
        if (loop := self._loop) is not None:
            with suppress(RuntimeError):  # it has just ended
                loop.call_soon_threadsafe(self._queued.set)

    async def run(self, stop: asyncio.Event, *, may_claim: Callable[[], bool] = lambda: True) -> None:
        """The letter in flight is finished before the loop ends.

        `may_claim` is asked before each claim: not after a jump of the store's clock (store/clock.py).
        """
        self._loop = asyncio.get_running_loop()
        done: _Done | None = None
        while True:
            try:
                resting = stop.is_set() or self._away or not may_claim()
                self._queued.clear()  # before the look: what is queued after it rings again
                claim = self._turn(done, resting)
                if done is not None:
                    pass_by(Step.POST_MARKED)
                done = None
                self._patience.calm()
                self._progress.turned("post", limit=240.0)
                if claim is not None:
                    pass_by(Step.POST_CLAIMED)
                    done = await self._send(claim)
                elif stop.is_set():
                    break
                elif self._away:
                    await self._reach(stop)
                else:
                    await self._idle(stop)
            except PriemnayaError as fault:  # the store's: what was sent is still to be marked
                pause = self._patience.next()
                logs.warning("post-fault", error=str(fault), again_in=round(pause, 1))
                self._progress.turned("post", rests=pause, limit=240.0)
                if stop.is_set():
                    break
                await rest(stop, pause)
        await self._sender.close()

    async def _reach(self, stop: asyncio.Event) -> None:
        """Rests, then asks whether the mail server is back."""
        pause = self._server.next()
        self._progress.turned("post", rests=pause, limit=240.0)
        await rest(stop, pause)
        try:
            await self._sender.ready()
        except ServerAway as fault:
            logs.warning("mail-server-away", error=str(fault))
            return
        self._away = False

    async def _idle(self, stop: asyncio.Event) -> None:
        waits = [asyncio.create_task(self._queued.wait()), asyncio.create_task(stop.wait())]
        await asyncio.wait(waits, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()

    async def _send(self, claim: ClaimedReply) -> "_Done":
        began = time.monotonic()
        if claim.overtaken:
            return _Done(claim, None, began=began)
        try:
            await self._sender.send(claim.raw, envelope_from=claim.envelope_from, recipient=claim.recipient)
        except ServerAway as fault:
            logs.warning("mail-server-away", error=str(fault))
            self._away = True
            return _Done(claim, fault, began=began)
        except (Temporary, Permanent) as fault:
            return _Done(claim, fault, began=began)
        pass_by(Step.POST_SENT)
        self._server.calm()
        return _Done(claim, None, began=began)

    def _turn(self, done: "_Done | None", stopping: bool) -> ClaimedReply | None:
        """One commit: what became of the last letter, and the claim of the next."""
        with self._store.writing() as conn:
            if done is not None:
                _mark(conn, done, self._terms)
            if stopping:
                return None
            claim = rows.claim_reply(conn, lease_ms=REPLY_LEASE_MS, newest=self._newest)
        self._newest = not self._newest
        return claim


class _Done:
    """A letter after its sending: the fault, or none when the server took it, or it was overtaken."""

    def __init__(self, claim: ClaimedReply, fault: Temporary | Permanent | None, *, began: float) -> None:
        self.claim, self.fault = claim, fault
        self.ms = round((time.monotonic() - began) * 1000)


def _mark(conn: Connection, done: _Done, terms: Terms) -> None:
    claim, fault = done.claim, done.fault
    facts = {
        "kind": claim.kind, "ticket": claim.ticket_id, "letter": claim.letter_id,
        "message": logs.fingerprint(claim.message_id), "ms": done.ms,
    }  # fmt: skip
    if claim.overtaken:
        if rows.drop_overtaken(conn, claim):
            _note(conn, claim, Event.REPLY_FAILED, {"reason": OVERTAKEN})
        logs.warning("reply-overtaken", **facts)
    elif fault is None:
        if rows.sent(conn, claim):
            _note(conn, claim, Event.REPLY_SENT, {})
        logs.info("reply-sent", **facts, tries=claim.attempts)
    elif isinstance(fault, ServerAway):
        rows.retry_in(conn, claim, in_ms=0, error=str(fault))
    elif isinstance(fault, Temporary) and rows.now(conn) - claim.created_ms < LONGEST_TRY_MS:
        pause = _pause_ms(fault, claim.attempts)
        rows.retry_in(conn, claim, in_ms=pause, error=str(fault))
        logs.warning("reply-put-off", **facts, error=str(fault), again_in=pause // 1000)
    else:
        if rows.failed(conn, claim, error=str(fault)):
            _note(conn, claim, Event.REPLY_FAILED, {"reason": str(fault)})
            if claim.ticket_id is not None:
                letter_lost(conn, claim.ticket_id, terms, who="post", lost=claim.id)
        if isinstance(fault, RecipientRefused):
            rows.note_bounce(conn, claim.recipient, message_id=claim.message_id)
        logs.error("reply-failed", **facts, error=str(fault))


def _pause_ms(fault: Temporary, attempts: int) -> int:
    """A broken connection is the network's fault, and the letter goes again soon, unless it has broken too many."""
    unlucky = isinstance(fault, NoAnswer) and attempts <= BROKEN_MOST
    return back_off_ms(attempts, first_ms=FIRST_PAUSE_MS, longest_ms=FIRST_PAUSE_MS if unlucky else LONGEST_PAUSE_MS)


def _note(conn: Connection, claim: ClaimedReply, what: Event, data: dict[str, str]) -> None:
    if claim.ticket_id is not None:
        rows.add_history(conn, claim.ticket_id, who="post", what=what, data={"kind": claim.kind, **data})
