"""Work that breaks each limit on demand; a module of its own, since worker processes import it."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from service.errors import ConfigError, Temporary


def prepared() -> Callable[[bytes], bytes]:
    """The work of these tests, by the first word of the job."""

    def work(job: bytes) -> bytes:
        if job == b"sleep":
            time.sleep(60)
        if job == b"eat":
            return b"x" * (4 * 1024**3)
        if job == b"die":
            os._exit(7)
        if job == b"wait":
            raise Temporary("the scanner is away; start it")
        if job == b"nice":
            return b"%d" % os.getpriority(os.PRIO_PROCESS, 0)
        if job == b"raise":
            raise ValueError("a citizen's secret words")
        if job.startswith(b"make "):
            Path(job[5:].decode()).touch()
        if job.startswith(b"until "):
            while not Path(job[6:].decode()).exists():
                time.sleep(0.005)
        return job.upper()

    return work


def unfit() -> Callable[[bytes], bytes]:
    """Work that cannot be prepared."""
    raise ConfigError("/nowhere: no model can be read there. Train one.")
