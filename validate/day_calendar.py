"""A day named in a text, and the calendar: which day a number and a month are, seen from the Date header."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from intake.caseless import Caseless

MOST = 30  # days of one kind that are looked at; a letter that names more is a list


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One date in the text."""

    day: date
    time: str | None
    start: int
    end: int
    year_given: bool = True
    relative: bool = False
    may_come: bool = False  # a weekday that nothing says is past


def matches(pattern: re.Pattern[str] | Caseless, text: str) -> Iterator[re.Match[str]]:
    """The first MOST places of a pattern."""
    return islice(pattern.finditer(text), MOST)


def day_of(year: int, month: int, number: int) -> date | None:
    """A day that the calendar has; null for 31.02."""
    try:
        return date(year, month, number)
    except ValueError:
        return None


def resolve(number: int, month: int, year: int | None, sent: datetime | None) -> date | None:
    """A day; without a year the latest such day not after the Date (29 February may lie four years back)."""
    if year is not None:
        return day_of(year + 2000 if year < 100 else year, month, number)
    if sent is None:
        return None
    for back in range(5):
        day = day_of(sent.year - back, month, number)
        if day and day <= sent.date():
            return day
    return None


def latest_day_of_month(number: int, today: date) -> date | None:
    """The latest such day of a month, not after today."""
    month = today.replace(day=1)
    for _ in range(3):
        day = day_of(month.year, month.month, number)
        if day and day <= today:
            return day
        month = (month - timedelta(days=1)).replace(day=1)
    return None
