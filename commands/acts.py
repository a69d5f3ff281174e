"""The act of destruction and the export of the event journal, as Roskomnadzor's order 179 of 28.10.2022 asks for them.

The act has what the order's paragraph 3 lists; what a program cannot know (names and signatures of the people) is left
to be filled in. The person concerned is named by the ticket's number, "other information that relates to them": an act
that repeats what it says was destroyed would keep it. Both are kept for three years (paragraph 8).
"""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from service.settings import Settings
from store.erasing import Erased, Reason

CATEGORIES = {
    Erased.LETTER: "письмо гражданина целиком с файлами: ФИО, адрес почты, ИНН, СНИЛС, телефон, содержание",
    Erased.TICKET: "сведения заявки: ФИО, адрес почты, ИНН, номер кабинета, СНИЛС, ОГРН, телефон, описание обращения",
    Erased.REPLY: "ответ гражданину: адрес почты, содержание ответа",
    Erased.FORM: "неподтверждённая заявка с сайта: ФИО, адрес почты, ИНН, телефон, содержание, файлы",
    Erased.ACCESS: "записи журнала доступа к заявкам",
}
REASONS = {
    Reason.RETENTION: "истёк срок хранения (достижение цели обработки)",
    Reason.REQUEST: "требование субъекта персональных данных",
}
BLOBS = {
    "file": "перезапись нулями и удаление файлов писем",
    "s3": "удаление объектов с письмами из хранилища S3 (прежние версии удаляет само хранилище по своим настройкам)",
}
TABLES = {
    "sqlite": "удаление значений из базы данных с перезаписью освобождённых страниц, очистка журнала базы и поискового "
    "индекса",
    "postgresql": "удаление значений из базы PostgreSQL и её поискового индекса с освобождением места (VACUUM), без "
    "перезаписи; журнал базы (WAL) и его архив удаляются по её настройкам",
}
ON_SERVER = "удаление копии письма на почтовом сервере"
LOG_LEFT = "журнал базы ещё не очищен: его читала другая программа; очистит следующий запуск purge"
BLANK = "____________________"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What is still to go."""

    on_server: int  # copies on the mail server
    log: bool  # the store's log holds what was


def write_act(folder: Path, act: str, lines: Sequence[Any], settings: Settings, rest: Rest) -> tuple[Path, Path]:
    """The act and the journal as files, readable by their owner alone; where they lie."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text, table = folder / f"акт-{act}.txt", folder / f"журнал-{act}.csv"
    for path in (text, table):
        path.touch(mode=0o600)
    text.write_text("\n".join(_act(act, lines, settings, rest)) + "\n", encoding="utf-8")
    with table.open("w", encoding="utf-8", newline="") as file:
        _journal(csv.writer(file, delimiter=";"), lines, settings)
    return text, table


def _act(act: str, lines: Sequence[Any], settings: Settings, rest: Rest) -> list[str]:
    kept, zone = settings.retention, ZoneInfo(settings.desk.timezone)
    at = datetime.fromtimestamp(max(line.at_ms for line in lines) / 1000, zone)
    counts = Counter(Erased(line.kind) for line in lines)
    return [
        f"АКТ № {act} об уничтожении персональных данных",
        "",
        f"1. Оператор: {kept.operator or BLANK}",
        f"2. Лицо, обрабатывающее персональные данные по поручению оператора: {BLANK}",
        f"3. Субъекты персональных данных: по номерам заявок, перечень из {len(_subjects(lines))} строк ниже",
        f"4. Уничтожил: {BLANK} (ФИО, должность, подпись); команду выполнил пользователь {lines[0].who}",
        "5. Перечень категорий уничтоженных персональных данных:",
        *(f"   - {CATEGORIES[kind]}: {count}" for kind, count in sorted(counts.items())),
        f"6. Информационная система: {kept.system}",
        f"7. Способ уничтожения: {'; '.join(_ways(settings, rest))}",
        f"8. Причина: {'; '.join(sorted({REASONS[Reason(line.reason)] for line in lines}))}",
        f"9. Дата уничтожения: {at:%d.%m.%Y %H:%M} ({settings.desk.timezone})",
        f"10. Копии на почтовом сервере, которые будут удалены при следующем опросе ящика: {rest.on_server}",
        f"11. Резервные копии: {_backups(settings, at)}",
        "",
        "Субъекты (номер заявки; для писем без заявки номер письма):",
        *(f"   {subject}" for subject in _subjects(lines)),
    ]


def _ways(settings: Settings, rest: Rest) -> Iterator[str]:
    """An act that said more than was done would be worth nothing."""
    yield BLOBS[urlsplit(settings.store.blobs).scheme]
    yield TABLES["sqlite" if settings.store.url.startswith("sqlite") else "postgresql"]
    if rest.log:
        yield LOG_LEFT
    yield ON_SERVER


def _backups(settings: Settings, at: datetime) -> str:
    days = settings.retention.backups_days
    if days is None:
        return f"содержат эти данные до {BLANK} (задайте retention.backups_days)"
    return f"содержат эти данные и будут уничтожены до {at + timedelta(days=days):%d.%m.%Y}"


def _subjects(lines: Sequence[Any]) -> list[str]:
    return sorted({_subject(line) for line in lines})


def _subject(line: Any) -> str:
    if line.kind == Erased.ACCESS:
        return f"записей журнала доступа: {line.row_id}"
    if line.kind == Erased.FORM:
        return f"заявка с сайта № {line.row_id}"
    return f"заявка {line.number}" if line.number else f"письмо № {line.row_id}"


def _journal(out: Any, lines: Sequence[Any], settings: Settings) -> None:
    """Paragraph 5 of the order: whose, which categories, from which system, why, when."""
    zone = ZoneInfo(settings.desk.timezone)
    out.writerow(["Субъект", "Категории персональных данных", "Информационная система", "Причина", "Дата", "Запись"])
    for line in lines:
        at = datetime.fromtimestamp(line.at_ms / 1000, zone)
        row = [_subject(line), CATEGORIES[Erased(line.kind)], settings.retention.system, REASONS[Reason(line.reason)]]
        out.writerow([*row, f"{at:%d.%m.%Y %H:%M:%S}", line.id])
