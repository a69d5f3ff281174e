"""Kill it anywhere: no letter is lost, none gets a second ticket, nobody is told two different things.

The servers are real, the daemon is the installed command, SIGKILL falls at random and at every named step between two
durable acts (service/fault_points.py). What is counted is seen from outside.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.certificates import Authority
from servers.chaos import ELSEWHERE, WITHOUT_MOVE, Chaos, Told
from servers.daemon import Daemon
from servers.dovecot import Dovecot, dovecot
from servers.exim import Exim
from servers.mail_servers import postfix
from servers.postgresql import PostgreSQL, postgresql

from service.fault_points import Step
from store.database import Store
from store.upgrade import migrate

LETTERS = int(os.environ.get("CHAOS_LETTERS", "1000"))  # of the long runs; `make chaos` has ten times as many
KILLS = int(os.environ.get("CHAOS_KILLS", "40"))
SEED = int(os.environ.get("CHAOS_SEED", "7"))


@pytest.fixture(scope="module")
def database() -> Iterator[PostgreSQL]:
    with postgresql() as server:
        yield server


@pytest.fixture
def on_postgresql(daemon: Daemon, database: PostgreSQL) -> Daemon:
    """The daemon with its store in PostgreSQL."""
    daemon.store = database.fresh()
    store = Store(daemon.store)
    migrate(store)
    store.close()
    daemon.settings("")
    return daemon


def servers_of(daemon: Daemon) -> dict[str, tuple[object, object]]:
    mail, mta = daemon.mail_server.running, daemon.mta.running
    return {"dovecot": (mail.kill, mail.start), "mta": (mta.kill, mta.start)}


def hold(told: Told, daemon: Daemon) -> None:
    """What must be true after any number of kills."""
    assert told.lost == []
    assert told.second_tickets == []
    assert told.different_replies == []
    assert told.wrongly_answered == []
    assert told.repeats <= told.all_kills
    assert told.flaws == []
    assert told.parked <= told.all_kills // 5
    assert "Traceback" not in daemon.log()


def test_a_kill_at_every_named_step_loses_nothing_and_doubles_nothing(daemon: Daemon) -> None:
    chaos = Chaos(daemon, crew=("intake", "desk", "post"), servers={}, seed=SEED, hastened=True)
    told = chaos.at_every_step(letters=90)
    print(told)
    hold(told, daemon)
    assert set(told.steps) == set(Step) - WITHOUT_MOVE - ELSEWHERE


def test_a_kill_between_copying_and_expunging_loses_nothing(authority: Authority, mta: Exim, tmp_path: Path) -> None:
    with dovecot(authority.issue("localhost"), capability="IMAP4rev1 IDLE UIDPLUS NAMESPACE") as server:
        daemon = Daemon(tmp_path, server, mta, authority)
        chaos = Chaos(daemon, crew=("intake", "desk", "post"), servers={}, seed=SEED, hastened=True, steps=WITHOUT_MOVE)
        told = chaos.at_every_step(letters=20)
        daemon.end()
    print(told)
    hold(told, daemon)
    assert set(told.steps) == WITHOUT_MOVE


def test_a_killed_postgresql_and_killed_mail_servers_lose_nothing(on_postgresql: Daemon, database: PostgreSQL) -> None:
    servers = {"postgresql": (database.kill, database.start), **servers_of(on_postgresql)}
    chaos = Chaos(on_postgresql, crew=("intake", "desk", "post"), servers=servers, seed=SEED, hastened=True)
    told = chaos.run(letters=60, kills=6, pause=2.0, each=True)
    print(told)
    hold(told, on_postgresql)
    assert {"postgresql", "dovecot", "mta", "worker"} <= told.kills.keys()


@pytest.mark.long
def test_killed_with_postfix_as_the_mail_server_it_loses_nothing(
    mail_server: Dovecot, authority: Authority, tmp_path: Path
) -> None:
    with postfix(authority.issue("localhost")) as server:
        daemon = Daemon(tmp_path, mail_server, server, authority)
        chaos = Chaos(daemon, crew=("intake", "desk", "post"), servers=servers_of(daemon), seed=SEED, hastened=True)
        told = chaos.run(letters=200, kills=20, pause=1.5)
        daemon.end()
    print(told.table())
    hold(told, daemon)
    assert told.kills["mta"]


@pytest.mark.long
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_ten_thousand_letters_under_three_hundred_kills(store: str, request: pytest.FixtureRequest) -> None:
    daemon = request.getfixturevalue("daemon" if store == "sqlite" else "on_postgresql")
    servers = servers_of(daemon)
    if store == "postgresql":
        database = request.getfixturevalue("database")
        servers["postgresql"] = (database.kill, database.start)
    chaos = Chaos(daemon, crew=("all", "intake", "desk", "post"), servers=servers, seed=SEED)
    told = chaos.run(letters=LETTERS, kills=KILLS, pause=2.0)
    print(f"{store}, {LETTERS} letters:\n{told.table()}")
    hold(told, daemon)
    assert set(told.steps) == set(Step) - WITHOUT_MOVE - ELSEWHERE, "each named step was met"
    assert servers.keys() <= told.kills.keys(), "each server was killed"
