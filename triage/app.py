"""The staff's window: which route files there are, and what stands around them.

A route file has `routes(window) -> list[Route]`, each route made by `guard.page` with the role it needs.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from service.errors import PriemnayaError
from service.settings import Settings
from store.database import Store
from triage import (
    bounced_page,
    decisions,
    letter_page,
    login,
    news,
    our_letters,
    people_page,
    quality_page,
    queue_page,
    registering,
    search_page,
    snippets_page,
    ticket_page,
)
from triage.figures import Figures
from triage.guard import HEADERS, Guard, session_terms
from triage.window import STATIC, Window, opened, static_bytes

ROUTES: tuple[Callable[[Window], list[Route]], ...] = (
    login.routes,
    queue_page.routes,
    ticket_page.routes,
    search_page.routes,
    people_page.routes,
    snippets_page.routes,
    bounced_page.routes,
    decisions.routes,
    letter_page.routes,
    our_letters.routes,
    registering.routes,
)
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
SAID = {
    403: ("Сюда вам нельзя", "Для этого нужна другая роль. Её даёт администратор."),
    404: ("Такой страницы нет", "Проверьте номер заявки или вернитесь к очереди."),
    405: ("Так сюда не зайти", "Вернитесь к очереди и повторите действие оттуда."),
}


def app(settings: Settings, store: Store) -> Starlette:
    """The pages over an open store."""
    window = opened(settings, store)
    hub, figures = news.Hub(window), Figures(window)
    routes = [route for made in ROUTES for route in made(window)] + quality_page.routes(window, figures)
    made = Starlette(
        routes=[*routes, *news.routes(hub), Route("/static/{name}", _static), Route("/healthz", _alive)],
        middleware=[Middleware(Guard, store=store, terms=session_terms(settings.web), fault=_faults(window))],
        lifespan=_lifespan(window, figures),
        exception_handlers={
            HTTPException: _faults(window),
            PriemnayaError: _faults(window),
            Exception: _broken(window),
        },
    )
    made.state.hub, made.state.window = hub, window
    return made


def _lifespan(window: Window, figures: Figures) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def around(_app: Starlette) -> AsyncIterator[None]:
        warming = asyncio.create_task(window.reading.warm(), name="warm-reading")
        counting = asyncio.create_task(figures.keep(), name="keep-figures")
        try:
            yield
        finally:
            counting.cancel()
            await asyncio.wait({counting})
            await warming
            await window.reading.close()

    return around


def _faults(window: Window) -> Callable[[Request, Exception], Response]:
    def told(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            heading, text = SAID.get(error.status_code, ("Не получилось", "Вернитесь к очереди и попробуйте снова."))
            status = error.status_code
        else:
            heading, status = "Хранилище не отвечает", 503
            text = f"Попробуйте через минуту. Если не поможет, передайте дежурному: {error}"
        return window.page(request, "plain.html", {"heading": heading, "text": text}, status=status)

    return told


def _broken(window: Window) -> Callable[[Request, Exception], Response]:
    """A fault of the program, which the server logs with its place; here outside the guard, hence the headers."""

    def told(request: Request, _error: Exception) -> Response:
        text = "Это ошибка программы, она записана в журнал. Повторите; если не поможет, передайте дежурному время."
        answer = window.page(request, "plain.html", {"heading": "Сбой", "text": text}, status=500)
        answer.headers.update(HEADERS)
        return answer

    return told


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        raise HTTPException(404)
    return Response(
        static_bytes(name),
        media_type=TYPES[name.rpartition(".")[2]],
        headers={"Cache-Control": "public, max-age=31536000, immutable"},  # its address carries its checksum
    )


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("ok\n")
