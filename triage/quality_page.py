"""The quality page: how good the program is, by what people decided, and what changes."""

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from store import quality as counted
from store.database import now
from store.quality import ToldTopic
from triage.access import Role, Who
from triage.figures import PERIODS, Asked, Figures
from triage.guard import page
from triage.moments import DAY_MS
from triage.window import Window

PAIR_MOST = 200  # tickets behind one cell


def routes(window: Window, figures: Figures) -> list[Route]:
    """The page, and the tickets behind one cell of the confusion."""
    pages = _QualityPage(window, figures)
    return [
        page("/quality", pages.show, role=Role.READER),
        page("/quality/pair", pages.pair, role=Role.HEAD),
    ]


class _QualityPage:
    """Draws what was counted."""

    def __init__(self, window: Window, figures: Figures) -> None:
        self._window, self._figures = window, figures

    async def show(self, request: Request) -> Response:
        """The page."""
        anew = request.query_params.get("anew") == "1"
        data = await self._figures.of(_asked(request), anew=anew)
        return self._window.page(request, "quality.html", data)

    async def pair(self, request: Request) -> Response:
        """The tickets of one right and one said topic."""
        asked = _asked(request)
        right, said = request.query_params.get("right", ""), request.query_params.get("said", "")
        if not right or not said:
            raise HTTPException(404)
        who: Who = request.state.who
        rows = await self._window.read(lambda conn: _pair(conn, asked, right, said))
        data = {"right": right, "said": said, "rows": rows, "asked": asked, "who_asks": who.login}
        return self._window.page(request, "quality_pair.html", data)


def _pair(conn: Connection, asked: Asked, right: str, said: str) -> tuple[ToldTopic, ...]:
    since_ms = now(conn) - asked.days * DAY_MS
    return counted.told_otherwise(conn, right=right, said=said, blind=asked.blind, since_ms=since_ms, most=PAIR_MOST)


def _asked(request: Request) -> Asked:
    days = request.query_params.get("days", "30")
    return Asked(days=int(days) if days in map(str, PERIODS) else 30, blind=request.query_params.get("blind") == "1")
