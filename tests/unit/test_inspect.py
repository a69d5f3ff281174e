"""`inspect` on paths: each gives its line, also one that cannot even be looked at (verdict.md, rulings 29)."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline

UNREADABLE = "x" * 300  # also for root, whom no mode stops


def test_a_path_that_cannot_be_looked_at_is_unreadable_and_the_rest_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, closed = tmp_path / "folder", tmp_path / "closed"
    folder.mkdir()
    closed.mkdir()
    for name in ("b.eml", "a.eml", "c.txt"):
        (folder / name).write_bytes(b"From: a@post.example\n\n")
    listed = Path.iterdir

    def listing(path: Path) -> Iterator[Path]:
        if path == closed:
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", listing)
    paths = [tmp_path / UNREADABLE, closed, folder]
    monkeypatch.setattr(sys, "argv", ["priemnaya", "inspect", *map(str, paths), "--json"])
    assert pipeline.main() == 1
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["file"], one["error"]) for one in said] == [
        (str(paths[0]), "open"),
        (str(closed), "open"),
        (str(folder / "a.eml"), None),
        (str(folder / "b.eml"), None),
    ]
