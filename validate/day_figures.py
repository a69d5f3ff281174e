"""Days written by their number: 12.03.2026, 12/03, 16.III.26, "12 марта", "March 12", "12-го", "шестого числа"."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice

from intake.caseless import Caseless
from validate.at_numbers import at_numbers
from validate.day_calendar import MOST, Mention, day_of, latest_day_of_month, matches, resolve
from validate.day_words import (
    DAY_WORD,
    ENGLISH_MONTH,
    IN_MONTH,
    MONTH,
    ROMAN,
    day_number,
    misspelt_month,
    month_number,
    roman_month,
)
from validate.dictionary import parses
from validate.legible import after, before

_LEFT = r"(?<![\d.\-/:№])"
_NUMERIC = re.compile(
    rf"{_LEFT}(?:(?P<y1>(?:19|20)\d\d)[.\-/](?P<m1>0?[1-9]|1[0-2])[.\-/](?P<d1>[0-2]?\d|3[01])|"
    r"(?P<d2>[0-2]?\d|3[01])(?P<s>[.\-/]| ?\. )(?P<m2>0?[1-9]|1[0-2])(?P=s)(?P<y2>(?:19|20)?\d\d)|"
    r"(?P<d3>[0-2]\d|3[01])(?P<s3>[ ,])(?P<m3>0[1-9]|1[0-2])(?P=s3)(?P<y3>20\d\d))(?![\d/]|-(?!го)|\.\d)"
)
_ROMAN = re.compile(rf"{_LEFT}(?P<d>[0-2]?\d|3[01])\s?[./\- ]\s?(?P<m>{ROMAN})\s?[./\- ]\s?(?P<y>20\d\d|\d\d)(?!\d)")
_SHORT = re.compile(r"(?<![\d.\-/:№,])(?P<d>[0-2]?\d|3[01])[./](?P<m>0[1-9]|1[0-2])(?![\d\-/:%]|\.\d|,\d)")
_SHORT_RANGE = re.compile(
    r"(?<![\d.\-/:№,])(?P<d>[0-2]?\d|3[01])\.(?P<m>0[1-9]|1[0-2])\s?[-–—]\s?(?:[0-2]?\d|3[01])\.(?:0[1-9]|1[0-2])(?![\d\-/:%]|\.\d)"
)
_WORDY = Caseless(
    rf"(?<![\d.\-/:№а-яё])(?P<d>[0-2]?\d|3[01]|{DAY_WORD})(?:\s?-?\s?(?:го|ого|его|е|ое))?[»”\"]?(?:\s{{1,2}}|\s?-\s?|\.|(?<=\d))(?P<m>{MONTH})(?![а-яё])\.?"
    r"(?:[\s,]{1,3}(?P<y>(?:19|20)\d\d|\d\d(?=\s?г))(?!\d)(?:\s?г(?:ода|од|\.)?(?![а-яё]))?)?",
)
_MISSPELT = re.compile(
    r"(?<![\d.\-/:№а-яё])(?P<d>[0-2]?\d|3[01])(?:-?го)?\s(?P<m>[яфмаисонд][а-яё]{3,8})(?![а-яё])", re.I
)
_ENGLISH = re.compile(
    rf"(?<![A-Za-z\d])(?:(?P<m1>{ENGLISH_MONTH})\s(?P<d1>[0-2]?\d|3[01])(?:st|nd|rd|th)?|(?P<d2>[0-2]?\d|3[01])(?:st|nd|rd|th)?\s(?:of\s)?(?P<m2>{ENGLISH_MONTH}))(?![A-Za-z\d])"
    r"(?:,?\s(?P<y>20\d\d))?"
)
_RANGE = Caseless(
    rf"(?<![\d.\-/:№а-яё])(?P<between>между )?(?P<d>[0-2]?\d|3[01])(?:-?го)?\s?(?:по|до|-|–|(?(between)и|по))\s?(?:[0-2]?\d|3[01])(?:-?(?:го|е))?\s{{1,2}}(?P<m>{MONTH})(?![а-яё])",
)
_DAY_ONLY = Caseless(
    rf"(?<![\d.\-/:№а-яё])(?:(?P<d>[0-2]?\d|3[01])(?:\s?-?\s?(?:го|ого|его|е)(?![а-яё])(?:\s+числа)?|\s+числ[аоу])|(?P<w>{DAY_WORD})\s+числ[аоу]|"
    rf"числа\s(?:с\s)?(?P<w2>{DAY_WORD})|(?:утром|вечером|ночью|днём|днем)\s(?P<w5>{DAY_WORD})(?=[,.])|сегодня(?:\sуже)?\s(?P<w3>{DAY_WORD})(?=[\s,.!]*(?:[а-яё]|$))|"
    rf"(?<![а-яё])в\s{IN_MONTH}\s(?P<w6>{DAY_WORD})(?=\s*(?:[.,;!\n]|$)|\s(?:не|в|около|утром|днём|днем|вечером|ночью|[а-яё]{{2,20}}(?:л|ла|ло|ли|лся|лась|лось|лись))(?![а-яё]))|"
    rf"(?:случилось|произошло|началось|было(?:\sэто)?|аж\sс|ещё\sс|еще\sс)\s(?P<w4>{DAY_WORD})(?=\s*(?:[.,;!\n]|$)))(?![а-яё])",
)
# "второго одиннадцатого": the month by its number too, and no third such word, which makes it a row
_WORD_AND_WORD = Caseless(
    rf"(?<![а-яё\-])(?<!ого\s)(?<!его\s)(?P<d>{DAY_WORD})\s(?P<m>{DAY_WORD})(?![а-яё]|\s(?:{MONTH}|{DAY_WORD}|числ|и\s|раза?(?![а-яё])))"
)
_IN_PLACE = re.compile(r"(?<![а-я])(?:в|во|на) ([а-я]+)\s$")
_LAST_MONTH = 12
_IN_MONTH = re.compile(
    rf"(?:(?:начале|середине|конце)\s(?P<m>{MONTH}),?\s(?:а\s)?(?:точнее|если точно|кажется|вроде|то есть|а именно),?\s|"
    rf"(?<![а-яё])в\s(?P<m2>{IN_MONTH}),?\s(?:месяце,?\s)?)$",
    re.I,
)
# "ул. 8 марта", "улица им 8 марта"; a bare "им" is the pronoun: "написал им 12 марта"
_STREET = re.compile(
    r"(?<![а-яё])(?:ул|улиц\w|пл|площад\w|пер|переулок|пр|просп|проспект\w?|шоссе|бульвар\w?|мкр|им(?=\.)|(?:ул\.|улиц\w|площад\w) им|имени|кинотеатр\w?)\.?\s*$"
)
_UNITS_AFTER = re.compile(r"^\s?(?:руб|р\.|р(?![а-я])|₽|коп|%|мб|гб|кг|м(?![а-я])|см|час|мин|тыс|балл)")
_NEAR = 400  # characters before a bare number in which its month is looked for
_HOUR_AFTER = re.compile(r"\s(?:вечера|утра|ночи|час)")
_ROW = re.compile(r"очеред|мест[ао]|номер|стал[аио]?(?![а-яё])|стою|(?:был|идем|стоим|стоял)[аио]?\s$")
_ROW_AFTER = re.compile(r"\s(?:мест|окн|отделени|письм|обращени|заявлени|сообщени|лиц|сутки)")
_AFTER_A_DAY = re.compile(rf"(?:{MONTH}|\d\.\d\d|вчера|сегодня),?\s$")
_NO_DAY_BEFORE = re.compile(
    r"(?:верси\w{1,3}|формат\w{0,3}|сборк\w{1,3}|билд\w?|воспроизводится|пункт\w*|п\.|ст\.|android|ios|v|руб\w*|на сумму|время|вр\.|в)\s*$"
)


def _numbers(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The first MOST places of a pattern that begins with a digit."""
    return islice(at_numbers(pattern, text), MOST)

