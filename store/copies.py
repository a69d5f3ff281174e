"""Copies of the store's tables, taken while it works and put back onto an empty place.

SQLite: its online backup, all in one step, so that the copy is one moment's. PostgreSQL: pg_dump and pg_restore.
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import inspect

from service.errors import ConfigError, Permanent, Temporary
from store.database import Store
from store.upgrade import revision

HOURS = 6 * 3600  # seconds that a dump may take


def tables_name(store: Store) -> str:
    """What the copy's file is called."""
    return "store.db" if store.dialect == "sqlite" else "store.dump"


def copy_tables(store: Store, to: Path) -> None:
    """All tables as of one moment, durable in the file `to`; writers go on meanwhile."""
    if store.dialect == "sqlite":
        _copy_sqlite(Path(store.url.database or ""), to)
    else:
        _postgresql(store, "pg_dump", "--format=custom", "--no-owner", f"--file={to}")
    descriptor = os.open(to, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def put_back_tables(store: Store, source: Path) -> None:
    """The tables of a copy into a store that has none; ConfigError when it has some."""
    refuse_full(store)
    if store.dialect == "sqlite":
        target = Path(store.url.database or "")
        store.close()
        _copy_sqlite(source, target.with_suffix(".restoring"))
        target.with_suffix(".restoring").rename(target)
        target.chmod(0o660)
    else:
        _postgresql(store, "pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", str(source))


def refuse_full(store: Store) -> None:
    """ConfigError when the store has tables already."""
    if store.dialect == "sqlite":
        full = Path(store.url.database or "").exists()
    else:
        with store.reading() as conn:
            full = bool(inspect(conn).get_table_names())
    if full:
        raise ConfigError("the store is not empty: name an empty one by [store] url, or move the old one away")


def backup_before_migrating(store: Store) -> Path | None:
    """A copy beside a SQLite store whose tables are about to be changed; null when it has none yet."""
    found = revision(store)
    if store.dialect != "sqlite" or found is None:
        return None
    place = Path(store.url.database or "")
    copy = place.with_name(f"{place.name}.before-{found}")
    number = 1
    while copy.exists():
        number += 1
        copy = place.with_name(f"{place.name}.before-{found}-{number}")
    _copy_sqlite(place, copy)
    return copy


def _copy_sqlite(source: Path, to: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old, closing(sqlite3.connect(to)) as new:
            to.chmod(0o600)
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise Temporary(f"{source} cannot be copied to {to}: {error}: is there room, are both ours?") from error


def _postgresql(store: Store, program: str, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise ConfigError(f"{program} is not installed: apt-get install postgresql-client")
    address = store.url.set(drivername="postgresql", password=None).render_as_string()
    with _password_file(store) as environment:
        command = [found, *arguments[:-1], f"--dbname={address}", arguments[-1]]
        done = subprocess.run(  # noqa: S603  # our own arguments; the password goes by a file
            command, env=environment, capture_output=True, text=True, timeout=HOURS, check=False
        )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["without a word"])[0]
        raise Permanent(f"{program} ended with status {done.returncode}: {said}")


@contextmanager
def _password_file(store: Store) -> Iterator[dict[str, str]]:
    """An environment for libpq in which only the name of a password file stands, ours alone (libpq's .pgpass)."""
    with tempfile.TemporaryDirectory(prefix="priemnaya-") as folder:
        path = Path(folder) / "pgpass"
        path.touch(mode=0o600)
        password = (store.url.password or "").replace("\\", "\\\\").replace(":", "\\:")
        path.write_text(f"*:*:*:*:{password}\n", encoding="utf-8")
        yield {**os.environ, "PGPASSFILE": str(path)}
