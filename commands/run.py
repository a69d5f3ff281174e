"""`run`: the daemon; the three loops under one roof, or one of them."""

import argparse
import asyncio
import gc
import os
import socket
import sys
from collections.abc import Coroutine
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from commands.line import DONE, House, add_config
from commands.rooms import blobs_of, folder_of, mailbox_of, open_store, sender_of, since_ms
from intake import receive
from intake.receive import Intake
from intake.receive import Rules as IntakeRules
from outbox import post
from outbox.answer import Answers
from outbox.by_the_clock import ByTheClock
from outbox.forwarding import Forwarding
from outbox.post import Post
from outbox.record import Recorder
from outbox.targets import target_of
from service import fault_points, logs, settings_file, traces
from service.apart import apart
from service.counted import of_this_process
from service.daemon import Daemon, Progress
from service.settings import Settings
from service.workers import Workers
from store.clock import Clock, Longest
from store.copies import backup_before_migrating
from store.database import Store
from store.ended import waiting_counts
from store.sweeping import sweeping
from store.upgrade import behind, check_schema, migrate
from tickets import desk
from tickets.desk import Desk, letters_at_once
from tickets.terms import terms_of

NAME = "run"
HELP = "run the daemon: fetch letters, judge them, open tickets, send replies"
EXAMPLE = "priemnaya run --config /etc/priemnaya/priemnaya.toml"
LOOPS = ("intake", "desk", "post")
SWITCH_SECONDS = 0.0005  # at Python's 5 ms the post waits as long for its turn at the interpreter, four times a reply
LONGEST = Longest(letters=2 * desk.LEASE_MS, replies=2 * post.LONGEST_PAUSE_MS, mailboxes=2 * receive.LEASE_MS)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add_config(parser, required=True)
    parser.add_argument(
        "--take-old",
        action="store_true",
        help="also take letters from before mailbox.since: they open tickets, and no robot answers them",
    )
    parser.add_argument("--only", choices=LOOPS, help="run one loop; the others run elsewhere")


