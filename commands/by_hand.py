"""What a person has made by hand: the settings file and every file and folder it names, in a backup and after it.

All that the settings name is taken, so that a new setting cannot be forgotten here; left out are the secrets, which
are kept elsewhere (the signing key is no password: without it signed addresses of old letters stop working), and what
the daemon itself writes.
"""

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from errno import EACCES, EDQUOT, ELOOP, ENAMETOOLONG, ENOENT, ENOSPC, EPERM
from itertools import chain, count
from pathlib import Path

from commands.secret_files import secret_files
from service.errors import Permanent
from service.settings import Section, Settings

WRITTEN = frozenset({"metrics.textfile"})
TAKEN = frozenset({"desk.signing_key_file"})
FULL = frozenset({EDQUOT, ENOSPC})
UNREADABLE = frozenset({EACCES, ELOOP, ENAMETOOLONG, ENOENT, EPERM})  # all else is a disk's fault


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """What was copied, and what could not be."""

    kept: dict[str, str] = field(default_factory=dict)  # by its name in the backup, the place where it lies now
    left_out: dict[str, str] = field(default_factory=dict)  # by its place, why


def copy_by_hand(settings: Settings, config: Path, to: Path) -> ByHand:
    """Copies them into the new folder `to`. Of two that have the same name, the later one's gets a number. What cannot
    be read is left out and named: the backup runs as a user of its own, and letters are worth more than a certificate.
    Permanent or OSError when a disk is full or fails: half a backup must not pass for a whole one.
    """
    to.mkdir(mode=0o700)
    done = ByHand()
    for path in (config, *_named(settings)):
        place = str(path.absolute())
        if place in done.kept.values() or place in done.left_out:
            continue
        names = chain([path.name], (f"{number}-{path.name}" for number in count(2)))
        name = next(one for one in names if one not in done.kept)
        if _copied(path, to / name, done.left_out):
            done.kept[name] = place
    return done


def _copied(path: Path, to: Path, left_out: dict[str, str]) -> bool:
    """False when nothing is there, or it is left out; of a folder, all that can be read is copied."""
    if not os.path.isdir(path):  # noqa: PTH112  # Path.is_dir raises where a folder is closed to us
        return not _absent(path) and _file_copied(path, to, left_out)

    def note(error: OSError) -> None:
        _leave_out(Path(error.filename or path), error, left_out)

    for folder, _, names in os.walk(path, onerror=note, followlinks=True):
        there = to / Path(folder).relative_to(path)
        there.mkdir()
        for name in names:
            _file_copied(Path(folder) / name, there / name, left_out)
    return to.exists()


def _file_copied(path: Path, to: Path, left_out: dict[str, str]) -> bool:
    """Only what reading says is about reading: the place it is copied to has faults of the same names."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            left_out[str(path.absolute())] = "neither a file nor a folder"
            return False
        path.open("rb").close()
    except OSError as error:
        _leave_out(path, error, left_out)
        return False
    try:
        shutil.copy2(path, to)
    except OSError as error:
        why = error.strerror or str(error)
        remedy = "make room there" if error.errno in FULL else "mend that"
        raise Permanent(f"{path} cannot be copied to {to}: {why}; {remedy}, then take another backup") from error
    return True


def _absent(path: Path) -> bool:
    try:
        path.stat()
    except OSError as error:
        return error.errno == ENOENT
    return False


def _leave_out(path: Path, error: OSError, left_out: dict[str, str]) -> None:
    if error.errno not in UNREADABLE:
        raise error
    left_out[str(path.absolute())] = error.strerror or str(error)


def missed(kept: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Name and place of those that are not where they lay."""
    for name, place in kept.items():
        if not os.path.exists(place):  # noqa: PTH110  # Path.exists raises where a folder is closed to us
            yield name, place


def _named(settings: Settings) -> Iterator[Path]:
    left_out = (secret_files(settings).keys() - TAKEN) | WRITTEN
    for key, path in _paths(settings):
        if key not in left_out:
            yield path


def _paths(settings: Settings) -> Iterator[tuple[str, Path]]:
    for table in Settings.model_fields:
        value = getattr(settings, table)
        if isinstance(value, Section):
            yield from _of_section(table, value)
        else:  # a table that is there several times
            for place, one in enumerate(value):
                yield from _of_section(f"{table}.{place}", one)


def _of_section(table: str, section: Section) -> Iterator[tuple[str, Path]]:
    for key in type(section).model_fields:
        value = getattr(section, key)
        if isinstance(value, Path):
            yield f"{table}.{key}", value
