"""From a real IMAP mailbox to replies accepted by SMTP, beside the floor on the same mailbox in the same run.

    python bench/throughput.py [--letters 1000] [--seed 7] [--runs 1] [--maker FILE]

Prints, the medians of the runs: letters a second to the ticket with its queued reply, and to the reply accepted;
CPU milliseconds a letter (the program and its children, not the servers); peak memory (sum of PSS); the ratios to the
floor. Both are counted from when they are loaded; what loading costs stands in a column of its own. CPU can be
compared while the machine has other work, letters a second only when it has none. `--maker` makes the mailbox
(default: ../shared/make_mailbox.py).
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from servers.certificates import Authority
from servers.dovecot import PASSWORD, Dovecot, dovecot, free_ports, wait_for_port
from watched import SETTLED, STARTED, Counter, Figures, Watched, started

SETTINGS = """\
[mailbox]
url = "imap://{user}@127.0.0.1:{imap}/INBOX"
password_file = "{folder}/password"
since = 2000-01-01
[smtp]
url = "smtp://127.0.0.1:{smtp}"
[store]
url = "sqlite:///{folder}/store.db"
blobs = "file://{folder}/blobs"
"""
NO_LIMITS = """\
[limits]
replies_per_minute = 1000000
robot_letters_a_day = 1000000
"""


def main() -> None:
    """The runs and their ratio."""
    options = arguments(__doc__)
    options.add_argument("--runs", type=int, default=1)
    args = options.parse_args()
    floors, ours = [], []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        source = letters(folder, args)
        # without TLS on both sides: the floor speaks none
        with dovecot(Authority(folder).issue("localhost"), tls_offered="no") as server:
            for run in range(args.runs):
                floors.append(run_floor(server, folder / f"floor-{run}", source))
                ours.append(run_ours(server, folder / f"ours-{run}", source))
    report(floors, ours)


def report(floors: Sequence[Figures], ours: Sequence[Figures]) -> None:
    """The table."""
    print(f"\nload average {os.getloadavg()[0]:.1f}, {len(ours)} run(s) of {ours[0].letters} letters")
    print(f"{'':10}{'settled/s':>11}{'accepted/s':>11}{'CPU ms':>9}{'PSS MB':>8}{'loading, CPU s':>16}")
    middle = statistics.median
    for label, runs in (("floor", floors), ("priemnaya", ours)):
        settled = middle(run.letters / run.settled if run.settled else 0.0 for run in runs)
        rate, cpu = middle(run.letters / run.wall for run in runs), middle(run.cpu_ms for run in runs)
        pss, start = max(run.pss for run in runs), middle(run.start_cpu for run in runs)
        print(f"{label:10}{settled or '':11.4}{rate:11.1f}{cpu:9.2f}{pss:8.0f}{start:16.2f}")
    rates = [floor.wall / our.wall for floor, our in zip(floors, ours, strict=True)]
    cpus = [our.cpu / floor.cpu for floor, our in zip(floors, ours, strict=True)]
    print(f"{'ratio':10}{'':11}{middle(rates):11.2f}{middle(cpus):9.2f}   bars: rate 1.2, CPU 2.0, PSS 450 MB")


def arguments(doc: str | None) -> argparse.ArgumentParser:
    """What all runs over a made mailbox take."""
    options = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    options.add_argument("--letters", type=int, default=1000)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--maker", type=Path, default=HERE.parent.parent / "shared" / "make_mailbox.py")
    return options


def letters(folder: Path, args: argparse.Namespace, *more: str) -> Path:
    """The made Maildir."""
    made = folder / "letters"
    subprocess.run([sys.executable, args.maker, made, str(args.letters), str(args.seed), *more], check=True)
    return made


def sink(folder: Path) -> "tuple[int, Path, subprocess.Popen[bytes]]":
    """A fresh SMTP server that counts into the file."""
    port, count = free_ports(1)[0], folder / "count"
    process = started([sys.executable, str(HERE / "sink.py"), str(port), str(count)], folder / "sink.log")
    wait_for_port(port, process, folder / "none")
    return port, count, process


def fill(server: Dovecot, user: str, source: Path) -> None:
    """The same letters into a user's inbox, on the disk: no run's commits wait for what another wrote."""
    new = server.maildir(user) / "new"
    shutil.copytree(source / "new", new, dirs_exist_ok=True)
    for letter in new.iterdir():
        server.give(letter)
    os.sync()


def run_floor(server: Dovecot, work: Path, source: Path) -> Figures:
    """See floor.py."""
    work.mkdir()
    fill(server, work.name, source)
    port, count, taking = sink(work)
    command = [sys.executable, str(HERE / "floor.py"), str(server.port), work.name, str(port), str(work)]
    try:
        return measured(Watched(command, work / "log"), count, wanted=len(list((source / "new").iterdir())))
    finally:
        taking.terminate()


def run_ours(server: Dovecot, work: Path, source: Path) -> Figures:
    """The daemon as it is installed."""
    work.mkdir()
    fill(server, work.name, source)
    port, count, taking = sink(work)
    command = [str(priemnaya()), "run", "--config", str(configured(work, server, smtp=port))]
    try:
        return measured(Watched(command, work / "log"), count, wanted=len(list((source / "new").iterdir())))
    finally:
        taking.terminate()


def priemnaya() -> Path:
    """The installed command."""
    return Path(sys.executable).parent / "priemnaya"


def configured(work: Path, server: Dovecot, *, smtp: int, more: str = NO_LIMITS) -> Path:
    """A settings file for the user that `work` is named after; `more` is added at its end."""
    (work / "password").write_text(PASSWORD)
    (work / "password").chmod(0o600)
    config = work / "priemnaya.toml"
    config.write_text(SETTINGS.format(imap=server.port, smtp=smtp, folder=work, user=work.name) + more)
    return config


def measured(watched: Watched, count: Path, *, wanted: int) -> Figures:
    """Waits until so many replies were accepted."""
    with watched:
        loading = Counter(watched)
        while loading.more(watched.said(STARTED), 1):
            pass
        began, start_cpu, settled = time.monotonic(), watched.cpu(), 0.0
        waiting = Counter(watched, every=0.05)  # a look takes a millisecond of what is measured
        while waiting.more(int(count.read_text() or 0), wanted):
            if not settled and watched.said(SETTLED) >= wanted:
                settled = time.monotonic() - began
        wall, cpu = time.monotonic() - began, watched.cpu() - start_cpu
        watched.end()
    return Figures(letters=wanted, start_cpu=start_cpu, settled=settled, wall=wall, cpu=cpu, pss=watched.pss)


if __name__ == "__main__":
    main()
