"""Finds every day that a text names: in figures, in words, counted back from the Date header.

None overlapping, in the order they stand; only days that the calendar has. Whether a day is the day of the trouble
is for day_sense.py to say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice

from validate.day_words import (
    DAY_WORD,
    MONTH,
    NUMBER_WORD,
    WEEKDAY,
    day_number,
    month_number,
    number_of,
    weekday_number,
)
from validate.legible import after, before

MOST = 30  # days of one kind that are looked at; a letter that names more is a list
_LEFT = r"(?<![\d.\-/:№])"
_NUMERIC = re.compile(
    rf"{_LEFT}(?:(?P<y1>(?:19|20)\d\d)[.\-/](?P<m1>0?[1-9]|1[0-2])[.\-/](?P<d1>[0-2]?\d|3[01])|"
    r"(?P<d2>[0-2]?\d|3[01])(?P<s>[.\-/]| ?\. )(?P<m2>0?[1-9]|1[0-2])(?P=s)(?P<y2>(?:19|20)?\d\d)|"
    r"(?P<d3>[0-2]\d|3[01])(?P<s3>[ ,])(?P<m3>0[1-9]|1[0-2])(?P=s3)(?P<y3>20\d\d))(?![\d\-/]|\.\d)"
)
_SHORT = re.compile(r"(?<![\d.\-/:№,])(?P<d>[0-2]?\d|3[01])[./](?P<m>0[1-9]|1[0-2])(?![\d\-/:%]|\.\d|,\d)")
_WORDY = re.compile(
    rf"(?<![\d.\-/:№а-яё])(?P<d>[0-2]?\d|3[01]|{DAY_WORD})(?:\s?-?\s?(?:го|ого|его|е|ое))?(?:\s{{1,2}}|\s?-\s?|\.|(?<=\d))(?P<m>{MONTH})(?![а-яё])\.?"
    r"(?:[\s,]{1,3}(?P<y>20\d\d|\d\d(?=\s?г))(?!\d)(?:\s?г(?:ода|од|\.)?(?![а-яё]))?)?",
    re.I,
)
_RANGE = re.compile(
    rf"(?<![\d.\-/:№а-яё])(?P<d>[0-2]?\d|3[01])(?:-?го)?\s?(?:по|до|-|–|—)\s?(?:[0-2]?\d|3[01])(?:-?(?:го|е))?\s{{1,2}}(?P<m>{MONTH})(?![а-яё])",
    re.I,
)
_DAY_ONLY = re.compile(
    rf"(?<![\d.\-/:№а-яё])(?:(?P<d>[0-2]?\d|3[01])(?:\s?-?\s?(?:го|ого|его|е)(?![а-яё])(?:\s+числа)?|\s+числ[аоу])|(?P<w>{DAY_WORD})\s+числ[аоу])(?![а-яё])",
    re.I,
)
_RELATIVE = re.compile(
    r"(?<![а-яё])(?:(?P<d0>сегодня(?:шн\w{1,4})?|только что|этой ночью|сегодняшн\w{1,4})|(?P<d1>(?:поза)?вчера(?:шн\w{1,4})?|третьего дня))(?![а-яё])",
    re.I,
)
_UNIT = r"(?:минут[уы]?|минуток|час(?:а|ов|ик\w{0,3})?|полчаса|ден[её]?[кь]|дн(?:я|ей)|суток|сутки|недел[юиь]|недель)"
_AGO = re.compile(
    rf"(?<![а-яё\d])(?:(?:(?P<n>\d{{1,3}}|{NUMBER_WORD})\s+)?(?P<u>{_UNIT})|(?P<u2>{_UNIT})\s+(?:так\s+)?(?P<n2>\d{{1,3}}|{NUMBER_WORD}))"
    r"\s+(?:тому\s+)?назад(?![а-яё])",
    re.I,
)
_ONE = frozenset(
    ("минуту", "час", "часа", "часик", "полчаса", "день", "денёк", "денек", "сутки", "неделю")
)  # "часов назад" counts nothing
_WEEKDAY = re.compile(
    rf"(?<![а-яё])(?P<p>в|во|с|со|ещ[её] в|ещ[её] со?|утром в|прошл\w{{2,3}}|минувш\w{{2,3}}|эт(?:у|от|о|ой)|тот|ту|вечером в|вечером во|от)\s+"
    rf"(?:(?P<q>прошл\w{{2,3}}|минувш\w{{2,3}}|эт(?:у|от|о|ой)|ближайш\w{{2,3}}|следующ\w{{2,3}}|позапрошл\w{{2,3}}|ту|тот|сам\w{{2,3}})\s+)?(?P<w>{WEEKDAY})(?![а-яё])",
    re.I,
)
_STREET = re.compile(
    r"(?:ул|улиц\w|пл|площад\w|пер|переулок|пр|просп|проспект\w?|шоссе|бульвар\w?|мкр|им|имени|кинотеатр\w?)\.?\s*$"
)
_UNITS_AFTER = re.compile(r"^\s?(?:руб|р\.|р(?![а-я])|₽|коп|%|мб|гб|кг|м(?![а-я])|см|час|мин|тыс|балл)")


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


def mentions_in(text: str, sent: datetime | None) -> list[Mention]:
    """All dates that the calendar has, none overlapping, in the order they stand; MOST of a kind at most."""
    found: list[Mention] = []
    for read in (_numeric, _range, _wordy, _short, _ago, _relative, _weekday, _day_only):
        for mention in read(text, sent):
            if not any(m.start < mention.end and mention.start < m.end for m in found):
                found.append(mention)
    return _joined(text, sorted(found, key=lambda m: m.start))


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    return islice(pattern.finditer(text), MOST)


def _joined(text: str, mentions: list[Mention]) -> list[Mention]:
    """ "Во вторник, 17 марта" is one mention when both name the same day."""
    out: list[Mention] = []
    for mention in mentions:
        last = out[-1] if out else None
        if last and last.day == mention.day and not text[last.end : mention.start].strip(" ,(—–-\n"):
            out[-1] = replace(mention, start=last.start, time=last.time or mention.time)
        else:
            out.append(mention)
    return out


def _numeric(text: str, sent: datetime | None) -> list[Mention]:
    out = []
    for m in _matches(_NUMERIC, text):
        year = int(m["y1"] or m["y2"] or m["y3"])
        year += 2000 if year < 70 else 1900 if year < 100 else 0
        day = _day(year, int(m["m1"] or m["m2"] or m["m3"]), int(m["d1"] or m["d2"] or m["d3"]))
        if day and not (m["s"] == "-" and re.search(r"(?:тел|моб|дом)\w*\.?:?\s*$", before(text, m.start(), 15))):
            out.append(Mention(day=day, time=None, start=m.start(), end=m.end()))
    return out


def _wordy(text: str, sent: datetime | None) -> list[Mention]:
    out = []
    for m in _matches(_WORDY, text):
        year = int(m["y"]) if m["y"] else None
        if year is not None and year < 100:
            year += 2000
        day = _resolve(day_number(m["d"]), month_number(m["m"]), year, sent)
        if day and not _STREET.search(before(text, m.start(), 12)):
            out.append(Mention(day=day, time=None, start=m.start(), end=m.end(), year_given=year is not None))
    return out


def _range(text: str, sent: datetime | None) -> list[Mention]:
    """ "С 5 по 10 марта": the day it began."""
    days = ((_resolve(int(m["d"]), month_number(m["m"]), None, sent), m) for m in _matches(_RANGE, text))
    return [Mention(day=day, time=None, start=m.start(), end=m.end(), year_given=False) for day, m in days if day]


def _short(text: str, sent: datetime | None) -> list[Mention]:
    """ "12.03" and "12/03": only where a word or a time beside it makes it a day."""
    out = []
    for m in _matches(_SHORT, text):
        lead, follow = before(text, m.start(), 25), after(text, m.end(), 14)
        if re.search(
            r"(?:верси\w{1,3}|формат\w{0,3}|сборк\w{1,3}|билд\w?|воспроизводится|пункт\w*|п\.|ст\.|android|ios|v|руб\w*|на сумму|в)\s*$",
            lead,
        ) and not re.search(r"в \d\d?[:.]\d\d", follow):
            continue
        if _UNITS_AFTER.search(follow) or (m["d"] == m["m"] and "/" in m[0]):
            continue
        day = _resolve(int(m["d"]), int(m["m"]), None, sent)
        if day:
            out.append(Mention(day=day, time=None, start=m.start(), end=m.end(), year_given=False))
    return out


def _day_only(text: str, sent: datetime | None) -> list[Mention]:
    """ "12-го", "5 числа": the latest such day of a month, not after the Date."""
    if sent is None:
        return []
    out = []
    for m in _matches(_DAY_ONLY, text):
        number = int(m["d"]) if m["d"] else day_number(m["w"])
        today = sent.date()
        if "прошлого месяца" in after(text, m.end(), 20):
            today = today.replace(day=1) - timedelta(days=1)
        day = _latest_day_of_month(number, today)
        if day:
            out.append(Mention(day=day, time=None, start=m.start(), end=m.end(), year_given=False))
    return out


def _relative(text: str, sent: datetime | None) -> list[Mention]:
    if sent is None:
        return []
    out = []
    for m in _matches(_RELATIVE, text):
        word = m[0].lower()
        back = 0 if m["d0"] else 2 if word.startswith(("поза", "треть")) else 1
        out.append(
            Mention(day=sent.date() - timedelta(days=back), time=None, start=m.start(), end=m.end(), relative=True)
        )
    return out


def _ago(text: str, sent: datetime | None) -> list[Mention]:
    """ "три дня назад", "полтора часа назад": hours and minutes give the time too."""
    if sent is None:
        return []
    out = []
    for m in _matches(_AGO, text):
        unit, number = (m["u"] or m["u2"]).lower(), m["n"] or m["n2"]
        count = 0.5 if unit == "полчаса" else number_of(number) if number else 1.0
        if count is None or (not number and unit not in _ONE):
            continue
        if unit.startswith(("мин", "час", "полч")):
            then = sent - timedelta(minutes=count * (1 if unit.startswith("мин") else 60))
            rough = (number or "").lower() == "пару"
            found = Mention(
                day=then.date(), time=None if rough else f"{then:%H:%M}", start=m.start(), end=m.end(), relative=True
            )
        else:
            days = count * (7 if unit.startswith("нед") else 1)
            found = Mention(
                day=sent.date() - timedelta(days=int(days)), time=None, start=m.start(), end=m.end(), relative=True
            )
        out.append(found)
    return out


def _weekday(text: str, sent: datetime | None) -> list[Mention]:
    """ "во вторник", "с понедельника": the latest such day before the Date; "на прошлой неделе" moves it."""
    if sent is None:
        return []
    out = []
    for m in _matches(_WEEKDAY, text):
        qualifier = (m["q"] or m["p"]).lower()
        if qualifier.startswith(("следующ", "ближайш")):
            continue
        back = (sent.weekday() - weekday_number(m["w"])) % 7 or 7
        around = before(text, m.start(), 30) + after(text, m.end(), 25)
        if "прошлой недел" in around:
            back = sent.weekday() - weekday_number(m["w"]) + 7
        elif qualifier.startswith("позапрошл"):
            back += 7
        elif back == 7 and qualifier.startswith(("эт",)):
            back = 0
        may_come = not qualifier.startswith(("прошл", "минувш", "позапрошл", "с", "ещ", "эт"))
        out.append(
            Mention(
                day=sent.date() - timedelta(days=back),
                time=None,
                start=m.start(),
                end=m.end(),
                relative=True,
                may_come=may_come,
            )
        )
    return out


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:  # 31.02: the calendar lacks it
        return None


def _resolve(number: int, month: int, year: int | None, sent: datetime | None) -> date | None:
    """A day; without a year the latest such day not after the Date (29 February may lie four years back)."""
    if year is not None:
        return _day(year, month, number)
    if sent is None:
        return None
    for back in range(5):
        day = _day(sent.year - back, month, number)
        if day and day <= sent.date():
            return day
    return None


def _latest_day_of_month(number: int, today: date) -> date | None:
    month = today.replace(day=1)
    for _ in range(3):
        day = _day(month.year, month.month, number)
        if day and day <= today:
            return day
        month = (month - timedelta(days=1)).replace(day=1)
    return None
