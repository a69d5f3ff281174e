"""Reading letters for the page in a limited process: a letter that breaks it breaks nothing but its own view.

A job is a word, a line break, and the letter's bytes; the answer is JSON. Each kind of view is one function of WORK.
"""

import asyncio
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
        try:
            raw = await asyncio.to_thread(self._blobs.read, blob)
            workers = await self._ready()
            found: dict[str, Any] = json.loads(await workers.do(what.encode() + b"\n" + raw))
        except (Overran, PriemnayaError):
            return None
        self._kept[what, blob] = found
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

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
    return json.dumps(WORK[what.decode()](raw), ensure_ascii=False).encode("utf-8", "replace")


def _text(raw: bytes) -> dict[str, Any]:
    """The letter as text: whose words they are, and the headers a person looks at."""
    letter = parse(raw)
    words = own_words(letter)
    return {
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


WORK: dict[str, Callable[[bytes], dict[str, Any]]] = {"text": _text}
