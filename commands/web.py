"""`web`: the staff's page, in a process of its own that knows no mail password."""

import argparse
import asyncio
from collections.abc import Coroutine
from contextlib import closing
from typing import Any

from commands.line import DONE, House, add_config, settings_of
from commands.rooms import open_store
from service import logs
from service.daemon import Daemon, Progress
from service.settings import Settings
from store.upgrade import check_schema
from triage.metrics import serve_metrics
from triage.public_app import serve_public
from triage.serve import serve

NAME = "web"
HELP = "serve the queue to staff"
EXAMPLE = "priemnaya web --config /etc/priemnaya/priemnaya.toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add_config(parser, required=True)


def run(args: argparse.Namespace, _house: House) -> int:
    """Serves until SIGTERM."""
    return asyncio.run(_run(args))


async def _run(args: argparse.Namespace) -> int:
    async def renewed() -> "_Pages":
        settings = settings_of(args)
        with closing(open_store(settings)) as store:
            await asyncio.to_thread(check_schema, store)
        return _Pages(settings)

    daemon = Daemon(progress=Progress())
    await daemon.run(await daemon.first(renewed), renewed=renewed)
    return DONE


class _Pages:
    """The page under one reading of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._listening = asyncio.Event()

    def tasks(self, stop: asyncio.Event) -> dict[str, Coroutine[Any, Any, None]]:
        """The server."""
        logs.info("serving", listen=self._settings.web.listen)
        made = {"web": serve(self._settings, stop, listening=self._listening.set)}
        if self._settings.public.base_url is not None:
            logs.info("serving-public", listen=self._settings.public.listen)
            made["public"] = serve_public(self._settings, stop)
        if self._settings.metrics.listen is not None:
            made["metrics"] = serve_metrics(self._settings, stop)
        return made

    async def up(self) -> None:
        """The staff's page can be asked."""
        await self._listening.wait()

    async def status(self) -> str:
        """Where it listens."""
        return f"serving {self._settings.web.listen}"

    async def close(self) -> None:
        """Nothing is held."""
