"""The tables are made by migrations, which agree with the program on both databases."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Boolean, Column, text
from store_rows import letter, open_ticket, receive

import store.schema_forward  # its tables belong to the metadata
import store.schema_ways  # noqa: F401  # its tables belong to the metadata
from service.errors import ConfigError
from store.database import Connecting, Store, sqlite_engine
from store.schema import metadata
from store.upgrade import check_schema, migrate, revision


def _is_plain(_what: object, name: str | None, kind: str, *_rest: object) -> bool:
    """The search's tables are each database's own and made by the migration alone."""
    return not (kind == "table" and (name or "").startswith("search"))


def test_migrations_and_the_program_agree(store: Store) -> None:
    with store.reading() as conn:
        opts = {"compare_type": True, "compare_server_default": True, "include_object": _is_plain}
        context = MigrationContext.configure(conn, opts=opts)
        assert compare_metadata(context, metadata) == []


def test_migrations_and_the_program_agree_in_every_constraint(store: Store) -> None:
    """What autogenerate does not compare: CHECKs, and on SQLite the whole text of the tables."""
    names = {str(rule.name) for table in metadata.tables.values() for rule in table.constraints if rule.name}
    with store.reading() as conn:
        if store.dialect == "sqlite":
            made = " ".join(conn.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")).scalars())
            missing = {name for name in names if name not in made and not name.startswith("pk_")}
        else:
            missing = names - set(conn.execute(text("SELECT conname FROM pg_constraint")).scalars())
    assert missing == set()


def test_a_bare_store_is_refused_with_the_remedy_and_then_migrated(bare_url: str) -> None:
    store = Store(bare_url)
    assert revision(store) is None
    with pytest.raises(ConfigError, match="priemnaya migrate"):
        check_schema(store)
    with pytest.raises(ConfigError, match="priemnaya migrate"):
        receive(store, letter(1))
    migrate(store)
    migrate(store)
    check_schema(store)
    receive(store, letter(1))
    store.close()


def test_daemons_that_start_together_migrate_once(bare_url: str) -> None:
    program = "import sys; from store.database import Store; from store.upgrade import *\n"
    program += "s = Store(sys.argv[1]); migrate(s); check_schema(s)"

    def start(_number: int) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([sys.executable, "-c", program, bare_url], capture_output=True, text=True, check=False)

    with ThreadPoolExecutor(4) as pool:
        for done in pool.map(start, range(4)):
            assert done.returncode == 0, done.stderr


def test_tables_of_a_newer_program_are_refused(store: Store) -> None:
    with store.writing() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (check_schema, migrate):
        with pytest.raises(ConfigError, match="newer program"):
            act(store)
    assert revision(store) == "9999"


def test_a_table_made_anew_keeps_what_refers_to_it(store: Store) -> None:
    """The trap of SQLite's batch migrations: with foreign keys on, dropping the old table empties its children."""
    (got,) = receive(store, letter(1))
    with store.writing() as conn:
        open_ticket(conn, got.letter_id)
    engine = (
        store.writers
        if store.dialect == "postgresql"
        else sqlite_engine(store.url, Connecting(pool_size=1, begin="BEGIN IMMEDIATE", foreign_keys=False))
    )
    with engine.begin() as conn:
        changing = Operations(MigrationContext.configure(conn))
        always = "always" if store.dialect == "sqlite" else "auto"
        with changing.batch_alter_table("letters", recreate=always) as batch:
            batch.add_column(Column("extra", Boolean))
    engine.dispose()
    with store.reading() as conn:
        assert conn.execute(text("SELECT count(*) FROM tickets WHERE letter_id = 1")).scalar_one() == 1
        if store.dialect == "sqlite":
            assert conn.execute(text("PRAGMA foreign_key_check")).first() is None
