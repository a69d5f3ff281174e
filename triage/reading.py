"""Reading letters for the page in a limited process: a letter that breaks it breaks nothing but its own view.

A job is a word with its numbers, a line break, and the letter's bytes; the answer is bytes, of `text` and `look` JSON.
Each kind of view is one function of WORK.
"""

import asyncio
import contextlib
import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from intake.own_words import own_words
from intake.parse import parse
from service.errors import PriemnayaError
from service.nursery import Work
from service.workers import Overran, Workers
from store.blobs import Blobs
from triage import letter_views

SECONDS, MEMORY_MB = 5.0, 256
KEPT = 200  # views kept in memory: the next look at the same letter costs nothing
TEXT_MOST = 200_000  # characters of one part that a page shows


class Reading:
    """Views of letters, by their blobs."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._workers: Workers | None = None
        self._starting = asyncio.Lock()
        self._kept: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()

    async def view(self, what: str, blob: str | None) -> dict[str, Any] | None:
        """What that view says of the letter; None when it cannot be read within the limits."""
        if blob is None:
            return None
        if (what, blob) in self._kept:
            self._kept.move_to_end((what, blob))
            return self._kept[what, blob]
        made = await self.made(what, blob)
        if made is None:
            return None
        found: dict[str, Any] = json.loads(made)
        self._kept[what, blob] = found
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    async def made(self, what: str, blob: str | None) -> bytes | None:
        """The bytes that the work of that name makes of the letter, kept nowhere; None when it breaks the limits."""
        if blob is None:
            return None
        try:
            raw = await self.raw(blob)
        except PriemnayaError:
            return None
        return await self.made_of(what, raw)

    async def made_of(self, what: str, raw: bytes) -> bytes | None:
        """The same of bytes that lie nowhere yet."""
        try:
            workers = await self._ready()
            return await workers.do(what.encode() + b"\n" + raw)
        except (Overran, PriemnayaError):
            return None

    async def raw(self, blob: str) -> bytes:
        """The letter's own bytes; raises what the blob store raises."""
        return await asyncio.to_thread(self._blobs.read, blob)

    async def warm(self) -> None:
        """Starts the process before the first letter is asked for; a fault shows at that letter."""
        with contextlib.suppress(Overran, PriemnayaError):
            await self._ready()

    async def close(self) -> None:
        """Ends the process."""
        if self._workers is not None:
            await self._workers.stop()

    async def _ready(self) -> Workers:
        async with self._starting:
            if self._workers is None:
                workers = Workers(reader, count=1, seconds=SECONDS, memory_mb=MEMORY_MB)
                await workers.start()
                self._workers = workers
        return self._workers


def reader() -> Work:
    """Made once in the nursery."""
    return _read


def _read(job: bytes) -> bytes:
    what, _, raw = job.partition(b"\n")
    word, *numbers = what.decode().split()
    return WORK[word](raw, *map(int, numbers))


def _text(raw: bytes) -> bytes:
    """The letter as text: whose words they are, and the headers a person looks at."""
    letter = parse(raw)
    words = own_words(letter)
    seen = {
        "subject": letter.subject,
        "from": letter.sender.email if letter.sender else None,
        "name": letter.sender.name if letter.sender else "",
        "to": list(letter.recipients[:10]),
        "own": words.own[:TEXT_MOST],
        "signature": words.signature[:TEXT_MOST],
        "quoted": words.quoted[:TEXT_MOST],
        "from_html": letter.from_html,
        "limits": list(letter.limits_hit),
    }
    return json.dumps(seen, ensure_ascii=False).encode("utf-8", "replace")


WORK: dict[str, Callable[..., bytes]] = {"text": _text, **letter_views.VIEWS}
