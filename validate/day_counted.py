"""Days counted back from the Date header: "вчера", "три дня назад", "в прошлый вторник", "в ночь на субботу"."""

import re
from datetime import datetime, timedelta

from intake.caseless import Caseless
from validate.day_calendar import Mention, matches
from validate.day_words import NUMBER_WORD, WEEKDAY, number_of, weekday_number
from validate.legible import after, before

_TODAY = (
    r"сегодня(?:шн\w{1,4})?|с[её]дня|сегоня|севодня|сигодня|сиводня|только что(?! (?:это|то|он[оаи]?|бы|и|не)(?![а-яё]))|сию минуту|прямо сейчас|этой ночью|"
    r"нынче(?= (?:утром|дн[её]м|ночью|вечером|с утра))|(?:сейчас|на данный момент|в данный момент|на часах),?(?= (?:уже )?(?:[01]?\d|2[0-3])[:.][0-5]\d)|"
    r"(?:сейчас|на часах),?(?= (?:уже |почти |около )?(?:\d{1,2}|[а-яё]{3,12}) (?:час(?:а|ов)? )?(?:утра|дня|вечера|ночи)(?![а-яё]))"
)
_EARLIER = r"поза-?позавчера(?:шн\w{1,4})?|(?:поза)?вч[еио]ра(?:шн\w{1,4}|сь)?|(?<!половине )(?<!половину )(?<!начале )(?<!конце )(?<!минут )(?<!четверть )(?<!пол)третьего дня"
_RELATIVE = Caseless(rf"(?<![а-яё])(?:(?P<d0>{_TODAY})|(?P<d1>{_EARLIER}))(?![а-яё])")
_UNIT = r"(?:минут[уы]?|минуток|четверть часа|час(?:а|ов|ик\w{0,3})?|полчаса|ден[её]?[кь]|дн(?:я|ей)|суток|сутки|недел[юиь]|недель)"
_AGO = Caseless(
    rf"(?<![а-яё\d])(?:(?:(?P<n>\d{{1,3}}|{NUMBER_WORD})\s+)?(?P<u>{_UNIT})|(?P<u2>{_UNIT})\s+(?:так\s+)?(?P<n2>\d{{1,3}}|{NUMBER_WORD}))"
    r"\s+(?:(?:тому\s+)?назад|тому|как(?=\s+(?:не|ни|уже|только|[а-я]+(?:л|ла|ли|ло))(?![а-яё])))(?![а-яё])",
)
_ONE = frozenset(
    ("минуту", "час", "часа", "часик", "полчаса", "четверть часа", "день", "денёк", "денек", "сутки", "неделю")
)  # "часов назад" counts nothing
_HOURS = {"полчаса": 0.5, "четверть часа": 0.25}
_ROW_WORDS = ("втор", "трет", "четверт", "пят", "шест", "седьм", "восьм", "девят", "десят")
_IN_A_ROW = Caseless(
    r"(?<![а-яё\d\-])(?P<w>(?P<n>\d{1,2})-?(?:о?й|ые|и)|втор(?:ой|ые)|трет(?:ий|ьи)|четв[её]рт(?:ый|ые)|пят(?:ый|ые)|шест(?:ой|ые)|седьм(?:ой|ые)|"
    r"восьм(?:ой|ые)|девят(?:ый|ые)|десят(?:ый|ые)) (?:день|сутки)(?![а-яё])(?! (?:после|с(?![а-яё])|от(?![а-яё])|месяц|недел|болезни|отпуск|рожд))"
)
_LONGEST_ROW = 14  # further back nobody counts to the day
_OF_A_STORY = re.compile(r"(?:на|в|за) $")  # "на третий день пришёл ответ" counts from another day
_PASSED = r"прошл\w{2,3}|прошедш\w{2,3}|минувш\w{2,3}"
_WEEKDAY = Caseless(
    rf"(?<![а-яё])(?P<p>(?P<night>(?:в ночь (?:с[а-яё ]{{3,16}} )?|(?:(?<=ночи )|(?<=ночью ))со? [а-яё]{{5,12}} )на)|"
    rf"в|во|с|со|ещ[её] в|ещ[её] со?|утром в|{_PASSED}|эт(?:у|от|о|ой)|тот|ту|вечером в|вечером во|от|утра|вечера|ночи|обеда|утром|вечером|ночью)\s+"
    rf"(?:(?P<q>{_PASSED}|эт(?:у|от|о|ой)|ближайш\w{{2,3}}|следующ\w{{2,3}}|позапрошл\w{{2,3}}|ту|тот|сам\w{{2,3}})\s+)?(?P<w>{WEEKDAY}|(?<=[вВ] )(?:ср|вс)(?!\.))(?![а-яё])",
)
_WEEKDAY_FIRST = Caseless(
    r"(?:^|(?<=[.!?\n])\s?)(?P<w>понедельник|вторник|среда|четверг|пятница|суббота|воскресенье)(?=,\s)", re.M
)
_LAST_WEEK = re.compile(r"(?<![а-яё])(?:прошлой|той|прошедшей|минувшей) недел[еи]")
_BEFORE_LAST_WEEK = re.compile(r"позапрошлой недел[еи]")


