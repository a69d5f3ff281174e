"""A process and all that it started, measured from outside: CPU, memory, and what its log says so far."""

import atexit
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

LOOK_SECONDS = 0.25  # how often; a look costs about a millisecond
STARTED = b" started "  # the line the daemon and the floor write once they are loaded and begin to work
SETTLED = b" letter "  # the line of a letter that was judged and recorded
PATIENCE = 60.0  # seconds without any progress; then the run is given up, with its log


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One run over `letters` letters, counted from when the program was loaded."""

    letters: int
    start_cpu: float  # seconds of CPU that loading took
    settled: float  # seconds until every letter had its ticket and queued reply; 0: not told apart
    wall: float  # seconds until the last reply was accepted
    cpu: float  # seconds, user and system, of the program and its children
    pss: float  # MB, peak of the sum

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds a letter."""
        return self.cpu * 1000 / self.letters


def started(command: list[str], log: Path) -> "subprocess.Popen[bytes]":
    """A process that leads a session of its own and does not outlive this one, however that ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that atexit is run
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log.open("wb"), start_new_session=True)
    atexit.register(_kill, process)
    return process


def _kill(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


class Watched:
    """Starts the command with its log in `log`; measures until `end`."""

    def __init__(self, command: list[str], log: Path) -> None:
        self.log = log
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=log.open("wb"), start_new_session=True
        )
        self.pss = 0.0
        self._cpu: dict[int, float] = {}
        self._read = 0
        self._counts = {STARTED: 0, SETTLED: 0}
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()

    def cpu(self) -> float:
        """Seconds so far; those of a child that ended unseen since the last look are lost."""
        self._note(family(self.process.pid))
        return sum(self._cpu.values())

    def said(self, words: bytes) -> int:
        """How many lines of the log are of that kind, STARTED or SETTLED."""
        with self.log.open("rb") as log:
            log.seek(self._read)
            whole, end, _ = log.read().rpartition(b"\n")
        self._read += len(whole) + len(end)
        for kind in self._counts:
            self._counts[kind] += sum(kind in line for line in whole.splitlines())
        return self._counts[words]

    def _note(self, members: list[int]) -> None:
        self._cpu.update({pid: max(self._cpu.get(pid, 0.0), _cpu(pid)) for pid in members})

    def _look(self) -> None:
        while not self._done.wait(LOOK_SECONDS):
            members = family(self.process.pid)
            self._note(members)
            self.pss = max(self.pss, sum(pss(pid) for pid in members))

    def end(self) -> None:
        """Asks the process to stop and waits for it."""
        self._done.set()
        self._watch.join()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    def __enter__(self) -> "Watched":
        return self

    def __exit__(self, *_: object) -> None:
        """However the run ended; before the servers, which wait for their clients."""
        self._done.set()
        _kill(self.process)

    def give_up(self, why: str) -> "SystemExit":
        """Ends it; the exit to raise, with the end of the log."""
        self.end()
        return SystemExit(f"{self.log.read_text()[-3000:]}\n{why}; exit status {self.process.returncode}")


class Counter:
    """Waits for a number to be reached, and gives up when it no longer grows."""

    def __init__(self, watched: Watched, *, every: float = 0.02) -> None:
        self._watched, self._every, self._last, self._moved = watched, every, -1, time.monotonic()

    def more(self, now: int, wanted: int) -> bool:
        """Whether to wait on."""
        if now >= wanted:
            return False
        if now != self._last:
            self._last, self._moved = now, time.monotonic()
        ended = self._watched.process.poll() not in (None, 0)
        if ended or time.monotonic() - self._moved > PATIENCE:
            raise self._watched.give_up(f"only {now} of {wanted}, and no more in {PATIENCE:.0f} s")
        time.sleep(self._every)
        return True


def family(pid: int) -> list[int]:
    """The process and all that it started: it leads their session."""
    return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and _stat(p.name)[3:4] == [str(pid)]]


def _stat(pid: str | int) -> list[str]:
    """Of proc_pid_stat(5), the fields from the third on; none when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _cpu(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def pss(pid: int) -> float:
    """MB of memory that a process has to itself, and its share of what it shares."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0.0)
