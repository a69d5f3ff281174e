"""Intake alone (fetch, store durably, move on the server) beside mbsync (fetch, store with FSync) on the same mailbox.

    python bench/fetching.py [--letters 1000] [--seed 7] [--runs 3] [--maker FILE]

Prints letters a second and CPU milliseconds a letter, medians, and the ratio (bar: 0.5 of mbsync's rate). Rates are to
be compared only while the machine has nothing else to do.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from servers.certificates import Authority
from servers.dovecot import PASSWORD, Dovecot, dovecot
from throughput import arguments, configured, fill, letters, priemnaya
from watched import STARTED, Counter, Watched

MBSYNC = HERE.parent / "build/servers/isync/usr/bin/mbsync"
RC = """\
FSync yes
IMAPStore far
Host 127.0.0.1
Port {port}
User {user}
PassCmd "cat {folder}/password"
SSLType None
AuthMechs LOGIN

MaildirStore near
Inbox {folder}/inbox
Path {folder}/

Channel one
Far :far:
Near :near:
Create Near
Sync Pull New
SyncState {folder}/state-
"""
Run = tuple[float, float]  # seconds, CPU seconds


def main() -> None:
    """The runs in turn."""
    options = arguments(__doc__)
    options.add_argument("--runs", type=int, default=3)
    args = options.parse_args()
    ours: list[Run] = []
    theirs: list[Run] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        source = letters(folder, args)
        with dovecot(Authority(folder).issue("localhost"), tls_offered="no") as server:
            for run in range(args.runs):
                theirs.append(run_mbsync(server, folder / f"mbsync-{run}", source))
                ours.append(run_intake(server, folder / f"intake-{run}", source, args.letters))
    print(f"\nload average {os.getloadavg()[0]:.1f}, {args.runs} run(s) of {args.letters} letters")
    for label, runs in (("mbsync", theirs), ("intake", ours)):
        wall, cpu = (statistics.median(one[place] for one in runs) for place in (0, 1))
        print(f"{label:10}{args.letters / wall:9.1f} letters/s{cpu * 1000 / args.letters:9.2f} ms of CPU a letter")
    ratio = statistics.median(their[0] / our[0] for their, our in zip(theirs, ours, strict=True))
    print(f"{'ratio':10}{ratio:9.2f}   bar 0.5")


def run_mbsync(server: Dovecot, work: Path, source: Path) -> Run:
    """isync into a fresh Maildir."""
    work.mkdir()
    fill(server, work.name, source)
    (work / "password").write_text(PASSWORD)
    (work / "rc").write_text(RC.format(port=server.port, user=work.name, folder=work))
    began, cpu = time.monotonic(), _children()
    program = shutil.which("mbsync") or str(MBSYNC)
    subprocess.run([program, "-q", "-c", str(work / "rc"), "one"], check=True)
    return time.monotonic() - began, _children() - cpu


def run_intake(server: Dovecot, work: Path, source: Path, wanted: int) -> Run:
    """`run --only intake`, counted from when it is loaded until the inbox is empty."""
    work.mkdir()
    fill(server, work.name, source)
    command = [str(priemnaya()), "run", "--config", str(configured(work, server, smtp=9)), "--only", "intake"]
    watched = Watched(command, work / "log")
    loading = Counter(watched)
    while loading.more(watched.said(STARTED), 1):
        pass
    began, cpu = time.monotonic(), watched.cpu()
    maildir = server.maildir(work.name)
    waiting = Counter(watched)
    while waiting.more(wanted - sum(1 for part in ("new", "cur") for _ in os.scandir(maildir / part)), wanted):
        pass
    run = time.monotonic() - began, watched.cpu() - cpu
    watched.end()
    return run


def _children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


if __name__ == "__main__":
    main()
