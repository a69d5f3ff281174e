"""Searching: by POST, so that what is asked never stands in an address, a log or a browser's history."""

from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from store import rows
from store.listing import ticket_by_number
from store.search import search
from triage.access import Role, Seen, Who
from triage.board import PAGE, beside, board, context_back, not_given_away
from triage.guard import page
from triage.tokens import question
from triage.window import Window

ASKED_MOST = 300  # characters


def routes(window: Window) -> list[Route]:
    """The search."""

    async def found(request: Request) -> Response:
        who: Who = request.state.who
        form = await request.form(max_files=0, max_fields=10)
        asked = str(form.get("q", "")).strip()[:ASKED_MOST]
        before = str(form.get("before", ""))
        context = context_back(str(form.get("back", "")), who)
        if not asked:
            return RedirectResponse("/", status_code=303)

        def ask(conn: Connection) -> dict[str, Any] | str:
            put = question(asked, topics=window.topics, now_ms=rows.now(conn))
            if put.number and ticket_by_number(conn, put.number):
                return put.number
            matching = search(conn, put.wanted, before=int(before) if before.isdigit() else None, limit=PAGE)
            lines = not_given_away(matching) if put.by_topic else matching
            data = board(conn, context, who)
            return {
                **data,
                **beside(conn, lines),
                "rows": lines,
                "tab": "search",
                "older": None,
                "puzzling": put.puzzling,
                "more": matching[-1].id if len(matching) == PAGE else None,
            }

        data = await window.read(ask)
        if isinstance(data, str):
            return RedirectResponse(f"/t/{data}?{context.here}", status_code=303)
        extra = {"asked": asked, "ticket": None, "toast": None}
        answer = window.page(request, "work.html", {**data, **extra})
        answer.background = window.noted(who, Seen.SEARCHED)
        return answer

    async def home(_request: Request) -> Response:
        return RedirectResponse("/", status_code=303)

    return [
        page("/search", found, role=Role.READER, methods=["POST"]),
        page("/search", home, role=Role.READER),
    ]
