"""Reads times of day: 14:30, "в 14 часов 30 минут", "около девяти вечера", "в половине десятого", "без пяти шесть"."""

import re
from dataclasses import dataclass, replace

_HOUR_STEMS = {
    1: "час|часу|одного|одиннадцатый_",
    2: "два|двух|двум",
    3: "три|тр[её]х|тр[её]м",
    4: "четыре|четыр[её]х|четыр[её]м",
    5: "пять|пяти",
    6: "шесть|шести",
    7: "семь|семи",
    8: "восемь|восьми",
    9: "девять|девяти",
    10: "десять|десяти",
    11: "одиннадцать|одиннадцати",
    12: "двенадцать|двенадцати",
}
_HALF_STEMS = {  # "половина десятого" is half past nine
    "перв": 12, "втор": 1, "треть": 2, "четв[её]рт": 3, "пят": 4, "шест": 5, "седьм": 6, "восьм": 7, "девят": 8, "десят": 9, "одиннадцат": 10, "двенадцат": 11,
}  # fmt: skip
_MINUTES = {
    "пяти": 5,
    "десяти": 10,
    "четверти": 15,
    "пятнадцати": 15,
    "двадцати": 20,
    "двадцати пяти": 25,
    "пять": 5,
    "десять": 10,
    "двадцать": 20,
}

_HOUR_WORD = "|".join(stem for stem in _HOUR_STEMS.values()).replace("|одиннадцатый_", "")
_PART = r"(?P<part>утра|утром|дня|дн[её]м|вечера|вечером|ночи|ночью)"
_PREP = r"(?:в|во|около|к|после|примерно|приблизительно|с|со|где-то в|до|ближе к|часов|часа|~)"
_ZONE = r"(?:\s?(?:мск|msk|по москве|по местному|по московскому))?"

