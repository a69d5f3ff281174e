"""Watches the store's clock, against which every lease is held, and mends what a jump of it breaks (rulings 10).

A clock that jumps forward makes leases of living workers look ended; one that jumps back makes due times lie in a
future that nobody waits for. So after a jump of more than JUMP_MS: (1) nothing is claimed for PAUSE_SECONDS, which is
a letter's lease, while work in hand is finished and marked; (2) what is due later than any lease or back-off could
have made it is due now. The second is done at the start too: the clock may have jumped while nobody looked.
"""

import asyncio
import time
from dataclasses import dataclass

from service import logs
from service.daemon import rest
from service.errors import PriemnayaError
from store import rows
from store.database import Store

LOOK_SECONDS = 5.0
JUMP_MS = 5_000
PAUSE_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Longest:
    """How far from now each kind of work may be due, lease or back-off, ms."""

    letters: int
    replies: int
    mailboxes: int


class Clock:
    """The watch of one daemon; `may_claim` is asked before each claim."""

    def __init__(self, store: Store, longest: Longest) -> None:
        self._store, self._longest = store, longest
        self._parted: float | None = None  # ms between the store's clock and our monotonic one, when last looked
        self._pause_ends = 0.0

    def may_claim(self) -> bool:
        """False for a while after a jump."""
        return time.monotonic() >= self._pause_ends

    async def run(self, stop: asyncio.Event) -> None:
        """Looks until the stop; a store that is away is looked at again later."""
        mended = False
        while not stop.is_set():
            try:
                if await asyncio.to_thread(self._jumped):
                    self._pause_ends, mended = time.monotonic() + PAUSE_SECONDS, False
                elif not mended and self.may_claim():
                    await asyncio.to_thread(self._pull_in)
                    mended = True
            except PriemnayaError:
                self._parted = None  # the loops tell of a store that is away
            await rest(stop, LOOK_SECONDS)

    def _jumped(self) -> bool:
        asked = time.monotonic()
        with self._store.reading() as conn:
            store_ms = rows.now(conn)
        answered = time.monotonic()
        slow_ms = (answered - asked) * 1000
        parted, before = store_ms - (asked + answered) / 2 * 1000, self._parted
        self._parted = parted
        if before is None or abs(parted - before) <= JUMP_MS + slow_ms:
            return False
        logs.warning("clock-jumped", by_s=round((parted - before) / 1000), claiming_pauses_s=PAUSE_SECONDS)
        return True

    def _pull_in(self) -> None:
        with self._store.writing() as conn:
            rows.pull_in_letters(conn, longest_ms=self._longest.letters)
            rows.pull_in_replies(conn, longest_ms=self._longest.replies)
            rows.pull_in_mailboxes(conn, longest_ms=self._longest.mailboxes)
