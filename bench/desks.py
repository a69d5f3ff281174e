"""Letters a second of one, two and three desks, each on a host of its own, with one PostgreSQL between them. Needs root.

    python bench/desks.py [--cores 0.1] [--letters 300]

The hosts are network namespaces with addresses of their own. Three desks on a machine of two cores show nothing of the
store they share, so each host has only that share of a core (slow.py; 0: as much as there is). All letters are here
before the desks begin; each desk has one worker. Blobs lie in a folder that all see: the S3 service of the tests is
slower than a desk. Counted from the first tenth of the letters to the last twentieth; so many letters a desk, and as
many again.
"""

import argparse
import contextlib
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from servers.certificates import Authority
from servers.chaos import letter
from servers.daemon import Daemon
from servers.dovecot import dovecot
from servers.exim import exim
from servers.hosts import SERVER, Hosts, hosts
from servers.postgresql import PostgreSQL, postgresql
from servers.running import cpu_seconds, descendants
from slow import slow

from store.database import Store
from store.upgrade import migrate

MOST = 3
TICKETS = "SELECT count(*) FROM tickets"
LETTERS = "SELECT count(*) FROM letters"
PATIENCE = 300.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Rate:
    """What so many desks did."""

    a_second: float
    desk_ms: float  # CPU a letter, all desks
    store_ms: float  # CPU a letter, PostgreSQL


def main() -> None:
    """The table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--cores", type=float, default=0.1)
    options.add_argument("--letters", type=int, default=300)
    args = options.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        folder.chmod(0o755)
        net, authority = stack.enter_context(hosts(MOST)), Authority(folder)
        with net.inside("server"):
            database = stack.enter_context(postgresql(host=SERVER))
            mail = stack.enter_context(dovecot(authority.issue(SERVER), host=SERVER))
            mta = stack.enter_context(exim(authority.issue(SERVER), host=SERVER))
        print(f"{'desks':>5}{'letters/s':>11}{'times one':>11}{'CPU ms: desks':>15}{'store':>7}{'load':>7}")
        first = 0.0
        for desks in range(1, MOST + 1):
            place = folder / str(desks)
            place.mkdir()
            daemon = Daemon(place, mail, mta, authority)
            with net.inside("server"):
                configure(daemon, database)
            try:
                seen = measured(net, daemon, database, desks=desks, cores=args.cores, each=args.letters)
            finally:
                daemon.end()
            first = first or seen.a_second
            times, load = seen.a_second / first, os.getloadavg()[0]
            print(f"{desks:5}{seen.a_second:11.1f}{times:11.2f}{seen.desk_ms:15.1f}{seen.store_ms:7.1f}{load:7.1f}")


def configure(daemon: Daemon, database: PostgreSQL) -> None:
    """A store and a mailbox of its own."""
    daemon.store = database.fresh()
    store = Store(daemon.store)
    migrate(store)
    store.close()
    daemon.mailbox = f"imaps://{daemon.user}@{SERVER}:{daemon.mail_server.tls_port}/INBOX"
    daemon.settings("[reading]\nworkers = 1\n")
    daemon.mail_server.maildir(daemon.user)


def measured(net: Hosts, daemon: Daemon, database: PostgreSQL, *, desks: int, cores: float, each: int) -> Rate:
    """One line: the desks are loaded and stopped, the letters come, the desks go on."""
    count = each * (desks + 1)
    with contextlib.ExitStack() as slowed:
        pids = []
        for host in net.names[:desks]:
            with net.inside(host):
                pids.append(daemon.start("--only", "desk").pid)
        daemon.until(lambda: daemon.log().count("loops=desk ") == desks, seconds=PATIENCE)
        for host, pid in zip(net.names, pids, strict=False):
            os.kill(pid, signal.SIGSTOP)
            move = slowed.enter_context(slow(host, cores=cores)) if cores else None
            for one in [pid, *descendants(pid)] if move else []:
                move(one)
        with net.inside("server"):
            receive(daemon, count)
            for pid in pids:
                os.kill(pid, signal.SIGCONT)
            seen = rate(daemon, database, pids, count)
        daemon.end()
    return seen


def receive(daemon: Daemon, count: int) -> None:
    """So many letters come and are taken in."""
    daemon.mail_server.deliver(daemon.user, *(letter(10 * n) for n in range(count)))
    intake = daemon.start("--only", "intake")
    daemon.until(lambda: time.sleep(0.5) or daemon.count(LETTERS) == count, seconds=PATIENCE)
    daemon.stop(intake)


def rate(daemon: Daemon, database: PostgreSQL, pids: list[int], count: int) -> Rate:
    """Between the first tenth of the letters and the last twentieth. To look costs too, so it is seldom done."""
    daemon.until(lambda: time.sleep(0.5) or daemon.count(TICKETS) >= count // 10, seconds=PATIENCE)
    began, first = time.monotonic(), daemon.count(TICKETS)
    desks, store = cpu_seconds(*pids), cpu_seconds(database.pid)
    daemon.until(lambda: time.sleep(0.5) or daemon.count(TICKETS) >= count * 19 // 20, seconds=PATIENCE)
    done, seconds = daemon.count(TICKETS) - first, time.monotonic() - began
    desks, store = cpu_seconds(*pids) - desks, cpu_seconds(database.pid) - store
    return Rate(a_second=done / seconds, desk_ms=desks / done * 1000, store_ms=store / done * 1000)


if __name__ == "__main__":
    main()
