"""Bringing the store's tables up to this program: forward only, one daemon at a time, all or nothing.

Alembic (migrations/) does the steps. On SQLite foreign keys are off meanwhile, on a connection of its own: a batch
migration makes a table anew and drops the old one, and with foreign keys on the drop empties the tables that refer to
it, without an error. They are checked before the commit instead.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from service.errors import ConfigError, Permanent
from store.database import Connecting, Store, sqlite_engine
from store.faults import told

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 0x5052_4945_4D4E  # of pg_advisory_xact_lock: any number that nobody else takes


def migrate(store: Store) -> None:
    """Make or upgrade the tables; nothing to do is fine. Daemons that start together wait for one another.

    ConfigError when the tables are of a newer program. The caller takes a backup before (`priemnaya migrate` does).
    """
    try:
        engine = _engine_for(store)
        try:
            with engine.begin() as conn:
                _upgrade(conn)
        finally:
            if engine is not store.writers:
                engine.dispose()
    except SQLAlchemyError as error:
        raise told(error) from None


def check_schema(store: Store) -> None:
    """ConfigError with the remedy when the tables are missing, older or newer than this program."""
    with store.reading() as conn:
        found = _refuse_newer(conn)
    if found != _newest():
        raise ConfigError("the store's tables are missing or of an older program: run `priemnaya migrate`")


def revision(store: Store) -> str | None:
    """Which migration the store stands at; None: it has no tables yet."""
    with store.reading() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def behind(store: Store) -> int:
    """How many migrations are to be done; ConfigError when the tables are of a newer program."""
    with store.reading() as conn:
        found = _refuse_newer(conn)
    script = ScriptDirectory.from_config(_config())
    return len(list(script.iterate_revisions(script.get_current_head(), found or "base")))


def _engine_for(store: Store) -> Engine:
    if store.dialect != "sqlite":
        return store.writers
    return sqlite_engine(store.url, Connecting(pool_size=1, begin="BEGIN IMMEDIATE", foreign_keys=False))


def _upgrade(conn: Connection) -> None:
    if conn.dialect.name == "postgresql":
        conn.execute(text("SET LOCAL lock_timeout = 0"))  # another daemon's migration may take long
        conn.execute(text("SET LOCAL statement_timeout = 0"))
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    if _refuse_newer(conn) == _newest():
        return
    config = _config()
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
    if conn.dialect.name == "sqlite" and (broken := conn.execute(text("PRAGMA foreign_key_check")).first()):
        raise Permanent(f"the migration would part rows of {broken[0]} from what they refer to: nothing was changed")


def _refuse_newer(conn: Connection) -> str | None:
    found = MigrationContext.configure(conn).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise ConfigError(
            f"the store's tables are of a newer program (revision {found}): "
            "install that version again, or restore the backup made before it"
        )
    return found


def _newest() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
