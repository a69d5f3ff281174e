"""Outlook's winmail.dat (TNEF, [MS-OXTNEF]) as its files and its text.

Own reader, since the libraries copy the rest of the data at each attribute (quadratic on many small ones) and
fail on names in windows-1251, which Russian Outlook writes.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from intake.charsets import decode

SIGNATURE = b"\x78\x9f\x3e\x22"
MAX_FILES = 200
MAX_ATTRIBUTES = 20_000
MAX_PROPERTIES = 5_000  # of one property list

_RENDERING, _TITLE, _DATA, _PROPERTIES, _BODY = 0x9002, 0x8010, 0x800F, 0x9005, 0x800C
_MESSAGE_PROPERTIES, _CODEPAGE = 0x9003, 0x9007
_LONG_NAME, _SHORT_NAME, _DATA_OBJECT = 0x3707, 0x3704, 0x3701
_BODY_TEXT, _BODY_HTML = 0x1000, 0x1013
_FIXED = {1: 4, 2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_COUNTED = {0xD, 0x1E, 0x1F, 0x102}
_UNICODE = 0x1F


@dataclass(slots=True)
class Winmail:
    """What was in it; `text` is plain text, `html` the HTML body."""

    text: str = ""
    html: str = ""
    files: list[tuple[str | None, bytes]] = field(default_factory=list)


def opened(data: bytes) -> Winmail | None:
    """The contents, as far as they can be read; null when it is no TNEF or nothing is in it."""
    if not data.startswith(SIGNATURE):
        return None
    found, charset = Winmail(), "cp1251"
    names: list[str | None] = []
    bodies: list[bytes] = []
    for name, value in _attributes(data):
        if name == _CODEPAGE and len(value) >= 4:
            charset = f"cp{struct.unpack_from('<I', value)[0]}"
        elif name == _BODY:
            found.text = _string(value, charset)
        elif name == _MESSAGE_PROPERTIES:
            _message(value, charset, found)
        elif name == _RENDERING:
            if len(names) >= MAX_FILES:
                break
            names.append(None)
            bodies.append(b"")
        elif names and name == _TITLE:
            names[-1] = names[-1] or _string(value, charset)
        elif names and name == _DATA:
            bodies[-1] = value
        elif names and name == _PROPERTIES:
            names[-1], bodies[-1] = _file(value, charset, names[-1], bodies[-1])
    found.files = list(zip(names, bodies, strict=True))
    return found if found.files or found.text or found.html else None


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Attributes: level, name, type, length, value, checksum ([MS-OXTNEF] §2.1.3)."""
    at = 6
    for _ in range(MAX_ATTRIBUTES):
        if at + 11 > len(data):
            return
        name, length = struct.unpack_from("<xHxxI", data, at)
        yield name, data[at + 9 : at + 9 + length]
        at += length + 11


def _file(value: bytes, charset: str, name: str | None, body: bytes) -> tuple[str | None, bytes]:
    short = None
    for tag, kind, data in _properties(value):
        if tag == _LONG_NAME:
            name = _text_property(kind, data, charset)
            short = name
        elif tag == _SHORT_NAME and not short:
            name = name or _text_property(kind, data, charset)
        elif tag == _DATA_OBJECT and not body:
            body = data[16:] if kind == 0xD else data  # an object begins with the id of its interface
    return name, body


def _message(value: bytes, charset: str, found: Winmail) -> None:
    for tag, kind, data in _properties(value):
        if tag == _BODY_TEXT and not found.text:
            found.text = _text_property(kind, data, charset)
        elif tag == _BODY_HTML:
            found.html = _text_property(kind, data, charset)


def _properties(value: bytes) -> Iterator[tuple[int, int, bytes]]:
    """A property list: id, type, bytes of the first value ([MS-OXTNEF] §2.1.3.4); ends where it cannot be read."""
    try:
        at = 4
        for _ in range(min(struct.unpack_from("<I", value)[0], MAX_PROPERTIES)):
            kind, tag = struct.unpack_from("<HH", value, at)
            at += 4
            if tag >= 0x8000:
                at = _named(value, at)
            data, at = _values(value, at, kind)
            yield tag, kind & 0xFFF, data
    except (struct.error, KeyError):
        return


def _named(value: bytes, at: int) -> int:
    by_name, length = struct.unpack_from("<II", value, at + 16)
    return at + 24 + (length + -length % 4 if by_name else 0)


def _values(value: bytes, at: int, kind: int) -> tuple[bytes, int]:
    count, base, first = 1, kind & 0xFFF, b""
    if kind & 0x1000 or base in _COUNTED:
        count = struct.unpack_from("<I", value, at)[0]
        at += 4
    for index in range(count):
        if base in _COUNTED:
            length = struct.unpack_from("<I", value, at)[0]
            at += 4
        else:
            length = _FIXED[base]
        if at > len(value):
            raise struct.error("a property beyond the end")
        first = value[at : at + length] if index == 0 else first
        at += length + -length % 4
    return first, at


def _text_property(kind: int, data: bytes, charset: str) -> str:
    if kind == _UNICODE:
        return data.decode("utf-16-le", "replace").rstrip("\0")
    return _string(data, charset)


def _string(data: bytes, charset: str) -> str:
    return decode(data.rstrip(b"\0"), charset)
