"""After erasing: what was freed is gone from the files too.

SQLite overwrites what it frees (secure_delete, store/database.py), yet its log keeps each page as it was until the log
is emptied, and that cannot be while somebody reads an earlier moment of the store. PostgreSQL frees by VACUUM; it
overwrites nothing, and its own log goes by its own settings.
"""

import time
from typing import Any

from sqlalchemy import text

from store.database import BUSY_SECONDS, Store
from store.schema import audit, decisions, fields_history, files, history, letters, outbox, tickets
from store.schema_ways import api_requests, submissions

LOG_SECONDS = 60.0  # for which readers of earlier moments are waited for; a page's reading takes milliseconds
ONE_TRY_MS = 1_000  # writers wait while it is tried: far less than BUSY_SECONDS
REST_SECONDS = 0.5
_WORDS = (letters, tickets, outbox, history, fields_history, files, audit, decisions, api_requests, submissions)


def free_for_good(store: Store, *, seconds: float = LOG_SECONDS) -> bool:
    """Frees what was erased, in the search's segments too. False: see `empty_log`."""
    if store.dialect == "sqlite":
        with store.writing() as conn:
            conn.execute(text("INSERT INTO search (search) VALUES ('optimize')"))
        return empty_log(store, seconds=seconds)
    with store.writers.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("SET statement_timeout = 0"))  # a large table takes its time
        for table in _WORDS:
            conn.execute(text(f"VACUUM {table.name}"))
        conn.execute(text("VACUUM search"))
        conn.execute(text("RESET statement_timeout"))
    return True


def empty_log(store: Store, *, seconds: float = LOG_SECONDS) -> bool:
    """The log has no page of before any more. False when somebody read an earlier moment of the store all the while:
    nothing is lost by that, and the next call goes on. PostgreSQL's is its own matter.
    """
    if store.dialect != "sqlite":
        return True
    ends = time.monotonic() + seconds
    while not _emptied(store):
        if time.monotonic() >= ends:
            return False
        time.sleep(REST_SECONDS)
    return True


def _emptied(store: Store) -> bool:
    with store.writers.connect() as conn:
        raw: Any = conn.connection.driver_connection
        conn.rollback()
        raw.execute(f"PRAGMA busy_timeout = {ONE_TRY_MS}")
        (busy, _, _) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        raw.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    return not busy
