"""The command line: one file a command or a family."""

from typing import cast

from commands import (
    backup,
    demo,
    doctor,
    explain,
    inspect,
    migrate,
    parked,
    persons,
    preview_letter,
    promotion,
    purge,
    queue,
    restore,
    run,
    settings,
    staff,
    status,
    training,
    verify,
    web,
)
from commands.line import Command

COMMANDS = cast(
    tuple[Command, ...],
    (
        demo,
        run,
        web,
        staff,
        inspect,
        explain,
        doctor,
        status,
        queue,
        parked,
        migrate,
        verify,
        backup,
        restore,
        purge,
        persons.EXPORT,
        persons.ERASE,
        settings.CHECK,
        settings.SHOW,
        training.TRAIN,
        training.EVALUATE,
        preview_letter,
        promotion.PROMOTE,
        promotion.ROLLBACK,
    ),
)
