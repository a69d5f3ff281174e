"""The Debian package on an empty machine: installed, booted under systemd, a letter answered, upgraded, purged.

A machine is a folder with a minimal Debian 12 (made once by debootstrap into build/servers/debian) that systemd-nspawn
boots with systemd as init and without any network.
"""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.long
TREE = Path(__file__).parents[2]
LETTER = TREE / "commands" / "sample_letters" / "01-access-complete.eml"
SETTINGS = """\
[mailbox]
url = "maildir:/var/lib/priemnaya/inbox"
since = 2000-01-01
poll_seconds = 1
[smtp]
url = "maildir:/var/lib/priemnaya/outbox"
"""
CLOSE = """\
import sqlite3
store = sqlite3.connect("/var/lib/priemnaya/priemnaya.db", timeout=10)
store.executescript("UPDATE tickets SET state = 'closed', closed_ms = 1; UPDATE letters SET settled_ms = 1")
"""
NSPAWN = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network"]


class Machine:
    """A Debian in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._booted: subprocess.Popen[bytes] | None = None
        self._leader = ""

    def run(self, script: str) -> str:
        """A script on the machine, booted or not; AssertionError with all it said when it fails."""
        how = ["nsenter", "-t", self._leader, "-a"] if self._booted else [*NSPAWN, "--pipe", "-D", str(self.root)]
        said = subprocess.run([*how, "sh", "-ec", script], capture_output=True, text=True, check=False, timeout=300)
        assert said.returncode == 0, f"{script}\n{said.stdout}\n{said.stderr}"
        return said.stdout

    def boot(self) -> None:
        """Starts systemd and waits until it is up."""
        self._booted = subprocess.Popen(
            [*NSPAWN, "--console=pipe", "-b", "-D", str(self.root)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.until(lambda: bool(self._find_leader()))
        self.until(lambda: "running" in self.run("systemctl is-system-running || true"))

    def _find_leader(self) -> str:
        assert self._booted is not None
        assert self._booted.poll() is None, "systemd-nspawn ended"
        children = subprocess.run(["pgrep", "-P", str(self._booted.pid)], capture_output=True, text=True, check=False)
        self._leader = children.stdout.strip().partition("\n")[0]
        return self._leader

    def until(self, reached: "object", *, seconds: float = 60) -> None:
        """Waits."""
        ends = time.monotonic() + seconds
        while not reached():  # type: ignore[operator]
            assert time.monotonic() < ends, (
                self.run("journalctl -n 60 --no-pager || true") if self._leader else "no boot"
            )
            time.sleep(0.5)

    def off(self) -> None:
        """Powers it off."""
        if self._booted is not None:
            subprocess.run(["nsenter", "-t", self._leader, "-a", "systemctl", "poweroff"], check=False)
            self._booted.wait(90)
            self._booted = None


@pytest.fixture(scope="module")
def package() -> Path:
    """The package as `make deb` builds it."""
    subprocess.run(["make", "--silent", "deb"], cwd=TREE, check=True)
    (made,) = (TREE / "build" / "deb").glob("*.deb")
    return made


@pytest.fixture(scope="module")
def machine(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """An empty machine with the package lying in /root."""
    root = tmp_path_factory.mktemp("machine") / "debian"
    subprocess.run(["cp", "-a", TREE / "build" / "servers" / "debian", root], check=True)
    shutil.copy(package, root / "root" / "priemnaya.deb")
    shutil.copy(LETTER, root / "root" / "letter.eml")
    made = Machine(root)
    yield made
    made.off()
    shutil.rmtree(root, ignore_errors=True)


def test_lintian_finds_no_error(package: Path) -> None:
    said = subprocess.run(
        ["lintian", "--fail-on", "error", str(package)], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert said.returncode == 0, said.stdout


def test_a_citizen_is_answered_by_a_machine_that_was_empty(machine: Machine) -> None:
    """Installing starts nothing; both units come up under their hardening; a letter is answered; the page asks for login."""
    said = machine.run("DEBIAN_FRONTEND=noninteractive dpkg -i /root/priemnaya.deb 2>&1")
    assert "installed and not started" in said
    (machine.root / "etc/priemnaya/priemnaya.toml").write_text(SETTINGS, encoding="utf-8")
    machine.boot()
    assert machine.run("systemctl is-active priemnaya priemnaya-web || true").split() == ["inactive", "inactive"]
    machine.run(
        "install -d -o priemnaya -g priemnaya /var/lib/priemnaya/inbox/new /var/lib/priemnaya/inbox/cur /var/lib/priemnaya/inbox/tmp;"
        "install -o priemnaya -g priemnaya /root/letter.eml /var/lib/priemnaya/inbox/new/1.letter;"
        "systemctl start priemnaya priemnaya-web"
    )
    machine.until(lambda: "priemnaya" in machine.run("ls -l /var/lib/priemnaya/outbox/new 2>/dev/null || true"))
    answered = machine.run("cat /var/lib/priemnaya/outbox/new/*")
    assert re.search(r"^Auto-Submitted: auto-replied", answered, re.MULTILINE)
    page = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/').geturl())"
    assert "/login" in machine.run(f'python3 -c "{page}"')


def test_what_one_unit_made_the_other_may_write(machine: Machine) -> None:
    """The page's user writes the store that the daemon's user made, and reads no password."""
    machine.run(
        "runuser -u priemnaya-web -g priemnaya -- python3 -c "
        "\"import sqlite3; sqlite3.connect('/var/lib/priemnaya/priemnaya.db').execute('BEGIN IMMEDIATE')\""
    )
    said = machine.run("runuser -u priemnaya-web -g priemnaya -- cat /etc/priemnaya/imap-password 2>&1 || true")
    assert "Permission denied" in said


def test_a_backup_is_taken_beside_the_daemon_by_a_user_of_its_own(machine: Machine) -> None:
    machine.run("systemctl start priemnaya-backup; sleep 1.1; systemctl start priemnaya-backup")  # named by the second
    nights = machine.run("ls /var/backups/priemnaya").split()
    assert len(nights) == 2
    machine.run(f"cd /var/backups/priemnaya/{nights[1]} && sha256sum --quiet -c SHA256SUMS")
    assert machine.run("stat -c '%U %a' /var/backups/priemnaya").split() == ["priemnaya-backup", "700"]
    assert machine.run("systemctl is-active priemnaya priemnaya-web").split() == ["active", "active"]
    assert "backup   the last" in machine.run("priemnaya status --config /etc/priemnaya/priemnaya.toml")


def test_nothing_is_purged_before_the_settings_say_so(machine: Machine) -> None:
    (machine.root / "root/close.py").write_text(CLOSE, encoding="utf-8")
    machine.run("python3 /root/close.py")
    letters = "find /var/lib/priemnaya/blobs -type f -not -name '.*' | wc -l"
    machine.run("systemctl start priemnaya-purge && exit 1 || true")
    assert "[retention]" in machine.run("journalctl -u priemnaya-purge --no-pager")
    assert machine.run(letters).strip() == "1"
    (machine.root / "etc/priemnaya/priemnaya.toml").write_text(SETTINGS + "[retention]\nletters_days = 30\n", "utf-8")
    machine.run("systemctl start priemnaya-purge")
    assert machine.run(letters).strip() == "0"
    assert "акт-" in "".join(path.name for path in (machine.root / "var/lib/priemnaya/acts").iterdir())


def test_both_timers_are_off_until_they_are_turned_on(machine: Machine) -> None:
    timers = "priemnaya-backup.timer priemnaya-purge.timer"
    assert machine.run(f"systemctl is-enabled {timers} || true").split() == ["disabled", "disabled"]
    machine.run(f"systemctl enable --now {timers}")
    assert machine.run("systemctl list-timers --no-legend 'priemnaya-*' | wc -l").strip() == "2"


def test_doctor_scores_the_units_that_run_here(machine: Machine) -> None:
    def units() -> list[dict[str, str]]:
        said = machine.run("priemnaya doctor --offline --json --config /etc/priemnaya/priemnaya.toml || true")
        return [one for one in json.loads(said) if one["what"] == "units"]

    assert [one["level"] for one in units()] == ["ok"] * 4, units()
    drop_in = machine.root / "etc/systemd/system/priemnaya.service.d/loose.conf"
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("[Service]\nProtectSystem=no\nPrivateUsers=no\nNoNewPrivileges=no\n", encoding="utf-8")
    machine.run("systemctl daemon-reload")
    (loose,) = [one for one in units() if one["level"] == "warn"]
    drop_in.unlink()
    machine.run("systemctl daemon-reload")
    assert loose["said"].startswith("priemnaya.service: exposed ")
    assert "which drop-in" in loose["remedy"]


def test_an_upgrade_goes_on_with_what_ran(machine: Machine) -> None:
    before = machine.run("systemctl show -P MainPID priemnaya")
    machine.run("DEBIAN_FRONTEND=noninteractive dpkg -i /root/priemnaya.deb")
    machine.until(lambda: machine.run("systemctl is-active priemnaya || true").strip() == "active")
    assert machine.run("systemctl show -P MainPID priemnaya") != before
    assert machine.run("ls /var/lib/priemnaya/outbox/new | wc -l").strip() == "1"


def test_a_purge_without_an_answer_keeps_the_letters(machine: Machine) -> None:
    machine.run("DEBIAN_FRONTEND=noninteractive dpkg --purge priemnaya")
    assert machine.run("ls /var/lib/priemnaya").split() == ["acts", "blobs", "inbox", "outbox", "priemnaya.db"]
    assert machine.run("systemctl list-timers --no-legend 'priemnaya-*' | wc -l").strip() == "0"


def test_a_purge_that_is_told_to_deletes_them(machine: Machine) -> None:
    machine.run("DEBIAN_FRONTEND=noninteractive dpkg -i /root/priemnaya.deb")
    machine.run("echo priemnaya priemnaya/purge-letters boolean true | debconf-set-selections")
    machine.run("DEBIAN_FRONTEND=noninteractive dpkg --purge priemnaya")
    assert machine.run("ls -d /var/lib/priemnaya /etc/priemnaya 2>/dev/null || true") == ""
    assert len(machine.run("ls /var/backups/priemnaya").split()) == 2, "backups are another matter"