_NEXT_WORD = re.compile(r"\s([а-яё]{3,20})", re.I)
_LIKELY = 0.2  # a reading that the dictionary gives less weight is not meant
# "в мае второго родила": the second child, no second of May
_OF_CHILDREN = re.compile(r"роди|роддом|усынов|взял|забра|отда[лн]|не взя|многодет|ребен|малыш")

def in_figures(text: str, sent: datetime | None) -> list[Mention]:
    """Full dates in figures."""
    out = []
    for m in _numbers(_NUMERIC, text):
        year = int(m["y1"] or m["y2"] or m["y3"])
        year += 2000 if year < 70 else 1900 if year < 100 else 0
        day = day_of(year, int(m["m1"] or m["m2"] or m["m3"]), int(m["d1"] or m["d2"] or m["d3"]))
        if day and not (m["s"] == "-" and re.search(r"(?:тел|моб|дом)\w*\.?:?\s*$", before(text, m.start(), 15))):
            out.append(Mention(day=day, time=None, start=m.start(), end=m.end()))
    for m in _numbers(_ROMAN, text):
        day = resolve(int(m["d"]), roman_month(m["m"]), int(m["y"]), sent)
        if day:
            out.append(Mention(day=day, time=None, start=m.start(), end=m.end()))
    return out


def with_month(text: str, sent: datetime | None) -> list[Mention]:
    """ "12 марта", "двенадцатого марта 2026 года", "второго третьего", "March 12"; a month with one wrong letter too."""
    found: list[tuple[re.Match[str], int, int | None, str | None]] = []
    found += [(m, day_number(m["d"]), month_number(m["m"]), m["y"]) for m in matches(_WORDY, text)]
    if re.search(r"[A-Z][a-z]{2}", text):
        months = ((m, m["m1"] or m["m2"], m["d1"] or m["d2"]) for m in matches(_ENGLISH, text))
        found += [(m, int(number), month_number(month), m["y"]) for m, month, number in months]
    found += [(m, int(m["d"]), misspelt_month(m["m"]), None) for m in _numbers(_MISSPELT, text)]
    worded = (
        (m, day_number(m["d"]), day_number(m["m"]))
        for m in matches(_WORD_AND_WORD, text)
        if not (_counts_things(text, m.end()) or _stands_in_place(text, m.start()))
    )
    found += [(m, number, month, None) for m, number, month in worded if month <= _LAST_MONTH]
    out = []
    for m, number, month, year in found:
        day = resolve(number, month, int(year) if year else None, sent) if month else None
        if day and not _STREET.search(before(text, m.start(), 14)):
            out.append(Mention(day=day, time=None, start=m.start(), end=m.end(), year_given=bool(year)))
    return out


