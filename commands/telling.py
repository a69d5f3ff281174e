"""How times and sizes read on a terminal."""

from datetime import datetime
from zoneinfo import ZoneInfo

from service.settings import Settings


def span(ms: int | None) -> str:
    """A length of time, as coarse as it may be: 12 s, 5 min, 3 h, 4 d."""
    if ms is None:
        return "—"
    seconds = abs(ms) / 1000
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def moment(ms: int | None, settings: Settings) -> str:
    """A moment by the desk's clock."""
    if ms is None:
        return "—"
    return f"{datetime.fromtimestamp(ms / 1000, ZoneInfo(settings.desk.timezone)):%Y-%m-%d %H:%M:%S}"


def size(count: int) -> str:
    """Bytes."""
    for unit, one in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if count >= one:
            return f"{count / one:.1f} {unit}"
    return f"{count} B"
