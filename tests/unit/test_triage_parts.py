"""Small parts of the page: marking words, moments in words, keys, what a form says, what is vendored."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from classify.topics import Topic
from intake.letter import NoReplyReason
from intake.receive import FETCH_FAILED
from service.errors import ConfigError
from service.settings import Settings
from service.workers import Limit, Overran
from store.letters import LAPSED
from tickets.calendar import is_working
from tickets.decide import Refused
from tickets.desk import BROKE
from tickets.teams import load
from triage.deciding import Deciding
from triage.forms import Asking, enclosed, fields_of, until_ms
from triage.hiding import ONE_IN, is_hidden
from triage.highlight import marked
from triage.keys import KEYS, topic_keys
from triage.moments import HOUR_MS, Moments, now_ms
from triage.words import UNKNOWN_REASON, reason

MOSCOW = ZoneInfo("Europe/Moscow")
FRIDAY = int(datetime(2026, 11, 20, 14, 0, tzinfo=UTC).timestamp() * 1000)
ASKING = Asking(me="olga", zone=MOSCOW, topics=(), working=is_working)
HTMX = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"  # htmx.org 2.0.11, dist/htmx.min.js


def cut(text: str, written: dict[str, str], *why: str) -> str:
    return "".join(f"[{one.mark}:{one.text}]" if one.mark else one.text for one in marked(text, written, why))


@pytest.mark.parametrize(
    ("text", "written", "why", "shown"),
    [
        ("Я Иванов Иван, ИНН 7707", {"fio": "Иванов Иван", "inn": "7707"}, (), "Я [fio:Иванов Иван], ИНН [inn:7707]"),
        ("Иванов\n  Иван пишет", {"fio": "Иванов Иван"}, (), "[fio:Иванов\n  Иван] пишет"),
        ("код и кодекс", {}, ("код",), "[why:код] и кодекс"),
        ("Код", {}, ("код",), "[why:Код]"),
        ("ИНН 7707", {"inn": "ИНН 7707"}, ("инн",), "[inn:ИНН 7707]"),
        ("7707 и 7707", {"inn": "7707"}, (), "[inn:7707] и [inn:7707]"),
        ("пусто", {"fio": ""}, ("",), "пусто"),
        ("a.b* (c", {"fio": "a.b* (c"}, (), "[fio:a.b* (c]"),
    ],
)
def test_words_are_marked_where_they_stand(
    text: str, written: dict[str, str], why: tuple[str, ...], shown: str
) -> None:
    assert cut(text, written, *why) == shown


@pytest.mark.parametrize(
    "code",
    [
        *NoReplyReason,
        *(f"{limit}: {Overran(limit, 'over 512 MB')}" for limit in Limit),
        *(f"{limit}: {Overran(limit)}" for limit in Limit),
        f"{BROKE}:ValueError",
        LAPSED,
        FETCH_FAILED,
    ],
)
def test_every_reason_has_russian_words(code: str) -> None:
    said = reason(code)
    assert said != UNKNOWN_REASON
    assert not set(said) & set("abcdefghijklmnopqrstuvwxyz:")


def test_a_reason_nobody_foresaw_is_not_shown_raw() -> None:
    assert reason("/var/lib/x: gone") == UNKNOWN_REASON


@pytest.mark.parametrize(
    ("rest_ms", "said", "level"),
    [
        (-30 * HOUR_MS, "просрочено 1 день", "late"),
        (-2 * HOUR_MS, "просрочено 2 ч", "late"),
        (2 * HOUR_MS + 60_000, "осталось 2 ч", "soon"),
        (26 * 60_000 + 500, "осталось 26 мин", "soon"),
        (72 * HOUR_MS + 60_000, "осталось 3 дня", "fine"),
    ],
)
def test_a_term_is_said_in_words(rest_ms: int, said: str, level: str) -> None:
    left = Moments(MOSCOW).left(now_ms() + rest_ms)
    assert (left.said, left.level) == (said, level)


def test_no_two_keys_share_a_place() -> None:
    codes = [one.code for one in KEYS.values()] + [one.code for one in topic_keys(tuple(Topic)).values()]
    assert len(codes) == len(set(codes))
    assert set(topic_keys(tuple(Topic))) == set(Topic), "every topic has its key"


def test_one_ticket_in_twenty_hides_what_the_model_said() -> None:
    hidden = sum(is_hidden(f"26-{number:07}-0") for number in range(20_000))
    assert 0.9 / ONE_IN < hidden / 20_000 < 1.1 / ONE_IN


@pytest.mark.parametrize(
    ("until", "day", "comes"),
    [
        ("hour", "", "2026-11-20T18:00"),
        ("day", "", "2026-11-20T21:00"),
        ("tomorrow", "", "2026-11-23T09:00"),  # over the weekend
        ("week", "", "2026-11-27T09:00"),
        ("date", "2026-12-01", "2026-12-01T09:00"),
    ],
)
def test_a_snoozed_ticket_comes_back_in_the_morning(until: str, day: str, comes: str) -> None:
    back = datetime.fromtimestamp(until_ms(until, day, FRIDAY, ASKING) / 1000, MOSCOW)
    assert back.isoformat(timespec="minutes").removesuffix("+03:00") == comes


def test_the_morning_is_one_of_the_desks_own_calendar(tmp_path: Path) -> None:
    own = tmp_path / "days.toml"
    own.write_text("working_days = [2026-11-21]\ndays_off = [2026-11-23]\n", encoding="utf-8")
    deciding = Deciding(Settings.model_validate({"terms": {"calendar": own}}))
    asking = replace(ASKING, working=deciding.working)
    back = [until_ms("tomorrow", "", FRIDAY + days * 24 * HOUR_MS, asking) for days in (0, 1)]
    assert [datetime.fromtimestamp(one / 1000, MOSCOW).strftime("%d %H") for one in back] == ["21 09", "24 09"]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"field_inn": "7707083894"}, "ИНН"),
        ({"field_inn": "abc"}, "ИНН"),
        ({"field_snils": "11223344596"}, "СНИЛС"),
        ({"field_inn": "٧٧٠٧٠٨٣٨٩٣"}, "ИНН"),
        ({"field_account": "ЛК-12 34"}, "одними цифрами"),
        ({"field_account": "№ 1234567"}, "одними цифрами"),
        ({"field_date": "15 марта"}, "2026-03-15"),
        ({"field_date": "20260315"}, "2026-03-15"),
        ({"field_date": "2026-W11-1"}, "2026-03-15"),
        ({"field_date": "2026-03-15 14:30"}, "2026-03-15"),
        ({"field_date": "2026-03-15T14:30:59+03:00"}, "2026-03-15"),
        ({"field_date": "2026-02-30"}, "2026-03-15"),
    ],
)
def test_what_a_letter_would_not_bring_so_is_refused(form: dict[str, str], why: str) -> None:
    with pytest.raises(Refused, match=why):
        fields_of(form)


def test_the_two_forms_of_a_date_and_the_digits_of_an_account_are_taken() -> None:
    for date in ("2026-03-15", "2026-03-15T14:30"):
        assert fields_of({"field_date": date, "field_account": "12-34 567"}) == {"date": date, "account": "1234567"}


def test_fields_are_taken_without_the_blanks_people_type() -> None:
    assert fields_of({"field_inn": " 7707 083893 ", "field_fio": " Иванов  Иван ", "field_phone": "", "x": "1"}) == {
        "inn": "7707083893",
        "fio": "Иванов Иван",
    }


def test_only_the_three_kinds_of_files_are_sent_and_their_names_are_made_safe() -> None:
    assert enclosed("../../отчёт*.exe", b"%PDF-1.7\n").name == "отчёт.pdf"
    assert enclosed(None, b"\x89PNG\r\n\x1a\n").name == "file.png"
    with pytest.raises(Refused, match="PDF, JPG и PNG"):
        enclosed("a.pdf", b"MZ\x90")
    with pytest.raises(Refused, match="5 МБ"):
        enclosed("a.pdf", b"%PDF-1.7" + b"0" * 5 * 1024 * 1024)


def test_teams_are_read_from_their_file_and_faults_are_named(tmp_path: Path) -> None:
    file = tmp_path / "teams.toml"
    file.write_text('"Платежи" = ["payments", "benefits"]\n', encoding="utf-8")
    assert load(file) == {"payments": "Платежи", "benefits": "Платежи"}
    assert load(None) == {"complaint": "Жалобы"}
    for text, why in (('"А" = ["x"]\n"Б" = ["x"]\n', "two teams"), ('"А" = "x"\n', "list"), ("a = [", "TOML")):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match=why):
            load(file)


def test_what_is_vendored_is_what_its_makers_published() -> None:
    page = resources.files("triage").joinpath("static")
    assert sha256(page.joinpath("htmx.min.js").read_bytes()).hexdigest() == HTMX
    assert "Zero-Clause BSD" in page.joinpath("htmx.LICENSE").read_text(encoding="utf-8")
