"""Russian words around numbers, dates and files."""

import math
from collections.abc import Sequence
from datetime import datetime

MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
MISSING = {  # after «Не хватает:»
    "fio": "фамилии, имени и отчества",
    "inn_or_account": "ИНН или номера личного кабинета",
    "date": "даты, когда это случилось",
    "description": "рассказа о том, что случилось",
    "ogrn": "ОГРН организации",
}
WANTED = {  # after «пришлите»
    "fio": "фамилию, имя и отчество",
    "inn_or_account": "ИНН или номер личного кабинета",
    "date": "дату, когда это случилось",
    "description": "рассказ о том, что случилось",
    "ogrn": "ОГРН организации",
}
KNOWN = {
    "fio": "ФИО",
    "inn": "ИНН",
    "account": "личный кабинет",
    "snils": "СНИЛС",
    "ogrn": "ОГРН",
    "date": "дата",
    "description": "что случилось",
}
CHECK = {"inn": "ИНН", "account": "номер личного кабинета", "snils": "СНИЛС", "ogrn": "ОГРН"}  # after «Проверьте»
MASKED = frozenset({"inn", "account", "snils"})
FORMATS = {
    "image/heic": "HEIC",
    "image/heif": "HEIC",
    "application/zip": "ZIP",
    "image/webp": "WEBP",
    "image/tiff": "TIFF",
}


def plural(number: int, one: str, few: str, many: str) -> str:
    """1 файл, 2 файла, 5 файлов."""
    if number % 10 == 1 and number % 100 != 11:
        word = one
    elif number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14):
        word = few
    else:
        word = many
    return f"{number} {word}"


def day(moment: datetime) -> str:
    """15 марта 2026 г."""
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year} г."


def listed(parts: Sequence[str]) -> str:
    """а, б и в; with a semicolon between where a part has a comma or an «и» of its own."""
    if len(parts) < 2:
        return "".join(parts)
    if any("," in part or " и " in part for part in parts[:-1]) or len(parts) > 2:
        return "; ".join(parts)
    return f"{parts[0]} и {parts[1]}"


def masked(value: str) -> str:
    """All but the last four digits hidden: a forged sender must learn nothing."""
    return "•" * max(0, len(value) - 4) + value[-4:]


def megabytes(size: int) -> str:
    """7,4 МБ, 40 МБ; under a tenth in whole kilobytes. Rounded up: one byte over 5 МБ is not «5 МБ»."""
    if size < 100_000:
        return f"{max(1, size // 1024)} КБ"
    tenths = math.ceil(size * 10 / 1024 / 1024)
    return f"{tenths // 10}{f',{tenths % 10}' if tenths % 10 else ''} МБ"


def file_name(name: str | None) -> str:
    """A file's name fit for a letter: at most 40 characters, nothing that turns into a link (rulings 20)."""
    if not name:
        return "файл без имени"
    stem, dot, ending = name.rpartition(".")
    stem = (stem if dot else name).replace(".", "_")
    for sign in "/:@\\<>":
        stem, ending = stem.replace(sign, "_"), ending.replace(sign, "_")
    whole = f"{stem}.{ending}" if dot else stem
    return whole if len(whole) <= 40 else f"{stem[: 38 - len(ending)]}…{'.' + ending if dot else ''}"


def remedy(reason: str, *, type_: str, size: int) -> str:
    """Why a file was refused and what to do."""
    if reason == "type":
        known = FORMATS.get(type_)
        return f"{f'формат {known}' if known else 'такой формат'} не принимаем, пришлите JPG, PNG или PDF"
    return {
        "empty": "файл пустой, пришлите его ещё раз",
        "mismatch": "внутри не то, что сказано в названии; сохраните файл заново как PDF, JPG или PNG и пришлите",
        "size": f"размер {megabytes(size)}, а принимаем до 5 МБ; уменьшите файл или пришлите по частям",
        "encrypted": "файл закрыт паролем, пришлите его без пароля",
        "malware": "проверка нашла в нём вирус, файл мы не открывали; проверьте свой компьютер антивирусом",
        "active-content": "внутри файла есть программа; пришлите обычный PDF или фотографию документа",
        "corrupt": "файл не открывается, похоже, он повреждён; пришлите его ещё раз",
    }[reason]
