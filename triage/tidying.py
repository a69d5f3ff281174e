"""What ends by itself leaves the store by itself: sessions that idled or lasted too long, forms nobody confirmed."""

import asyncio

from service import logs
from service.daemon import rest
from service.errors import PriemnayaError
from store import entered, staff
from store.database import Store
from triage.guard import SessionTerms

EVERY_SECONDS = 600.0
DAY_MS = 86_400_000


async def keep_tidy(store: Store, terms: SessionTerms, stop: asyncio.Event) -> None:
    """Until the stop. The store's faults are waited out."""
    while not stop.is_set():
        try:
            await asyncio.to_thread(tidy, store, terms)
        except PriemnayaError as fault:
            logs.warning("tidying-fault", error=str(fault))
        await rest(stop, EVERY_SECONDS)


def tidy(store: Store, terms: SessionTerms) -> None:
    """Deletes them: what a stranger told is promised to be gone after two days, whether or not another comes."""
    with store.writing() as conn:
        staff.sweep_sessions(conn, idle_ms=terms.idle_ms, whole_ms=terms.whole_ms)
        entered.sweep_submissions(conn, within_ms=entered.SUBMISSION_DAYS * DAY_MS)
