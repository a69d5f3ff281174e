"""The clocks of a ticket: when the first answer is due, and the last, and how long we wait for the citizen."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.settings import Settings
from tickets.calendar import IsWorking, calendar, next_working_day, working_day_before
from validate.findings import Kind

WORK_ENDS = time(18)
DAY_ENDS = time(23, 59, 59)
WE_REMIND_AT = time(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the settings say of terms."""

    zone: ZoneInfo
    working: IsWorking
    first_answer_working_days: int
    answer_days: int
    appeal_answer_days: int | None  # None: appeals have the clocks of all others
    wait_days: int
    remind_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Moments in milliseconds since the epoch, UTC."""

    first_due_ms: int
    final_due_ms: int
    waiting_until_ms: int
    remind_ms: int


def terms_of(settings: Settings) -> Terms:
    """The terms of a desk; ConfigError when its calendar cannot be used."""
    return Terms(
        zone=ZoneInfo(settings.desk.timezone),
        working=calendar(settings.terms.calendar),
        first_answer_working_days=settings.terms.first_answer_working_days,
        answer_days=settings.terms.answer_days,
        appeal_answer_days=settings.terms.appeal_answer_days,
        wait_days=settings.replies.wait_days,
        remind_days=settings.replies.remind_days,
    )


def clocks(now_ms: int, terms: Terms, *, kind: str = Kind.REQUEST) -> Clocks:
    """The clocks of a ticket opened now, or of one that is complete now, or of one that begins to wait now.

    The first answer is due by the end of the next working day, by default. The last is due after so many calendar
    days; when that is a day off, by the working day before it: a term moved forward could be missed. The citizen's
    answer is awaited until the end of a day, and a reminder leaves in the morning.
    """
    today = datetime.fromtimestamp(now_ms / 1000, terms.zone).date()
    first = today
    for _ in range(terms.first_answer_working_days):
        first = next_working_day(first, terms.working)
    days = _statutory(terms, kind) or terms.answer_days
    last = working_day_before(today + timedelta(days=days), terms.working)
    return Clocks(
        first_due_ms=_at(first, WORK_ENDS, terms),
        final_due_ms=_at(max(first, last), WORK_ENDS, terms),
        waiting_until_ms=_at(today + timedelta(days=terms.wait_days), DAY_ENDS, terms),
        remind_ms=_at(today + timedelta(days=terms.remind_days), WE_REMIND_AT, terms),
    )


def after_waiting(
    final_due_ms: int | None, *, since_ms: int | None, now_ms: int, terms: Terms, kind: str
) -> int | None:
    """The last answer's clock stood still while we waited: it goes on by the days that passed, on a working day.
    As it is, where there is none or it ran.

    That of a statutory appeal does not stand still: 59-ФЗ counts from the registration and knows no such pause.
    """
    if final_due_ms is None or since_ms is None or _statutory(terms, kind):
        return final_due_ms
    zone = terms.zone
    day = datetime.fromtimestamp(final_due_ms / 1000, zone).date()
    began, today = (datetime.fromtimestamp(ms / 1000, zone).date() for ms in (since_ms, now_ms))
    return _at(working_day_before(day + (today - began), terms.working), WORK_ENDS, terms)


def _statutory(terms: Terms, kind: str) -> int | None:
    """The days of 59-ФЗ, for a desk that has to keep them."""
    return terms.appeal_answer_days if kind == Kind.APPEAL else None


def _at(day: date, moment: time, terms: Terms) -> int:
    return int(datetime.combine(day, moment, terms.zone).timestamp() * 1000)
