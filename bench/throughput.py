"""From a real IMAP mailbox to replies accepted by SMTP, beside the floor on the same mailbox in the same run.

    python bench/throughput.py [--letters 1000] [--seed 7] [--maker FILE]

Prints for each: letters a second, CPU milliseconds a letter (the program and its children, not the servers), peak
memory (sum of PSS), and the ratio to the floor. `--maker` makes the mailbox (default: ../shared/make_mailbox.py).
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from servers.certificates import Authority
from servers.dovecot import PASSWORD, Dovecot, dovecot, free_ports, wait_for_port

SETTINGS = """\
[mailbox]
url = "imap://USER@127.0.0.1:{imap}/INBOX"
password_file = "{folder}/password"
since = 2000-01-01
[smtp]
url = "smtp://127.0.0.1:{smtp}"
[store]
url = "sqlite:///{folder}/store.db"
blobs = "file://{folder}/blobs"
[limits]
replies_per_minute = 1000000
robot_letters_a_day = 1000000
"""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One run."""

    wall: float  # seconds until the last reply was accepted
    cpu: float  # seconds, user and system, of the program and its children
    pss: float  # MB, peak


class Watched:
    """A process and all that it started, measured from outside."""

    def __init__(self, command: list[str], log: Path) -> None:
        self._began = time.monotonic()
        self.process = subprocess.Popen(command, stderr=log.open("wb"), start_new_session=True)
        self.pss = 0.0
        self._cpu: dict[int, float] = {}
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()

    def _look(self) -> None:
        while not self._done.wait(0.2):
            members = [
                int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and _session(p) == self.process.pid
            ]
            self._cpu.update({pid: _cpu(pid) for pid in members})
            self.pss = max(self.pss, sum(_pss(pid) for pid in members))

    def end(self, wall: float) -> Figures:
        """Figures up to now; the process is asked to stop."""
        members = [pid for pid in self._cpu if Path(f"/proc/{pid}").exists()]
        self._cpu.update({pid: _cpu(pid) for pid in members})
        self._done.set()
        self._watch.join()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
        return Figures(wall=wall, cpu=sum(self._cpu.values()), pss=self.pss)


def _session(proc: Path) -> int:
    try:
        return int((proc / "stat").read_text().rpartition(")")[2].split()[3])
    except OSError:
        return -1


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _pss(pid: int) -> float:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0.0)


def fill(server: Dovecot, user: str, source: Path) -> None:
    """The same letters into a user's inbox."""
    maildir = server.maildir(user)
    shutil.copytree(source / "new", maildir / "new", dirs_exist_ok=True)
    server.maildir(user)


def until(count_file: Path, letters: int, process: "subprocess.Popen[bytes]", seconds: float) -> float:
    """Seconds until so many replies were accepted."""
    began = time.monotonic()
    while int(count_file.read_text() or 0) < letters:
        if process.poll() not in (None, 0) or time.monotonic() - began > seconds:
            logs = "".join(log.read_text()[-2000:] for log in count_file.parent.glob("*.log"))
            raise SystemExit(f"{logs}\nonly {count_file.read_text()} of {letters} replies; exit {process.poll()}")
        time.sleep(0.02)
    return time.monotonic() - began


def main() -> None:
    """Both runs and their ratio."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--letters", type=int, default=1000)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--maker", type=Path, default=HERE.parent.parent / "shared" / "make_mailbox.py")
    args = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        source = folder / "letters"
        subprocess.run([sys.executable, args.maker, source, str(args.letters), str(args.seed)], check=True)
        certificate = Authority(folder).issue("localhost")
        with dovecot(certificate) as server:
            fill(server, "floor", source)
            fill(server, "ours", source)
            floor = run_floor(server, folder, args.letters)
            ours = run_ours(server, folder, args.letters)
    print(f"\n{'':14}{'letters/s':>10}{'CPU ms':>9}{'PSS MB':>8}")
    for label, one in (("floor", floor), ("priemnaya", ours)):
        rate, cpu = args.letters / one.wall, one.cpu * 1000 / args.letters
        print(f"{label:14}{rate:10.1f}{cpu:9.2f}{one.pss:8.0f}")
    print(f"{'ratio':14}{floor.wall / ours.wall:10.2f}{ours.cpu / floor.cpu:9.2f}")


def sink(folder: Path, label: str) -> "tuple[int, Path, subprocess.Popen[bytes]]":
    """A fresh SMTP server that counts."""
    port, count = free_ports(1)[0], folder / f"count-{label}"
    process = subprocess.Popen([sys.executable, str(HERE / "sink.py"), str(port), str(count)])
    wait_for_port(port, process, folder / "none")
    return port, count, process


def run_floor(server: Dovecot, folder: Path, letters: int) -> Figures:
    """See floor.py."""
    port, count, taking = sink(folder, "floor")
    work = folder / "floor"
    work.mkdir()
    command = [sys.executable, str(HERE / "floor.py"), str(server.port), "floor", str(port), str(work)]
    watched = Watched(command, folder / "floor.log")
    wall = until(count, letters, watched.process, 600)
    figures = watched.end(wall)
    taking.terminate()
    return figures


def run_ours(server: Dovecot, folder: Path, letters: int) -> Figures:
    """The daemon as it is installed."""
    port, count, taking = sink(folder, "ours")
    work = folder / "ours"
    work.mkdir()
    (work / "password").write_text(PASSWORD)
    (work / "password").chmod(0o600)
    config = work / "priemnaya.toml"
    config.write_text(SETTINGS.format(imap=server.port, smtp=port, folder=work).replace("USER", "ours"))
    command = [str(Path(sys.executable).parent / "priemnaya"), "run", "--config", str(config)]
    watched = Watched(command, folder / "ours.log")
    wall = until(count, letters, watched.process, 600)
    figures = watched.end(wall)
    taking.terminate()
    return figures


if __name__ == "__main__":
    main()
