"""Russian words around numbers, dates and files."""

from datetime import datetime

MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
MISSING = {
    "fio": "фамилии, имени и отчества",
    "inn_or_account": "ИНН или номера личного кабинета",
    "date": "даты, когда это случилось",
    "description": "описания того, что случилось",
    "ogrn": "ОГРН организации",
}
FORM = {
    "fio": "Фамилия, имя, отчество:",
    "inn_or_account": "ИНН (или номер личного кабинета):",
    "date": "Когда это случилось (дата и, если помните, время):",
    "description": "Что случилось:",
    "ogrn": "ОГРН организации:",
}
KNOWN = {
    "fio": "ФИО",
    "inn": "ИНН",
    "account": "личный кабинет",
    "snils": "СНИЛС",
    "date": "дата",
    "description": "описание",
}
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


def listed(parts: list[str]) -> str:
    """а, б и в."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} и {parts[-1]}"


def masked(value: str) -> str:
    """All but the last four digits hidden: a forged sender must learn nothing."""
    return "•" * max(0, len(value) - 4) + value[-4:]


def megabytes(size: int) -> str:
    """7,4 МБ; under a tenth in whole kilobytes."""
    if size < 100_000:
        return f"{max(1, size // 1024)} КБ"
    return f"{size / 1024 / 1024:.1f}".replace(".", ",") + " МБ"


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
        "mismatch": "содержимое не то, что обещает название; сохраните файл заново как PDF, JPG или PNG",
        "size": f"{megabytes(size)}, а предел 5 МБ; уменьшите файл или пришлите частями",
        "encrypted": "закрыт паролем, пришлите без пароля",
        "malware": "проверка нашла вирус, файл не сохранён; проверьте компьютер",
        "active-content": "внутри есть программа; сохраните файл заново как простой PDF, например через печать",
        "corrupt": "не открывается, похоже, повреждён; пришлите ещё раз",
    }[reason]
