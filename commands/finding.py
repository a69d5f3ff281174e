"""What `doctor` finds: one line each, with what to do where something is not as it should be."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"  # works, and should be looked at some day
    FAIL = "fail"  # letters are not fetched, not read or not answered because of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    what: str  # which thing, one word
    said: str
    remedy: str | None = None


def fine(what: str, said: str) -> Finding:
    """As it should be."""
    return Finding(level=Level.OK, what=what, said=said)


def warn(what: str, said: str, remedy: str) -> Finding:
    """Works, and should be looked at."""
    return Finding(level=Level.WARN, what=what, said=said, remedy=remedy)


def fail(what: str, said: str, remedy: str) -> Finding:
    """Does not work."""
    return Finding(level=Level.FAIL, what=what, said=said, remedy=remedy)
