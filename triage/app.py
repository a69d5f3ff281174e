"""The staff's window: a first, read-only page of the queue and of one ticket."""

from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from classify.topics import title
from service.errors import PriemnayaError
from service.settings import Settings
from store.database import Store
from store.listing import TABS, counts, history_of, newest_poll_ms, queue_page, ticket_by_number
from triage.words import EVENTS, FAULTS, FIELDS, KINDS, MISSING, REPLIES, STATES, TAB_TITLES, masked

PAGE = 50
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # personal data on a shared computer
}


def app(settings: Settings, store: Store) -> Starlette:
    """The pages over an open store."""
    window = _Window(settings, store)
    return Starlette(
        routes=[
            Route("/", window.queue),
            Route("/t/{number:str}", window.ticket),
            Route("/style.css", _style),
        ],
        exception_handlers={404: window.missing, PriemnayaError: window.fault},
    )


class _Window:
    """The pages, each a function of the store."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._store, self._desk = store, settings.desk
        zone = ZoneInfo(settings.desk.timezone)
        self._pages = Environment(
            loader=PackageLoader("triage", "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._pages.filters.update(
            when=lambda ms: datetime.fromtimestamp(ms / 1000, zone).strftime("%d.%m.%Y %H:%M") if ms else "—",
            topic=title,
            masked=masked,
        )
        self._pages.globals.update(
            states=STATES,
            missing_words=MISSING,
            replies=REPLIES,
            fields=FIELDS,
            events=EVENTS,
            faults=FAULTS,
            kinds=KINDS,
        )

    async def queue(self, request: Request) -> Response:
        """One tab of the queue, newest first, fifty a page."""
        tab = request.query_params.get("tab", TABS[0])
        before = request.query_params.get("before", "")
        chosen = tab if tab in TABS else TABS[0]
        data = await run_in_threadpool(self._queue_data, chosen, int(before) if before.isdigit() else None)
        return self._page("queue.html", data)

    def _queue_data(self, tab: str, before: int | None) -> dict[str, object]:
        with self._store.reading() as conn:
            rows = queue_page(conn, tab, before=before, limit=PAGE)
            return {
                "rows": rows,
                "tab": tab,
                "tabs": [(name, TAB_TITLES[name], number) for name, number in counts(conn).items()],
                "older": rows[-1].id if len(rows) == PAGE else None,
                "polled": newest_poll_ms(conn),
            }

    async def ticket(self, request: Request) -> Response:
        """One ticket with its fields, files and history."""
        found = await run_in_threadpool(self._ticket_data, request.path_params["number"])
        return self._page("ticket.html", found) if found else await self.missing(request, None)

    def _ticket_data(self, number: str) -> dict[str, object] | None:
        with self._store.reading() as conn:
            ticket = ticket_by_number(conn, number)
            if ticket is None:
                return None
            return {"ticket": ticket, **history_of(conn, ticket.id)}

    async def missing(self, _request: Request, _error: object) -> Response:
        """Nothing of that name."""
        return self._page(
            "plain.html", {"heading": "Такой страницы нет", "text": "Проверьте номер заявки."}, status=404
        )

    async def fault(self, _request: Request, error: Exception) -> Response:
        """The store's fault, in its own words."""
        return self._page("plain.html", {"heading": "Хранилище не отвечает", "text": str(error)}, status=503)

    def _page(self, name: str, data: Mapping[str, object], *, status: int = 200) -> HTMLResponse:
        return HTMLResponse(
            self._pages.get_template(name).render(desk=self._desk.name, **data), status_code=status, headers=HEADERS
        )


async def _style(_request: Request) -> Response:
    css = resources.files("triage").joinpath("static/style.css").read_bytes()
    return Response(css, media_type="text/css", headers={"X-Content-Type-Options": "nosniff"})
