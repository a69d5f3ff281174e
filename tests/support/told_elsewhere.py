"""Running the forwarding loop in a test, and a receiver's own check of what it hears."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Callable

from store_rows import open_ticket

from outbox.forwarding import Forwarding
from outbox.target import Target
from service.daemon import Progress
from store import rows
from store.database import Store

SECRET = "a secret of our test, over 24 bytes"


def genuine(headers: dict[str, str], body: bytes, secret: bytes = SECRET.encode()) -> bool:
    """As docs/elsewhere.md tells receivers to do it."""
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
    fresh = abs(time.time() - int(headers["webhook-timestamp"])) < 300
    return fresh and any(hmac.compare_digest(wanted, one) for one in headers["webhook-signature"].split())


def ticket_with(store: Store, *events: str) -> int:
    """A ticket, and lines of its history, each in a transaction of its own."""
    with store.writing() as conn:
        opened = open_ticket(conn, None)
    for what in events:
        happens(store, opened.id, what)
    return opened.id


def happens(store: Store, ticket_id: int, what: str, **data: str) -> None:
    """One line of the history."""
    with store.writing() as conn:
        rows.add_history(conn, ticket_id, who="desk", what=what, data=data)


def telling(store: Store, target: Target, *steps: Callable[[], bool], seconds: float = 20) -> None:
    """Turns the loop until each step in turn has come true."""

    async def turning() -> None:
        stop = asyncio.Event()
        loop = asyncio.create_task(Forwarding(store, target, holder="test", progress=Progress()).run(stop))
        ends = time.monotonic() + seconds
        for step in steps:
            while not await asyncio.to_thread(step):
                assert not loop.done(), loop.exception()
                assert time.monotonic() < ends
                await asyncio.sleep(0.01)
        stop.set()
        await loop

    asyncio.run(turning())


def meets(store: Store, target: Target) -> None:
    """From now on the target is told."""
    telling(store, target, lambda: count(store, "SELECT count(*) FROM forwards") == 1)


def count(store: Store, query: str) -> int:
    """One number of the store."""
    with store.reading() as conn:
        return int(conn.exec_driver_sql(query).scalar_one())
