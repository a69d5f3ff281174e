"""A folder of dated backups, one a night: which one the next is linked to, and which ones are over.

Only folders whose names are dates as written here are ever looked at or deleted; the manifest, written last and deleted
first, tells a whole backup from one that ended half way.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.errors import ConfigError

WRITTEN = "%Y-%m-%dT%H%M%SZ"
NAME = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z", re.ASCII)
MANIFEST = "manifest.json"


@contextmanager
def night(folder: Path) -> Iterator[tuple[Path, Path | None]]:
    """The new backup's folder, not yet made, and the newest whole one before it. Nobody else works there meanwhile;
    what an earlier run left half made is gone. ConfigError while another run is at work.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(f"another backup is at work in {folder}: wait for its end") from None
        for half in _named(folder, whole=False):
            shutil.rmtree(half)
        earlier = _named(folder, whole=True)
        yield folder / datetime.now(UTC).strftime(WRITTEN), earlier[-1] if earlier else None
    finally:
        os.close(descriptor)


def end_old(folder: Path, *, keep: int, days: int | None) -> int:
    """Deletes whole backups beyond the newest `keep`, and those older than `days`; how many."""
    names = [one.name for one in _named(folder, whole=True)]
    gone = over(names, now=datetime.now(UTC), keep=keep, days=days)
    for name in gone:
        (folder / name / MANIFEST).unlink()
        shutil.rmtree(folder / name)
    return len(gone)


def over(names: Sequence[str], *, now: datetime, keep: int, days: int | None) -> list[str]:
    """Which of these backups are over. The newest never is: a backup that is too old is better than none."""
    *older, _newest = sorted(names) or [""]
    beyond = set(older[: max(0, len(older) + 1 - keep)])
    last = (now - timedelta(days=days)).strftime(WRITTEN) if days is not None else ""
    return [name for name in older if name in beyond or name < last]


def _named(folder: Path, *, whole: bool) -> list[Path]:
    """Oldest first."""
    found = [path for path in folder.iterdir() if NAME.fullmatch(path.name) and path.is_dir()]
    return sorted(path for path in found if (path / MANIFEST).exists() is whole)
