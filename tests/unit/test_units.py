"""The shipped units: hardened as far as they say, and understood by systemd."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from commands.doctor_units import MOST, exposure, judged
from commands.finding import Level
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


SCORES = [
    ("priemnaya.service", "", 12),
    ("priemnaya-web.service", "", 9),
    ("priemnaya-web.service", "web-remote.conf", 11),
    ("priemnaya-backup.service", "", 9),
    ("priemnaya-backup.service", "web-remote.conf", 11),
    ("priemnaya-purge.service", "", 9),
    ("priemnaya-purge.service", "web-remote.conf", 11),
]


@pytest.mark.parametrize(("name", "drop_in", "most"), SCORES)
def test_a_unit_is_exposed_no_more_than_it_says(name: str, drop_in: str, most: int, tmp_path: Path) -> None:
    unit = _unit(name, tmp_path, drop_in=drop_in)
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={most}", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout[-2000:] + said.stderr


def test_doctor_knows_a_unit_that_lost_its_hardening(tmp_path: Path) -> None:
    unit = _unit("priemnaya.service", tmp_path)
    asked = ["systemd-analyze", "security", "--no-pager", "--offline=true"]
    said = subprocess.run([*asked, str(unit)], capture_output=True, text=True, check=True).stdout
    assert judged(unit.name, exposure(said)).level is Level.OK
    unit.write_text(unit.read_text().replace("NoNewPrivileges=yes\n", "").replace("ProtectSystem=strict\n", ""))
    said = subprocess.run([*asked, str(unit)], capture_output=True, text=True, check=True).stdout
    found = judged(unit.name, exposure(said))
    assert (found.level, found.what) == (Level.WARN, "units")
    assert "which drop-in" in (found.remedy or "")
    assert judged(unit.name, exposure("")).level is Level.WARN


def test_doctor_expects_of_a_unit_what_it_is_shipped_with() -> None:
    assert {name: round(score * 10) for name, score in MOST.items()} == {
        name: max(most for unit, _, most in SCORES if unit == name) for name in MOST
    }
    assert set(MOST) == {path.name for path in DEPLOY.glob("*.service")}


def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    units = [str(_unit(path.name, tmp_path)) for path in sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])]
    assert len(units) == 6
    said = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in said.stderr.splitlines() if "priemnaya" in line]  # the host's own units may have faults
    assert ours == []


def test_the_page_is_handed_no_mail_password() -> None:
    handed = re.findall(r"LoadCredential=([\w-]+)", (DEPLOY / "priemnaya-web.service").read_text(encoding="utf-8"))
    assert handed == ["signing-key"]


@pytest.mark.parametrize("name", ["priemnaya-backup", "priemnaya-purge"])
def test_a_night_that_was_slept_through_is_made_up_for_and_machines_do_not_start_together(name: str) -> None:
    timer = (DEPLOY / f"{name}.timer").read_text(encoding="utf-8")
    assert re.search(r"^OnCalendar=\*-\*-\* 0\d:\d\d$", timer, re.MULTILINE)
    assert re.search(r"^Persistent=true$", timer, re.MULTILINE)
    assert re.search(r"^RandomizedDelaySec=\d+min$", timer, re.MULTILINE)


def test_who_takes_backups_is_nobody_who_reads_mail_or_serves_pages() -> None:
    users = {
        path.stem: re.findall(r"^User=(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        for path in DEPLOY.glob("*.service")
    }
    assert users == {
        "priemnaya": ["priemnaya"],
        "priemnaya-web": ["priemnaya-web"],
        "priemnaya-backup": ["priemnaya-backup"],
        "priemnaya-purge": ["priemnaya"],
    }
    may_write = [path.stem for path in DEPLOY.glob("*.service") if "/var/backups" in path.read_text(encoding="utf-8")]
    assert may_write == ["priemnaya-backup"]


def test_systemd_waits_longer_than_the_daemon_needs_to_stop() -> None:
    for name in ("priemnaya.service", "priemnaya-web.service"):
        (seconds,) = re.findall(r"TimeoutStopSec=(\d+)", (DEPLOY / name).read_text(encoding="utf-8"))
        assert int(seconds) > STOP_SECONDS


def test_a_fault_in_the_settings_is_not_tried_again_and_again() -> None:
    for name in ("priemnaya.service", "priemnaya-web.service"):
        assert "RestartPreventExitStatus=78" in (DEPLOY / name).read_text(encoding="utf-8")
