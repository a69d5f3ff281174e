"""Reads times of day: 14:30, "в 14 часов 30 минут", "около девяти вечера", "в половине десятого", "без пяти шесть"."""

import re
from dataclasses import dataclass, replace

from intake.caseless import Caseless

_HOURS = {
    "час|часу": 1, "два|двух|двум": 2, "три|тр[её]х|тр[её]м": 3, "четыре|четыр[её]х|четыр[её]м": 4, "пять|пяти": 5, "шесть|шести": 6,
    "семь|семи": 7, "восемь|восьми": 8, "девять|девяти": 9, "десять|десяти": 10, "одиннадцать|одиннадцати": 11, "двенадцать|двенадцати": 12,
    "тринадцать|тринадцати": 13, "четырнадцать|четырнадцати": 14, "пятнадцать|пятнадцати": 15, "шестнадцать|шестнадцати": 16,
    "семнадцать|семнадцати": 17, "восемнадцать|восемнадцати": 18, "девятнадцать|девятнадцати": 19, "двадцать|двадцати": 20,
    "двадцать один|двадцати одного": 21, "двадцать два|двадцати двух": 22, "двадцать три|двадцати тр[её]х": 23, "ноль|нуль": 0,
}  # fmt: skip
_ORDINALS = {  # "половина десятого" is half past nine
    "перв": 12, "втор": 1, "треть": 2, "четв[её]рт": 3, "пят": 4, "шест": 5, "седьм": 6, "восьм": 7, "девят": 8, "десят": 9, "одиннадцат": 10, "двенадцат": 11,
}  # fmt: skip
_TENS = {"двадцать": 20, "тридцать": 30, "сорок": 40, "пятьдесят": 50}
_UNITS = {
    "один": 1,
    "одну": 1,
    "две": 2,
    "два": 2,
    "три": 3,
    "четыре": 4,
    "пять": 5,
    "шесть": 6,
    "семь": 7,
    "восемь": 8,
    "девять": 9,
}
_TEENS = {
    "ноль-ноль": 0, "ноль ноль": 0, "нуль-нуль": 0, "десять": 10, "одиннадцать": 11, "двенадцать": 12, "тринадцать": 13, "четырнадцать": 14,
    "пятнадцать": 15, "шестнадцать": 16, "семнадцать": 17, "восемнадцать": 18, "девятнадцать": 19,
}  # fmt: skip
_LESS = {
    "пяти": 5, "десяти": 10, "четверти": 15, "пятнадцати": 15, "двадцати пяти": 25, "двадцати": 20,
    "пять": 5, "десять": 10, "двадцать": 20, "четверть": 15,
}  # fmt: skip

_HOUR_WORD = "|".join(sorted("|".join(_HOURS).split("|"), key=len, reverse=True))
_SMALL_HOUR = "|".join(word for words, hour in _HOURS.items() if 0 < hour < 13 for word in words.split("|"))
_MINUTE_WORD = (
    f"ноль-ноль|ноль ноль|нуль-нуль|(?:ноль|нуль) (?:{'|'.join(_UNITS)})|(?:{'|'.join(_TENS)})(?: (?:{'|'.join(_UNITS)}))?|"
    + "|".join(sorted(_TEENS, key=len, reverse=True))
)
_PART = r"(?P<part>утра|утром|дня|дн[её]м|пополудни|вечера|вечером|ночи|ночью)"
_HALF_PART = rf"(?:\s{{0,2}}(?:{_PART}|(?P<apm>[ap]\.?m\.?)(?![a-z])))?"
_PREP = r"(?:в|во|около|к|после|примерно|приблизительно|с|со|где-то в|в районе|до|ближе к|часов|часа|время(?: ошибки| события| сбоя| входа)?(?:\s?[-—:])?|вр\.|at|~)"
_COUNTED = r"\s(?!часов|часам|вечеров)(?:[а-яё]+(?:ых|их|ов|ев|ей|ок|ек|ий)|раз|лет|дн|мин|недел|месяц|человек)(?![а-яё])"  # "после трёх попыток"
_NOT_COUNTED = r"(?!\s?(?:руб|р\.|коп|раза?(?![а-яё])|штук|шт(?![а-яё])|дн|мин|сек|лет(?![а-яё])|год|процент|%|₽|-))"

