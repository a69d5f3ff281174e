"""A file's name made safe to show and to store (verdict.md): no path, no control characters, no direction
overrides, at most 255 bytes."""

import re
import unicodedata
from urllib.parse import unquote_to_bytes

MAX_BYTES = 255
_PATH = re.compile(r"[/\\]")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2}){2}")


def safe_name(name: str | None) -> str | None:
    """The safe name, or null when nothing is left of it. The extension survives the cut."""
    if not name:
        return None
    name = _from_percents(name)
    name = _PATH.split(name.rstrip("/\\ "))[-1]
    # Cc, Cf, Cs, Zl, Zp: controls, direction overrides and zero-width signs, surrogates, line separators.
    name = "".join(c for c in name if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    name = unicodedata.normalize("NFC", name).strip().rstrip(". ")
    if not name.strip("."):
        return None
    return _cut(name)


def _from_percents(name: str) -> str:
    """Seen in practice: webmail that writes filename="%D0%A1…" without saying that it is encoded."""
    if not name.isascii() or not _PERCENT.search(name):
        return name
    try:
        return unquote_to_bytes(name).decode("utf-8")
    except UnicodeDecodeError:
        return name


def _cut(name: str) -> str:
    if len(name.encode()) <= MAX_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    tail = (dot + extension).encode() if stem and len(extension.encode()) <= 16 else b""
    head = (stem if tail else name).encode()[: MAX_BYTES - len(tail)]
    return head.decode("utf-8", "ignore") + tail.decode()
