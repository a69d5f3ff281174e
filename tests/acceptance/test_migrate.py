"""`migrate`: forward only, a copy of the old tables before, a newer program's tables refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from servers.finished import Finished
from servers.postgresql import postgresql
from sqlalchemy import text

from store.database import Connecting, Store, sqlite_engine
from store.upgrade import MIGRATIONS, check_schema, migrate, revision

CONFIG = Config()
CONFIG.set_main_option("script_location", str(MIGRATIONS))
EARLIER = [script.revision for script in ScriptDirectory.from_config(CONFIG).walk_revisions()][1:]
NEWEST = ScriptDirectory.from_config(CONFIG).get_current_head()
LETTER = (
    "INSERT INTO letters (mailbox_id, sha256, size, blob, arrived_ms, received_ms, sender, state, turn, due, attempts)"
    " VALUES (1, 'aa', 5, '2026-01-01/b', 1, 1, 'a@post.example', 'received', 1, 0, 0)"
)


def made_by(revision_then: str, folder: Path) -> Finished:
    """A desk whose tables an earlier program made, with a letter in them."""
    folder.mkdir()
    desk = Finished(folder=folder)
    desk.config.write_text(
        f'[mailbox]\nurl = "maildir:{folder}/inbox"\n[smtp]\nurl = "maildir:{folder}/outbox"\n'
        f'[store]\nurl = "sqlite:///{folder}/priemnaya.db"\nblobs = "file://{folder}/blobs"\n'
    )
    store = Store(f"sqlite:///{folder}/priemnaya.db")
    engine = sqlite_engine(store.url, Connecting(pool_size=1, begin="BEGIN IMMEDIATE", foreign_keys=False))
    with engine.begin() as conn:
        CONFIG.attributes["connection"] = conn
        command.upgrade(CONFIG, revision_then)
        conn.execute(text("INSERT INTO mailboxes (id, identity, since_ms, due, attempts) VALUES (1, 'm', 0, 0, 0)"))
        conn.execute(text(LETTER))
    engine.dispose()
    store.close()
    return desk


@pytest.mark.parametrize("then", EARLIER)
def test_the_tables_of_each_earlier_program_are_brought_up_with_a_copy_before(then: str, tmp_path: Path) -> None:
    desk = made_by(then, tmp_path / "desk")
    assert desk.asked("migrate", "--check", status=1)["to_do"] > 0
    said = desk.asked("migrate")
    assert (said["was"], said["is"]) == (then, NEWEST)
    assert desk.sql("SELECT sender, silent FROM letters") == [("a@post.example", 0)]
    with closing(sqlite3.connect(said["copy"])) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchone() == (then,)
        assert old.execute("SELECT sender FROM letters").fetchone() == ("a@post.example",)
    assert Path(said["copy"]).stat().st_mode & 0o077 == 0
    assert desk.asked("migrate") == {"was": NEWEST, "is": NEWEST, "to_do": 0, "copy": None}


def test_a_newer_programs_tables_are_refused_and_not_touched(finished: Finished) -> None:
    finished.sql("UPDATE alembic_version SET version_num = '9999'")
    before = (finished.folder / "priemnaya.db").read_bytes()
    assert "newer program" in finished.run("migrate", status=78)
    assert (finished.folder / "priemnaya.db").read_bytes() == before


def test_postgresql_is_not_migrated_without_saying_where_the_copy_goes(tmp_path: Path) -> None:
    with postgresql() as server:
        store = Store(server.fresh())
        with store.writing() as conn:
            CONFIG.attributes["connection"] = conn
            command.upgrade(CONFIG, "0001")
        desk = Finished(folder=tmp_path)
        desk.config.write_text(f'[store]\nurl = "{store.url.render_as_string(hide_password=False)}"\n')
        assert "--copy FILE" in desk.run("migrate", status=78)
        assert revision(store) == "0001"
        said = desk.asked("migrate", "--copy", str(tmp_path / "before.dump"))
        assert (tmp_path / "before.dump").read_bytes().startswith(b"PGDMP")
        assert said["is"] == NEWEST
        check_schema(store)
        migrate(store)
        store.close()