_FORMS = (
    # 14:30, 9:05 вечера, 2026-03-06T14:30
    Caseless(rf"(?:(?<![\d.,:])|(?<=\dT))(?P<h>[01]?\d|2[0-3]) ?: ?(?P<m>[0-5]\d)(?::[0-5]\d)?(?![\d:]){_HALF_PART}"),
    # 2 pm
    Caseless(r"(?<![\d.,:])(?P<h>[01]?\d) ?(?P<apm>[ap]\.?m\.?)(?![a-z])"),
    # в 14.30, в 14-30, в 14=30, время 14.30
    Caseless(rf"(?<![а-яё\d]){_PREP}:?\s+(?P<h>[01]?\d|2[0-3])[.\-–=](?P<m>[0-5]\d)(?:(?=[-–]\d{{1,2}}[.:]\d\d)|(?![.\-–]?\d)(?!-))(?:\s{{0,2}}{_PART})?"),
    # в 14 30
    Caseless(rf"(?<![а-яё\d])(?:в|около|ровно в)\s(?P<h>[01]?\d|2[0-3])\s(?P<m>[0-5]\d)(?![\d.,:\-–]|\s\d){_NOT_COUNTED}"),
    # 18.03.2026 9-40
    Caseless(r"(?<=\.20\d\d )(?P<h>[01]?\d|2[0-3])[-–](?P<m>[0-5]\d)(?![.\-–]?\d)"),
    # 18.03.2026 9.40, 18 марта 9.40, 18.03 9.40, вчера 9.40, на 18 марта на 9.40
    Caseless(rf"(?:(?<=20\d\d )|(?<=\d\dг )|(?<=\.\d\d\.\d\d )|(?<=та )|(?<=ля )|(?<=ня )|(?<=ря )|(?<=ая )|(?<=ра )|(?<=\d\.\d\d ))(?:на )?(?P<h>[01]?\d|2[0-3])\.(?P<m>[0-5]\d)(?![.\d])(?:\s{{0,2}}{_PART})?"),
    # 14 ч 30 мин, в 14 часов 30 минут
    Caseless(
        rf"(?<![\d.,:])(?P<h>[01]?\d|2[0-3])\s?(?:ч|час(?:а|ов)?)\.?\s?(?P<m>[0-5]?\d)\s?(?:м|мин(?:ут[аы]?)?)\b\.?(?! назад)(?:\s{{0,2}}{_PART})?"
    ),
    # в 9 утра, в 14 часов, около 3 дня; 9 вечера
    Caseless(rf"(?<![а-яё\d]){_PREP}\s+(?P<h>[01]?\d|2[0-3])\s?(?:ч\.?|час(?:а|ов|ам|у)?)?\s{{0,2}}{_PART}"),
    Caseless(r"(?<![\d.,:])(?P<h>[01]?\d|2[0-3])\s?(?:ч\.?|час(?:а|ов|ам)?)?\s{0,2}(?P<part>утра|вечера|ночи)(?![а-яё])"),
    Caseless(r"(?<![а-яё\d])(?:в|во|около|к|с|после|примерно в|ближе к)\s+(?P<h>[01]?\d|2[0-3])\s?(?:ч\.?|час(?:а|ов|ам)?)(?![а-яё])(?!\s+назад)"),
    Caseless(rf"(?<![а-яё])час(?:ов|а|ика)?\s+(?:в|около|примерно в)\s+(?P<h>[01]?\d|2[0-3])(?![\d.:])(?:\s{{0,2}}{_PART})?"),
    # в восемнадцать тридцать, девятнадцать часов тридцать минут, ровно в двадцать ноль-ноль
    Caseless(
        rf"(?<![а-яё])(?:(?:в|во|около|к|с|до)\s+(?P<w>{_HOUR_WORD})(?:\sчас(?:а|ов)?)?\s(?P<mw>{_MINUTE_WORD})(?:\sминут\w?)?|"
        rf"(?P<w2>{_HOUR_WORD})\sчас(?:а|ов)?\s(?P<mw2>{_MINUTE_WORD})\sминут\w?)(?![а-яё])(?!\s(?:ноль|{'|'.join(_UNITS)})(?![а-яё]))(?:\s{{0,2}}{_PART})?"
    ),
    # в четверть девятого, в пять минут девятого, минут 20 шестого
    Caseless(
        rf"(?<![а-яё])(?:(?P<past>четверть)\s|(?P<past2>\d{{1,2}}|{'|'.join(_LESS)})\sминут\s|минут\s(?:в\s)?(?P<past3>\d{{1,2}}|{'|'.join(_LESS)})\s)"
        rf"(?P<of>{'|'.join(_ORDINALS)})(?:ого|его|ьего)(?![а-яё])(?:\s{{0,2}}{_PART})?"
    ),
    # в девять вечера, часов в девять, около девяти
    Caseless(
        rf"(?<![а-яё])(?:{_PREP}\s+|часов в |часа в |часиков в |примерно в |где-то в )(?P<w>{_HOUR_WORD})(?![а-яё])(?!{_COUNTED})(?:\s(?:ч\.|час(?:а|ов|ам)?))?(?:\s{{0,2}}{_PART})?"
    ),
    # с 19 до 22 часов; "18 марта. 20 часов."
    Caseless(r"(?<![а-яё])с\s(?P<h>[01]?\d|2[0-3])(?=\sдо\s\d{1,2}\s?ч)"),
    Caseless(r"(?:(?<=[.,;] )|(?<=\n))(?P<h>1[3-9]|2[0-3])\s?(?:часов|часа|час|ч\.)(?=\s*(?:[.,;\n]|\s[А-ЯЁ]|$))"),
    # "было около 18"
    Caseless(r"(?<![а-яё])(?:около|где-то в|примерно в|ближе к)\s(?P<h>1[3-9]|2[0-3])(?=\s*(?:[,;!?\n]|\.(?!\d)|$))"),
    # утром звонил в 8
    Caseless(r"(?<![а-яё])(?P<part>утром|вечером|ночью|дн[её]м)\s[а-яё]{3,15}\s(?:в|около)\s(?P<h>[01]?\d|2[0-3])(?=\s*(?:[,;!?\n]|\.(?!\d)|$))"),
    # вечером в 8
    Caseless(r"(?:(?<=утром)|(?<=вечером)|(?<=ночью)|(?<=дн[её]м))(?P<bare>,? (?:в|около|к|часов в) )(?P<h>[01]?\d|2[0-3])(?![\d.:\-])"),
    # сегодня в 9, вчера ровно в 12
    Caseless(
        r"(?:(?<=сегодня)|(?<=вчера)|(?<=числа))(?P<bare>,? (?:ровно |примерно |где-то |уже |опять |снова )?(?:в|около|к|с) )(?P<h>[01]?\d|2[0-3])"
        r"(?=\s*[,.;!?\n]|\s*$|\s+(?:(?:не|у|мне|меня|нам|нас|я|мы|он|она|опять|снова|при|и|а|но)\s|(?:ваш|сайт|портал|приложени|систем|оператор|сотрудни|смс|код)[а-яё]*\s|[а-яё]+(?:л|ла|ли|ло|лся|лась|лось|лись|ет|ит|ют)(?![а-яё])))(?![.,:]\d)"
    ),
    # в половине десятого, полдесятого
    Caseless(
        rf"(?<![а-яё])(?:половин[аеуы]\s|пол-?\s?)(?P<half>{'|'.join(_ORDINALS)})(?:ого|его|ьего)(?![а-яё])(?:\s{{0,2}}{_PART})?"
    ),
    # без пятнадцати девять, без 20 восемь
    Caseless(
        rf"(?<![а-яё])без\s(?P<less>двадцати пяти|\d{{1,2}}|{'|'.join(k for k in _LESS if k.endswith('и'))})\s(?:минут\s)?(?:(?P<w>{_SMALL_HOUR})(?![а-яё])|(?P<h>\d{{1,2}})(?!\d))(?:\s{{0,2}}{_PART})?"
    ),
    Caseless(r"(?<!до )(?<!к )(?<!за )(?<!после )(?<![а-яё])(?P<noon>полдень|полночь|(?<=около )пол(?:удня|уночи)|(?<=районе )пол(?:удня|уночи))(?![а-яё])"),
)  # fmt: skip


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
    said = {name: value.lower() for name, value in m.groupdict().items() if value}
    part = said.get("part", "")
    hour, minute, sure = _said(said, part)
    if hour > 23 or minute > 59:
        return None
    return Clock(
        hour=_of_day(hour, part), minute=minute, start=m.start(), end=m.end(), sure=sure, exact=bool(said.get("m"))
    )


