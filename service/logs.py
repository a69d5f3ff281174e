"""The log: one line an event, `event key=value …`, with systemd's priority in front when it listens.

No personal data: callers pass ids, hashes, counts and reasons, never a name, an address, a subject or a body.
"""

import hashlib
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

_LEVELS = {"error": 3, "warning": 4, "info": 6, "debug": 7}
_out: TextIO | None = None
_TO_JOURNAL = bool(os.environ.get("JOURNAL_STREAM"))


def into(path: Path) -> None:
    """Write the log into a file from now on instead of stderr (the demo, whose terminal shows a table)."""
    global _out  # noqa: PLW0603  # the log is the one thing a process has one of
    _out = path.open("a", encoding="utf-8")


def _write(level: str, event: str, facts: dict[str, object]) -> None:
    said = " ".join([event, *(f"{key}={_plain(value)}" for key, value in facts.items() if value is not None)])
    head = f"<{_LEVELS[level]}>" if _TO_JOURNAL else f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}Z {level} "
    print(head + said, file=_out or sys.stderr, flush=True)


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
