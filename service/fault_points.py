"""The steps between two durable acts, by name: a test may have the process killed or frozen at any of them.

In production `pass_by` does nothing. Only the environment variable PRIEMNAYA_TEST_FAULT arms a step, as in
"kill post:sent 3" (at the third pass); no settings file can name it, and under systemd it is not looked at.
docs/flow.md says what each step leaves behind.
"""

import os
import signal
from collections.abc import Mapping
from enum import StrEnum

from service import logs
from service.errors import ConfigError

VARIABLE = "PRIEMNAYA_TEST_FAULT"


class Step(StrEnum):
    """What has just been done; the next durable act has not begun."""

    INTAKE_HELD = "intake:held"  # the mailbox's lease is ours
    INTAKE_FETCHED = "intake:fetched"
    BLOBS_ASIDE = "blobs:aside"  # written and synced under another name
    BLOBS_NAMED = "blobs:named"  # the folder is not synced yet
    INTAKE_KEPT = "intake:kept"  # the bytes are durable, no row is
    INTAKE_COMMITTED = "intake:committed"
    INTAKE_COPIED = "intake:copied"  # on a server without MOVE: the letter lies in both folders
    INTAKE_FLAGGED = "intake:flagged"  # likewise, and is flagged as deleted in the inbox
    INTAKE_MOVED = "intake:moved"  # not written down
    INTAKE_NOTED = "intake:noted"
    DESK_CLAIMED = "desk:claimed"
    DESK_JUDGED = "desk:judged"
    DESK_RECORDED = "desk:recorded"  # in the transaction, which is not committed
    DESK_COMMITTED = "desk:committed"
    POST_CLAIMED = "post:claimed"
    POST_SENT = "post:sent"  # the mail server took it, which is not marked
    POST_MARKED = "post:marked"
    FORWARD_CLAIMED = "forward:claimed"
    FORWARD_SENT = "forward:sent"  # the other system took it, which is not marked
    FORWARD_MARKED = "forward:marked"


class _Fault:
    """The signal that strikes at the given pass of a step."""

    def __init__(self, step: Step, number: signal.Signals, passes: int) -> None:
        self.step, self.number, self.left = step, number, passes


_SIGNALS = {"kill": signal.SIGKILL, "freeze": signal.SIGSTOP}
_armed: _Fault | None = None


def arm(environment: Mapping[str, str] = os.environ) -> None:
    """Takes the variable's word; ConfigError when it is no sound one."""
    global _armed  # noqa: PLW0603  # one fault for the whole process is what is meant
    told = environment.get(VARIABLE, "")
    if not told or "NOTIFY_SOCKET" in environment:
        return
    try:
        what, step, passes = told.split()
        _armed = _Fault(Step(step), _SIGNALS[what], int(passes))
    except (ValueError, KeyError):
        raise ConfigError(f'{VARIABLE}: write "kill|freeze STEP PASSES"; it is for tests, unset it otherwise') from None
    logs.warning("fault-point-armed", fault=told)


def pass_by(step: Step) -> None:
    """The step is done; here an armed fault strikes."""
    if _armed is None or step is not _armed.step:
        return
    _armed.left -= 1
    if _armed.left == 0:
        os.kill(os.getpid(), _armed.number)
