"""Reads when it happened, against the Date header in its own zone.

Every date of the letter is collected with the words around it, then one is chosen:

1. A date beside a label ("Дата обращения:", "когда случилось:") is taken before all others.
2. Dates that words claim for something else are left alone: births, issues of passports, laws and orders,
   contracts and other papers, deadlines, visits to come.
3. Of the rest, one in a sentence that tells of the trouble goes before one that tells of filing, paying or calling.
4. Of equals, the first told.

What lies after the Date header is refused, and so is a day that the calendar lacks. Without a Date header words like
"вчера" and days without a year give nothing. "На днях", "на прошлой неделе", "в марте" name no day and give nothing.
A time is taken with its date when it stands in the same sentence, or in the next one, before any other date.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

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
from validate.findings import Found
from validate.legible import after, before
from validate.times import Clock, in_part, times_in
from validate.translit import is_latin_russian, to_cyrillic

_OLDEST_YEARS = 3  # a letter to a support desk tells of the last years; older dates are births and papers
_REACH = 110  # how far after its date a time may stand


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mention:
    """One date in the text."""

    day: date
    time: str | None
    start: int
    end: int
    year_given: bool = True
    relative: bool = False
    may_come: bool = False  # a weekday that nothing says is past


_LEFT = r"(?<![\d.\-/:№])"
_NUMERIC = re.compile(
    rf"{_LEFT}(?:(?P<y1>(?:19|20)\d\d)[.\-/](?P<m1>0?[1-9]|1[0-2])[.\-/](?P<d1>[0-2]?\d|3[01])|"
    r"(?P<d2>[0-2]?\d|3[01])(?P<s>[.\-/]| ?\. )(?P<m2>0?[1-9]|1[0-2])(?P=s)(?P<y2>(?:19|20)?\d\d))(?![\d\-/]|\.\d)"
)
_SHORT = re.compile(r"(?<![\d.\-/:№,])(?P<d>[0-2]?\d|3[01])[./](?P<m>0[1-9]|1[0-2])(?![\d\-/:%]|\.\d|,\d)")
_WORDY = re.compile(
    rf"(?<![\d.\-/:№а-яё])(?P<d>[0-2]?\d|3[01]|{DAY_WORD})(?:\s?-?\s?(?:го|ого|его|е|ое))?(?:\s{{1,2}}|\s?-\s?|\.)(?P<m>{MONTH})(?![а-яё])\.?"
    r"(?:[\s,]{1,3}(?P<y>20\d\d|\d\d(?=\s?г))(?!\d)(?:\s?г(?:ода|од|\.)?(?![а-яё]))?)?",
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
_WEEKDAY = re.compile(
    rf"(?<![а-яё])(?P<p>в|во|с|со|ещ[её] в|ещ[её] со?|утром в|прошл\w{{2,3}}|минувш\w{{2,3}}|эт(?:у|от|о|ой)|тот|ту|вечером в|вечером во|от)\s+"
    rf"(?:(?P<q>прошл\w{{2,3}}|минувш\w{{2,3}}|эт(?:у|от|о|ой)|ближайш\w{{2,3}}|следующ\w{{2,3}}|позапрошл\w{{2,3}}|ту|тот|сам\w{{2,3}})\s+)?(?P<w>{WEEKDAY})(?![а-яё])",
    re.I,
)

_LABEL = re.compile(
    r"(?:дата(?:\s+и\s+время)?(?:\s+(?:и\s+время\s+)?(?:обращения|проблемы|события|происшествия|случая|возникновения(?:\s+\w+)?|инцидента|ошибки|сбоя|когда\s+\w+))?|"
    r"когда(?:\s+(?:это\s+)?(?:случилось|произошло|возникл[ао]|было|началось))?|день|число)\s*[:=\t—–-]\s*$"
)
_NOT_EVENT_BEFORE = re.compile(
    r"(?:рожд\w*|родил\w+(?: \w+){0,2}|д\.? ?р\.?|года? рожд\w*|выдан\w{0,2}|выдал[аи]?|дата выдачи|паспорт\w*(?: \d{2} ?\d{2} ?\d{6})?,?(?: от)?|"
    r"(?:фз|закон\w{0,4}|приказ\w{0,3}|постановлени\w{1,3}|указ\w{0,3}|распоряжени\w{1,3}|кодекс\w{0,3}|регламент\w{0,3}|редакци\w{1,3}|"
    r"договор\w{0,3}|свидетельств\w{1,3}|справк\w{1,3}|доверенност\w{1,3}|лицензи\w{1,3}|полис\w{0,3}|сертификат\w{0,3}|диплом\w{0,3}|решени\w{1,3} суда)[^.!?;\n]{0,40}\sот|"
    r"до|не позднее|не позже|срок\w*(?: до| -)?|к|ко|истека\w+|истек\w+|действ\w+(?: с| по| до)?|годен до|по|планир\w+(?: на)?|назнач\w+ на|переда\w+ до|не раньше|начиная с|"
    r"кажд\w{2,3} (?:год|месяц|неделю),?|ежегодно|ежемесячно|сейчас(?: уже)?|исполн\w+|заканчива\w+|законч\w+|зарегистрирован\w* по|состоится|будет|откро\w+|день рождения)\s*[:—–-]?\s*$"
)
_APPOINTED_BEFORE = re.compile(
    r"(?:запис\w+|талон\w*|билет\w*|бронь|при[её]м\w*|назнач\w*|на)\s+(?:\w+\s+){0,2}?на\s*$|(?<![а-яё])на\s*$"
)
_PAST = re.compile(r"[а-я]{2}(?:л|ла|ли|ло|лся|лась|лось|лись)(?![а-я])|[а-я]{3}[еая]н[аоы]?(?![а-я])")
_LEAVING_AFTER = re.compile(r"^\s*(?:я |мы |у меня |мне |уже )*(?:у|вы|при|по)?(?:лета|лечу|езжа|еду|едем|хожу|иду|ложусь|ложат|будет|нужно|надо|операци|свадьб|истека|суд(?![а-я])|экзамен|при[её]м(?![а-я]))")
_BOOKED = re.compile(r"(?:записан\w{0,2}|талон\w{0,2}|запись)[^.!?;,]{0,30}\s*$")
_FROM_BEFORE = re.compile(r"(?<![а-яё])(?:с|со|после|в|во)\s*$")
_NOT_EVENT_AFTER = re.compile(
    r"^[\s,(]*(?:г\.?\s?р|года?\s+рожд|рожд|\(?д\.?\s?р\.|г\.\s?р|года\s+выдачи|№\s?\d|n\s?\d+-фз|№?\s?\d+-фз|истека|заканчива|срок|дедлайн|крайний|состоится|будет|должны?\s+быть|мне\s+(?:исполн|\d\d))"
)
_TROUBLE = re.compile(
    r"ошибк|немо[гж]|не (?:мо[гж]|могу|могла|смог|рабо|приход|приш|прош|загру|откры|отправ|пуска|зашл|захо|прин|получ|отобра|появ|видн|созда|вид|дозвон|ответ|удал|сохр|подтв|подпис|запу)|"
    r"отказ|пропал|исчез|спис|заблок|вылет|вылета|завис|взлом|слом|сбой|сбои|перест|отмен|сняли|потер|крути|обнул|сброс|недоступ|нахам|нагруб|груб|бросил|выкин|не\s+да|двойн|дважды|повторно|чужо|мошен|украл|начал|случил|произош|возник|пытал|пробов|попыт|вместо|закрыл|верну|удалил|глюч|висит|тормоз|падает|упал|слете|снял"
)
_FILING = re.compile(
    r"подал|подав|отправил|направил|оформил|оформля|заказал|заказыв|записал|оплатил|заплатил|обращал|обратил|звонил|писал|написал|регистрир|зарегистр|получил|сменил|поменял|купил|переехал|родил|вышла замуж|развел"
)
_PARTS = re.compile(r"(?<![а-яё])(утром|утра|днем|вечером|ночью|с утра|под вечер|к вечеру)(?![а-яё])")
_ENDS = re.compile(r"(?<!\sг)[.!?…](?=\s+[А-ЯЁA-Z«\"\d])|[;\n]")
_COMMA = re.compile(r",| а | но | потом ")
_STREET = re.compile(
    r"(?:ул|улиц\w|пл|площад\w|пер|переулок|пр|просп|проспект\w?|шоссе|бульвар\w?|мкр|им|имени|кинотеатр\w?)\.?\s*$"
)
_UNITS_AFTER = re.compile(r"^\s?(?:руб|р\.|р(?![а-я])|₽|коп|%|мб|гб|кг|м(?![а-я])|см|час|мин|тыс|балл)")
_FINE = re.compile(r"еще бы[лв]|работал|нормальн|все было|еще пускал|открывал|до этого|раньше")


def find_date(text: str, sent: datetime | None) -> Found | None:
    """When it happened: "2026-03-15" or "2026-03-15T14:30"; null where the text names no such day."""
    if is_latin_russian(text):
        text = to_cyrillic(text)
    mentions = _mentions(text, sent)
    ranked = [(rank, m) for m in mentions if (rank := _rank(text, m, mentions, sent)) is not None]
    if not ranked:
        return None
    best = max(ranked, key=lambda pair: (pair[0], -pair[1].start))[1]
    return _with_time(text, best, mentions, sent)


def _mentions(text: str, sent: datetime | None) -> list[_Mention]:
    """All dates that the calendar has, none overlapping, in the order they stand."""
    found: list[_Mention] = []
    readers = (_numeric, _wordy, _short, _ago, _relative, _weekday, _day_only)
    for read in readers:
        for mention in read(text, sent):
            if not any(m.start < mention.end and mention.start < m.end for m in found):
                found.append(mention)
    return _joined(text, sorted(found, key=lambda m: m.start))


def _joined(text: str, mentions: list[_Mention]) -> list[_Mention]:
    """ "Во вторник, 17 марта" is one mention when both name the same day."""
    out: list[_Mention] = []
    for mention in mentions:
        last = out[-1] if out else None
        if last and last.day == mention.day and not text[last.end : mention.start].strip(" ,(—–-\n"):
            out[-1] = replace(mention, start=last.start, time=last.time or mention.time)
        else:
            out.append(mention)
    return out


def _numeric(text: str, sent: datetime | None) -> list[_Mention]:
    out = []
    for m in _NUMERIC.finditer(text):
        year = int(m["y1"] or m["y2"])
        year += 2000 if year < 70 else 1900 if year < 100 else 0
        day = _day(year, int(m["m1"] or m["m2"]), int(m["d1"] or m["d2"]))
        if day and not (m["s"] == "-" and re.search(r"(?:тел|моб|дом)\w*\.?:?\s*$", before(text, m.start(), 15))):
            out.append(_Mention(day=day, time=None, start=m.start(), end=m.end()))
    return out


def _wordy(text: str, sent: datetime | None) -> list[_Mention]:
    out = []
    for m in _WORDY.finditer(text):
        year = int(m["y"]) if m["y"] else None
        if year is not None and year < 100:
            year += 2000
        day = _resolve(day_number(m["d"]), month_number(m["m"]), year, sent)
        if day and not _STREET.search(before(text, m.start(), 12)):
            out.append(_Mention(day=day, time=None, start=m.start(), end=m.end(), year_given=year is not None))
    return out


def _short(text: str, sent: datetime | None) -> list[_Mention]:
    """ "12.03" and "12/03": only where a word or a time beside it makes it a day."""
    out = []
    for m in _SHORT.finditer(text):
        lead, follow = before(text, m.start(), 25), after(text, m.end(), 14)
        if re.search(
            r"(?:верси\w{1,3}|формат\w{0,3}|сборк\w{1,3}|билд\w?|воспроизводится|пункт\w*|п\.|ст\.|android|ios|v|руб\w*|на сумму|в)\s*$", lead
        ) and not re.search(r"в \d\d?[:.]\d\d", follow):
            continue
        if _UNITS_AFTER.search(follow) or (m["d"] == m["m"] and "/" in m[0]):
            continue
        day = _resolve(int(m["d"]), int(m["m"]), None, sent)
        if day:
            out.append(_Mention(day=day, time=None, start=m.start(), end=m.end(), year_given=False))
    return out


def _day_only(text: str, sent: datetime | None) -> list[_Mention]:
    """ "12-го", "5 числа": the latest such day of a month, not after the Date."""
    if sent is None:
        return []
    out = []
    for m in _DAY_ONLY.finditer(text):
        number = int(m["d"]) if m["d"] else day_number(m["w"])
        day = _latest_day_of_month(number, sent.date())
        if day:
            out.append(_Mention(day=day, time=None, start=m.start(), end=m.end(), year_given=False))
    return out


def _relative(text: str, sent: datetime | None) -> list[_Mention]:
    if sent is None:
        return []
    out = []
    for m in _RELATIVE.finditer(text):
        word = m[0].lower()
        back = 0 if m["d0"] else 2 if word.startswith(("поза", "треть")) else 1
        out.append(
            _Mention(day=sent.date() - timedelta(days=back), time=None, start=m.start(), end=m.end(), relative=True)
        )
    return out


def _ago(text: str, sent: datetime | None) -> list[_Mention]:
    """ "три дня назад", "полтора часа назад": hours and minutes give the time too."""
    if sent is None:
        return []
    out = []
    for m in _AGO.finditer(text):
        unit, number = (m["u"] or m["u2"]).lower(), m["n"] or m["n2"]
        count = 0.5 if unit == "полчаса" else number_of(number) if number else 1.0
        if count is None:
            continue
        if unit.startswith(("мин", "час", "полч")):
            then = sent - timedelta(minutes=count * (1 if unit.startswith("мин") else 60))
            found = _Mention(day=then.date(), time=f"{then:%H:%M}", start=m.start(), end=m.end(), relative=True)
        else:
            days = count * (7 if unit.startswith("нед") else 1)
            found = _Mention(
                day=sent.date() - timedelta(days=int(days)), time=None, start=m.start(), end=m.end(), relative=True
            )
        out.append(found)
    return out


def _weekday(text: str, sent: datetime | None) -> list[_Mention]:
    """ "во вторник", "с понедельника": the latest such day before the Date; "на прошлой неделе" moves it."""
    if sent is None:
        return []
    out = []
    for m in _WEEKDAY.finditer(text):
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
            _Mention(day=sent.date() - timedelta(days=back), time=None, start=m.start(), end=m.end(), relative=True, may_come=may_come)
        )
    return out


def _rank(text: str, mention: _Mention, mentions: list[_Mention], sent: datetime | None) -> int | None:
    """How likely this day is the day of the trouble; null when it is surely another (docstring of the module)."""
    lead, follow = before(text, mention.start, 70), after(text, mention.end, 40)
    label = _LABEL.search(lead)
    if sent is not None and mention.day > sent.date():
        return None
    if label and not _NOT_EVENT_BEFORE.search(lead):
        return 100
    if _NOT_EVENT_BEFORE.search(lead) or _NOT_EVENT_AFTER.search(follow):
        return None
    if sent is not None and (sent.date() - mention.day).days > 366 * _OLDEST_YEARS:
        return None
    if mention.may_come and _may_come(text, mention, mentions):
        return None
    if not mention.year_given and _LEAVING_AFTER.search(follow):
        return None
    if sent is not None and not mention.year_given and _appointed(lead, mention, sent):
        return None
    return _sense(text, mention, mentions)


def _may_come(text: str, mention: _Mention, mentions: list[_Mention]) -> bool:
    """ "Ухожу в рейс в среду", "записан в четверг": a weekday is past only beside the past tense or trouble."""
    start, end = _clause(text, mention, mentions)
    words = text[start:end].lower().replace("ё", "е")
    return not (_PAST.search(words) or _TROUBLE.search(words)) or _BOOKED.search(before(text, mention.start, 40)) is not None


def _appointed(lead: str, mention: _Mention, sent: datetime) -> bool:
    """ "На 25 марта", "с 25 марта" written on the 20th is a day to come, not one of last year."""
    return (_APPOINTED_BEFORE.search(lead) or _FROM_BEFORE.search(lead)) is not None and (
        sent.date() - mention.day
    ).days > 180


def _sense(text: str, mention: _Mention, mentions: list[_Mention]) -> int:
    """20, more for trouble in its clause or a time beside it, less for filing, a visit or a paper."""
    start, end = _clause(text, mention, mentions)
    words = text[start:end].lower().replace("ё", "е")
    rank = 20
    if mention.relative and not _PAST.search(words) and not _TROUBLE.search(words):
        rank -= 8
    if _TROUBLE.search(words):
        rank += 10
    elif _FILING.search(words):
        rank -= 5
    if mention.relative and re.search(r"(?:на|до|за|хоть|нуж[а-я]{1,3}|надо|срочно)\s*$", before(text, mention.start, 10)):
        rank -= 15  # "по состоянию на сегодня" says until when, not when
    if _APPOINTED_BEFORE.search(before(text, mention.start, 40)):
        rank -= 8
    if re.search(r"(?:от|за)\s*$", before(text, mention.start, 10)):
        rank -= 6
    if _FINE.search(words):
        rank -= 8
    clock = _time_of(text, mention, mentions, reach=30)
    return rank + (6 if clock is not None and clock.exact else 0)


def _clause(text: str, mention: _Mention, mentions: list[_Mention]) -> tuple[int, int]:
    """The sentence around a date, 200 characters each way at most; where it names other dates, its own clause."""
    low, high = max(0, mention.start - 200), min(len(text), mention.end + 200)
    start = max((m.end() for m in _ENDS.finditer(text, low, mention.start + 1) if m.end() <= mention.start), default=low)
    stop = _ENDS.search(text, mention.end, high)
    end = stop.start() if stop else high
    earlier = max((m.end for m in mentions if start <= m.start and m.end <= mention.start), default=None)
    later = min((m.start for m in mentions if mention.end <= m.start < end), default=None)
    if earlier is not None:
        comma = _COMMA.search(text, earlier, mention.start)
        start = comma.end() if comma else earlier
    if later is not None:
        commas = list(_COMMA.finditer(text, mention.end, later))
        end = commas[-1].start() if commas else later
    return start, end


def _with_time(text: str, mention: _Mention, mentions: list[_Mention], sent: datetime | None) -> Found:
    written, time = text[mention.start : mention.end], mention.time
    clock = _time_of(text, mention, mentions, reach=20 if time else _REACH, sent=sent)
    if clock:
        start, end = min(mention.start, clock.start), max(mention.end, clock.end)
        time, written = str(clock), text[start:end]
    if time and sent is not None and mention.day == sent.date() and time > f"{sent:%H:%M}":
        time = None
    return Found(value=mention.day.isoformat() + (f"T{time}" if time else ""), written=written)


def _time_of(
    text: str, mention: _Mention, mentions: list[_Mention], *, reach: int, sent: datetime | None = None
) -> Clock | None:
    """The time that belongs to a date.

    1. Of the times after it, before any other date and within reach: the first exact one, else the first;
       one whose clause says that all was well then, or that names a visit, only when there is no other.
    2. Else the nearest before it. 3. A time that may be morning or evening is given by a word beside it, or, today,
    by what the Date header leaves possible; else it is not taken.
    """
    following = min((m.start for m in mentions if m.start >= mention.end), default=len(text))
    preceding = max((m.end for m in mentions if m.end <= mention.start), default=0)
    low, high = max(preceding, mention.start - 25), min(following, mention.end + reach)
    clocks = [replace(c, start=c.start + low, end=c.end + low) for c in times_in(text[low:high])]
    clocks = [
        c
        for c in (_settled(text, c, mention, sent) for c in clocks)
        if c and not _VISIT.search(before(text, c.start + 2, 30))
    ]
    later = [c for c in clocks if c.start >= mention.end]
    earlier = [c for c in clocks if c.end <= mention.start]
    if not later:
        return earlier[-1] if earlier else None
    troubled = [c for c in later if not _FINE.search(_clause_of(text, c))] or later
    near = [c for c in troubled if c.exact and not (troubled[0].exact)] if len(troubled) > 1 else []
    return near[0] if near else troubled[0]


_VISIT = re.compile(r"(?:на|до|по)\s+\S*$|(?:график|часы работы|работа\w{2,3}|прием|талон)\D{0,15}$")


def _clause_of(text: str, clock: Clock) -> str:
    return re.split(r"[.!?;,\n]", text[clock.end : clock.end + 60])[0].lower().replace("ё", "е")


def _settled(text: str, clock: Clock, mention: _Mention, sent: datetime | None) -> Clock | None:
    """A time made sure by the part of the day beside it or by the Date header; null when it stays unsure."""
    between = text[mention.start : clock.start + 1] if clock.start >= mention.start else ""
    part = _PARTS.search(between.lower().replace("ё", "е")[:60]) or _PARTS.search(after(text, clock.end, 10))
    if part and clock.hour < 12:
        return in_part(clock, part[1].split()[-1])
    if clock.sure:
        return clock
    if sent is None or mention.day != sent.date():
        return clock if clock.hour >= 12 else None
    now = f"{sent:%H:%M}"
    possible = [c for c in (clock, replace(clock, hour=(clock.hour + 12) % 24)) if str(c) <= now and c.hour >= 6]
    return possible[0] if len(possible) == 1 else None


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
