"""The command line: which commands there are, and what their faults become."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from service import settings_file
from service.errors import ConfigError, PriemnayaError
from service.nursery import Work
from service.settings import Settings

DONE, FAILED, USAGE = 0, 1, 2  # and ConfigError.EXIT; documented in the contract


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What `pipeline` hands down to the commands."""

    reader: Callable[[Settings], Callable[[], Work]]  # settings to a picklable maker of the worker's work


class Command(Protocol):
    """One file of this room."""

    NAME: str
    HELP: str  # one line
    EXAMPLE: str  # shown under the options

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declares its options."""

    def run(self, args: argparse.Namespace, house: House) -> int:
        """Does it; returns the exit status."""


def run(argv: list[str], commands: tuple[Command, ...], house: House) -> int:
    """Runs one command; a fault we know becomes one plain line and its exit status."""
    args = parser(commands).parse_args(argv)
    try:
        return int(args.command.run(args, house))
    except ConfigError as error:
        print(f"priemnaya: {error}", file=sys.stderr)
        return ConfigError.EXIT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of our output has left
        return FAILED
    except (PriemnayaError, OSError) as error:
        print(f"priemnaya: {error}", file=sys.stderr)
        return FAILED
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("priemnaya: stopped", file=sys.stderr)
        return 130


def parser(commands: tuple[Command, ...]) -> argparse.ArgumentParser:
    """The whole command line with its help."""
    whole = argparse.ArgumentParser(
        prog="priemnaya", description="The front office of a support mailbox.", allow_abbrev=False
    )
    whole.add_argument("--version", action="version", version=f"priemnaya {version('priemnaya')}")
    choices = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in commands:
        one = choices.add_parser(
            command.NAME,
            help=command.HELP,
            description=command.HELP,
            epilog=f"example:\n  {command.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.add_arguments(one)
        one.set_defaults(command=command)
    return whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One of a family of commands: `queue list`."""

    name: str
    help: str
    example: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, House], int]


def add_family(parser: argparse.ArgumentParser, members: Sequence[Member]) -> None:
    """Declares the members; each takes --config. `run_member` runs the one that was named."""
    choices = parser.add_subparsers(title="what to do", metavar="DO", required=True)
    for member in members:
        one = choices.add_parser(
            member.name,
            help=member.help,
            description=member.help,
            epilog=f"example:\n  {member.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        member.add_arguments(one)
        add_config(one, required=True)
        one.set_defaults(member=member)


def run_member(args: argparse.Namespace, house: House) -> int:
    """See `add_family`."""
    return int(args.member.run(args, house))


def add_config(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """--config FILE, as most commands have it."""
    parser.add_argument(
        "--config", type=Path, required=required, metavar="FILE", help="settings file (see show-config --default)"
    )


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings named by --config, or the defaults."""
    return settings_file.load(args.config) if args.config else Settings()
