"""Which days people work in Russia: the built-in calendar with its transfers of days off, the desk's own over it."""

import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import holidays
from pydantic import BaseModel, ConfigDict, ValidationError

from service.errors import ConfigError

IsWorking = Callable[[date], bool]


class OwnDays(BaseModel):
    """The desk's own file: days that differ from the built-in calendar."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days_off: frozenset[date] = frozenset()
    working_days: frozenset[date] = frozenset()


def calendar(file: Path | None) -> IsWorking:
    """Whether people work on a day, by `terms.calendar` over the built-in; ConfigError names what is wrong in it.

    The file is TOML: days_off = [2027-01-11] and working_days = [2027-02-20]. Transfers of the next year are decreed
    in autumn; until the built-in calendar has them, they are written here.
    """
    if file is None:
        return is_working
    try:
        own = OwnDays.model_validate(tomllib.loads(file.read_text("utf-8")))
    except OSError as fault:
        raise ConfigError(f"terms.calendar: {file}: cannot be read: {fault.strerror}") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as fault:
        raise ConfigError(f"{file}: write days_off = [2027-01-11] and working_days = [2027-02-20], no more") from fault
    return lambda day: day in own.working_days or (day not in own.days_off and is_working(day))


def is_working(day: date) -> bool:
    """By the built-in calendar."""
    return _russia(day.year).is_working_day(day)


def next_working_day(day: date, working: IsWorking) -> date:
    """The first working day after that day."""
    day += timedelta(days=1)
    while not working(day):
        day += timedelta(days=1)
    return day


def working_day_before(day: date, working: IsWorking) -> date:
    """That day, or the last working day before it."""
    while not working(day):
        day -= timedelta(days=1)
    return day


@lru_cache(maxsize=16)
def _russia(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("RU", years=year)