_FORMS = (
    # 14:30, 9:05 вечера
    re.compile(rf"(?<![\d.,:])(?P<h>[01]?\d|2[0-3]) ?: ?(?P<m>[0-5]\d)(?::[0-5]\d)?(?![\d:])(?:\s{{0,2}}{_PART})?", re.I),
    # в 14.30, в 14-30, в 14 30
    re.compile(rf"(?<![а-яё\d]){_PREP}\s+(?P<h>[01]?\d|2[0-3])[.\-–](?P<m>[0-5]\d)(?![.\-–]?\d)(?!-)(?:\s{{0,2}}{_PART})?", re.I),
    # 18.03.2026 9.40
    re.compile(r"(?:(?<=20\d\d )|(?<=20\d\dг ))(?P<h>[01]?\d|2[0-3])\.(?P<m>[0-5]\d)(?![.\d])"),
    # 14 ч 30 мин, в 14 часов 30 минут
    re.compile(
        rf"(?<![\d.,:])(?P<h>[01]?\d|2[0-3])\s?(?:ч|час(?:а|ов)?)\.?\s?(?P<m>[0-5]?\d)\s?(?:м|мин(?:ут[аы]?)?)\b\.?(?! назад)(?:\s{{0,2}}{_PART})?", re.I
    ),
    # в 9 утра, в 14 часов, около 3 дня; 9 вечера
    re.compile(rf"(?<![а-яё\d]){_PREP}\s+(?P<h>[01]?\d|2[0-3])\s?(?:ч\.?|час(?:а|ов|ам|у)?)?\s{{0,2}}{_PART}", re.I),
    re.compile(r"(?<![\d.,:])(?P<h>[01]?\d|2[0-3])\s?(?:ч\.?|час(?:а|ов|ам)?)?\s{0,2}(?P<part>утра|вечера|ночи)(?![а-яё])", re.I),
    re.compile(r"(?<![а-яё\d])(?:в|во|около|к|после|примерно в|ближе к)\s+(?P<h>[01]?\d|2[0-3])\s?(?:ч\.?|час(?:а|ов|ам)?)(?![а-яё])(?!\s+назад)", re.I),
    re.compile(rf"(?<![а-яё])час(?:ов|а|ика)?\s+(?:в|около|примерно в)\s+(?P<h>[01]?\d|2[0-3])(?![\d.:])(?:\s{{0,2}}{_PART})?", re.I),
    # в девять вечера, часов в девять, около девяти
    re.compile(
        rf"(?<![а-яё])(?:{_PREP}\s+|часов в |часа в |часиков в |примерно в |где-то в )(?P<w>{_HOUR_WORD})(?![а-яё])(?:\s(?:час(?:а|ов|ам)?))?(?:\s{{0,2}}{_PART})?", re.I
    ),
    # вечером в 8
    re.compile(r"(?:(?<=утром)|(?<=вечером)|(?<=ночью)|(?<=дн[её]м))(?P<bare>,? (?:в|около|к|часов в) )(?P<h>[01]?\d|2[0-3])(?![\d.:\-])", re.I),
    # в половине десятого, полдесятого
    re.compile(
        rf"(?<![а-яё])(?:половин[аеуы]\s|пол-?\s?)(?P<half>{'|'.join(_HALF_STEMS)})(?:ого|его|ьего)(?![а-яё])(?:\s{{0,2}}{_PART})?", re.I
    ),
    # без пятнадцати девять
    re.compile(rf"(?<![а-яё])без\s(?P<less>двадцати пяти|{'|'.join(k for k in _MINUTES if k.endswith('и'))})\s(?:минут\s)?(?P<w>{_HOUR_WORD})(?![а-яё])(?:\s{{0,2}}{_PART})?", re.I),
    re.compile(r"(?<![а-яё])(?P<noon>полдень|полдня|полночь|полуночи)(?![а-яё])", re.I),
)  # fmt: skip
_SECOND = re.compile(r"с\s", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A time of day as it stands in a text; `sure` is false where morning and evening cannot be told apart."""

    hour: int
    minute: int
    start: int
    end: int
    sure: bool
    exact: bool = False  # written to the minute, in figures

    def __str__(self) -> str:
        return f"{self.hour:02}:{self.minute:02}"


def times_in(text: str) -> list[Clock]:
    """All times in a text in the order they stand; the longer reading of a place wins."""
    found: list[Clock] = []
    for form in _FORMS:
        for m in form.finditer(text):
            clock = _clock(m)
            if clock and not any(c.start < clock.end and clock.start < c.end for c in found):
                found.append(clock)
    return sorted(found, key=lambda c: c.start)


def _clock(m: re.Match[str]) -> Clock | None:
    groups = m.groupdict()
    part = (groups.get("part") or "").lower()
    if groups.get("noon"):
        hour, minute, sure = (12 if groups["noon"].lower() == "полдень" else 0), 0, True
        if groups["noon"].lower() == "полдня":
            return None
        return Clock(hour=hour, minute=minute, start=m.start(), end=m.end(), sure=sure)
    minute = int(groups.get("m") or 0)
    if groups.get("h"):
        hour, sure = int(groups["h"]), not groups.get("bare")
    elif groups.get("half"):
        hour, minute, sure = _half(groups["half"].lower()), 30, bool(part)
    else:
        hour, sure = _hour_of(groups["w"].lower()), bool(part)
    if groups.get("less"):
        hour, minute = (hour - 1) or 12, 60 - _MINUTES[groups["less"].lower()]
    return Clock(
        hour=_of_day(hour, part), minute=minute, start=m.start(), end=m.end(), sure=sure, exact=bool(groups.get("m"))
    )


def _half(stem: str) -> int:
    return next(hour for pattern, hour in _HALF_STEMS.items() if re.fullmatch(pattern, stem))


def _hour_of(word: str) -> int:
    return next(hour for hour, words in _HOUR_STEMS.items() if re.fullmatch(words, word))


def _of_day(hour: int, part: str) -> int:
    """An hour of the 12-hour clock by the part of the day that is named."""
    if part.startswith("вечер"):
        return hour + 12 if 3 < hour < 12 else hour
    if part.startswith("д"):
        return hour + 12 if hour < 8 else hour
    if part.startswith("ноч"):
        return {12: 0, 10: 22, 11: 23}.get(hour, hour)
    return hour


def in_part(clock: Clock, part: str) -> Clock:
    """The same time where a word beside it names the part of the day: "вечером в девять"."""
    hour = _of_day(clock.hour, part.lower())
    return replace(clock, hour=hour, sure=True)
