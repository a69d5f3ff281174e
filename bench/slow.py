"""Hosts that are slow on purpose: each may use so much of a core and no more, kept by the kernel's cgroups. Needs root.

Three desks on a machine of two busy cores show nothing by their rate; three slow ones do: none takes from another.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
PERIOD_US = 20_000  # short, so that a slow host is evenly slow


@contextlib.contextmanager
def slow(name: str, *, cores: float) -> Iterator[Callable[[int], None]]:
    """A host of that share of a core; call it with a process's id to put the process, and all it starts, there."""
    first = (GROUPS / "cpu").is_dir()  # version 1 of cgroups, mounted beside others
    place = (GROUPS / "cpu" if first else GROUPS) / f"desk{os.getpid()}-{name}"
    if not first:
        (GROUPS / "cgroup.subtree_control").write_text("+cpu")
    place.mkdir()
    quota = int(PERIOD_US * cores)
    if first:
        (place / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        (place / "cpu.cfs_quota_us").write_text(str(quota))
    else:
        (place / "cpu.max").write_text(f"{quota} {PERIOD_US}")
    try:
        yield lambda pid: _moved(place, pid)
    finally:
        _emptied(place)


def _emptied(place: Path) -> None:
    """What was killed there may still be dying."""
    ends = time.monotonic() + 30
    while True:
        for pid in (place / "cgroup.procs").read_text().split():
            _moved(place.parent, int(pid))
        try:
            place.rmdir()
        except OSError:
            assert time.monotonic() < ends, f"processes stay in {place}"
            time.sleep(0.2)
        else:
            return


def _moved(place: Path, pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        (place / "cgroup.procs").write_text(str(pid))
