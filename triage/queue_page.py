"""The queue: the list alone, and saved views of it."""

from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from store import views
from triage.access import Role, Who
from triage.board import board, context_back, context_of, toast_of
from triage.guard import page
from triage.window import Window


def routes(window: Window) -> list[Route]:
    """The queue and its views."""
    queue = _Queue(window)
    return [
        page("/", queue.show, role=Role.READER),
        page("/views", queue.keep, role=Role.READER, methods=["POST"]),
        page("/views/{view:int}/drop", queue.drop, role=Role.READER, methods=["POST"]),
    ]


class _Queue:
    """The list alone."""

    def __init__(self, window: Window) -> None:
        self._window = window

    async def show(self, request: Request) -> Response:
        """One tab."""
        who: Who = request.state.who
        context = context_of(request.query_params, who)
        done = request.query_params.get("done", "")

        def ask(conn: Connection) -> tuple[dict[str, Any], dict[str, Any] | None]:
            return board(conn, context, who), toast_of(conn, done, who)

        data, toast = await self._window.read(ask)
        return self._window.page(request, "work.html", {**data, "ticket": None, "toast": toast})

    async def keep(self, request: Request) -> Response:
        """Saves where the person is as a view."""
        who: Who = request.state.who
        form = await request.form(max_files=0, max_fields=10)
        context = context_back(str(form.get("back", "")), who)
        name = str(form.get("name", "")).strip()
        shared = form.get("shared") == "yes" and who.may(Role.HEAD)
        if name:
            owner = None if shared else who.login
            await self._window.write(lambda conn: views.add_view(conn, owner=owner, name=name, query=context.query))
        return RedirectResponse(f"/?{context.query}", status_code=303)

    async def drop(self, request: Request) -> Response:
        """Forgets a view."""
        who: Who = request.state.who
        view = request.path_params["view"]
        shared = who.may(Role.HEAD)
        await self._window.write(lambda conn: views.drop_view(conn, view, login=who.login, shared=shared))
        return RedirectResponse("/", status_code=303)
