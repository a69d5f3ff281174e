"""The quality page's figures: counted beside the page, so that nobody who looks waits for weeks of letters.

All of them are counted when the page's process starts and every ten minutes; one that somebody looks at when it is
over a minute old is counted anew for the next look. Whoever cannot wait asks for it at once.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as midnight
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from service import logs
from service.errors import PriemnayaError
from store import quality as counted
from store.database import now
from store.quality import ToldTopic
from triage import quality
from triage.moments import DAY_MS
from triage.quality import Chart
from triage.window import Window

PERIODS = (7, 30, 90)  # days
FRESH_SECONDS, EVERY_SECONDS = 60.0, 600.0
WEEKS = 12  # of unknown words
SHOWN = 20  # corrections and doubts in their lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person wants to see."""

    days: int
    blind: bool  # only topics told without having seen the program's word

    @property
    def query(self) -> str:
        """As the address has it."""
        return f"days={self.days}" + ("&blind=1" if self.blind else "")


class Figures:
    """What was counted last, for everybody who looks."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._kept: dict[Asked, tuple[float, dict[str, Any]]] = {}
        self._counting: dict[Asked, asyncio.Task[dict[str, Any]]] = {}

    async def of(self, asked: Asked, *, anew: bool = False) -> dict[str, Any]:
        """The figures; those of a moment ago, unless they are wanted anew or there are none yet."""
        at, data = self._kept.get(asked, (0.0, {}))
        if data and not anew:
            if time.monotonic() - at > FRESH_SECONDS:
                self._count(asked)
            return data
        return await asyncio.shield(self._count(asked))

    async def keep(self) -> None:
        """Counts all of them again and again, one after the other, until it is cancelled."""
        while True:
            for days, blind in product(PERIODS, (False, True)):
                try:
                    await self._count(Asked(days=days, blind=blind))
                except PriemnayaError as fault:
                    logs.warning("counting-fault", error=str(fault))
            await asyncio.sleep(EVERY_SECONDS)

    def _count(self, asked: Asked) -> asyncio.Task[dict[str, Any]]:
        """The task that counts them now: one for all who ask meanwhile."""
        task = self._counting.get(asked)
        if task is None or task.done():
            task = asyncio.create_task(self._counted(asked), name="counting")
            task.add_done_callback(_heard)
            self._counting[asked] = task
        return task

    async def _counted(self, asked: Asked) -> dict[str, Any]:
        data = await self._window.read(lambda conn: self._data(conn, asked))
        self._kept[asked] = time.monotonic(), data
        return data

    def _data(self, conn: Connection, asked: Asked) -> dict[str, Any]:
        moment, zone = now(conn), self._window.zone
        everything = counted.told(conn, since_ms=moment - asked.days * DAY_MS)
        blind = [one for one in everything if one.hidden]
        arrived = [
            (day, counted.arrived(conn, since_ms=begins, until_ms=ends))
            for day, begins, ends in days(moment, asked.days, zone)
        ]
        charts = (
            quality.letters_a_day(arrived),
            _drift(conn, moment, self._window),
            quality.unknown_words(_weeks(conn, moment, zone)),
            *_charts(blind if asked.blind else everything, self._window),
        )
        return {
            "asked": asked,
            "periods": PERIODS,
            "links": {days: replace(asked, days=days).query for days in PERIODS},
            "other": replace(asked, blind=not asked.blind).query,
            "all": quality.confirmed(everything),
            "blind": quality.confirmed(blind),
            "charts": {chart.name: chart for chart in charts},
            "corrections": [one for one in everything if not one.right][:SHOWN],
            "doubts": counted.oldest_in_doubt(conn, most=SHOWN),
            "models": sorted({one.model for one in everything}),
            "full": len(everything) == counted.TOLD_MOST,
            "most": counted.TOLD_MOST,
            "at_ms": moment,
        }


def days(moment: int, count: int, zone: ZoneInfo) -> list[tuple[date, int, int]]:
    """The last days of the desk's zone, oldest first: the day, when it begins, when the next one does."""
    today = datetime.fromtimestamp(moment / 1000, zone).date()
    listed = [today - timedelta(days=back) for back in range(count - 1, -2, -1)]
    begins = [int(datetime.combine(day, midnight(), zone).timestamp() * 1000) for day in listed]
    return list(zip(listed[:-1], begins[:-1], begins[1:], strict=True))


def _charts(told: Sequence[ToldTopic], window: Window) -> tuple[Chart, ...]:
    return quality.confusion(told, window.topics), quality.reliability(told), quality.coverage(told)


def _drift(conn: Connection, moment: int, window: Window) -> Chart:
    week = moment - 7 * DAY_MS
    return quality.drift(
        counted.mix(conn, since_ms=week - 28 * DAY_MS, until_ms=week),
        counted.mix(conn, since_ms=week, until_ms=moment + 1),
        window.topics,
    )


def _weeks(conn: Connection, moment: int, zone: ZoneInfo) -> list[tuple[date, counted.Unknown]]:
    begins = [moment - back * 7 * DAY_MS for back in range(WEEKS, 0, -1)]
    return [
        (
            datetime.fromtimestamp(begin / 1000, zone).date(),
            counted.unknown_words(conn, since_ms=begin, until_ms=begin + 7 * DAY_MS + 1),
        )
        for begin in begins
    ]


def _heard(task: asyncio.Task[dict[str, Any]]) -> None:
    """A fault is told to whoever waits for it, and to the log when nobody does."""
    if not task.cancelled() and (fault := task.exception()) is not None:
        logs.warning("counting-fault", error=type(fault).__name__)
