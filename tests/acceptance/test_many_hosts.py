"""Three daemons on three hosts, one PostgreSQL, one S3: they share the work, and what a dead host held is taken over.

The hosts are network namespaces with addresses of their own. The times are those promised: a letter in 45 s, a mailbox
in 60 s, a reply in 200 s.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers.bucket import bucket
from servers.certificates import Authority
from servers.chaos import letter
from servers.daemon import Daemon
from servers.dovecot import dovecot
from servers.exim import exim
from servers.hosts import SERVER, Hosts, hosts
from servers.postgresql import PostgreSQL, postgresql

from store.database import Store
from store.upgrade import migrate

pytestmark = pytest.mark.long  # network namespaces need root, which make test does not ask for
Process = subprocess.Popen[bytes]
LETTER_SECONDS, MAILBOX_SECONDS, REPLY_SECONDS = 45.0, 60.0, 200.0
TICKETS = "SELECT count(*) FROM tickets"
SENT = "SELECT count(*) FROM outbox WHERE state = 'sent'"


@pytest.fixture(scope="module")
def net() -> Iterator[Hosts]:
    with hosts(3) as wired:
        yield wired


@pytest.fixture(scope="module")
def database(net: Hosts) -> Iterator[PostgreSQL]:
    with net.inside("server"):
        server = contextlib.ExitStack()
        made = server.enter_context(postgresql(host=SERVER))
    with server:
        yield made


@pytest.fixture(scope="module")
def keys(net: Hosts) -> Iterator[str]:
    """The credentials file's text of an S3 service with the bucket `letters`."""
    server = contextlib.ExitStack()
    with net.inside("server"):
        text = server.enter_context(bucket(SERVER))
    with server:
        yield text


@pytest.fixture
def daemon(net: Hosts, database: PostgreSQL, keys: str, authority: Authority, tmp_path: Path) -> Iterator[Daemon]:
    """One desk's settings, for all hosts."""
    with contextlib.ExitStack() as servers:
        with net.inside("server"):
            mail_server = servers.enter_context(dovecot(authority.issue(SERVER), host=SERVER))
            mta = servers.enter_context(exim(authority.issue(SERVER), host=SERVER))
            daemon = Daemon(tmp_path, mail_server, mta, authority)
            daemon.store = database.fresh()
            store = Store(daemon.store)
            migrate(store)
            store.close()
        (tmp_path / "keys.toml").write_text(keys)
        daemon.mailbox = f"imaps://{daemon.user}@{SERVER}:{mail_server.tls_port}/INBOX"
        daemon.smtp = f"smtps://{SERVER}:{mta.tls_port}"
        daemon.blobs = f's3://letters/{daemon.user}"\nblobs_credentials_file = "{tmp_path}/keys.toml'
        daemon.settings("")
        mail_server.maildir(daemon.user)
        with net.inside("server"):  # the test itself looks at the store from there
            yield daemon
        daemon.end()


def start(net: Hosts, daemon: Daemon, host: str, *arguments: str, fault: str = "") -> Process:
    with net.inside(host):
        return daemon.start(*arguments, fault=fault)


def frozen(process: Process) -> bool:
    """Stopped by a signal, as a fault point does it."""
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def nothing_lost_or_doubled(daemon: Daemon, letters: int, *, kills: int = 0) -> None:
    assert daemon.count("SELECT count(*) FROM letters") == letters
    assert daemon.count(TICKETS) == letters
    replies = daemon.mta.wait(letters)
    names = Counter(raw.partition(b"Message-ID: <")[2].partition(b">")[0] for raw in replies)
    assert len(names) == letters
    assert len(replies) <= letters + kills
    assert len(daemon.mail_server.kept(daemon.user, "Processed")) == letters
    assert daemon.verified() == []
    assert "Traceback" not in daemon.log()


def deliver(daemon: Daemon, *numbers: int) -> None:
    daemon.mail_server.deliver(daemon.user, *(letter(10 * n) for n in numbers))


def test_three_hosts_share_one_mailbox_and_double_nothing(net: Hosts, daemon: Daemon) -> None:
    for host in net.names:
        start(net, daemon, host)
    deliver(daemon, *range(30))
    daemon.until(lambda: daemon.count(SENT) == 30, seconds=150)
    nothing_lost_or_doubled(daemon, 30)


@pytest.mark.parametrize("fate", ["killed", "frozen", "cut off"])
def test_what_a_dead_host_held_is_taken_over_in_time(net: Hosts, daemon: Daemon, fate: str) -> None:
    """The first host stops dead with a mailbox, letters and a reply in its hands; two others are at work beside it."""
    others = [start(net, daemon, host) for host in ("h2", "h3")]
    daemon.until(lambda: daemon.log().count(" started ") == 2, seconds=150)
    signal_all(others, signal.SIGSTOP)  # they wait until the first has all in its hands
    begun = 0
    held: dict[str, Process] = {}
    for loop, step in {"intake": "intake:committed 2", "desk": "desk:claimed 9", "post": "post:claimed 2"}.items():
        held[loop] = start(net, daemon, "h1", "--only", loop, fault=f"freeze {step}")
        deliver(daemon, *range(begun, begun + 5))
        begun += 5
    ends = time.monotonic() + 180
    while not all(map(frozen, held.values())):
        assert time.monotonic() < ends, daemon.log()[-4000:]
        time.sleep(1)
        deliver(daemon, begun)  # so that each loop comes to its step
        begun += 1
    since = time.monotonic()
    strike(net, daemon, fate, list(held.values()))
    in_hand = daemon.count("SELECT count(*) FROM outbox WHERE state = 'queued' AND attempts > 0")
    assert in_hand == 1
    signal_all(others, signal.SIGCONT)
    deliver(daemon, begun)
    took = {
        "letters": after(daemon, since, lambda: not_settled(daemon) == 0, LETTER_SECONDS),
        "mailbox": after(daemon, since, lambda: daemon.count("SELECT count(*) FROM letters") > begun, MAILBOX_SECONDS),
        "reply": after(daemon, since, lambda: daemon.count(SENT) == begun + 1, REPLY_SECONDS),
    }
    print(fate, took)
    thaw(net, fate, list(held.values()))
    time.sleep(20)  # what comes back late must change nothing
    nothing_lost_or_doubled(daemon, begun + 1, kills=1)


def not_settled(daemon: Daemon) -> int:
    """Letters that the dead host had claimed."""
    return daemon.count("SELECT count(*) FROM letters WHERE state = 'received' AND attempts > 0")


def after(daemon: Daemon, since: float, reached: Callable[[], bool], limit: float) -> float:
    """Seconds since then; within the limit."""
    daemon.until(reached, seconds=max(since + limit - time.monotonic(), 0.1))
    return round(time.monotonic() - since, 1)


def strike(net: Hosts, daemon: Daemon, fate: str, processes: list[Process]) -> None:
    if fate == "killed":
        for process in processes:
            daemon.kill(process)
    elif fate == "cut off":
        net.cut_off("h1")
        thaw(net, "frozen", processes)  # it works on, and reaches nobody


def thaw(net: Hosts, fate: str, processes: list[Process]) -> None:
    if fate == "cut off":
        net.join("h1")
    elif fate == "frozen":
        signal_all(processes, signal.SIGCONT)


def signal_all(processes: list[Process], number: signal.Signals) -> None:
    for process in processes:
        os.kill(process.pid, number)
