"""Sweeps, a few times a day, what a crash left in the blob store: bytes that no row refers to."""

import asyncio

from service import logs
from service.daemon import rest
from service.errors import PriemnayaError
from store.blobs import Blobs
from store.checks import sweep
from store.database import Store

EVERY_SECONDS = 6 * 3600  # a blob is swept when it is a day old; those of the last week are looked at


async def sweeping(store: Store, blobs: Blobs, stop: asyncio.Event, *, every: float = EVERY_SECONDS) -> None:
    """Until the stop; several daemons may sweep at once. A fault of the store's is told and passes."""
    while not stop.is_set():
        try:
            swept = await asyncio.to_thread(sweep, store, blobs)
        except PriemnayaError as fault:
            logs.warning("sweep-fault", error=str(fault))
        else:
            if swept:
                logs.info("swept", blobs=swept)
        await rest(stop, every)
