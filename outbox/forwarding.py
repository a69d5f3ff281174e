"""The loop that tells one target of events on tickets: in order, each at least once, under the same key at every try.

(1) What is next is read from the history; (2) the try is counted and committed; (3) the target is told; (4) that it
was told, and what the ticket is called there, is one commit. A crash between 3 and 4 tells it again: the key is the
same, and a help desk is asked first whether it knows. One daemon tells a target at a time, by a lease.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from outbox.target import Target, TargetBusy, TargetRefuses, Telling, key_of
from service import logs
from service.daemon import Progress, rest
from service.errors import Permanent, PriemnayaError, Temporary
from service.fault_points import Step, pass_by
from service.patience import Patience, back_off_ms
from store import forwarding as rows
from store.database import Store, now
from store.forwarding import Elsewhere, ForwardHold, Happening, Horizon
from store.spoken import words_about

LEASE_MS = 120_000
EVENT_SECONDS = 60.0  # a whole event, all requests of a help desk together; under the lease
IDLE_SECONDS = 2.0
HELD_SECONDS = 10.0  # until another daemon's hold is tried again
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 5_000, 900_000
REFUSED_PAUSE_MS = 60_000  # a person must act; asking more often would lock an account
GIVE_UP_MS = 7 * 86_400_000  # an event older than this that still does not get through is set aside
T = TypeVar("T")


class Forwarding:
    """One target's loop."""

    def __init__(self, store: Store, target: Target, *, holder: str, progress: Progress) -> None:
        self._store, self._target, self._holder, self._progress = store, target, holder, progress
        self._horizon = Horizon()
        self._patience = Patience(first=1.0, longest=15.0)

    async def run(self, stop: asyncio.Event) -> None:
        """Until the stop; the event in hand is finished. The store's faults end the hold, not the loop."""
        while not stop.is_set():
            hold: ForwardHold | None = None
            try:
                hold = await asyncio.to_thread(self._take)
                if hold is None:
                    self._turned(HELD_SECONDS)
                    await rest(stop, HELD_SECONDS)
                else:
                    await self._serve(hold, stop)
            except PriemnayaError as fault:
                pause = self._patience.next()
                logs.warning("forward-fault", target=self._target.name, error=str(fault), again_in=round(pause, 1))
                self._turned(pause)
                await rest(stop, pause)
            finally:
                if hold is not None:
                    await self._let_go(hold)

    async def _serve(self, hold: ForwardHold, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        renewed = loop.time()
        while not stop.is_set():
            if loop.time() - renewed > LEASE_MS / 3000:
                await asyncio.to_thread(self._write, rows.renew_forward, hold, lease_ms=LEASE_MS)
                renewed = loop.time()
            telling = await asyncio.to_thread(self._next, hold)
            self._patience.calm()
            if isinstance(telling, Telling):
                self._turned(0)
                await self._one(hold, telling)
                renewed = loop.time()
            else:
                self._turned(telling)
                await rest(stop, telling)

    def _next(self, hold: ForwardHold) -> Telling | float:
        """The next event, or how long to rest."""
        with self._store.reading() as conn:
            whole = self._horizon.whole(conn)
            place = rows.place(conn, hold)
            if place.wait_ms > 0:
                return min(place.wait_ms / 1000, IDLE_SECONDS)
            event = rows.next_happening(conn, hold, after=place.last, whole=whole, wanted=self._target.wanted)
            if event is not None:
                careful = event.aside or event.id <= place.careful_until
                known = rows.there(conn, hold, event.ticket.id)
                words = words_about(conn, event) if self._target.personal else None
                return Telling(event=event, key=key_of(event), known=known, maybe_told=careful, words=words)
        if whole > place.last:
            self._write(rows.nothing_until, hold, whole)
        return IDLE_SECONDS

    async def _one(self, hold: ForwardHold, telling: Telling) -> None:
        tries = await asyncio.to_thread(self._write, rows.begin_telling, hold, lease_ms=LEASE_MS)
        pass_by(Step.FORWARD_CLAIMED)
        fault: PriemnayaError | None = None
        there: Elsewhere | None = None
        try:
            async with asyncio.timeout(EVENT_SECONDS):
                there = await self._target.tell(again(telling) if tries > 1 else telling)
        except TimeoutError:
            fault = Temporary(f"not told within {EVENT_SECONDS:.0f} s")
        except (Temporary, Permanent) as told:
            fault = told
        if fault is None:
            pass_by(Step.FORWARD_SENT)
            await asyncio.to_thread(self._write, rows.told, hold, telling.event, there)
            logs.info("forwarded", **self._facts(telling.event), tries=tries)
            pass_by(Step.FORWARD_MARKED)
        else:
            await asyncio.to_thread(self._failed, hold, telling.event, fault, tries)

    def _failed(self, hold: ForwardHold, event: Happening, fault: PriemnayaError, tries: int) -> None:
        """What this event's fault is sets it aside; all else waits, and gives up a week after the event."""
        with self._store.writing() as conn:
            refused = isinstance(fault, TargetRefuses)
            old = now(conn) - event.at_ms > GIVE_UP_MS
            if (isinstance(fault, Permanent) and not refused) or old:
                reason = f"given up after {GIVE_UP_MS // 86_400_000} days: {fault}" if old else str(fault)
                rows.set_aside(conn, hold, event, reason=reason)
                remedy = f"priemnaya forward list, then forward retry --target {self._target.name}"
                logs.error("forward-aside", **self._facts(event), error=reason, remedy=remedy)
                return
            pause = _pause_ms(fault, tries)
            rows.put_off(conn, hold, in_ms=pause, error=str(fault))
        say = logs.error if refused else logs.warning
        say("forward-put-off", **self._facts(event), error=str(fault), again_in=pause // 1000)

    def _facts(self, event: Happening) -> dict[str, object]:
        return {"target": self._target.name, "history": event.id, "kind": event.what, "ticket": event.ticket.id}

    def _take(self) -> ForwardHold | None:
        return self._write(rows.hold_forward, self._target.name, holder=self._holder, lease_ms=LEASE_MS)

    async def _let_go(self, hold: ForwardHold) -> None:
        try:
            await asyncio.to_thread(self._write, rows.release_forward, hold)
        except PriemnayaError as fault:  # the lease ends by itself
            logs.warning("store-fault", error=str(fault))

    def _turned(self, rests: float) -> None:
        self._progress.turned(f"forward-{self._target.name}", rests=rests, limit=180.0)

    def _write(self, query: Callable[..., T], *args: object, **named: object) -> T:
        with self._store.writing() as conn:
            return query(conn, *args, **named)


def again(telling: Telling) -> Telling:
    """The same, when an earlier try may have got through."""
    return replace(telling, maybe_told=True)


def _pause_ms(fault: PriemnayaError, tries: int) -> int:
    if isinstance(fault, TargetRefuses):
        return back_off_ms(tries, first_ms=REFUSED_PAUSE_MS, longest_ms=LONGEST_PAUSE_MS)
    asked = fault.in_ms if isinstance(fault, TargetBusy) else 0
    return max(asked, back_off_ms(tries, first_ms=FIRST_PAUSE_MS, longest_ms=LONGEST_PAUSE_MS))
