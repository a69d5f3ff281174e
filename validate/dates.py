"""Reads when it happened, against the Date header in its own zone.

Every date of the letter is collected with the words around it, then one is chosen:

1. A date beside a label ("Дата обращения:", "когда случилось:") is taken before all others; not "Дата: " and today
   under a letter that names other days, which is when the letter was written.
2. Dates that words claim for something else are left alone: births, issues of passports, laws and orders,
   contracts and other papers, deadlines, visits to come.
3. Of the rest, one in a sentence that tells of the trouble goes before one that tells of filing, paying or calling.
4. Of equals, the first told.

What lies after the Date header is refused, and so is a day that the calendar lacks. Without a Date header words like
"вчера" and days without a year give nothing. "На днях", "на прошлой неделе", "в марте" name no day and give nothing.
A time is taken with its date when it stands in the same sentence, or in the next one, before any other date.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from validate.day_calendar import Mention
from validate.day_counted import day_in_a_row
from validate.day_mentions import mentions_in
from validate.day_sense import CAME, FINE, rank, still_fine, told_past
from validate.day_words import ENGLISH_MONTH
from validate.findings import Found
from validate.legible import after, before
from validate.times import Clock, in_part, times_in
from validate.translit import is_latin_russian, to_cyrillic

_FIRST_YEAR, _LAST_YEAR = 1990, 2200
_ENGLISH_DAY = re.compile(rf"{ENGLISH_MONTH} \d|\d {ENGLISH_MONTH}")
_JUST_PAST = timedelta(hours=3)  # how long ago an hour without a day may have been
_BEGINNING = 4000  # characters in which such an hour is looked for
_REACH = 110  # how far after its date a time may stand
_PARTS = re.compile(
    r"(?<![а-яё])(утром|утра|днем|вечером|вечера|ночью|ночи|с утра|под вечер|к вечеру|в обед|после обеда|пополудни)(?![а-яё])"
)
_NIGHT = re.compile(r"в (ночь) (?:со? \S{1,12}(?: [а-я]{3,9})? )?на \S{1,12}(?: [а-я]{3,9})?$")
_FIGURES = re.compile(r"\d ?[:.\-–ч] ?\d\d(?![.\-/]?\d)|\dч")
_LEADS = re.compile(
    r"[\s,(\n]*+(?:(?:мск|по|москве|время|времени|московск\w{2,3}|местн\w{2,3}|дата:?|числа)[\s,()]++){0,4}+"
)  # between a time and the date after it
_BESIDE = re.compile(r"[\s,]*+(?:г\.?|года?)?[\s,]*+(?:в|к|около)?\s*+")  # between a date and the time that is its own
_VISIT = re.compile(
    r"(?:на|до|по)\s+\S*$|(?:вернуть|верните|поставьте|перезвоните|позвоните|звоните)\s(?:\S{1,12}\s){0,2}\d{0,2}$|"
    r"(?:график|часы работы|работа(?:ет|ете|ем|ют)|прием|талон)\D{0,15}$"
)


def find_date(text: str, sent: datetime | None) -> Found | None:
    """When it happened: "2026-03-15" or "2026-03-15T14:30"; null where the text names no such day."""
    if sent is not None and not _FIRST_YEAR <= sent.year < _LAST_YEAR:
        sent = None  # a broken clock or a hostile header: days counted back from it would leave the calendar
    if is_latin_russian(text) and not _ENGLISH_DAY.search(text):
        russian = to_cyrillic(text)
        found = _find(russian.text, sent)
        return russian.as_written(found) if found else None
    return _find(text, sent)


def _find(text: str, sent: datetime | None) -> Found | None:
    mentions = mentions_in(text, sent)
    ranked: list[tuple[int, Mention]] = []
    for mention in mentions:
        weight = rank(text, mention, mentions, sent, timed=_has_exact_time(text, mention, mentions))
        if weight is not None:
            ranked.append((weight, mention))
    if not ranked:
        return _without_a_day(text, sent)
    best = max(ranked, key=lambda pair: (pair[0], -pair[1].start))[1]
    if sent is not None and still_fine(text, best, sent):
        return Found(value=sent.date().isoformat(), written=text[best.start : best.end])
    return _with_time(text, best, mentions, sent)


def _without_a_day(text: str, sent: datetime | None) -> Found | None:
    """Where no day is named: "третий день не могу войти", and an hour just past, told as past, which is today's."""
    if sent is None:
        return None
    if counted := day_in_a_row(text, sent):
        return Found(value=counted.day.isoformat(), written=text[counted.start : counted.end])
    for clock in times_in(text[:_BEGINNING]):
        then = sent.replace(hour=clock.hour, minute=clock.minute, second=0)
        if clock.sure and timedelta(0) <= sent - then <= _JUST_PAST and told_past(text, clock.end):
            return Found(value=f"{then:%Y-%m-%dT%H:%M}", written=text[clock.start : clock.end])
    return None


