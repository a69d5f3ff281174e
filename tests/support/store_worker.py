"""A desk and a post of their own process, in small: claim, settle or send, until nothing has been due for a while.

Run as `python store_worker.py URL FILE LEASE_MS`; appends "sent MESSAGE-ID" to FILE, which stands for the mail server.
"""

import os
import sys
import time
from contextlib import suppress

from store_rows import claim, settle_as_ticket

from store import rows
from store.database import Store
from store.faults import LostClaim

IDLE_SECONDS = 2.0


def send_one(store: Store, server: int, lease_ms: int) -> bool:
    """Whether a reply was due."""
    with store.writing() as conn:
        reply = rows.claim_reply(conn, lease_ms=lease_ms)
    if reply is None:
        return False
    os.write(server, f"{reply.message_id}\n".encode())
    with store.writing() as conn:
        rows.sent(conn, reply)
    return True


def settle_one(store: Store, lease_ms: int) -> bool:
    """Whether a letter was due."""
    mine = claim(store, lease_ms=lease_ms)
    if mine is None:
        return False
    with suppress(LostClaim):  # the lease ran out under load: another has it
        settle_as_ticket(store, mine)
    return True


def main(url: str, file: str, lease_ms: str) -> None:
    """Works until nothing was due for IDLE_SECONDS."""
    store, server = Store(url), os.open(file, os.O_WRONLY | os.O_APPEND)
    last = time.monotonic()
    while time.monotonic() < last + IDLE_SECONDS:
        if settle_one(store, int(lease_ms)) | send_one(store, server, int(lease_ms)):
            last = time.monotonic()
        else:
            time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
