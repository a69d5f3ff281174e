"""Walks the segments of a JPEG (ITU-T T.81, annex B) without decoding it: cheap, bounded, linear."""

import re
from dataclasses import dataclass

SOI, EOI, SOS, TEM = 0xD8, 0xD9, 0xDA, 0x01
_ALONE = frozenset({TEM, *range(0xD0, 0xD9)})  # markers without a length: TEM, RST0 to RST7, SOI
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_IN_SCAN = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # a marker that ends coded data: no stuffing, no restart, no fill


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What a JPEG is made of, up to its end mark."""

    width: int
    height: int
    scans: int  # passes over the picture; 1 for most, about 10 for progressive ones


def walk(data: bytes) -> Walked | None:
    """Its frame and scans; None when a segment is cut, or no frame, scan or end mark is there."""
    at, frame, scans = 2, None, 0
    while at + 2 <= len(data):
        if data[at] != 0xFF:
            return None
        mark = data[at + 1]
        if mark == EOI:
            return Walked(width=frame[0], height=frame[1], scans=scans) if frame and scans else None
        if mark == 0xFF or mark in _ALONE:  # fill bytes may stand before any marker
            at += 1 if mark == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        after = at + 2 + length
        if length < 2 or after > len(data):
            return None
        if mark in _FRAMES:
            frame = int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        if mark == SOS:
            scans += 1
            ended = _IN_SCAN.search(data, after)
            if ended is None:
                return None
            after = ended.start()
        at = after
    return None
