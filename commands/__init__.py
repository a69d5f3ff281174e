"""The command line: one file a command or a family. Only the one that is asked for is loaded: all take a second."""

from collections.abc import Sequence
from importlib import import_module
from typing import cast

from commands.line import Command

PLACES = {  # in the order of the help
    "demo": "demo",
    "run": "run",
    "web": "web",
    "staff": "staff",
    "inspect": "inspect",
    "explain": "explain",
    "doctor": "doctor",
    "status": "status",
    "queue": "queue",
    "parked": "parked",
    "forward": "forward",
    "migrate": "migrate",
    "verify": "verify",
    "backup": "backup",
    "restore": "restore",
    "purge": "purge",
    "export-person": "persons:EXPORT",
    "erase-person": "persons:ERASE",
    "check-config": "settings:CHECK",
    "show-config": "settings:SHOW",
    "train": "training:TRAIN",
    "evaluate": "training:EVALUATE",
    "preview-letter": "preview_letter",
    "promote": "promotion:PROMOTE",
    "rollback": "promotion:ROLLBACK",
}


def commands_for(words: Sequence[str]) -> tuple[Command, ...]:
    """The command that a command line names first; all of them, for the help, where it names none."""
    return (_loaded(PLACES[words[0]]),) if words and words[0] in PLACES else every_command()


def every_command() -> tuple[Command, ...]:
    """All of them."""
    return tuple(_loaded(place) for place in PLACES.values())


def _loaded(place: str) -> Command:
    name, _, inside = place.partition(":")
    room = import_module(f"commands.{name}")
    return cast(Command, getattr(room, inside) if inside else room)