def _with_time(text: str, mention: Mention, mentions: list[Mention], sent: datetime | None) -> Found:
    written, time = text[mention.start : mention.end], mention.time
    clock = _time_of(text, mention, mentions, reach=20 if time else _REACH, sent=sent)
    if clock:
        start, end = min(mention.start, clock.start), max(mention.end, clock.end)
        time, written = str(clock), text[start:end]
    if time and sent is not None and mention.day == sent.date() and time > f"{sent:%H:%M}":
        time = None
    return Found(value=mention.day.isoformat() + (f"T{time}" if time else ""), written=written)


def _has_exact_time(text: str, mention: Mention, mentions: list[Mention]) -> bool:
    if not _FIGURES.search(text, max(0, mention.start - 25), mention.end + 30):
        return False
    clock = _time_of(text, mention, mentions, reach=30)
    return clock is not None and clock.exact


def _time_of(
    text: str, mention: Mention, mentions: list[Mention], *, reach: int, sent: datetime | None = None
) -> Clock | None:
    """The time that belongs to a date.

    1. Of the times after it, before any other date and within reach: the first exact one, else the first;
       one whose clause says that all was well then, or that names a visit, only when there is no other.
    2. Else the nearest before it, unless it stands right behind another date: "запись на 9 мая 10:20, во вторник …".
    3. A time that may be morning or evening is given by a word beside it, or, today,
    by what the Date header leaves possible; else it is not taken.
    """
    following = min((m.start for m in mentions if m.start >= mention.end), default=len(text))
    preceding = max((m.end for m in mentions if m.end <= mention.start), default=0)
    low, high = max(preceding, mention.start - 40), min(following, mention.end + reach)
    clocks = [replace(c, start=c.start + low, end=c.end + low) for c in times_in(text[low:high])]
    clocks = [
        c
        for c in (_settled(text, c, mention, sent) for c in clocks)
        if c and (not _VISIT.search(before(text, c.start + 2, 30)) or _is_visits(text, mention, c))
    ]
    later = [c for c in clocks if c.start >= mention.end]
    earlier = [c for c in clocks if c.end <= mention.start and _LEADS.fullmatch(text[c.end : mention.start].lower())]
    earlier = [c for c in earlier if "завтра" not in before(text, c.start, 14)]
    earlier = [c for c in earlier if not (preceding and _BESIDE.fullmatch(text[preceding : c.start].lower()))]
    if not later:
        return earlier[-1] if earlier else None
    troubled = [c for c in later if not FINE.search(_clause_of(text, c))] or later
    near = [c for c in troubled if c.exact and not (troubled[0].exact)] if len(troubled) > 1 else []
    return near[0] if near else troubled[0]


def _is_visits(text: str, mention: Mention, clock: Clock) -> bool:
    """ "Запись на 18 ноября на 15.40": the hour of the visit that the day is of."""
    return (
        0 <= clock.start - mention.end < 6
        and before(text, mention.start, 4).endswith("на ")
        and CAME.search(after(text, clock.end, 40)) is not None
    )


def _clause_of(text: str, clock: Clock) -> str:
    return re.split(r"[.!?;,\n]", text[clock.end : clock.end + 60])[0].lower().replace("ё", "е")


def _settled(text: str, clock: Clock, mention: Mention, sent: datetime | None) -> Clock | None:
    """A time made sure by the part of the day beside it or by the Date header; null when it stays unsure."""
    between = text[mention.start : clock.start + 1] if clock.start >= mention.start else ""
    part = (
        _NIGHT.search(before(text, mention.end, 40))
        or _PARTS.search(between.lower().replace("ё", "е")[:60])
        or _PARTS.search(after(text, clock.end, 10))
        or (clock.end <= mention.start and _PARTS.search(before(text, clock.start, 8)))
        or (clock.start >= mention.end and _PARTS.search(before(text, mention.start, 9)))
    )
    if part and clock.hour < 12:
        return in_part(clock, part[1].split()[-1])
    if clock.sure:
        return clock
    if sent is None or mention.day != sent.date():
        return clock if clock.hour >= 12 else None
    now = f"{sent:%H:%M}"
    possible = [c for c in (clock, replace(clock, hour=(clock.hour + 12) % 24)) if str(c) <= now and c.hour >= 6]
    return possible[0] if len(possible) == 1 else None
