"""The log: one line an event, `event key=value …`; under systemd with fields: `journalctl EVENT=letter LETTER=17`.

No personal data: callers pass ids, hashes, counts and reasons, never a name, an address, a subject or a body.
"""

import hashlib
import os
import socket
import sys
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

_LEVELS = {"error": 3, "warning": 4, "info": 6, "debug": 7}
_out: TextIO | None = None
_TO_JOURNAL = bool(os.environ.get("JOURNAL_STREAM"))
JOURNAL = "/run/systemd/journal/socket"
_IDS = uuid.UUID("5d1f9a3e-6c0b-4c9e-9a57-2b7f0f6f3c11")  # ours; a MESSAGE_ID is made of it and the event's code
Listener = Callable[[str, str, Mapping[str, object]], None]  # level, event, facts
_listeners: list[Listener] = []


def into(path: Path) -> None:
    """Write the log into a file from now on instead of stderr (the demo, whose terminal shows a table)."""
    global _out  # noqa: PLW0603  # the log is the one thing a process has one of
    _out = path.open("a", encoding="utf-8")


def listen(listener: Listener) -> None:
    """Who counts the events is told each of them."""
    _listeners.append(listener)


def unlisten(listener: Listener) -> None:
    """It is told nothing more."""
    _listeners.remove(listener)


def _write(level: str, event: str, facts: dict[str, object]) -> None:
    for listener in _listeners:
        listener(level, event, facts)
    known = {key: _plain(value) for key, value in facts.items() if value is not None}
    said = " ".join([event, *(f"{key}={value}" for key, value in known.items())])
    if _TO_JOURNAL and _out is None and _journalled(level, event, known, said):
        return
    head = f"<{_LEVELS[level]}>" if _TO_JOURNAL else f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}Z {level} "
    with suppress(OSError):  # a full disk under the log must not stop the letters
        print(head + said, file=_out or sys.stderr, flush=True)


def _journalled(level: str, event: str, facts: Mapping[str, str], said: str) -> bool:
    """Hands the line to journald with its fields (systemd.journal-fields(7), native protocol); whether it took it."""
    fields = {
        "MESSAGE": said,
        "PRIORITY": str(_LEVELS[level]),
        "SYSLOG_IDENTIFIER": "priemnaya",
        "MESSAGE_ID": message_id(event),
        "EVENT": event,
        **{key.upper(): value for key, value in facts.items()},
    }
    datagram = "".join(f"{name}={value}\n" for name, value in fields.items())  # no value holds a line end
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as journal:
            journal.sendto(datagram.encode(), JOURNAL)
    except OSError:
        return False
    return True


def message_id(event: str) -> str:
    """The MESSAGE_ID of an event, to alert on: the same in every version."""
    return uuid.uuid5(_IDS, event).hex


def _plain(value: object) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    text = " ".join(text.split())
    return f'"{text}"' if " " in text or text == "" else text


def info(event: str, **facts: object) -> None:
    """Something that happened as it should."""
    _write("info", event, facts)


def warning(event: str, **facts: object) -> None:
    """Something that passes by itself, or that somebody should look at some day."""
    _write("warning", event, facts)


def error(event: str, **facts: object) -> None:
    """Something a person must act on."""
    _write("error", event, facts)


def fingerprint(text: str | None) -> str | None:
    """Twelve hex digits that stand for a Message-ID or an address in the log."""
    return None if text is None else hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
