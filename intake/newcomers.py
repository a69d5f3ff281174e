"""Letters that come while the line in the mailbox is long.

A look takes in what lies in the inbox in order of arrival, and of gigabytes that takes minutes. So every EVERY_SECONDS
the server is asked what has come since, and the newest of it is taken in next, AT_ONCE at most; the others wait for
the next look. The desk serves a long line from both ends too (store/line.py).

Nobody's letter passes an earlier one of the same sender (rulings 15): the server is asked for these, and they come with
it, in their order. A sender of whom more than FEW wait yields, and so does a letter whose sender cannot be told.
"""

import re
import time
from collections.abc import Callable, Sequence

from intake.mailbox import Mailbox, Waiting

EVERY_SECONDS = 5.0
AT_ONCE = 10
FEW = 5
FROM = re.compile(rb"^from:[^\n]{0,400}?([\w.+%-]{1,64}@[\w.-]{1,200})", re.IGNORECASE | re.MULTILINE)


class Newcomers:
    """Those of each look at one mailbox."""

    def __init__(self, mailbox: Mailbox, *, now: Callable[[], float] = time.monotonic) -> None:
        self._mailbox, self._now = mailbox, now
        self._listed: dict[int, Waiting] = {}
        self._asked = 0.0
        self._unanswered = False

    def begin(self, listed: Sequence[Waiting]) -> None:
        """A look at what is listed begins."""
        self._listed, self._asked = {letter.uid: letter for letter in listed}, self._now()

    def end(self) -> None:
        """It was carried through."""
        self._unanswered = False

    async def come(self) -> list[Waiting]:
        """Those to be taken in next, in order of arrival; none before EVERY_SECONDS have passed.

        Where the connection broke at that question it is not asked again before a look was carried through.
        """
        if self._unanswered or self._now() - self._asked < EVERY_SECONDS:
            return []
        self._unanswered = True
        newer = await self._mailbox.newer(max(self._listed, default=0))
        self._listed |= {letter.uid: letter for letter in newer}
        chosen: set[int] = set()
        for letter in newer[-AT_ONCE:]:
            chosen |= await self._with_those_before(letter)
        self._unanswered, self._asked = False, self._now()
        return [self._listed[uid] for uid in sorted(chosen)]

    async def _with_those_before(self, letter: Waiting) -> set[int]:
        sender = sender_of(await self._mailbox.fetch_headers(letter.uid))
        if sender is None:
            return set()
        theirs = {uid for uid in await self._mailbox.of_sender(sender) if uid < letter.uid} & self._listed.keys()
        return theirs | {letter.uid} if len(theirs) <= FEW else set()


def sender_of(raw: bytes) -> str | None:
    """A quick look at From, for the order in the line only; the parser decides who it really is."""
    found = FROM.search(raw[: raw.find(b"\n\n", 0, 65536) if b"\n\n" in raw[:65536] else 65536])
    return found[1].decode("ascii").lower() if found else None
