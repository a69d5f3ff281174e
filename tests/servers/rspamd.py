"""A real rspamd on loopback, unpacked from Debian's package: Debian's own rules, no network (no DNS, no lists).

What it measures is the letter itself: its headers, its MIME, its words. Signatures (SPF, DKIM, DMARC) and reputation
are the mail server's and stay out.
"""

import contextlib
import http.client
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from servers.dovecot import free_ports
from servers.running import Process, Running

PACKAGES = Path(__file__).parents[2] / "build" / "servers"

_SETTINGS = """
.include "$CONFDIR/common.conf"
options {{
    pidfile = "{folder}/pid";
    .include "$CONFDIR/options.inc"
    control_socket = "{folder}/control mode=0600";
    dns {{ nameserver = ["127.0.0.1:{nowhere}"]; timeout = 0.05s; retransmits = 1; }}
    rrd = "";
}}
logging {{ type = "file"; filename = "{folder}/log"; level = "warning"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; mime = true; }}
"""
_NEEDS_NETWORK = (
    "rbl",
    "fuzzy_check",
    "asn",
    "hfilter",
    "spf",
    "dkim",
    "dmarc",
    "arc",
    "mx_check",
    "surbl",
    "phishing",
)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What it says of a letter."""

    score: float
    symbols: dict[str, float]  # those that count, with what each adds


@dataclass(frozen=True, kw_only=True)
class Rspamd:
    """A running server."""

    port: int

    def check(self, raw: bytes, *, envelope_from: str, recipient: str) -> Checked:
        """Its verdict on a letter as the recipient's server would get it."""
        headers = {"From": envelope_from, "Rcpt": recipient}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/checkv2", raw, headers)
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        symbols = {name: one["score"] for name, one in answer["symbols"].items() if one["score"]}
        return Checked(score=answer["score"], symbols=symbols)


@contextlib.contextmanager
def rspamd() -> Iterator[Rspamd]:
    """Start it, wait until it listens, stop it."""
    package = PACKAGES / "rspamd"
    if not package.exists():
        raise RuntimeError(f"{package} is missing; run: make servers")
    with tempfile.TemporaryDirectory(prefix="rspamd-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        port, nowhere = free_ports(2)
        (folder / "conf").write_text(_SETTINGS.format(folder=folder, port=port, nowhere=nowhere))
        own = folder / "local/override.d"
        own.mkdir(parents=True)
        for module in _NEEDS_NETWORK:
            (own / f"{module}.conf").write_text("enabled = false;\n")
        (own / "composites.conf").write_text("AUTH_NA { enabled = false; }\n")
        share = package / "usr/share/rspamd"
        places = {
            "CONFDIR": package / "etc/rspamd", "LOCAL_CONFDIR": folder / "local", "DBDIR": folder, "RUNDIR": folder,
            "LOGDIR": folder, "SHAREDIR": share, "RULESDIR": share / "rules", "LUALIBDIR": share / "lualib",
            "PLUGINSDIR": share / "plugins", "WWWDIR": share / "www", "PREFIX": package / "usr",
        }  # fmt: skip
        command = [str(package / "usr/bin/rspamd"), "-f", "-i", "-c", str(folder / "conf")]
        command += [f"--var={key}={value}" for key, value in places.items()]
        running = Running(
            command,
            ready=lambda process: _wait_for_pong(port, process, folder / "log"),
            environment=_environment(),
        )
        try:
            running.start()
            yield Rspamd(port=port)
        finally:
            running.stop()


def _wait_for_pong(port: int, process: Process, log: Path, *, seconds: float = 120) -> None:
    """Wait until it answers; when it dies instead, say what it said."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if process.poll() is not None:
            said = process.stderr.read().decode(errors="replace") if process.stderr else ""
            raise RuntimeError(
                f"rspamd ended with {process.returncode}: {said} {log.read_text() if log.exists() else ''}"
            )
        with (
            contextlib.suppress(OSError, http.client.HTTPException),
            contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=1)) as connection,
        ):
            connection.request("GET", "/ping")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.05)
    raise RuntimeError(f"rspamd does not answer on port {port} after {seconds} s; see {log}")


def _environment() -> dict[str, str]:
    libraries = [PACKAGES / "rspamd/usr/lib/rspamd"]
    libraries += [path for name in ("libluajit-5.1-2", "libhyperscan5") for path in (PACKAGES / name).glob("usr/lib/*")]
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(str(path) for path in libraries)}
