"""Rules of `screen` for what mail servers send: receipts, bounces, the null path; and which letters came back.

A rule gives the name under which it decided, empty when it does not fit.
"""

import re

from intake import robots
from intake.letter import Desk, Letter
from intake.person_words import asks
from intake.robot_headers import SPEECH_LOOKED_AT, local_part

TEXT_LOOKED_AT = 4000  # characters: a robot says what it is at the beginning
QUOTED_LOOKED_AT = 64 * 1024  # characters of a bounce searched for the letter it returns
MAX_BOUNCED = 20

_GREETING = re.compile(
    r"\W{0,6}(?:здравствуйте|добрый (?:день|вечер)|уважаем\w+|hello|hi\b|dear)[^.\n]{0,60}$", re.IGNORECASE
)
_REPORT_FIELD = re.compile(r"^(?:final-recipient|reporting-mta)\s*:", re.IGNORECASE | re.MULTILINE)
_RECEIPT_FIELD = re.compile(r"^disposition\s*:", re.IGNORECASE | re.MULTILINE)
_ACTION = re.compile(r"^action\s*:\s*([a-z]+)", re.IGNORECASE | re.MULTILINE)
_RETURNED_ID = re.compile(r"^\s{0,8}(?:original-)?message-id\s*:\s*<([^<>\s]{1,998})>", re.IGNORECASE | re.MULTILINE)


def receipt(letter: Letter, desk: Desk) -> str:
    """A disposition notification (RFC 8098), or what mail programs write in its stead."""
    if letter.report_type == "disposition-notification" or _RECEIPT_FIELD.search(letter.report):
        return "disposition notification"
    first = _first_line(letter)
    printed = robots.RECEIPT_SUBJECT.match(letter.subject) and robots.RECEIPT_LINE.match(first)
    return "receipt in plain text" if printed and not _asks(letter) else ""


def bounce(letter: Letter, desk: Desk) -> str:
    """A delivery report (RFC 3464), or what old servers write in its stead."""
    if letter.content_type == "multipart/report" and letter.report_type != "feedback-report":
        return "multipart/report"
    if _REPORT_FIELD.search(letter.report):
        return "report part"
    if letter.header("x-failed-recipients"):
        return "x-failed-recipients"
    if not robots.BOUNCE_SUBJECT.match(letter.subject):
        return ""
    if null_path(letter, desk) or robots.MAILERS.fullmatch(local_part(letter)):
        return "mailer's bounce"
    talks = robots.BOUNCE_LINE.match(_first_line(letter)) and robots.SERVER_TALK.search(letter.text[:TEXT_LOOKED_AT])
    return "bounce in plain text" if talks and not _asks(letter) else ""


def _asks(letter: Letter) -> bool:
    """Somebody asks or complains before any quotation."""
    return asks(letter.text[:SPEECH_LOOKED_AT])


def _first_line(letter: Letter) -> str:
    """The first line that says something: greetings and rules of stars stand above it."""
    for line in letter.text[:TEXT_LOOKED_AT].split("\n")[:12]:
        if any(c.isalnum() for c in line) and not _GREETING.match(line[:200]):
            return line[:400]
    return ""


def null_path(letter: Letter, desk: Desk) -> str:
    """Sendmail and qmail write MAILER-DAEMON where the envelope had no sender."""
    path = letter.return_path
    return "null return-path" if path is not None and robots.NO_SENDER.fullmatch(path.partition("@")[0]) else ""


def gives_up(letter: Letter) -> bool:
    """For good: a report of a delay or a success returns nothing (RFC 3464 §2.3.3)."""
    actions = {a.lower() for a in _ACTION.findall(letter.report)}
    if actions or letter.header("x-failed-recipients"):
        return not actions or "failed" in actions
    return not robots.DELAY.search(f"{letter.subject}\n{letter.text[:SPEECH_LOOKED_AT]}")


def returned(letter: Letter) -> tuple[str, ...]:
    """Message-IDs of the letters that came back."""
    text = f"{letter.report[:QUOTED_LOOKED_AT]}\n{letter.text[:QUOTED_LOOKED_AT]}"
    found = [*_RETURNED_ID.findall(text), *letter.in_reply_to]
    return tuple(dict.fromkeys(found))[:MAX_BOUNCED]
