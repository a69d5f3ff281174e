"""How far systemd lets the installed units go: drop-ins add up, and one may take away more than it was meant to."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from commands.finding import Finding, fine, warn
from service.settings import Settings

SYSTEMD = Path("/run/systemd/system")  # sd_booted(3)
ANALYZE = "/usr/bin/systemd-analyze"
MOST = {  # with the shipped drop-in for a store on another host; tests/unit/test_units.py has the same
    "priemnaya.service": 1.2,
    "priemnaya-web.service": 1.1,
    "priemnaya-backup.service": 1.1,
    "priemnaya-purge.service": 1.1,
}
LEVEL = re.compile(r"exposure level for \S+: (\d+\.\d)")


def units(_settings: Settings) -> Iterator[Finding]:
    """Each installed unit is hardened as it was shipped."""
    if not SYSTEMD.is_dir():
        yield fine("units", "no systemd runs here: nothing to score")
        return
    installed = [name for name in MOST if _said("/usr/bin/systemctl", "cat", name)]
    if not installed:
        yield fine("units", "none of ours is installed here")
    for name in installed:
        yield judged(name, exposure(_said(ANALYZE, "security", "--no-pager", name)))


def exposure(said: str) -> float | None:
    """The score in what `systemd-analyze security UNIT` says."""
    found = LEVEL.search(said)
    return None if found is None else float(found[1])


def judged(name: str, score: float | None) -> Finding:
    """What a score means."""
    if score is None:
        return warn("units", f"{name}: systemd-analyze does not score it", f"systemd-analyze security {name}")
    if score > MOST[name]:
        remedy = f"systemctl cat {name}: which drop-in takes hardening away? systemd-analyze security {name}"
        return warn("units", f"{name}: exposed {score}, shipped with {MOST[name]} at most", remedy)
    return fine("units", f"{name}: exposed {score} of 10")


def _said(*command: str) -> str:
    """What it prints; nothing when it does not run or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603  # ours
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


LOOKS = {"units": units}
