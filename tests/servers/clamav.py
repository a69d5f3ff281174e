"""A real clamd on a socket and a port of its own, offline, with one signature: the EICAR test file's."""

import contextlib
import os
import pwd
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from servers.dovecot import free_ports

BINARY = "/usr/sbin/clamd"
LIMIT = 1024 * 1024  # bytes of one stream; small, so that the tests can go over it
# Made harmless here by being in two parts, so that no scanner takes this file away
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

_SETTINGS = """
Foreground yes
LocalSocket {folder}/clamd.ctl
TCPSocket {port}
TCPAddr 127.0.0.1
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}
StreamMaxLength {limit}
AlertExceedsMax {alert}
MaxFileSize {most}
User {user}
LogFile {folder}/log
"""


@dataclass(frozen=True, kw_only=True)
class Clamd:
    """A running scanner."""

    path: str  # of its socket
    port: int
    process: "subprocess.Popen[bytes]"

    def freeze(self) -> None:
        """It takes connections and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def clamd(*, alert: bool = False, most: int = 100 * LIMIT) -> Iterator[Clamd]:
    """Starts it, waits until it answers, stops it. `alert`: files beyond `most` bytes are called a finding."""
    if not Path(BINARY).exists():
        raise FileNotFoundError(f"{BINARY} is missing. Run once: sudo apt-get install clamav-daemon")
    # In /tmp whatever TMPDIR says: the path of a unix socket may be 107 bytes long.
    with tempfile.TemporaryDirectory(prefix="clamd-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder, (port,) = Path(name), free_ports(1)
        (folder / "signatures").mkdir()
        (folder / "signatures/own.ndb").write_text(f"Test.Eicar:0:*:{EICAR.hex()}\n")
        (folder / "clamd.conf").write_text(
            _SETTINGS.format(
                folder=folder, port=port, limit=LIMIT, alert="yes" if alert else "no", most=most,
                user=pwd.getpwuid(os.geteuid()).pw_name,
            )
        )  # fmt: skip
        process = subprocess.Popen([BINARY, "--config-file", folder / "clamd.conf"], stdout=subprocess.DEVNULL)
        try:
            _wait(port, process, folder / "log")
            yield Clamd(path=str(folder / "clamd.ctl"), port=port, process=process)
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(10)


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + 20
    while time.monotonic() < ends and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(b"zPING\0")
            if line.recv(16) == b"PONG\0":
                return
        time.sleep(0.02)
    raise TimeoutError(f"clamd did not start:\n{log.read_text() if log.exists() else ''}")
