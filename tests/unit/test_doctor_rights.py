"""`doctor` on rights: who may write the texts that go out in the desk's name, also when root asks."""

import os
from pathlib import Path

import pytest

from commands import doctor_house
from commands.doctor_house import rights, writable
from service.settings_file import parse

DAEMON, ROOT, OPS = 990, 0, 1000


def lying(mode: int, *, uid: int, gid: int) -> os.stat_result:
    return os.stat_result((mode, 0, 0, 0, uid, gid, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("found", "can"),
    [
        (lying(0o40755, uid=ROOT, gid=ROOT), False),
        (lying(0o40775, uid=ROOT, gid=OPS), False),
        (lying(0o40750, uid=ROOT, gid=DAEMON), False),
        (lying(0o40770, uid=ROOT, gid=DAEMON), True),
        (lying(0o40757, uid=ROOT, gid=ROOT), True),
        (lying(0o40755, uid=DAEMON, gid=ROOT), True),
        (lying(0o40555, uid=DAEMON, gid=ROOT), True),
    ],
)
def test_the_service_can_write_what_is_its_own_its_groups_or_everybodys(found: os.stat_result, *, can: bool) -> None:
    assert writable(found, users={DAEMON}, groups={DAEMON}) is can


def said(folder: Path) -> list[str]:
    texts = folder / "texts"
    settings = parse(
        f'[store]\nurl = "sqlite:///{folder}/x.db"\nblobs = "file://{folder}"\n[replies]\ntemplates = "{texts}"\n',
        where="x.toml",
    )
    return [f"{one.said} → {one.remedy}" for one in rights(settings) if one.remedy]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Asked by root, as the package's command is."""
    tmp_path.chmod(0o750)
    (tmp_path / "texts").mkdir(mode=0o755)
    (tmp_path / "texts" / "answer.txt.j2").write_text("{{ answer }}")
    (tmp_path / "texts" / "answer.txt.j2").chmod(0o646)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(doctor_house, "_service", lambda _settings: ({DAEMON}, {DAEMON}))  # whoever runs the test
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/etc/priemnaya")
    return tmp_path


def test_root_is_told_of_a_text_that_the_service_can_write(folder: Path) -> None:
    (fault,) = said(folder)
    assert "answer.txt.j2 can be written by the service itself → chown -R root:root" in fault


def test_root_is_sent_to_the_services_user_only_where_that_can_read_the_passwords(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not [one for one in said(folder) if "sudo" in one]
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    assert [one for one in said(folder) if "running as root → run it as the service's user" in one]
