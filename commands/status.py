"""`status`: how the desk stands, on one page."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version

from commands.line import DONE, House, add_config, settings_of
from commands.rooms import opened_store
from commands.telling import moment, span
from service.settings import Settings
from store.forwarded import ForwardNow
from store.overview import Overview, overview

NAME = "status"
HELP = "how the desk stands: what waits, since when, what is late, who polls the mailbox"
EXAMPLE = "priemnaya status --config /etc/priemnaya/priemnaya.toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add_config(parser, required=True)
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace, _house: House) -> int:
    """0; whether all is well is `doctor`'s question."""
    settings = settings_of(args)
    with opened_store(settings) as store, store.reading() as conn:
        stands = overview(conn)
    if args.json:
        print(json.dumps(asdict(stands), ensure_ascii=False))
    else:
        print("\n".join(_page(stands, settings)))
    return DONE


def _page(now: Overview, settings: Settings) -> Iterator[str]:
    yield f"Priemnaya {version('priemnaya')}, {settings.desk.address}, {moment(now.now_ms, settings)}"
    yield ""
    for one in now.mailboxes:
        ago = "never" if one.polled_ms_ago is None else f"{span(one.polled_ms_ago)} ago"
        yield f"mailbox  {one.identity}: looked through {ago}{'' if one.held else '; NO DAEMON HOLDS IT'}"
        if one.last_error:
            yield f"         last fault: {one.last_error}"
        if one.older:
            yield f"         {one.older} older letters left untouched"
    first = f", the first for {span(now.waiting_ms)}" if now.waiting else ""
    yield f"letters  {now.waiting} waiting{first}; {now.parked} parked"
    states = ", ".join(f"{count} {state}" for state, count in sorted(now.tickets.items())) or "none"
    yield f"tickets  {states}; {now.overdue} late, {now.doubtful} to be confirmed"
    oldest = f" (the oldest for {span(now.queued_ms)}, {now.put_off} put off)" if now.queued else ""
    yield f"replies  {now.queued} queued{oldest}, {now.held} held, {now.failed} failed this week"
    yield f"         {now.sent_today} sent within 24 hours"
    if now.backup_ms_ago is not None:
        yield f"backup   the last {span(now.backup_ms_ago)} ago"
    for target in now.forwards:
        yield f"forward  {target.name}: {forward_line(target)}"


def forward_line(target: ForwardNow) -> str:
    """How one system elsewhere stands."""
    parts = [f"told {'nothing yet' if target.told_ms_ago is None else f'{span(target.told_ms_ago)} ago'}"]
    parts += [f"{target.behind} events to go"] if target.behind else []
    parts += [f"{target.aside} set aside"] if target.aside else []
    parts += [f"failing for {span(target.failing_ms)}: {target.last_error}"] if target.failing_ms is not None else []
    return "; ".join([*parts, *([] if target.held else ["NO DAEMON TELLS IT"])])