def run(args: argparse.Namespace, house: House) -> int:
    """Runs until SIGTERM; ConfigError (78) when the settings cannot be used at the start. A store that is away is
    waited for.
    """
    fault_points.arm()
    orders = Orders(loops=(args.only,) if args.only else LOOPS, take_old=args.take_old)
    return asyncio.run(_run(args.config, house, orders))


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What the command line asks of the daemon."""

    loops: tuple[str, ...] = LOOPS
    take_old: bool = False  # letters from before mailbox.since open tickets too


async def _run(path: Path, house: House, orders: Orders) -> int:
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()  # the modules stay: no collection need go through them
    progress = Progress()

    async def renewed() -> Shift:
        return await Shift.begun(await asyncio.to_thread(settings_file.load, path), house, orders, progress)

    daemon = Daemon(progress=progress)
    await daemon.run(await daemon.first(renewed), renewed=renewed)
    return DONE


class Shift:
    """The loops under one reading of the settings."""

    def __init__(self, settings: Settings, store: Store, workers: Workers | None, orders: Orders) -> None:
        self._settings, self._store, self._workers, self._orders = settings, store, workers, orders
        self._progress = Progress()
        self._post: Post | None = None
        self._desk: Desk | None = None
        self._answers: Answers | None = None

    @classmethod
    async def begun(cls, settings: Settings, house: House, orders: Orders, progress: Progress) -> "Shift":
        """Opens all that can fail, so that a faulty file never replaces a good one."""
        for one in settings.forward if "post" in orders.loops else ():
            target_of(one, settings)
        store = open_store(settings)
        with ExitStack() as undone:
            undone.callback(store.close)
            traces.to(settings.traces.endpoint, store=store.url.set(password=None).render_as_string())
            await asyncio.to_thread(_ready, store)
            reading = settings.reading
            workers = None
            if "desk" in orders.loops:
                workers = Workers(
                    house.reader(settings), count=reading.workers, seconds=reading.seconds, memory_mb=reading.memory_mb
                )
                await workers.start()
            undone.pop_all()
        shift = cls(settings, store, workers, orders)
        shift._progress = progress
        return shift

    def tasks(self, stop: asyncio.Event) -> dict[str, Coroutine[Any, Any, None]]:
        """The chosen loops by name."""
        watch = Clock(self._store, LONGEST)
        made: dict[str, Coroutine[Any, Any, None]] = {"clock-watch": watch.run(stop)}
        reading = self._settings.reading
        if self._workers is not None:
            self._answers = answers = Answers(self._settings)
            self._desk = Desk(
                self._store,
                blobs_of(self._settings, self._store),
                self._workers,
                record=Recorder(self._settings, answers).record,
                settled=self._reply_queued,
                progress=self._progress,
            )
            at_once = letters_at_once(reading.workers, reading.seconds)
            made["desk"] = self._desk.run(stop, count=at_once, may_claim=watch.may_claim)
            clock = ByTheClock(
                self._store, self._settings, answers=answers, queued=self._reply_queued, progress=self._progress
            )
            made["clock"] = clock.run(stop)
        if "intake" in self._orders.loops:
            made["intake"] = self._intake().run(stop)
            made["sweep"] = sweeping(self._store, blobs_of(self._settings, self._store), stop)
        if "post" in self._orders.loops:
            self._post = Post(
                self._store, sender_of(self._settings), terms=terms_of(self._settings), progress=self._progress
            )
            made["post"] = apart(partial(self._post.run, may_claim=watch.may_claim), stop, name="post")
            made |= self._forwarding(stop)
        if self._settings.metrics.textfile is not None:
            made["metrics"] = of_this_process().written(self._settings.metrics.textfile, stop)
        logs.info("started", loops=",".join(self._orders.loops), pid=os.getpid())
        return made

    def _reply_queued(self) -> None:
        if self._post is not None:
            self._post.reply_queued()

    def _forwarding(self, stop: asyncio.Event) -> dict[str, Coroutine[Any, Any, None]]:
        """A loop for each system elsewhere, wherever replies are sent."""
        made = {}
        for one in self._settings.forward:
            telling = Forwarding(self._store, target_of(one, self._settings), holder=_holder(), progress=self._progress)
            made[f"forward-{one.name}"] = telling.run(stop)
        return made

    def _intake(self) -> Intake:
        mailbox = self._settings.mailbox
        return Intake(
            mailbox_of(self._settings),
            self._store,
            blobs_of(self._settings, self._store),
            rules=IntakeRules(
                processed=mailbox.processed,
                too_large=mailbox.too_large,
                max_letter=mailbox.max_letter,
                poll_seconds=mailbox.poll_seconds,
                since_ms=since_ms(self._settings),
                take_old=self._orders.take_old,
                holder=_holder(),
                folder_of=folder_of(self._settings) if mailbox.by_topic else None,
            ),
            arrived=self._desk.letters_arrived if self._desk else lambda: None,
            progress=self._progress,
        )

    async def up(self) -> None:
        """The loops work from their first turn."""

    async def status(self) -> str:
        """How many letters wait, how many replies."""
        try:
            waiting, queued = await asyncio.to_thread(_counts, self._store)
        except Exception as error:  # noqa: BLE001  # a status line must never take the daemon down
            return f"store: {type(error).__name__}"
        return f"letters waiting: {waiting}, replies queued: {queued}"

    async def close(self) -> None:
        """Ends the workers and lets the store go."""
        if self._workers is not None:
            await self._workers.stop()
        if self._answers is not None:
            await asyncio.to_thread(self._answers.close)
        await asyncio.to_thread(self._store.close)


def _holder() -> str:
    """A name for a lease, different for every loop of every daemon."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"


def _ready(store: Store) -> None:
    """SQLite is embedded: its tables are made and upgraded here; a PostgreSQL is upgraded by `migrate` only."""
    if store.dialect == "sqlite":
        if behind(store) and (copy := backup_before_migrating(store)) is not None:
            logs.info("store-copied", to=copy)
        migrate(store)
    else:
        check_schema(store)


def _counts(store: Store) -> tuple[int, int]:
    with store.reading() as conn:
        return waiting_counts(conn)
