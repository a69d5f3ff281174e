"""The shipped units: hardened as far as they say, and understood by systemd."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from service.daemon import STOP_SECONDS

DEPLOY = Path(__file__).parents[2] / "deploy"
INSTALLED = "/usr/lib/priemnaya/bin/priemnaya"
HERE = str(Path(sys.executable).parent / "priemnaya")


def _unit(name: str, folder: Path, *, drop_in: str = "") -> Path:
    """The unit with the command where it is on this machine."""
    text = (DEPLOY / name).read_text(encoding="utf-8").replace(INSTALLED, HERE)
    if drop_in:
        text += (DEPLOY / "drop-ins" / drop_in).read_text(encoding="utf-8")
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "drop_in", "most"),
    [
        ("priemnaya.service", "", 12),
        ("priemnaya-web.service", "", 9),
        ("priemnaya-web.service", "web-remote.conf", 11),
    ],
)
def test_a_unit_is_exposed_no_more_than_it_says(name: str, drop_in: str, most: int, tmp_path: Path) -> None:
    unit = _unit(name, tmp_path, drop_in=drop_in)
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={most}", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout[-2000:] + said.stderr


def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    units = [str(_unit(name, tmp_path)) for name in ("priemnaya.service", "priemnaya-web.service")]
    said = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in said.stderr.splitlines() if "priemnaya" in line]  # the host's own units may have faults
    assert ours == []


def test_the_page_is_handed_no_mail_password() -> None:
    handed = re.findall(r"LoadCredential=([\w-]+)", (DEPLOY / "priemnaya-web.service").read_text(encoding="utf-8"))
    assert handed == ["signing-key"]


def test_systemd_waits_longer_than_the_daemon_needs_to_stop() -> None:
    for name in ("priemnaya.service", "priemnaya-web.service"):
        (seconds,) = re.findall(r"TimeoutStopSec=(\d+)", (DEPLOY / name).read_text(encoding="utf-8"))
        assert int(seconds) > STOP_SECONDS


def test_a_fault_in_the_settings_is_not_tried_again_and_again() -> None:
    for name in ("priemnaya.service", "priemnaya-web.service"):
        assert "RestartPreventExitStatus=78" in (DEPLOY / name).read_text(encoding="utf-8")
