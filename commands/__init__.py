"""The command line: one file a command or a family."""

from typing import cast

from commands import demo, doctor, inspect, promotion, run, settings, staff, training, verify, web
from commands.line import Command

COMMANDS = cast(
    tuple[Command, ...],
    (
        demo,
        run,
        web,
        staff,
        inspect,
        doctor,
        verify,
        settings.CHECK,
        settings.SHOW,
        training.TRAIN,
        training.EVALUATE,
        promotion.PROMOTE,
        promotion.ROLLBACK,
    ),
)
