"""The folder of the model in use: how a candidate takes its place, and how the one before comes back.

    model.npz           in use
    previous/N-VERSION.npz   the last three before it, the highest N the latest
    withdrawn.npz       what the last rollback took out of use
    history.jsonl       when what came into use

A running daemon reads the folder at its start and at SIGHUP; every step is a rename, so it always finds a whole model.
"""

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from classify import model_file
from classify.model import load
from service.errors import Permanent

KEPT = 3


def put_in_use(candidate: Path, place: Path) -> str:
    """Makes the candidate's model the one in use; returns its version. The one before is kept."""
    version = load(candidate, threshold=None).version
    place.mkdir(parents=True, exist_ok=True)
    aside = place / f"{model_file.NAME}.part"
    shutil.copyfile(candidate / model_file.NAME, aside)
    _synced(aside)
    if (place / model_file.NAME).exists():
        _keep(place)
    aside.replace(place / model_file.NAME)
    _tell(place, did="promote", version=version)
    return version


def roll_back(place: Path) -> str:
    """Brings the model before back into use; returns its version. Permanent when there is none."""
    kept = _previous(place)
    if not kept:
        raise Permanent(f"{place}: no earlier model is kept there; promote one")
    if (place / model_file.NAME).exists():
        shutil.copyfile(place / model_file.NAME, place / "withdrawn.npz")
    kept[-1].replace(place / model_file.NAME)
    version = load(place, threshold=None).version
    _tell(place, did="rollback", version=version)
    return version


def _keep(place: Path) -> None:
    """A second name for the model in use among the previous ones; the oldest over three go."""
    kept = _previous(place)
    number = int(kept[-1].name.partition("-")[0]) + 1 if kept else 1
    folder = place / "previous"
    folder.mkdir(exist_ok=True)
    os.link(place / model_file.NAME, folder / f"{number}-{load(place, threshold=None).version}.npz")
    for old in _previous(place)[:-KEPT]:
        old.unlink()


def _previous(place: Path) -> list[Path]:
    return sorted((place / "previous").glob("*-*.npz"), key=lambda path: int(path.name.partition("-")[0]))


def _synced(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _tell(place: Path, *, did: str, version: str) -> None:
    row = {"when": datetime.now(UTC).isoformat(timespec="seconds"), "did": did, "version": version}
    with (place / "history.jsonl").open("a", encoding="utf-8") as history:
        history.write(json.dumps(row) + "\n")
