"""The family of errors. An error's message says what happened, where, and what to do.

What is not known to be permanent is temporary: a letter is kept and tried again.
"""


class PriemnayaError(Exception):
    """Any fault of ours or of a server we talk to; its text is fit to show to ops."""


class Temporary(PriemnayaError):
    """May pass by itself: try again later."""


class Permanent(PriemnayaError):
    """Will not pass by trying again: a person must act, or the thing is given up."""


class ConfigError(PriemnayaError):
    """The settings cannot be used; exit status 78, systemd does not restart on it."""

    EXIT = 78
