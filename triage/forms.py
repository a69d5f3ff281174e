"""What a decision's form says: from its fields to a Decision, with the words for what is wrong in it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from outbox.compose import Enclosed
from store import rows, staff
from store.listing import ticket_by_number
from tickets.calendar import IsWorking, next_working_day
from tickets.decide import Decided, Decision, Refused
from validate.check_digits import inn_is_valid, ogrn_is_valid, snils_is_valid
from validate.findings import Missing
from validate.sniff import JPEG, PDF, PNG, sniffed

ALLOWED = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
FILE_MOST, FILES_MOST = 5 * 1024 * 1024, 5
TEXT_MOST = 20_000
MORNING = 9  # the hour at which a snoozed ticket comes back
FIELD_MOST = 5_000
EDITABLE = ("fio", "inn", "account", "snils", "ogrn", "phone", "date", "application", "service", "description")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who decides, and the desk's own."""

    me: str  # a login
    zone: ZoneInfo
    topics: tuple[str, ...]
    working: IsWorking  # the built-in calendar and the desk's own over it


def decision_of(form: Mapping[str, str], conn: Connection, asking: Asking, *, missing: list[str]) -> Decision:  # noqa: PLR0911  # one decision, one return
    """The decision; Refused names what is wrong. `missing`: the ticked fields of «запросить»."""
    what = form.get("what", "")
    if what not in Decided.__members__.values():
        raise Refused("Такого действия нет.")
    chosen = Decided(what)
    text = form.get("text", "")[:TEXT_MOST].replace("\r\n", "\n")
    match chosen:
        case Decided.TOPIC:
            if form.get("topic") not in asking.topics:
                raise Refused("Выберите тему.")
            return Decision(what=chosen, topic=form["topic"])
        case Decided.ASK:
            wanted = [one.value for one in Missing if one.value in missing]
            return Decision(what=chosen, missing=wanted, each=form.get("each") == "yes")
        case Decided.ASSIGN:
            to = asking.me if form.get("to") == "me" else form.get("to") or None
            if to is not None and not ((person := staff.person(conn, to)) and person.active):
                raise Refused("Такого сотрудника нет.")
            return Decision(what=chosen, assignee=to)
        case Decided.SNOOZE:
            until = until_ms(form.get("until", ""), form.get("day", ""), rows.now(conn), asking)
            return Decision(what=chosen, until_ms=until)
        case Decided.LINK | Decided.DUPLICATE:
            number = form.get("other", "").strip()
            found = ticket_by_number(conn, number) if number else None
            return Decision(what=chosen, other=found.id if found else 0, other_number=number)
        case Decided.FIELDS:
            return Decision(what=chosen, fields=fields_of(form))
        case Decided.ANSWER | Decided.NOTE:
            return Decision(what=chosen, text=text, closes=form.get("closes") == "yes")
        case _:
            return Decision(what=chosen)


def until_ms(until: str, day: str, now_ms: int, asking: Asking) -> int:
    """When a snoozed ticket comes back: in hours, on the next working day, in a week, or on a day, in the morning."""
    now = datetime.fromtimestamp(now_ms / 1000, asking.zone)
    morning = now.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    match until:
        case "hour":
            return int((now + timedelta(hours=1)).timestamp() * 1000)
        case "day":
            return int((now + timedelta(hours=4)).timestamp() * 1000)
        case "tomorrow":
            day_after = next_working_day(now.date(), asking.working)
            return int(datetime.combine(day_after, morning.timetz()).timestamp() * 1000)
        case "week":
            return int((morning + timedelta(days=7)).timestamp() * 1000)
    try:
        chosen = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=asking.zone, hour=MORNING)  # zone is put in
    except ValueError:
        raise Refused("Выберите, до какого времени отложить.") from None
    return int(chosen.timestamp() * 1000)


def fields_of(form: Mapping[str, str]) -> dict[str, str]:
    """The fields a person typed, in the written forms of a letter's; Refused when one cannot be right."""
    found = {name: " ".join(form.get(f"field_{name}", "").split())[:FIELD_MOST] for name in EDITABLE}
    found["description"] = form.get("field_description", "").replace("\r\n", "\n").strip()[:FIELD_MOST]
    found = {name: value for name, value in found.items() if value}
    for name in ("inn", "account", "snils", "ogrn"):
        if name in found:
            found[name] = found[name].replace(" ", "").replace("-", "")
    checks = {"inn": inn_is_valid, "snils": snils_is_valid, "ogrn": ogrn_is_valid}
    for name, valid in checks.items():
        if name in found and not (_DIGITS.fullmatch(found[name]) and valid(found[name])):
            raise Refused(f"В номере ошибка: {_NAMES[name]} {found[name]}.")
    if "account" in found and not _DIGITS.fullmatch(found["account"]):
        raise Refused("Номер личного кабинета пишите одними цифрами.")
    if "date" in found and not _is_date(found["date"]):
        raise Refused("Дату пишите так: 2026-03-15 или 2026-03-15T14:30.")
    return found


def _is_date(text: str) -> bool:
    """A day of the calendar in one of the two forms that a verdict has, of the many that ISO 8601 knows."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return _DATE.fullmatch(text) is not None


_DIGITS = re.compile("[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?")
_NAMES = {"inn": "ИНН", "snils": "СНИЛС", "ogrn": "ОГРН"}


def enclosed(name: str | None, data: bytes) -> Enclosed:
    """A file that staff send along; Refused when it is none of the three kinds or too large."""
    kind = sniffed(data)
    if kind not in ALLOWED:
        raise Refused("Приложить можно только PDF, JPG и PNG.")
    if len(data) > FILE_MOST:
        raise Refused("Файл больше 5 МБ.")
    stem = "".join(one for one in (name or "file").rpartition("/")[2] if one.isprintable() and one not in '\\/:*?"<>|')
    stem = stem.rpartition(".")[0] or stem
    return Enclosed(name=f"{stem[:60] or 'file'}.{ALLOWED[kind]}", type=kind, data=data)


__all__ = ["FILES_MOST", "Asking", "decision_of", "enclosed", "fields_of", "until_ms"]
