"""The command line: one file a command or a family."""

from typing import cast

from commands import inspect, settings
from commands.line import Command

COMMANDS = cast(tuple[Command, ...], (inspect, settings.CHECK, settings.SHOW))
