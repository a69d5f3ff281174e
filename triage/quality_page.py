"""The quality page: how good the program is, by what people decided, and what changes."""

import base64
import hashlib
from pathlib import Path

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from classify import plots
from service.settings import ClassifySettings
from store import quality as counted
from store.database import now
from store.quality import ToldTopic
from triage.access import Role, Who
from triage.figures import PERIODS, Asked, Figures
from triage.guard import page
from triage.moments import DAY_MS
from triage.window import Window

PAIR_MOST = 200  # tickets behind one cell
_STYLE = base64.b64encode(hashlib.sha256(plots.PAGE_STYLE.encode()).digest()).decode()
CARD_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def routes(window: Window, figures: Figures) -> list[Route]:
    """The page, and the tickets behind one cell of the confusion."""
    pages = _QualityPage(window, figures)
    return [
        page("/quality", pages.show, role=Role.READER),
        page("/quality/pair", pages.pair, role=Role.HEAD),
        page("/quality/card", pages.card, role=Role.READER),
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

    async def card(self, request: Request) -> Response:
        """The model card as `evaluate` wrote it, under a policy that knows its style alone; or how to have one."""
        place = _card(self._window.settings.classify)
        try:
            made = place.read_text(encoding="utf-8") if place else None
        except (OSError, UnicodeDecodeError):
            made = None
        if made is None:
            return self._window.page(request, "quality_card.html", {"place": place}, status=404)
        return HTMLResponse(made, headers={"Content-Security-Policy": CARD_POLICY})

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


def _card(settings: ClassifySettings) -> Path | None:
    return settings.card or (settings.model / "card.html" if settings.model else None)


def _pair(conn: Connection, asked: Asked, right: str, said: str) -> tuple[ToldTopic, ...]:
    since_ms = now(conn) - asked.days * DAY_MS
    return counted.told_otherwise(conn, right=right, said=said, blind=asked.blind, since_ms=since_ms, most=PAIR_MOST)


def _asked(request: Request) -> Asked:
    days = request.query_params.get("days", "30")
    return Asked(days=int(days) if days in map(str, PERIODS) else 30, blind=request.query_params.get("blind") == "1")
