"""What a person made by hand: kept in a backup, missed after a loss."""

import os
import shutil
from errno import EACCES, EDQUOT, EIO, ENOSPC
from pathlib import Path

import pytest

from commands.by_hand import copy_by_hand, missed
from service.errors import Permanent
from service.settings_file import parse

UNREADABLE = "x" * 300  # also for root, whom no mode stops


def test_a_place_that_cannot_be_looked_at_is_missed_and_stops_no_restore(tmp_path: Path) -> None:
    places = {"here": str(tmp_path), "gone": str(tmp_path / "gone"), "no-place": str(tmp_path / ("x" * 300))}
    assert [name for name, _ in missed(places)] == ["gone", "no-place"]


def test_what_cannot_be_read_is_left_out_by_name_and_all_else_is_kept(tmp_path: Path) -> None:
    config, texts = tmp_path / "x.toml", tmp_path / "texts"
    texts.mkdir()
    (texts / "answer.txt.j2").write_text("{{ answer }}")
    (texts / "broken").symlink_to(tmp_path / "nowhere")
    (tmp_path / "teams.toml").write_text("")
    config.write_text(
        f'[store]\nurl = "sqlite:///{tmp_path}/x.db"\nblobs = "file://{tmp_path}"\n'
        f'[mailbox]\nca_file = "{tmp_path / UNREADABLE}"\n'
        f'[replies]\ntemplates = "{texts}"\n[desk]\nteams = "{tmp_path}/teams.toml"\n'
    )
    done = copy_by_hand(parse(config.read_text(), where="x.toml"), config, tmp_path / "to")
    assert {"x.toml", "teams.toml", "texts"} == {path.name for path in (tmp_path / "to").iterdir()} == set(done.kept)
    assert [path.name for path in (tmp_path / "to" / "texts").iterdir()] == ["answer.txt.j2"]
    assert set(done.left_out) == {str(tmp_path / UNREADABLE), str(texts / "broken")}
    assert done.left_out[str(tmp_path / UNREADABLE)] == "File name too long"


@pytest.mark.parametrize("fault", [ENOSPC, EDQUOT, EIO, EACCES])
@pytest.mark.parametrize("lies", ["key", "texts/answer.txt.j2"])
def test_what_cannot_be_written_stops_the_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int, lies: str
) -> None:
    """A full disk is not a file that the backup's user may not read."""
    config, copy = tmp_path / "x.toml", shutil.copy2
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "answer.txt.j2").write_text("{{ answer }}")
    (tmp_path / "key").write_text("k" * 40)
    config.write_text(
        f'[store]\nurl = "sqlite:///{tmp_path}/x.db"\nblobs = "file://{tmp_path}"\n'
        f'[replies]\ntemplates = "{tmp_path}/texts"\n[desk]\nsigning_key_file = "{tmp_path}/key"\n'
    )

    def failing(source: Path, target: Path) -> object:
        if Path(source) == tmp_path / lies:
            raise OSError(fault, os.strerror(fault), str(target))
        return copy(source, target)

    monkeypatch.setattr(shutil, "copy2", failing)
    with pytest.raises(Permanent, match=f"{lies} cannot be copied") as told:
        copy_by_hand(parse(config.read_text(), where="x.toml"), config, tmp_path / "to")
    assert ("make room there" in str(told.value)) == (fault in (ENOSPC, EDQUOT)), "the remedy for a full disk alone"
