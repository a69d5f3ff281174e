"""Several hosts on one machine: network namespaces with addresses of their own, wired to a server's. Needs root.

with hosts(3) as net:
    with net.inside("server"): … start servers at SERVER …
    with net.inside("h1"): … start a daemon there …
    net.cut_off("h1")   # its packets vanish; neither end is told
"""

import contextlib
import ctypes
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

SERVER = "10.77.0.1"  # where all servers are
_CLONE_NEWNET = 0x40000000  # linux/sched.h


class Hosts:
    """The wires between them."""

    def __init__(self, count: int) -> None:
        self._prefix = f"desk{os.getpid()}"
        self.names = [f"h{n}" for n in range(1, count + 1)]

    def wire(self) -> None:
        """Makes the namespaces, a bridge at the server's, and a wire from each host to it."""
        for name in ("server", *self.names):
            _ip("netns", "add", self._space(name))
            self._at(name, "link", "set", "lo", "up")
        self._at("server", "link", "add", "bridge", "type", "bridge")
        self._at("server", "addr", "add", f"{SERVER}/24", "dev", "bridge")
        self._at("server", "link", "set", "bridge", "up")
        for number, name in enumerate(self.names, 11):
            peer = ("type", "veth", "peer", "name", "wire", "netns", self._space(name))
            self._at("server", "link", "add", f"to-{name}", *peer)
            self.join(name)
            self._at("server", "link", "set", f"to-{name}", "up")
            self._at(name, "addr", "add", f"10.77.0.{number}/24", "dev", "wire")
            self._at(name, "link", "set", "wire", "up")

    def cut_off(self, name: str) -> None:
        """Out of the bridge: what the host sends vanishes, and nothing reaches it."""
        self._at("server", "link", "set", f"to-{name}", "nomaster")

    def join(self, name: str) -> None:
        """Into the bridge (again)."""
        self._at("server", "link", "set", f"to-{name}", "master", "bridge")

    def unwire(self) -> None:
        """Removes them all."""
        for name in ("server", *self.names):
            subprocess.run(["ip", "netns", "delete", self._space(name)], capture_output=True, check=False)

    @contextlib.contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """Processes, threads and sockets that are made in the block belong to that host."""
        libc = ctypes.CDLL(None, use_errno=True)
        with Path("/proc/self/ns/net").open() as home, Path(f"/run/netns/{self._space(name)}").open() as there:
            assert libc.setns(there.fileno(), _CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            try:
                yield
            finally:
                assert libc.setns(home.fileno(), _CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())

    def _space(self, name: str) -> str:
        return f"{self._prefix}-{name}"

    def _at(self, name: str, *words: str) -> None:
        _ip("-n", self._space(name), *words)


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr} (network namespaces need root and iproute2)"


@contextlib.contextmanager
def hosts(count: int) -> Iterator[Hosts]:
    """So many hosts beside the server's; unwired in the end."""
    made = Hosts(count)
    try:
        made.wire()
        yield made
    finally:
        made.unwire()
