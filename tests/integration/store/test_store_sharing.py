"""Writings that share a commit: a short one that finds the writer busy is done by him (store/sharing.py).

Each test counts by the sequence of ticket numbers: what it gives next tells how many of those before were committed.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from service.errors import Permanent, Temporary
from store import database, rows
from store.database import Store
from store.upgrade import migrate


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path}/store.db")
    migrate(made)
    yield made
    made.close()


@pytest.fixture
def beside(store: Store) -> Iterator[Callable[[Callable[[Connection], int]], "Future[int]"]]:
    """Does a short writing in another thread; returns when it waits for the transaction that is open here."""
    with ThreadPoolExecutor(8) as threads:

        def go(act: Callable[[Connection], int]) -> "Future[int]":
            before = len(store._sharing._waiting)
            doing = threads.submit(store.write, act)
            ends = time.monotonic() + 10
            while len(store._sharing._waiting) == before:
                assert time.monotonic() < ends, "it does not wait for the transaction"
                time.sleep(0.001)
            return doing

        yield go


def number(conn: Connection) -> int:
    """The next of the sequence."""
    return rows.next_in_sequence(conn, year=26)


def commits(store: Store) -> list[None]:
    """Grows with each commit from now on."""
    made: list[None] = []
    event.listen(store.writers, "commit", lambda _conn: made.append(None))
    return made


def test_short_writings_beside_a_long_one_are_committed_with_it(store: Store, beside: Callable[..., "Future[int]"]):
    made = commits(store)
    with store.writing() as conn:
        short = [beside(number), beside(number)]
        assert number(conn) == 1
    assert [one.result(10) for one in short] == [2, 3]
    assert len(made) == 1
    assert store.write(number) == 4


def test_a_short_writing_that_fails_undoes_itself_alone(store: Store, beside: Callable[..., "Future[int]"]):
    def fails(conn: Connection) -> int:
        number(conn)
        raise Permanent("no")

    with store.writing() as conn:
        short, other = beside(fails), beside(number)
        assert number(conn) == 1
    with pytest.raises(Permanent, match="no"):
        short.result(10)
    assert other.result(10) == 2
    assert store.write(number) == 3


def test_when_the_long_one_breaks_off_the_short_one_goes_by_itself(store: Store, beside: Callable[..., "Future[int]"]):
    with pytest.raises(ZeroDivisionError), store.writing() as conn:
        short = beside(number)
        assert number(conn) == 1
        _ = 1 / 0
    assert short.result(10) == 1
    assert store.write(number) == 2


def test_a_commit_that_fails_is_told_to_each_of_them_and_nothing_is_stored(
    store: Store, beside: Callable[..., "Future[int]"]
):
    with pytest.raises(Permanent, match="refuses a row"), store.writing() as conn:
        short = beside(number)
        conn.exec_driver_sql("PRAGMA defer_foreign_keys = ON")  # so that the commit itself finds the missing ticket
        rows.add_history(conn, 404, who="desk", what="noted", data={})
    with pytest.raises(Permanent, match="refuses a row"):
        short.result(10)
    assert store.write(number) == 1


def test_a_long_one_that_does_not_end_is_not_waited_for_without_end(
    store: Store, beside: Callable[..., "Future[int]"], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    with store.writing() as conn:
        short = beside(number)
        with pytest.raises(Temporary, match="busy"):
            short.result(10)
        assert number(conn) == 1
    assert store.write(number) == 2


def test_long_and_short_writings_of_many_threads_all_come_through(store: Store):
    given: list[int] = []
    begin = threading.Barrier(4)

    def long() -> None:
        begin.wait(10)
        for _ in range(50):
            with store.writing() as conn:
                given.append(number(conn))

    def short() -> None:
        begin.wait(10)
        given.extend(store.write(number) for _ in range(50))

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(work) for work in (long, short, short, long)]:
            done.result(60)
    assert sorted(given) == list(range(1, 201))
