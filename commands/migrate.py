"""`migrate`: brings the store's tables up to this program; forward only, a copy first."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from commands.line import DONE, FAILED, House, add_config, settings_of
from commands.rooms import open_store
from service.errors import ConfigError
from store.copies import backup_before_migrating, copy_tables
from store.database import Store
from store.upgrade import behind, migrate, revision

NAME = "migrate"
HELP = "bring the store's tables up to this program; takes a copy before"
EXAMPLE = "priemnaya migrate --config /etc/priemnaya/priemnaya.toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add_config(parser, required=True)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit status 1 when there is something to do"
    )
    parser.add_argument(
        "--copy", metavar="FILE", help="where the copy goes; for PostgreSQL, whose default is none, made by pg_dump"
    )
    parser.add_argument("--no-copy", action="store_true", help="take no copy: there is a backup already")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace, _house: House) -> int:
    """0 when the tables are this program's; ConfigError when they are a newer one's."""
    store = open_store(settings_of(args))
    try:
        was, copy = revision(store), None
        todo = behind(store)
        if todo and not args.check:
            copy = None if args.no_copy or was is None else _copied(store, args.copy)
            migrate(store)
        said = {"was": was, "is": revision(store), "to_do": todo if args.check else 0, "copy": copy}
    finally:
        store.close()
    print(json.dumps(said) if args.json else _told(said))
    return FAILED if said["to_do"] else DONE


def _copied(store: Store, to: str | None) -> str:
    if to is not None:
        copy_tables(store, Path(to))
        return to
    made = backup_before_migrating(store)
    if made is None:
        raise ConfigError("say where the copy of PostgreSQL goes (--copy FILE), or --no-copy when you have a backup")
    return str(made)


def _told(said: Mapping[str, object]) -> str:
    if said["to_do"]:
        return f"the tables are at {said['was'] or 'none'}; {said['to_do']} steps to do: run priemnaya migrate"
    copy = f"; the old ones are kept in {said['copy']}" if said["copy"] else ""
    return f"the tables are at {said['is']}{copy}"