def in_range(text: str, sent: datetime | None) -> list[Mention]:
    """ "С 5 по 10 марта", "10.03-12.03": the day it began."""
    found = [(resolve(int(m["d"]), month_number(m["m"]), None, sent), m) for m in matches(_RANGE, text)]
    found += [
        (resolve(int(m["d"]), int(m["m"]), None, sent), m)
        for m in _numbers(_SHORT_RANGE, text)
        if before(text, m.start(), 3) != " в "  # "в 9.05-9.10" is an hour
    ]
    return [Mention(day=day, time=None, start=m.start(), end=m.end(), year_given=False) for day, m in found if day]


def without_year(text: str, sent: datetime | None) -> list[Mention]:
    """ "12.03" and "12/03": only where a word or a time beside it makes it a day."""
    out = []
    for m in _numbers(_SHORT, text):
        lead, follow = before(text, m.start(), 25), after(text, m.end(), 14)
        if _AFTER_A_DAY.search(lead) and int(m["d"]) < 24:
            continue  # "16 марта 22.05", "18.03 20.05": the second is the hour
        if _NO_DAY_BEFORE.search(lead) and not re.search(r"в \d\d?[:.]\d\d", follow):
            continue
        if _UNITS_AFTER.search(follow) or (m["d"] == m["m"] and "/" in m[0]):
            continue
        day = resolve(int(m["d"]), int(m["m"]), None, sent)
        if day:
            out.append(Mention(day=day, time=None, start=m.start(), end=m.end(), year_given=False))
    return out


@lru_cache(maxsize=64)
def _same_number(number: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\d){number}(?:-?го)?\s(?P<m>{MONTH})(?![а-яё])", re.I)


def _is_no_day(text: str, m: re.Match[str]) -> bool:
    """ "Были в очереди 14-е", "перенести на 12-е", "в начале 9-го вечера": a place in a row, a day to come, an hour."""
    follow = after(text, m.end(), 14)
    if _HOUR_AFTER.match(follow):
        return True
    if m["w3"]:
        return _ROW_AFTER.match(follow) is not None
    if not m["d"] or not m[0].endswith(("е", "Е")):
        return False
    lead = before(text, m.start(), 50)
    moved = lead.endswith("на ") and "ноч" not in lead
    return moved or _ROW.search(lead) is not None or _ROW_AFTER.match(follow) is not None


def _counts_things(text: str, end: int) -> bool:
    """Whether a noun in the genitive follows: "второго третьего класса"."""
    word = _NEXT_WORD.match(text, end)
    return word is not None and any({"NOUN", "gent"} in p.tag for p in parses(word[1].lower()) if p.score >= _LIKELY)


def _stands_in_place(text: str, start: int) -> bool:
    """Whether "в", "на" and a place lead there: "в классе первого второго"."""
    place = _IN_PLACE.search(before(text, start, 30))
    return place is not None and {"NOUN", "loct"} in parses(place[1])[0].tag


def day_alone(text: str, sent: datetime | None) -> list[Mention]:
    """ "12-го", "5 числа": the latest such day of a month, not after the Date."""
    if sent is None:
        return []
    out = []
    for m in matches(_DAY_ONLY, text):
        word = m["d"] or m["w"] or m["w2"] or m["w3"] or m["w4"] or m["w5"] or m["w6"]
        if _is_no_day(text, m):
            continue
        if m["w6"] and _OF_CHILDREN.search((before(text, m.start(), 40) + after(text, m.end(), 40)).replace("ё", "е")):
            continue
        today = sent.date()
        if "прошлого месяца" in after(text, m.end(), 20):
            today = today.replace(day=1) - timedelta(days=1)
        start = m.start() if m["d"] or m["w"] else m.end() - len(word)
        named = _IN_MONTH.search(before(text, start, 40))
        day = latest_day_of_month(day_number(word), today)
        month = _same_number(word).search(text, max(0, m.start() - _NEAR), m.start()) if m["d"] else None
        if month:  # "запись с 6 июля на 9-е, а в приглашении всё равно 6-е"
            day = resolve(int(word), month_number(month["m"]), None, sent)
        if named:  # "в конце мая, точнее 28-го"
            years = (
                day_of(year, month_number(named["m"] or named["m2"]), day_number(word))
                for year in (today.year, today.year - 1)
            )
            day = next((one for one in years if one and one <= today), None)
        if day:
            out.append(Mention(day=day, time=None, start=start, end=m.end(), year_given=False))
    return out