def _said(said: dict[str, str], part: str) -> tuple[int, int, bool]:
    """Hour, minute and whether they can mean but one time of the day."""
    if "noon" in said:
        return (12 if said["noon"] in ("полдень", "полудня") else 0), 0, True
    if "half" in said:
        return _by(_ORDINALS, said["half"]), 30, bool(part)
    if "of" in said:
        past = said.get("past") or said.get("past2") or said.get("past3") or ""
        return _by(_ORDINALS, said["of"]), int(past) if past.isdigit() else _LESS[past], bool(part)
    word = said.get("w") or said.get("w2")
    hour = int(said["h"]) if "h" in said else _by(_HOURS, word or "")
    if "less" in said:
        less = said["less"]
        return (hour - 1) or 12, 60 - (int(less) if less.isdigit() else _LESS[less]), bool(part)
    if "apm" in said:
        return hour % 12 + 12 * said["apm"].startswith("p"), int(said.get("m") or 0), True
    spoken = said.get("mw") or said.get("mw2")
    if spoken:
        return hour, _minutes(spoken), bool(part) or hour > 12 or hour == 0 or spoken.startswith(("ноль", "нуль"))
    if word:
        return hour, 0, bool(part) or hour > 12
    small = 0 < hour < 7 and "m" not in said and not part  # "в 3 часа" is rather in the afternoon
    return hour, int(said.get("m") or 0), hour > 12 or not ("bare" in said or small)


def _minutes(words: str) -> int:
    if words in _TEENS:
        return _TEENS[words]
    return sum(_TENS.get(word, _UNITS.get(word, 0)) for word in words.split())


def _by(table: dict[str, int], word: str) -> int:
    return next(number for pattern, number in table.items() if re.fullmatch(pattern, word))


def _of_day(hour: int, part: str) -> int:
    """An hour of the 12-hour clock by the part of the day that is named."""
    if part.startswith("вечер"):
        return hour + 12 if 3 < hour < 12 else hour
    if part.startswith(("д", "обед", "попол")):
        return hour + 12 if hour < 8 else hour
    if part.startswith("ноч"):
        return {12: 0, 10: 22, 11: 23}.get(hour, hour)
    return hour


def in_part(clock: Clock, part: str) -> Clock:
    """The same time where a word beside it names the part of the day: "вечером в девять"."""
    hour = _of_day(clock.hour, part.lower())
    return replace(clock, hour=hour, sure=True)
