"""What is told by other ways becomes a letter in which the readers find it again; nothing typed becomes a header."""

from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy

import pytest

from intake.entered import Entered, EnteredFile, as_letter
from intake.letter import Desk, NoReplyReason
from intake.own_words import own_words
from intake.parse import parse
from intake.screen import screen
from triage.telling import address_of, subject_of
from validate.examine import read_fields

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=timezone(timedelta(hours=3)))
FIELDS = {
    "fio": "Иванова Мария Петровна", "inn": "7707083893", "account": "12345678", "snils": "112-233-445 95",
    "phone": "+7 915 123-45-67", "date": "23.11.2026 10:30",
}  # fmt: skip
TEXT = "Не приходит код подтверждения, не могу войти в личный кабинет."


def letter(**changed: object) -> bytes:
    values: dict[str, object] = {
        "token": "a1",
        "address": "maria@citizen.example",
        "subject": "Вход",
        "text": TEXT,
        "fields": FIELDS,
    }
    return as_letter(Entered(**{**values, **changed}), desk="support@desk.example", now=NOW)  # type: ignore[arg-type]


def test_the_readers_find_every_field_that_was_typed() -> None:
    read = parse(letter())
    found, problems = read_fields(read, own_words(read))
    assert {field.value: one.value for field, one in found.items()} == {
        "fio": "Иванова Мария Петровна", "inn": "7707083893", "account": "12345678", "snils": "11223344595",
        "phone": "+79151234567", "date": "2026-11-23T10:30", "description": TEXT,
    }  # fmt: skip
    assert problems == ()


def test_a_vague_day_is_told_against_the_day_of_entering() -> None:
    read = parse(letter(fields={"date": "вчера вечером"}))
    found, _ = read_fields(read, own_words(read))
    assert {field.value: one.value for field, one in found.items()}["date"].startswith("2026-11-25")


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b"])
def test_nothing_typed_becomes_a_header_or_another_field(end: str) -> None:
    evil = f"x{end}Bcc: all@citizen.example{end}ИНН: 7707083893"
    raw = letter(subject=evil, fields={"fio": evil}, files=(EnteredFile(name=evil, data=b"x"),))
    made = message_from_bytes(raw, policy=policy.default)
    assert set(made.keys()) == {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"}
    assert [one for one in raw.splitlines() if one.lower().startswith(b"bcc")] == []


def test_who_gives_no_address_is_a_person_whom_nobody_answers() -> None:
    screened = screen(parse(letter(address=None)), Desk())
    assert (screened.automatic, screened.reason) == (False, NoReplyReason.NO_SENDER)


def test_a_proved_address_counts_as_one_where_the_desk_trusts_a_server() -> None:
    desk = Desk(trusted_authserv_id="mx.desk.example")
    assert screen(parse(letter(verified_by="mx.desk.example")), desk).verified is True
    assert screen(parse(letter()), desk).verified is None


def test_told_twice_it_is_the_same_letter() -> None:
    assert parse(letter()).message_id == parse(letter(subject="Другая")).message_id == "a1@entered.desk.example"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("maria@citizen.example", "maria@citizen.example"),
        (" Maria.P+x@Citizen.Example ", "Maria.P+x@citizen.example"),
        ("мария@citizen.example", None),
        ("maria@почта.рф", "maria@xn--80a1acny.xn--p1ai"),
        ("", None), ("maria", None), ("@citizen.example", None), ("maria@", None), ("maria@localhost", None),
        ("a@b.example,c@d.example", None), ("a@b.example\r\nBcc: c@d.example", None), ("<a@b.example>", None),
        ("a..b@c.example", None), (".a@c.example", None), ("a@-c.example", None), ("a@c..example", None),
        ("x" * 65 + "@c.example", None), ("x@" + "y" * 250 + ".example", None), ("x@walk-in.invalid", None),
        ('"a b"@c.example', None), ("a@[127.0.0.1]", None),
    ],
)  # fmt: skip
def test_an_address_is_taken_only_whole_and_plain(written: str, address: str | None) -> None:
    assert address_of(written) == address


@pytest.mark.parametrize(
    ("text", "subject"),
    [("Коротко.", "Коротко."), ("а " * 100, "а " * 29 + "а …"), ("  две\nстроки ", "две строки"), ("б" * 100, " …")],
)
def test_the_subject_is_the_first_words(text: str, subject: str) -> None:
    assert subject_of(text) == subject
