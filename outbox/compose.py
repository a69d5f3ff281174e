"""Composing a letter of ours: headers, threading, text first and a small HTML beside it.

Written by hand instead of by the email package, which takes twice the time of everything else here; a test reads each
letter back with the package. Every line ends in CR LF and is at most 76 characters long.
"""

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum
from urllib.parse import quote

WORD_BYTES = 42  # of UTF-8 in one encoded word: 75 characters at most (RFC 2047 §2)
REFERENCES_MOST = 10
SAFE_ID = re.compile(r"[!-;=?-~]{1,250}")  # a Message-ID without blanks, brackets and control characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What all letters of a desk share."""

    address: str
    name: str

    @property
    def domain(self) -> str:
        """Of our Message-IDs."""
        return self.address.rpartition("@")[2]


class Auto(StrEnum):
    """Who made a letter that no person wrote (RFC 3834 §5)."""

    REPLIED = "auto-replied"  # in answer to a letter
    GENERATED = "auto-generated"  # by the clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """A file that staff send along."""

    name: str
    type: str  # as sniffed, never as declared
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One letter before it has its headers."""

    recipient: str
    subject: str
    text: str
    html: str
    answers: str | None  # Message-ID of the letter it answers, without brackets
    references: tuple[str, ...]  # of that letter, nearest first
    files: tuple[Enclosed, ...] = ()
    reply_to: str | None = None  # where the answer goes; default: From
    auto: Auto | None = None  # null: a person's own letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A whole letter, ready to be stored and sent."""

    message_id: str  # without brackets
    raw: bytes


def compose(draft: Draft, head: Letterhead, *, now: datetime) -> Composed:
    """The letter with its headers (RFC 5322; RFC 3834 §5 for Auto-Submitted)."""
    message_id = f"{secrets.token_hex(16)}@{head.domain}"
    headers = [
        ("From", f"{_words(head.name)}\r\n <{head.address}>" if head.name else head.address),
        ("To", draft.recipient),
        *([("Reply-To", draft.reply_to)] if draft.reply_to else []),
        ("Subject", _words(draft.subject)),
        ("Date", format_datetime(now)),
        ("Message-ID", f"<{message_id}>"),
        ("X-Loop", head.address),  # intake/screen.py knows our own letter by it when it comes back
        *_threading(draft),
    ]
    if draft.auto is not None:
        headers += [("Auto-Submitted", draft.auto), ("X-Auto-Response-Suppress", "All")]
    kind, body = _body(draft)
    headers += [("MIME-Version", "1.0"), ("Content-Type", kind)]
    lines = [f"{name}: {_one_line(value)}" for name, value in headers]
    return Composed(message_id=message_id, raw=("\r\n".join(lines) + "\r\n\r\n" + body).encode("ascii", "replace"))


def _body(draft: Draft) -> tuple[str, str]:
    """Content-Type and body: text and HTML; around them, when there are files, multipart/mixed."""
    boundary = f"=_{secrets.token_hex(12)}"
    kind = f'multipart/alternative;\r\n boundary="{boundary}"'
    body = (
        _part("plain", draft.text, boundary=boundary)
        + _part("html", draft.html, boundary=boundary)
        + f"--{boundary}--\r\n"
    )
    if not draft.files:
        return kind, body
    outer = f"=_{secrets.token_hex(12)}"
    inner = f"--{outer}\r\nContent-Type: {kind}\r\n\r\n{body}\r\n"
    files = "".join(_file(one, outer) for one in draft.files)
    return f'multipart/mixed;\r\n boundary="{outer}"', f"{inner}{files}--{outer}--\r\n"


def _file(file: Enclosed, boundary: str) -> str:
    """An attachment; its name by RFC 2231 §3, in pieces that keep the lines short."""
    quoted = quote(file.name, safe="", errors="replace")
    pieces = re.findall(r"(?:%[0-9A-F]{2}|[^%]){1,18}", quoted) or ["file"]
    name = "".join(
        f";\r\n filename*{place}*={chr(39).join(('UTF-8', '', '')) if place == 0 else ''}{piece}"
        for place, piece in enumerate(pieces)
    )
    return (
        f"--{boundary}\r\nContent-Type: {file.type}\r\nContent-Disposition: attachment{name}\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{_base64_lines(file.data)}\r\n"
    )


def _threading(draft: Draft) -> list[tuple[str, str]]:
    """In-Reply-To and References, of ids that are safe to repeat (RFC 5322 §3.6.4)."""
    if draft.answers is None or not SAFE_ID.fullmatch(draft.answers):
        return []
    older = [one for one in reversed(draft.references) if SAFE_ID.fullmatch(one) and one != draft.answers]
    ids = [f"<{one}>" for one in (*older[-REFERENCES_MOST:], draft.answers)]
    return [("In-Reply-To", f"<{draft.answers}>"), ("References", "\r\n ".join(ids))]


def _one_line(value: str) -> str:
    """No header of ours is broken by what stands in it: only our own folding passes."""
    folded = value.replace("\r\n ", "\0")
    return re.sub(r"[\r\n]+", " ", folded).replace("\0", "\r\n ")


def _words(text: str) -> str:
    """A header text as encoded words, never splitting a character (RFC 2047 §5)."""
    text = " ".join(text.split())
    if text.isascii() and not set('"(),.:;<>@[\\]') & set(text):
        return text
    words, piece = [], b""
    for character in text:
        raw = character.encode("utf-8", "replace")
        if len(piece) + len(raw) > WORD_BYTES:
            words.append(piece)
            piece = b""
        piece += raw
    words.append(piece)
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(word).decode()}?=" for word in words)


def _part(subtype: str, text: str, *, boundary: str) -> str:
    lines = _base64_lines(text.replace("\n", "\r\n").encode("utf-8", "replace"))
    return (
        f"--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{lines}\r\n"
    )


def _base64_lines(data: bytes) -> str:
    raw = base64.b64encode(data).decode()
    return "\r\n".join(raw[at : at + 76] for at in range(0, len(raw), 76))
