"""Serving the staff's page."""

import asyncio
from collections.abc import Callable

from service.settings import Settings
from service.settings_file import secret
from store.database import Store
from triage.app import app
from triage.guard import session_terms
from triage.indexing import keep_indexed
from triage.server import Listener, serve_pages
from triage.tidying import keep_tidy


async def serve(settings: Settings, stop: asyncio.Event, *, listening: Callable[[], None] = lambda: None) -> None:
    """Serves [web] listen until the stop; `listening` is called once it can be asked. ConfigError when the address is
    taken or no address.
    """
    store = Store(settings.store.url, password=secret(settings.store.password_file, "store-password"))
    pages = app(settings, store)
    beside = {
        asyncio.create_task(keep_indexed(store, stop), name="indexing"),
        asyncio.create_task(keep_tidy(store, session_terms(settings.web), stop), name="tidying"),
    }
    listener = Listener(setting="web.listen", address=settings.web.listen)
    try:
        closing = pages.state.hub.close  # open streams would hold it up
        await serve_pages(pages, listener, stop, listening=listening, closing=closing)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.wait(beside)
        await asyncio.to_thread(store.close)
