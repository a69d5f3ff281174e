"""`backup --nightly`: dated backups below one folder, linked to one another, old ones ended, nothing else touched."""

import fcntl
import json
import os
from pathlib import Path

import pytest
from servers.finished import Finished


@pytest.fixture
def nights(finished: Finished, tmp_path: Path) -> Path:
    """A folder with the backup of an earlier night."""
    place = tmp_path / "nights"
    said = finished.asked("backup", str(place), "--nightly")
    assert said["letters"] == 40
    Path(said["folder"]).rename(place / "2026-01-02T030405Z")
    return place


def test_each_night_is_linked_to_the_one_before_and_old_ones_end(finished: Finished, nights: Path) -> None:
    second = Path(finished.asked("backup", str(nights), "--nightly", "--keep", "2")["folder"])
    names = [path.relative_to(second) for path in (second / "blobs").rglob("*") if path.is_file()]
    assert len(names) == 40
    assert all((second / name).samefile(nights / "2026-01-02T030405Z" / name) for name in names)
    second.rename(nights / "2026-01-03T030405Z")
    third = Path(finished.asked("backup", str(nights), "--nightly", "--keep", "2")["folder"])
    assert sorted(path.name for path in nights.iterdir()) == ["2026-01-03T030405Z", third.name]
    assert nights.stat().st_mode & 0o077 == 0


def test_what_acts_of_destruction_promise_of_backups_is_kept(finished: Finished, nights: Path) -> None:
    finished.more("[retention]\nbackups_days = 14\n")
    said = finished.run("backup", str(nights), "--nightly")
    assert "1 old backups ended" in said
    assert len(list(nights.iterdir())) == 1


def test_half_a_backup_goes_and_what_is_none_stays(finished: Finished, nights: Path) -> None:
    (nights / "2026-01-04T030405Z" / "blobs").mkdir(parents=True)
    for name in ("2025-12-24", "mine", "2026-01-01T000000Z.tar"):
        (nights / name).mkdir()
        (nights / name / "manifest.json").write_text("{}")
    finished.run("backup", str(nights), "--nightly", "--keep", "1")
    left = {path.name for path in nights.iterdir()}
    assert left > {"2025-12-24", "2026-01-01T000000Z.tar", "mine"}
    assert len(left) == 4
    assert not left & {"2026-01-04T030405Z", "2026-01-02T030405Z"}


def test_a_letter_that_rotted_in_a_backup_is_copied_anew_and_not_linked(finished: Finished, nights: Path) -> None:
    earlier = nights / "2026-01-02T030405Z"
    rotten = next(path for path in sorted((earlier / "blobs").rglob("*")) if path.is_file())
    whole = rotten.read_bytes()
    rotten.write_bytes(whole[:-1] + b"\0")
    later = Path(finished.asked("backup", str(nights), "--nightly")["folder"])
    assert (later / rotten.relative_to(earlier)).read_bytes() == whole


def test_two_at_once_are_one_too_many(finished: Finished, nights: Path) -> None:
    descriptor = os.open(nights, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    assert "another backup is at work" in finished.run("backup", str(nights), "--nightly", status=78)
    os.close(descriptor)
    finished.run("backup", str(nights), "--nightly")


def test_its_age_is_known_to_the_store_and_told(finished: Finished, nights: Path) -> None:
    assert finished.asked("status")["backup_ms_ago"] >= 0
    assert "backup   the last" in finished.run("status")

    def said(*, status: int = 1) -> dict[str, str]:
        return {one["what"]: one["level"] for one in finished.asked("doctor", "--offline", status=status)}

    assert said()["backup"] == "ok"
    finished.sql("UPDATE audit SET at_ms = at_ms - 8 * 86400000")
    assert said()["backup"] == "warn"
    finished.sql("DELETE FROM audit")
    found = [one for one in finished.asked("doctor", "--offline", status=1) if one["what"] == "backup"]
    assert "priemnaya-backup.timer" in found[0]["remedy"]
    assert finished.asked("status")["backup_ms_ago"] is None


def test_it_can_be_restored_like_any_other(finished: Finished, nights: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    elsewhere = Finished(folder=tmp_path / "new")
    elsewhere.config.write_text(finished.config.read_text().replace(str(finished.folder), str(elsewhere.folder)))
    elsewhere.run("restore", str(nights / "2026-01-02T030405Z"), "--no-reread")
    assert elsewhere.asked("verify")["flaws"] == []
    assert json.loads((nights / "2026-01-02T030405Z" / "manifest.json").read_text())["letters"] == 40


def test_what_is_late_to_be_purged_and_old_copies_are_told(finished: Finished) -> None:
    finished.more("[retention]\nletters_days = 30\nbackups_days = 14\n")
    finished.sql("UPDATE tickets SET state = 'closed', closed_ms = 1600000000000")
    finished.sql("UPDATE letters SET settled_ms = 1600000000000")
    copy = finished.folder / "priemnaya.db.before-0001"
    copy.touch()
    os.utime(copy, (1_600_000_000, 1_600_000_000))
    found = [one for one in finished.asked("doctor", "--offline", status=1) if one["what"] == "retention"]
    assert any("40 of the class letter" in one["said"] and "purge.timer" in one["remedy"] for one in found), found
    assert any(str(copy) in one["said"] and one["remedy"].startswith("rm ") for one in found), found
