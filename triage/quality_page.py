"""The quality page: how good the program is, by what people decided, and what changes."""

import time
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as midnight
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from store import quality as counted
from store.database import now
from store.quality import ToldTopic
from triage import quality
from triage.access import Role, Who
from triage.guard import page
from triage.moments import DAY_MS
from triage.quality import Chart
from triage.window import Window

PERIODS = (7, 30, 90)  # days
KEPT_SECONDS = 60.0  # figures of weeks may be a minute old, and a hundred thousand tickets are counted once
SHOWN = 20  # corrections and doubts in their lists
PAIR_MOST = 200  # tickets behind one cell


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a person wants to see."""

    days: int
    blind: bool  # only topics told without having seen the program's word

    @property
    def query(self) -> str:
        return f"days={self.days}" + ("&blind=1" if self.blind else "")


def routes(window: Window) -> list[Route]:
    """The page, and the tickets behind one cell of the confusion."""
    pages = _QualityPage(window)
    return [
        page("/quality", pages.show, role=Role.READER),
        page("/quality/pair", pages.pair, role=Role.HEAD),
    ]


class _QualityPage:
    """Counts at most once a minute for everybody."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._kept: dict[_Asked, tuple[float, dict[str, Any]]] = {}

    async def show(self, request: Request) -> Response:
        """The page."""
        asked = _asked(request)
        kept_at, data = self._kept.get(asked, (0.0, {}))
        if not data or time.monotonic() - kept_at > KEPT_SECONDS:
            data = await self._window.read(lambda conn: self._data(conn, asked))
            self._kept[asked] = time.monotonic(), data
        return self._window.page(request, "quality.html", data)

    async def pair(self, request: Request) -> Response:
        """The tickets of one right and one said topic."""
        asked = _asked(request)
        right, said = request.query_params.get("right", ""), request.query_params.get("said", "")
        if not right or not said:
            raise HTTPException(404)
        who: Who = request.state.who
        found = await self._window.read(lambda conn: _told(conn, asked))
        rows = [one for one in found if (one.topic, one.said) == (right, said)][:PAIR_MOST]
        data = {"right": right, "said": said, "rows": rows, "asked": asked, "who_asks": who.login}
        return self._window.page(request, "quality_pair.html", data)

    def _data(self, conn: Connection, asked: _Asked) -> dict[str, Any]:
        moment = now(conn)
        everything = counted.told(conn, since_ms=moment - asked.days * DAY_MS)
        blind = [one for one in everything if one.hidden]
        topics = blind if asked.blind else everything
        week = moment - 7 * DAY_MS
        days = _days(moment, asked.days, self._window.zone)
        arrived = [(day, counted.arrived(conn, since_ms=begins, until_ms=ends)) for day, begins, ends in days]
        return {
            "asked": asked,
            "periods": PERIODS,
            "links": {days: replace(asked, days=days).query for days in PERIODS},
            "other": replace(asked, blind=not asked.blind).query,
            "all": quality.confirmed(everything),
            "blind": quality.confirmed(blind),
            "charts": _charts(topics)
            | {
                "letters": quality.letters_a_day(arrived),
                "drift": quality.drift(
                    counted.mix(conn, since_ms=week - 28 * DAY_MS, until_ms=week),
                    counted.mix(conn, since_ms=week, until_ms=moment + 1),
                ),
            },
            "corrections": [one for one in everything if not one.right][:SHOWN],
            "doubts": counted.oldest_in_doubt(conn, most=SHOWN),
            "models": sorted({one.model for one in everything}),
            "full": len(everything) == counted.TOLD_MOST,
            "most": counted.TOLD_MOST,
            "at_ms": moment,
        }


def _charts(topics: "list[ToldTopic] | tuple[ToldTopic, ...]") -> dict[str, Chart]:
    made = (quality.confusion(topics), quality.reliability(topics), quality.coverage(topics))
    return {chart.name: chart for chart in made}


def _told(conn: Connection, asked: _Asked) -> list[ToldTopic]:
    found = counted.told(conn, since_ms=now(conn) - asked.days * DAY_MS)
    return [one for one in found if one.hidden or not asked.blind]


def _days(moment: int, count: int, zone: ZoneInfo) -> list[tuple[date, int, int]]:
    """The last days of the desk's zone, oldest first: the day, when it begins, when the next one does."""
    today = datetime.fromtimestamp(moment / 1000, zone).date()
    listed = [today - timedelta(days=back) for back in range(count - 1, -2, -1)]
    begins = [int(datetime.combine(day, midnight(), zone).timestamp() * 1000) for day in listed]
    return list(zip(listed[:-1], begins[:-1], begins[1:], strict=True))


def _asked(request: Request) -> _Asked:
    days = request.query_params.get("days", "30")
    return _Asked(days=int(days) if days in map(str, PERIODS) else 30, blind=request.query_params.get("blind") == "1")
