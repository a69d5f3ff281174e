"""The clocks of a ticket: when the first answer is due, and the last, on the Russian working calendar."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

DAY_ENDS = time(18)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the settings say of terms."""

    zone: str
    first_answer_working_days: int
    answer_days: int
    wait_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Moments in milliseconds since the epoch, UTC."""

    first_due_ms: int
    final_due_ms: int
    waiting_until_ms: int


def clocks(now_ms: int, terms: Terms) -> Clocks:
    """The clocks of a ticket opened now: the first answer by the end of the next working day, by default."""
    zone = ZoneInfo(terms.zone)
    today = datetime.fromtimestamp(now_ms / 1000, zone).date()
    first = today
    for _ in range(terms.first_answer_working_days):
        first = _next_working_day(first)
    return Clocks(
        first_due_ms=_ends(first, zone),
        final_due_ms=_ends(today + timedelta(days=terms.answer_days), zone),
        waiting_until_ms=_ends(today + timedelta(days=terms.wait_days), zone),
    )


def is_working(day: date) -> bool:
    """Whether people work on that day in Russia, transfers of days off included."""
    calendar = _calendar(day.year)
    return calendar.is_working_day(day)


def _next_working_day(day: date) -> date:
    day += timedelta(days=1)
    while not is_working(day):
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=16)
def _calendar(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("RU", years=year)


def _ends(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, DAY_ENDS, zone).timestamp() * 1000)
