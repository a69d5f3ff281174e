"""The public pages: a listener of their own, no login, no staff's page behind it (rulings 30)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import resources

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from outbox.answer import template_broken
from reply_templates.limited import Letters
from service.errors import ConfigError, PriemnayaError
from service.settings import Settings
from service.settings_file import secret
from service.signing import REMEDY, Keys, keys_from
from store.database import Store
from triage.entering import Entering
from triage.intake_api import api_routes
from triage.public_form import WaysIn, form_routes
from triage.public_status import HEADERS, StatusPage
from triage.reading import Reading
from triage.server import Listener, serve_pages
from triage.window import blobs_of


def public_app(settings: Settings, store: Store, keys: Keys) -> Starlette:
    """The pages over an open store."""
    status = StatusPage(settings, store, keys)
    blobs = blobs_of(settings, store)
    ways = WaysIn(
        settings=settings,
        store=store,
        entering=Entering(settings, store, blobs),
        reading=Reading(blobs),
        letters=Letters(settings.replies.templates if settings.public.form else None, tell=template_broken),
    )
    return Starlette(
        routes=[
            Route("/s/{link:str}", status.show),
            *(form_routes(ways) if settings.public.form else ()),
            *(api_routes(ways) if settings.public.api else ()),
            Route("/public.css", _style),
            Route("/robots.txt", _robots),
        ],
        exception_handlers={PriemnayaError: _fault},
        lifespan=_until_closed(ways),
    )


def _until_closed(ways: WaysIn) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def around(_app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await ways.reading.close()
            ways.letters.close()

    return around


async def serve_public(settings: Settings, stop: asyncio.Event) -> None:
    """Serves [public] listen until the stop. ConfigError without a key, or when the address cannot be used."""
    keys = keys_from(settings.desk.signing_key_file)
    if keys is None:
        raise ConfigError(f"public.base_url: status links need a key: set desk.signing_key_file. {REMEDY}")
    store = Store(settings.store.url, password=secret(settings.store.password_file, "store-password"))
    listener = Listener(setting="public.listen", address=settings.public.listen)
    try:
        await serve_pages(public_app(settings, store, keys), listener, stop)
    finally:
        await asyncio.to_thread(store.close)


async def _style(_request: Request) -> Response:
    css = resources.files("triage").joinpath("static/public.css").read_bytes()
    return Response(css, media_type="text/css", headers={"X-Content-Type-Options": "nosniff"})


async def _robots(_request: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")


async def _fault(_request: Request, _error: Exception) -> Response:
    """The store's fault, without its words: strangers read here."""
    text = "Страница сейчас не открывается. Попробуйте через несколько минут."
    return PlainTextResponse(text, status_code=503, headers=HEADERS)
