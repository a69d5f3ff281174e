"""What the store fails with: a plain sentence with a remedy, never a value of anybody's."""

import logging
import sqlite3
import traceback
from pathlib import Path

import pytest
from servers.postgresql import PostgreSQL
from sqlalchemy import text
from store_rows import letter, mail, open_ticket, receive

from service.errors import ConfigError, Permanent, PriemnayaError, Temporary
from store import database, rows
from store.database import Store


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("sqlite://", "neither a SQLite file"),
        ("sqlite:///:memory:", "neither a SQLite file"),
        ("mysql://host/name", "neither a SQLite file"),
        ("/var/lib/store.db", "not a URL"),
        ("postgresql+psycopg://desk:port/priemnaya", "not a URL"),
        ("sqlite:////no/such/folder/store.db", "there is no folder /no/such/folder"),
    ],
)
def test_a_url_that_cannot_be_used_is_told_at_the_start(written: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        Store(written)


def test_a_password_goes_into_the_url_and_nowhere_else() -> None:
    store = Store("postgresql://desk@db.example/desk", password="hush")
    assert store.url.password == "hush"
    assert "hush" not in repr(store.url)
    assert store.url.drivername == "postgresql+psycopg"


def test_a_locked_store_is_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    store = Store(f"sqlite:///{tmp_path}/store.db")
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Temporary, match="locked"), store.writing():
        pass
    other.execute("ROLLBACK")
    other.close()
    with store.writing() as conn:
        assert rows.now(conn) > 0
    store.close()


def test_a_transaction_inside_another_is_told_and_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    store = Store(f"sqlite:///{tmp_path}/store.db")
    with store.writing(), pytest.raises(Temporary, match="busy"), store.writing():
        pass
    store.close()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_full_disk_is_temporary_and_passes(store: Store) -> None:
    with store.writing() as conn:
        pages = conn.execute(text("PRAGMA page_count")).scalar_one()
        conn.execute(text(f"PRAGMA max_page_count = {pages + 2}"))
    with pytest.raises(Temporary, match="full"):
        receive(store, *(letter(uid, sender="x" * 500) for uid in range(400)))
    with store.writing() as conn:
        conn.execute(text("PRAGMA max_page_count = 1000000"))
    assert len(receive(store, letter(1))) == 1


def test_a_file_that_is_no_database_is_permanent(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("not a database at all, but a long enough text" * 100)
    store = Store(f"sqlite:///{tmp_path}/store.db")
    with pytest.raises(Permanent, match="no SQLite database"), store.writing():
        pass
    store.close()


def test_an_unreachable_server_is_temporary() -> None:
    store = Store("postgresql://desk@127.0.0.1:1/desk", password="hush")
    with pytest.raises(Temporary, match="does not answer") as caught, store.writing():
        pass
    assert "hush" not in str(caught.value)


def test_a_missing_database_is_temporary(server: PostgreSQL) -> None:
    store = Store(server.url("nowhere"))
    with pytest.raises(Temporary, match="does not exist"), store.writing():
        pass


def test_a_server_that_restarts_costs_one_error_at_most(server: PostgreSQL, template: str) -> None:
    store = Store(server.fresh(like=template))
    receive(store, letter(1))
    server.stop(mode="immediate")
    with pytest.raises(Temporary):
        receive(store, letter(2))
    server.start()
    for _ in range(2):
        try:
            got = receive(store, letter(2), letter(1))
        except Temporary:
            continue
        break
    assert [one.known for one in got] == [False, False]
    store.close()


def test_a_refused_row_names_the_rule_and_no_value(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "ivanova@post.example"
    with store.writing() as conn:
        opened = open_ticket(conn, None, address=secret)
        rows.queue_reply(conn, mail("a", recipient=secret))
    for refused in (
        lambda conn: rows.queue_reply(conn, mail("a", recipient=secret)),
        lambda conn: open_ticket(conn, None, address=secret, state=secret),
        lambda conn: rows.queue_reply(conn, mail("b", recipient=secret, ticket_id=opened.id + 9)),
        lambda conn: conn.execute(text("SELECT CAST(:x AS INTEGER) + nowhere"), {"x": secret}),
    ):
        with pytest.raises(PriemnayaError) as caught, store.writing() as conn:
            refused(conn)
        said = "".join(traceback.format_exception(caught.value, chain=True))
        assert secret not in said
    assert secret not in caplog.text


def test_a_reader_may_not_write(store: Store) -> None:
    with pytest.raises(PriemnayaError), store.reading() as conn:
        open_ticket(conn, None)


def test_a_reader_does_not_wait_for_a_writer(store: Store) -> None:
    with store.writing() as writer:
        opened = open_ticket(writer, None)
        with store.reading() as reader:
            assert rows.ticket(reader, opened.id) is None
    with store.reading() as reader:
        assert rows.ticket(reader, opened.id) is not None


def test_sqlite_is_opened_durable(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/store.db")
    for opened in (store.writing, store.reading):
        with opened() as conn:
            facts = [
                conn.execute(text(f"PRAGMA {name}")).scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        assert facts == ["wal", 2, 1]
    store.close()
