"""The line in the mailbox: which letters a look takes in next.

A look takes in what lay in the inbox in order of arrival, a batch at a time, and of gigabytes that takes minutes. So
once it has lasted TURN_SECONDS every second turn is that of the newest, AT_ONCE letters at most: those that were the
last when the look began, and those that came since, for which the server is asked. Who has just written waits for a
batch of the others, whatever lies before; and the others go on being taken in from the front. What came and was not
among the newest waits for the next look. The desk and the post serve a long line from both ends too (store/line.py).

Nobody's letter passes an earlier one of the same sender (rulings 15): those come with it, in their order. A sender of
whom more than FEW wait yields, and so does one whose letter could not be fetched lately, or who cannot be told.
"""

import re
import time
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from intake.headers import addresses, unfold
from intake.mailbox import Mailbox, Waiting
from service.patience import Patience

BATCH_BYTES = 8 * 1024 * 1024  # of one commit; also what is held in memory at once
BATCH_LETTERS = 100
SINGLY_AFTER = 2  # failed fetches of a letter; then it is fetched alone (rulings 4)
TURN_SECONDS = 5.0
AT_ONCE = 20
FEW = 6
LOOKED_AT = 2000  # how far from the end one turn looks past those who yield
HEAD_MOST = 65536  # bytes in which From is looked for
HEAD_END = re.compile(rb"\n\r?\n")
FROM = re.compile(rb"^from[ \t]*:((?:[^\n]|\n[ \t]){0,16384}+)", re.IGNORECASE | re.MULTILINE)  # as far as the parser


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look finds."""

    listed: Sequence[Waiting]  # what it has to take in, in order of arrival; those that failed lately last
    troubled: Collection[int]  # the UIDs of those
    failures: Mapping[int, int]  # how often each UID failed so far
    max_letter: int  # bytes
    takes: Callable[[Waiting], bool]  # whether one that came since is taken in


class Line:
    """What the looks at one mailbox take in."""

    def __init__(self, mailbox: Mailbox, *, now: Callable[[], float] = time.monotonic) -> None:
        self._mailbox, self._now = mailbox, now
        self._patience = Patience(first=60.0, longest=3600.0)  # with a server that falls at our questions
        self._asks_from = 0.0

    def begin(self, look: Look) -> None:
        """A look begins."""
        self._look = look
        self._listed = {letter.uid: letter for letter in look.listed}
        self._came: dict[int, Waiting] = {}
        self._senders: dict[int, str | None] = {}  # of both, as far as they were asked for
        self._of_sender: dict[str, dict[int, Waiting]] = defaultdict(dict)  # the same the other way round
        self._parts: deque[list[Waiting]] = deque()  # of this turn
        self._turned, self._took_newest = self._now(), False

    async def next(self) -> list[Waiting]:
        """The next batch, from whichever end; empty when all that was listed is taken in."""
        if not self._listed and not self._parts:
            return []
        if not self._parts and newest_next(took_newest=self._took_newest, seconds=self._now() - self._turned):
            self._parts.extend(self._batches(await self._newest()))
            self._turned, self._took_newest = self._now(), True
        elif not self._parts:
            self._took_newest = False
        batch = self._parts.popleft() if self._parts else next(self._batches(self._listed.values()), [])
        for letter in batch:
            self._take(letter.uid)
        return batch

    def _batches(self, letters: Iterable[Waiting]) -> Iterator[list[Waiting]]:
        return batches(letters, self._look.failures, max_letter=self._look.max_letter)

    def _take(self, uid: int) -> None:
        self._listed.pop(uid, None)
        self._came.pop(uid, None)
        if sender := self._senders.pop(uid, None):
            self._of_sender[sender].pop(uid)

    async def _newest(self) -> list[Waiting]:
        """The newest of both, none of them before an earlier one of its sender.

        Where the connection breaks at our questions they are not asked again for a while: the line must get on.
        """
        if self._now() < self._asks_from:
            return []
        self._asks_from = self._now() + self._patience.next()
        self._came |= {one.uid: one for one in await self._mailbox.newer() if self._look.takes(one)}
        unknown = [uid for uid in chain(self._listed, self._came) if uid not in self._senders]
        heads = await self._mailbox.senders(unknown)
        self._asks_from = 0.0
        self._patience.calm()
        for uid in unknown:
            sender = self._senders[uid] = sender_of(heads.get(uid, b""))
            if sender is not None:
                self._of_sender[sender][uid] = self._listed.get(uid) or self._came[uid]
        return list(self._chosen().values())

    def _chosen(self) -> dict[int, Waiting]:
        """At most a batch, the newest first."""
        chosen: dict[int, Waiting] = {}
        size = 0
        for uid in islice(chain(reversed(self._came), reversed(self._listed)), LOOKED_AT):
            theirs = self._of_sender.get(self._senders[uid] or "", {})
            yields = len(theirs) > FEW or not theirs.keys().isdisjoint(self._look.troubled)
            if uid in chosen or yields:
                continue
            size += sum(one.size for one in theirs.values())
            if chosen and (len(chosen) + len(theirs) > AT_ONCE or size > BATCH_BYTES):
                break
            chosen |= theirs
        return chosen


def newest_next(*, took_newest: bool, seconds: float) -> bool:
    """Whether the next turn is that of the newest; `seconds`: since their last, or since the look began."""
    return not took_newest and seconds >= TURN_SECONDS


def batches(letters: Iterable[Waiting], failures: Mapping[int, int], *, max_letter: int) -> Iterator[list[Waiting]]:
    """Batches under the byte cap; a letter that is too large, or failed before, stands alone."""
    batch: list[Waiting] = []
    for letter in letters:
        alone = letter.size > max_letter or failures.get(letter.uid, 0) >= SINGLY_AFTER
        full = len(batch) >= BATCH_LETTERS or sum(one.size for one in batch) + letter.size > BATCH_BYTES
        if batch and (alone or full):
            yield batch
            batch = []
        if alone:
            yield [letter]
        else:
            batch.append(letter)
    if batch:
        yield batch


def sender_of(raw: bytes) -> str | None:
    """Who is in From, in lower case, as the parser will say of a head in order; None: nobody, or in no known charset.

    It orders the line, and of a letter that breaks the parser it is all that is known.
    """
    end = HEAD_END.search(raw, 0, HEAD_MOST)
    found = FROM.search(raw, 0, end.start() if end else HEAD_MOST)
    first = next(iter(addresses(unfold(found[1]))), None) if found else None
    return first.email.lower() if first else None
