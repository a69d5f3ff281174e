"""Numbers, months and weekdays as words: what they look like in every case, and which number each is."""

import re
from functools import lru_cache

_DAYS = {
    1: "перв", 2: "втор", 3: "трет", 4: "четверт", 5: "пят", 6: "шест", 7: "седьм", 8: "восьм", 9: "девят", 10: "десят",
    11: "одиннадцат", 12: "двенадцат", 13: "тринадцат", 14: "четырнадцат", 15: "пятнадцат", 16: "шестнадцат", 17: "семнадцат",
    18: "восемнадцат", 19: "девятнадцат", 20: "двадцат", 30: "тридцат",
}  # fmt: skip
_MONTHS = ("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр")
_WEEKDAYS = ("понедельник", "вторник", "сред", "четверг", "пятниц", "суббот", "воскресень")
_COUNTS = {
    "один": 1, "одну": 1, "одна": 1, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6, "семь": 7, "восемь": 8, "девять": 9,
    "десять": 10, "двенадцать": 12, "двое": 2, "трое": 3, "четверо": 4, "пятнадцать": 15, "двадцать": 20, "тридцать": 30, "сорок": 40, "полтора": 1.5, "полторы": 1.5, "пару": 2,
}  # fmt: skip

_ENDING = r"(?:ого|ое|ому|ым|ьего|ье|ьему)"
DAY_WORD = (
    rf"(?:(?:двадцать|тридцать)\s+)?(?:перв|втор|трет|четв[её]рт|пят|шест|седьм|восьм|девят|десят|одиннадцат|двенадцат|тринадцат|"
    rf"четырнадцат|пятнадцат|шестнадцат|семнадцат|восемнадцат|девятнадцат|двадцат|тридцат){_ENDING}"
)
MONTH = (
    r"(?:январ[яье]|феврал[яье]|марта?|апрел[яье]|ма[яй]|июн[яье]|июл[яье]|августа?|сентябр[яье]|октябр[яье]|ноябр[яье]|декабр[яье]|"
    r"янв|фев(?:р)?|мар|апр|авг|сен(?:т)?|окт|ноя(?:б)?|дек)"
)
IN_MONTH = rf"(?:марте|мае|августе|{MONTH})"  # "в марте"
WEEKDAY = r"(?:понедельника?|вторника?|сред[уы]|четверга?|пятниц[уы]|суббот[уы]|воскресень[ея]|пнд|втр|срд|чтв|птн|пн|вт|чт|пт|сб)"
NUMBER_WORD = r"(?:" + "|".join(_COUNTS) + r")"
_SHORT_WEEKDAYS = {
    "пн": 0,
    "вт": 1,
    "ср": 2,
    "чт": 3,
    "пт": 4,
    "сб": 5,
    "вс": 6,
    "пнд": 0,
    "втр": 1,
    "срд": 2,
    "чтв": 3,
    "птн": 4,
}
ENGLISH_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)"
)
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ROMAN = r"(?:I{1,3}|IV|VI{0,3}|I[XХ]|[XХ]I{0,2})"
_ROMANS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_MONTHS_WRITTEN = {
    form: number
    for number, forms in enumerate(
        (
            "января январь",
            "февраля февраль",
            "марта март",
            "апреля апрель",
            "",
            "июня июнь",
            "июля июль",
            "августа август",
            "сентября сентябрь",
            "октября октябрь",
            "ноября ноябрь",
            "декабря декабрь",
        ),
        1,
    )
    for form in forms.split()
}


def day_number(word: str) -> int:
    """ "12", "двенадцатого", "двадцать первое": the number of a day."""
    if word.isdigit():
        return int(word)
    total = 0
    for part in word.lower().replace("ё", "е").split():
        stem = re.sub(rf"{_ENDING}$|ь$", "", part)
        total += next(number for number, known in _DAYS.items() if known == stem)
    return total


def month_number(word: str) -> int:
    """ "марта", "мар": 3."""
    word = word.lower()
    if word in ("мая", "май", "мае"):
        return 5
    if word.isascii():
        return _ENGLISH.index(word[:3]) + 1
    return next(n for n, stem in enumerate(_MONTHS, 1) if n != 5 and (word.startswith(stem) or stem.startswith(word)))


def roman_month(word: str) -> int:
    """ "III": 3; a Cyrillic Х is read as X."""
    return _ROMANS.index(word.replace("Х", "X")) + 1


@lru_cache(maxsize=1024)
def misspelt_month(word: str) -> int | None:
    """ "мрата", "февраял", "дикабря": a month with one letter wrong, lost, doubled or two exchanged; not its first."""
    word = word.lower()
    return next((number for month, number in _MONTHS_WRITTEN.items() if _one_off(word, month)), None)


def _one_off(word: str, month: str) -> bool:
    if word[0] != month[0] or abs(len(word) - len(month)) > 1 or word == month or len(word) < 5:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, month, strict=False)) if a != b), min(len(word), len(month)))
    rest, other = word[at:], month[at:]
    swapped = rest[:2] == other[:2][::-1] and rest[2:] == other[2:]
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]


def weekday_number(word: str) -> int:
    """ "среду": 2, Monday being 0."""
    word = word.lower()
    if word in _SHORT_WEEKDAYS:
        return _SHORT_WEEKDAYS[word]
    return next(n for n, stem in enumerate(_WEEKDAYS) if word.startswith(stem))


def number_of(word: str) -> float | None:
    """ "3", "три", "полтора"; null for what is no exact count."""
    return float(word) if word.isdigit() else _COUNTS.get(word.lower())