def said_of_today(text: str, sent: datetime | None) -> list[Mention]:
    """ "сегодня", "вчера", "третьего дня", "сейчас 18:20"."""
    if sent is None:
        return []
    out = []
    for m in matches(_RELATIVE, text):
        word = m[0].lower()
        back = (
            0
            if m["d0"]
            else 3
            if word.startswith(("позапоза", "поза-"))
            else 2
            if word.startswith(("поза", "трет"))
            else 1
        )
        out.append(
            Mention(day=sent.date() - timedelta(days=back), time=None, start=m.start(), end=m.end(), relative=True)
        )
    return out


def so_long_ago(text: str, sent: datetime | None) -> list[Mention]:
    """ "три дня назад", "полтора часа назад", "2 недели как": hours and minutes give the time too."""
    if sent is None:
        return []
    out = []
    for m in matches(_AGO, text):
        unit, number = (m["u"] or m["u2"]).lower(), m["n"] or m["n2"]
        count = _HOURS.get(unit) or (number_of(number) if number else 1.0)
        if count is None or (not number and unit not in _ONE):
            continue
        time = None
        if unit.startswith(("мин", "час", "полч", "четв")):
            then = sent - timedelta(minutes=count * (1 if unit.startswith("мин") else 60))
            time = None if (number or "").lower() == "пару" else f"{then:%H:%M}"
        else:
            then = sent - timedelta(days=int(count * (7 if unit.startswith("нед") else 1)))
        out.append(Mention(day=then.date(), time=time, start=m.start(), end=m.end(), relative=True))
    return out


def day_in_a_row(text: str, sent: datetime) -> Mention | None:
    """ "Третий день не могу войти": the first of the days that are counted up to the Date."""
    for m in matches(_IN_A_ROW, text):
        word = m["w"].lower().replace("ё", "е")
        number = int(m["n"]) if m["n"] else next(n for n, stem in enumerate(_ROW_WORDS, 2) if word.startswith(stem))
        if 1 < number <= _LONGEST_ROW and not _OF_A_STORY.search(before(text, m.start(), 4)):
            day = sent.date() - timedelta(days=number - 1)
            return Mention(day=day, time=None, start=m.start(), end=m.end(), relative=True)
    return None


def weekdays(text: str, sent: datetime | None) -> list[Mention]:
    """ "во вторник", "с понедельника": the latest such day before the Date; "на той неделе" moves it."""
    if sent is None:
        return []
    out = []
    for m in [*matches(_WEEKDAY, text), *matches(_WEEKDAY_FIRST, text)]:
        words = m.groupdict()
        qualifier = (words.get("q") or words.get("p") or "с").lower()
        if qualifier.startswith(("следующ", "ближайш")):
            continue
        back = _days_back(text, m, qualifier, sent)
        may_come = qualifier in ("в", "во", "утром в", "вечером в", "вечером во", "от", "ту", "тот")
        day = sent.date() - timedelta(days=back)
        out.append(Mention(day=day, time=None, start=m.start(), end=m.end(), relative=True, may_come=may_come))
    return out


def _days_back(text: str, m: re.Match[str], qualifier: str, sent: datetime) -> int:
    weekday = weekday_number(m["w"])
    back = (sent.weekday() - weekday) % 7 or 7
    around = before(text, m.start(), 30) + m[0].lower() + after(text, m.end(), 25)
    if _BEFORE_LAST_WEEK.search(around):
        return sent.weekday() - weekday + 14
    if _LAST_WEEK.search(around):
        return sent.weekday() - weekday + 7
    if qualifier.startswith("позапрошл"):
        return back + 7
    if back == 7 and (qualifier.startswith("эт") or re.search(r"сегодня,? ?$", before(text, m.start(), 10))):
        return 0
    if back == 7 and qualifier.startswith("в ночь"):
        return 0
    return back
