"""When an answer is due, on the Russian working calendar and the desk's own."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.errors import ConfigError
from tickets.calendar import calendar, is_working
from tickets.terms import Terms, after_waiting, clocks

MOSCOW = ZoneInfo("Europe/Moscow")
TERMS = Terms(
    zone=MOSCOW, working=is_working, first_answer_working_days=1, answer_days=30, appeal_answer_days=None,
    wait_days=14, remind_days=7,
)  # fmt: skip


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=MOSCOW).timestamp() * 1000)


def said(moment_ms: int) -> str:
    return datetime.fromtimestamp(moment_ms / 1000, MOSCOW).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        ("2026-03-02 12:00", "2026-03-03 18:00"),
        ("2026-03-06 23:59", "2026-03-10 18:00"),  # a Friday before the weekend of 8 March, moved to the 9th
        ("2025-12-30 10:00", "2026-01-12 18:00"),  # the holidays of the new year
        ("2025-10-31 10:00", "2025-11-01 18:00"),  # a working Saturday
        ("2026-05-08 19:00", "2026-05-12 18:00"),
    ],
)
def test_the_first_answer_is_due_by_the_end_of_the_next_working_day(opened: str, due: str) -> None:
    assert said(clocks(ms(opened), TERMS).first_due_ms) == due


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        ("2026-03-02 12:00", "2026-04-01 18:00"),
        ("2026-04-02 12:00", "2026-04-30 18:00"),  # 2 May is a day off, and so is the 1st
    ],
)
def test_a_last_day_that_is_off_moves_back(opened: str, due: str) -> None:
    assert said(clocks(ms(opened), TERMS).final_due_ms) == due


def test_the_citizen_has_until_the_end_of_the_day_and_is_reminded_in_the_morning() -> None:
    found = clocks(ms("2026-03-02 12:00"), TERMS)
    assert said(found.waiting_until_ms) == "2026-03-16 23:59"
    assert said(found.remind_ms) == "2026-03-09 10:00"


def test_the_day_is_the_desks_own() -> None:
    kamchatka = replace(TERMS, zone=ZoneInfo("Asia/Kamchatka"))
    late = ms("2026-03-02 20:00")  # the 3rd in Kamchatka
    assert clocks(late, kamchatka).first_due_ms == ms("2026-03-04 09:00")
    assert said(clocks(late, TERMS).first_due_ms) == "2026-03-03 18:00"


def test_the_last_answers_clock_goes_on_by_the_days_of_waiting() -> None:
    final = ms("2026-04-01 18:00")
    moved = after_waiting(
        final, since_ms=ms("2026-03-02 12:00"), now_ms=ms("2026-03-09 09:00"), terms=TERMS, kind="request"
    )
    assert moved is not None
    assert said(moved) == "2026-04-08 18:00"


@pytest.mark.parametrize(
    ("days", "kind", "due", "after_a_week"),
    [
        (None, "appeal", "2026-04-01 18:00", "2026-04-08 18:00"),
        (20, "request", "2026-04-01 18:00", "2026-04-08 18:00"),
        (20, "appeal", "2026-03-20 18:00", "2026-03-20 18:00"),  # the 22nd is a Sunday
    ],
)
def test_a_desk_that_keeps_the_statutory_term_keeps_it_for_appeals_alone(
    days: int | None, kind: str, due: str, after_a_week: str
) -> None:
    """59-ФЗ counts from the registration, and does not stop while the citizen is asked."""
    terms = replace(TERMS, appeal_answer_days=days)
    final = clocks(ms("2026-03-02 12:00"), terms, kind=kind).final_due_ms
    assert said(final) == due
    moved = after_waiting(final, since_ms=ms("2026-03-02 12:00"), now_ms=ms("2026-03-09 09:00"), terms=terms, kind=kind)
    assert moved is not None
    assert said(moved) == after_a_week


def test_the_desks_own_days_stand_over_the_calendar(tmp_path: Path) -> None:
    file = tmp_path / "days.toml"
    file.write_text("days_off = [2026-03-03]\nworking_days = [2026-03-07]\n")
    own = replace(TERMS, working=calendar(file))
    assert said(clocks(ms("2026-03-02 12:00"), own).first_due_ms) == "2026-03-04 18:00"
    assert said(clocks(ms("2026-03-06 12:00"), own).first_due_ms) == "2026-03-07 18:00"


@pytest.mark.parametrize("text", ["days_off = 5", "holiday = []", "days_off = [", 'days_off = ["soon"]'])
def test_a_broken_calendar_is_named_with_the_remedy(tmp_path: Path, text: str) -> None:
    (tmp_path / "days.toml").write_text(text)
    with pytest.raises(ConfigError, match="write days_off"):
        calendar(tmp_path / "days.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        calendar(tmp_path / "none.toml")
