"""A desk that has worked the sample letters: its folder, its settings, and the installed command on them."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = str(Path(sys.executable).parent / "priemnaya")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """Maildirs, a SQLite store, a folder of blobs."""

    folder: Path

    @classmethod
    def by_demo(cls, folder: Path) -> "Finished":
        """Made by `priemnaya demo --once`."""
        subprocess.run([COMMAND, "demo", "--once", "--folder", str(folder)], check=True, capture_output=True)
        return cls(folder=folder)

    def copied(self, to: Path) -> "Finished":
        """The same desk elsewhere."""
        shutil.copytree(self.folder, to)
        made = Finished(folder=to)
        made.config.write_text(self.config.read_text().replace(str(self.folder), str(to)))
        here, there = str(self.folder.resolve()), str(to.resolve())  # a Maildir is known by its path
        made.sql("UPDATE mailboxes SET identity = replace(identity, ?, ?), due = 0", here, there)
        return made

    @property
    def config(self) -> Path:
        """Its settings file."""
        return self.folder / "priemnaya.toml"

    def more(self, settings: str) -> None:
        """More settings."""
        with self.config.open("a") as file:
            file.write(settings)

    def command(self, *arguments: str) -> list[str]:
        """The command line."""
        return [COMMAND, *arguments, "--config", str(self.config)]

    def run(self, *arguments: str, status: int = 0, given: str | None = None) -> str:
        """What `priemnaya …` prints; it must end with that status."""
        done = subprocess.run(self.command(*arguments), input=given, capture_output=True, text=True, check=False)
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout if status != 78 else done.stderr

    def failed(self, *arguments: str) -> str:
        """What `priemnaya …` says when it does not do it."""
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, check=False)
        assert done.returncode in (1, 78), f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stderr

    def asked(self, *arguments: str, status: int = 0) -> Any:
        """The same as JSON."""
        return json.loads(self.run(*arguments, "--json", status=status))

    def sql(self, statement: str, *values: object) -> list[Any]:
        """Rows of its store, or a change of it."""
        with closing(sqlite3.connect(self.folder / "priemnaya.db")) as store, store:
            return store.execute(statement, values).fetchall()

    def close(self, address: str) -> None:
        """The tickets of that address are closed, as staff would."""
        with closing(sqlite3.connect(self.folder / "store.db", timeout=10)) as store, store:
            store.execute("UPDATE tickets SET state = 'closed', closed_ms = 1 WHERE address = ?", [address])

    def blobs(self) -> list[Path]:
        """The files of its letters."""
        return sorted(path for path in (self.folder / "blobs").glob("*/*") if path.is_file())
