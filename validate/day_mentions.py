"""Finds every day that a text names: in figures, in words, counted back from the Date header.

None overlapping, in the order they stand; only days that the calendar has. Whether a day is the day of the trouble
is for day_sense.py to say.
"""

import re
from dataclasses import replace
from datetime import datetime

from validate.day_calendar import Mention
from validate.day_counted import said_of_today, so_long_ago, weekdays
from validate.day_figures import day_alone, in_figures, in_range, with_month, without_year
from validate.legible import before

_READERS = (in_figures, in_range, with_month, without_year, so_long_ago, day_alone, said_of_today, weekdays)
_SAME = re.compile(r"[\s,(—–\-]*(?:уже |то есть |т\.\s?е\. |число )?")
_UNTIL = re.compile(r"\s?(?:-|–|—|по|до)\s?")


def mentions_in(text: str, sent: datetime | None) -> list[Mention]:
    """All dates that the calendar has, none overlapping, in the order they stand; MOST of a kind at most."""
    found: list[Mention] = []
    for read in _READERS:
        for mention in read(text, sent):
            if not any(m.start < mention.end and mention.start < m.end for m in found):
                found.append(mention)
    return _joined(text, sorted(found, key=lambda m: m.start))


def _joined(text: str, mentions: list[Mention]) -> list[Mention]:
    """Mentions that are one.

    1. "Во вторник, 17 марта" and "6 марта, то есть в пятницу" name one day twice; "сегодня, 20 ноября" stays told of
    today. 2. "10 марта - 12 марта" is the day it began. 3. "В ночь с 5-го на 6-е марта" is the day it ended.
    """
    out: list[Mention] = []
    for mention in mentions:
        last = out[-1] if out else None
        between = text[last.end : mention.start].lower() if last else ""
        if last and last.day == mention.day and _SAME.fullmatch(between):
            told_of_today = mention.relative or (last.relative and not last.may_come)
            may_come = mention.may_come and last.may_come
            time = last.time or mention.time
            out[-1] = replace(mention, start=last.start, time=time, relative=told_of_today, may_come=may_come)
        elif (
            last and mention.may_come and last.day.weekday() == mention.day.weekday() and _SAME.fullmatch(between)
        ) or (last and last.day < mention.day and between and _UNTIL.fullmatch(between)):
            out[-1] = replace(last, end=mention.end)
        elif (
            last
            and between.strip() == "на"
            and before(text, last.start, 20).rstrip().endswith(("ночь с", "ночь со", "ночь"))
        ):
            out[-1] = replace(mention, start=last.start)
        else:
            out.append(mention)
    return out
