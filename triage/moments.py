"""Moments as staff read them: dates in the desk's zone, and how long is left, in words."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from reply_templates.words import plural

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
SOON_MS = 4 * HOUR_MS  # a term is "burning" when less is left; store/queue.py has the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """How a term stands: said in words, never by colour alone."""

    said: str
    level: str  # late, soon, fine


class Moments:
    """Milliseconds since the epoch, told in one zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def when(self, ms: int | None) -> str:
        """26.11.2026 14:05, or the time alone when it is today."""
        if not ms:
            return "—"
        moment, today = self._at(ms), self._at(now_ms()).date()
        if moment.date() == today:
            return moment.strftime("%H:%M")
        return moment.strftime("%d.%m %H:%M" if moment.year == today.year else "%d.%m.%Y %H:%M")

    def day(self, ms: int | None) -> str:
        """26.11.2026."""
        return self._at(ms).strftime("%d.%m.%Y") if ms else "—"

    def ago(self, ms: int | None) -> str:
        """How long ago, in the largest unit."""
        return f"{_long(now_ms() - ms)} назад" if ms else "—"

    def left(self, due_ms: int) -> Left:
        """Until a term, or since it passed."""
        rest = due_ms - now_ms()
        if rest < 0:
            return Left(said=f"просрочено {_long(-rest)}", level="late")
        tomorrow = self._at(now_ms()).date() + timedelta(days=1)
        if rest < SOON_MS:
            return Left(said=f"осталось {_long(rest)}", level="soon")
        if self._at(due_ms).date() == tomorrow:
            return Left(said=f"до завтра, {self._at(due_ms):%H:%M}", level="fine")
        return Left(said=f"осталось {_long(rest)}", level="fine")

    def _at(self, ms: int) -> datetime:
        return datetime.fromtimestamp(ms / 1000, self._zone)


def now_ms() -> int:
    """The page's own clock: for words only, decisions go by the store's."""
    return int(time.time() * 1000)


def _long(ms: int) -> str:
    if ms < 60_000:
        return f"{max(1, ms // 1000)} с"
    if ms < HOUR_MS:
        return f"{ms // 60_000} мин"
    if ms < DAY_MS:
        return f"{ms // HOUR_MS} ч"
    return plural(ms // DAY_MS, "день", "дня", "дней")
