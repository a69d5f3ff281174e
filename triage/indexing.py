"""Keeping the search up with the tickets: beside the page, a few at a time, never in a letter's own transaction."""

import asyncio

from service import logs
from service.daemon import rest
from service.errors import PriemnayaError
from store.database import Store
from store.search import index, unsearched
from triage.tokens import ticket_tokens

AT_ONCE = 40  # tickets in one commit: the page's own requests get their turn between two
EVERY_SECONDS = 1.0


async def keep_indexed(store: Store, stop: asyncio.Event) -> None:
    """Until the stop. The store's faults are waited out."""
    while not stop.is_set():
        try:
            done = await asyncio.to_thread(index_some, store)
        except PriemnayaError as fault:
            logs.warning("indexing-fault", error=str(fault))
            done = 0
        await rest(stop, EVERY_SECONDS if done < AT_ONCE else 0.01)


def index_some(store: Store) -> int:
    """Writes the words of some tickets that changed; how many."""
    with store.reading() as conn:
        found = [row._mapping for row in unsearched(conn, most=AT_ONCE)]
    made = [(row["id"], row["version"], ticket_tokens(row)) for row in found]  # type: ignore[arg-type]
    if made:
        with store.writing() as conn:
            index(conn, made)
    return len(made)
