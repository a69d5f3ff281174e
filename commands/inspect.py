"""`inspect`: the verdict on messages in files, by the same code and limits as the daemon's."""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from commands.line import DONE, FAILED, House, add_config, settings_of
from service.settings import Settings
from service.workers import Limit, Overran, Workers
from tickets.verdict import Judged, Overrun, Verdict, unreadable

NAME = "inspect"
HELP = "print the verdict on letters in files; opens no ticket and sends nothing"
EXAMPLE = "priemnaya inspect letter.eml folder/ --json"

_OVERRUNS = {Limit.TIME: Overrun.TIME, Limit.MEMORY: Overrun.MEMORY, Limit.CRASH: Overrun.CRASH}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_DIR", help="letters, or folders of *.eml")
    parser.add_argument("--json", action="store_true", help="one JSON object a letter, one a line")
    add_config(parser, required=False)


def run(args: argparse.Namespace, house: House) -> int:
    """0 when every file was judged, 1 when a path could not be opened."""
    return asyncio.run(_inspect(args.paths, settings_of(args), house, as_json=args.json))


async def _inspect(paths: list[Path], settings: Settings, house: House, *, as_json: bool) -> int:
    reading = settings.reading
    workers = Workers(
        house.reader(settings), count=reading.workers, seconds=reading.seconds, memory_mb=reading.memory_mb
    )
    await workers.start()
    status = DONE
    try:
        async for path, verdict in _verdicts(_letters(paths), workers, ahead=reading.workers * 2):
            status = FAILED if verdict.error is Overrun.OPEN else status
            print(_as_json(path, verdict) if as_json else _as_text(path, verdict), flush=True)
    finally:
        await workers.stop()
    return status


def _letters(paths: list[Path]) -> list[Path]:
    """The files in the order given; a folder gives its *.eml files by name."""
    found: list[Path] = []
    for path in paths:
        try:
            found += sorted(one for one in path.iterdir() if one.name.endswith(".eml")) if path.is_dir() else [path]
        except OSError:
            found.append(path)  # reading it says why it cannot be opened
    return found


async def _verdicts(letters: list[Path], workers: Workers, *, ahead: int) -> AsyncIterator[tuple[Path, Verdict]]:
    """Judges a few letters ahead, gives them in order."""
    waiting: list[tuple[Path, asyncio.Task[Verdict]]] = []
    for path in letters:
        waiting.append((path, asyncio.create_task(_judge_file(path, workers), name=path.name)))
        if len(waiting) > ahead:
            first, task = waiting.pop(0)
            yield first, await task
    for path, task in waiting:
        yield path, await task


async def _judge_file(path: Path, workers: Workers) -> Verdict:
    try:
        raw = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        print(f"priemnaya: {path}: cannot be opened: {error.strerror}", file=sys.stderr)
        return unreadable(Overrun.OPEN)
    try:
        return Judged.model_validate_json(await workers.do(raw)).verdict
    except Overran as overran:
        print(f"priemnaya: {path}: {overran}", file=sys.stderr)
        return unreadable(_OVERRUNS[overran.limit])


def _as_json(path: Path, verdict: Verdict) -> str:
    return json.dumps({"file": str(path), **verdict.model_dump(mode="json")}, ensure_ascii=False)


def _as_text(path: Path, verdict: Verdict) -> str:
    lines = [f"{path}: {verdict.disposition}, {verdict.reply or verdict.no_reply_reason}"]
    lines.append(
        f"  topic   {verdict.topic} {verdict.confidence:.2f}{' (needs review)' if verdict.needs_review else ''}"
    )
    lines += [f"  {name:<7} {' '.join(value.split())}" for name, value in verdict.fields if value]
    if verdict.missing:
        lines.append(f"  missing {', '.join(verdict.missing)}")
    lines += [f"  problem {one.field} {one.value}: {one.reason}" for one in verdict.problems]
    lines += [f"  file    {one.name} {one.type} {one.size}: {one.reason or 'accepted'}" for one in verdict.attachments]
    return "\n".join(lines)
