"""Plain letters for tests of the readers: the text goes through own words and all readers."""

from datetime import datetime, timedelta, timezone

from intake.letter import Letter
from intake.own_words import own_words
from validate.examine import read_fields
from validate.findings import Field, Found, Problem

SENT = datetime(2026, 3, 19, 18, 40, tzinfo=timezone(timedelta(hours=3)))  # a Thursday


def plain_letter(text: str, *, subject: str = "", sent: datetime | None = SENT) -> Letter:
    """A letter of nothing but a text, a subject and a date."""
    return Letter(
        message_id=None, sender=None, reply_to=None, return_path=None, recipients=(), subject=subject, sent=sent, in_reply_to=(),
        references=(), headers=(), content_type="text/plain", report_type=None, text=text, from_html=False, files=(), report="",
    )  # fmt: skip


def read_letter(
    text: str, *, subject: str = "", sent: datetime | None = SENT
) -> tuple[dict[Field, Found], tuple[Problem, ...]]:
    """The fields and problems of a plain letter."""
    letter = plain_letter(text, subject=subject, sent=sent)
    return read_fields(letter, own_words(letter))


def fields_of(text: str, *, subject: str = "", sent: datetime | None = SENT) -> dict[Field, Found]:
    """The fields of a plain letter."""
    return read_letter(text, subject=subject, sent=sent)[0]
