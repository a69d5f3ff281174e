"""A server's process that tests can kill, with all that it started, and start again in the same place."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

Process = subprocess.Popen[bytes]


class Running:
    """One command in the foreground; `ready` waits until it serves."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        ready: Callable[[Process], None],
        environment: dict[str, str] | None = None,
        quiet: bool = False,
    ) -> None:
        """`quiet`: what it says goes nowhere; otherwise it must say little, for nobody reads it before its end."""
        self._said = subprocess.DEVNULL if quiet else subprocess.PIPE
        self._command, self._ready, self._environment = list(command), ready, environment
        self.process: Process | None = None

    def start(self) -> None:
        """Starts it and waits until it serves."""
        self.process = subprocess.Popen(
            self._command, env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._said
        )
        self._ready(self.process)

    def kill(self) -> None:
        """SIGKILL for it and all its children: what a power cut does."""
        if self.process is not None:
            kill_tree(self.process.pid)
            self.process.wait(10)  # not for its words: orphans of its children may hold the pipe yet
            if self.process.stderr is not None:
                self.process.stderr.close()
            self.process = None

    def stop(self) -> None:
        """SIGTERM."""
        if self.process is not None:
            self.process.terminate()
            self.process.communicate(timeout=20)
            self.process = None


def kill_tree(pid: int) -> None:
    """The process first, so that it raises no new children; then those it had."""
    family = [pid, *descendants(pid)]
    for one in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    ends = time.monotonic() + 10
    while any(_lives(one) for one in family):
        assert time.monotonic() < ends, "killed processes do not end"
        time.sleep(0.01)


def _lives(pid: int) -> bool:
    try:
        return _fields(pid)[0] not in "ZX"
    except OSError:
        return False


def _fields(pid: int) -> list[str]:
    """Of /proc/PID/stat, what stands after the name in parentheses, which may hold anything: state, parent, …"""
    return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()


def cpu_seconds(*pids: int) -> float:
    """User and system time of these processes and their living descendants."""
    ticks = 0
    for pid in {one for root in pids for one in (root, *descendants(root))}:
        with contextlib.suppress(OSError):
            user, system, of_ended, system_of_ended = _fields(pid)[11:15]
            ticks += int(user) + int(system) + int(of_ended) + int(system_of_ended)
    return ticks / os.sysconf("SC_CLK_TCK")


def descendants(pid: int) -> list[int]:
    """Children and theirs, as they are at this moment."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            children.setdefault(int(_fields(int(entry.name))[1]), []).append(int(entry.name))
    found, look = [], [pid]
    while look:
        mine = children.get(look.pop(), [])
        found += mine
        look += mine
    return found
