"""`demo`: the main job on forty sample letters, embedded: Maildirs, SQLite, a folder, and the queue page."""

import argparse
import asyncio
import secrets
import shutil
import sys
from collections.abc import Coroutine
from importlib import resources
from pathlib import Path
from typing import Any

from commands.line import DONE, FAILED, House
from commands.rooms import open_store
from commands.run import Orders, Shift
from commands.staff import add
from commands.watching import LOGIN, Watching
from service import logs, settings_file
from service.daemon import Daemon, Progress
from service.settings import Settings
from store.staff import person
from triage.access import Role
from triage.serve import serve

NAME = "demo"
HELP = "show the whole way on sample letters, then serve the queue and keep watching the folder"
EXAMPLE = "priemnaya demo --folder demo-data"
MARK = ".priemnaya-demo"  # a folder with it is ours to empty

SETTINGS = """\
# Made by `priemnaya demo`. Drop a letter (*.eml) into {inbox}/new and watch it being answered.
[desk]
address  = "support@desk.example"
name     = "Служба поддержки (демонстрация)"
timezone = "Europe/Moscow"

[mailbox]
url          = "maildir:{inbox}"
since        = 2000-01-01
poll_seconds = 5

[smtp]
url = "maildir:{outbox}"

[store]
url   = "sqlite:///{store}"
blobs = "file://{blobs}"

[web]
listen = "127.0.0.1:{port}"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("--folder", type=Path, default=Path("demo-data"), help="where it works (emptied at each start)")
    parser.add_argument("--port", type=int, default=8080, help="of the queue page on 127.0.0.1")
    parser.add_argument("--once", action="store_true", help="end when the sample letters are answered")


def run(args: argparse.Namespace, house: House) -> int:
    """0 when every sample letter found its end, 1 when one did not."""
    folder = _fresh(args.folder.resolve())
    if folder is None:
        print(f"priemnaya: {args.folder} is not empty and not the demo's; name another with --folder", file=sys.stderr)
        return FAILED
    config = folder / "priemnaya.toml"
    config.write_text(
        SETTINGS.format(
            inbox=folder / "inbox",
            outbox=folder / "outbox",
            store=folder / "priemnaya.db",
            blobs=folder / "blobs",
            port=args.port,
        ),
        encoding="utf-8",
    )
    count = deliver(folder / "inbox")
    print(f"{count} letters lie in {folder / 'inbox'}/new. Reading, checking, sorting, answering …\n", flush=True)
    return asyncio.run(_demo(config, house, letters=count, once=args.once, log=folder / "daemon.log"))


def deliver(inbox: Path) -> int:
    """The sample letters into a Maildir, in their order; how many."""
    for part in ("tmp", "new", "cur"):
        (inbox / part).mkdir(parents=True)
    samples = sorted(
        (one for one in resources.files("commands").joinpath("sample_letters").iterdir() if one.name.endswith(".eml")),
        key=lambda one: one.name,
    )
    for number, sample in enumerate(samples, 1):
        name = f"{1_790_000_000 + number}.M{number:06}P1.demo"
        (inbox / "tmp" / name).write_bytes(sample.read_bytes())
        (inbox / "tmp" / name).rename(inbox / "new" / name)
    return len(samples)


def _fresh(folder: Path) -> Path | None:
    """The folder, empty and marked as the demo's; null when somebody else's things lie in it."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            return None
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    return folder


async def _demo(config: Path, house: House, *, letters: int, once: bool, log: Path) -> int:
    logs.into(log)
    settings = settings_file.load(config)
    progress = Progress()

    password = secrets.token_urlsafe(6)
    watching = Watching(settings, letters=letters, password=password)

    async def renewed() -> _WithEyes:
        shift = await Shift.begun(settings_file.load(config), house, Orders(), progress)
        await asyncio.to_thread(_let_in, settings, password)
        return _WithEyes(shift, watching, settings, once=once)

    await Daemon(progress=progress).run(await renewed(), renewed=renewed)
    print(f"\nStopped. What was made lies in {config.parent}", flush=True)
    return DONE if watching.complete else FAILED


def _let_in(settings: Settings, password: str) -> None:
    """The one account of the demo, made once the store has its tables."""
    store = open_store(settings)
    try:
        with store.reading() as conn:
            known = person(conn, LOGIN)
        if known is None:
            add(store, login=LOGIN, name="Ольга Дежурная", role=Role.ADMIN, team=None, password=password)
    finally:
        store.close()


class _WithEyes:
    """The daemon's shift, with a live table on the terminal and the queue page beside it."""

    def __init__(self, shift: Shift, watching: Watching, settings: Settings, *, once: bool) -> None:
        self._shift, self._watching, self._settings, self._once = shift, watching, settings, once

    def tasks(self, stop: asyncio.Event) -> dict[str, Coroutine[Any, Any, None]]:
        """The loops, the table, the page."""
        made = self._shift.tasks(stop)
        made["table"] = self._watching.run(stop, once=self._once)
        if not self._once:
            made["web"] = serve(self._settings, stop)
        return made

    async def up(self) -> None:
        """The loops work from their first turn."""

    async def status(self) -> str:
        """The shift's."""
        return await self._shift.status()

    async def close(self) -> None:
        """The shift's."""
        await self._shift.close()
