"""Cutting the bytes of an IMAP connection into whole responses by the announced lengths alone (RFC 3501 §2.2).

Nothing is guessed from brackets or from how a line looks, so a letter's text or a file's name can never be taken
for protocol. Iterative, each byte looked at once, a literal copied once; without input or output of its own.
"""

import re
from collections.abc import Iterator

from intake.imap_words import Malformed

LINE_MOST = 16 * 1024 * 1024  # bytes; SEARCH names a million letters in one line of 8 MB

Pieces = tuple[bytes, ...]  # one response: line, literal, line, literal, … line; lines without their ends

_LITERAL = re.compile(rb"~?\{(\d{1,12})\}$")
# Their text is free and may end in "{5}"; no literal follows (RFC 3501 §7.1).
_STATUS = re.compile(rb"\* (?:OK|NO|BAD|BYE|PREAUTH)\b", re.IGNORECASE)


class Framing:
    """What has come and is not yet a whole response."""

    def __init__(self) -> None:
        self.allowance = LINE_MOST  # bytes that may still come; the caller sets it with each command
        self.forget()

    def forget(self) -> None:
        """Drop everything that is half read."""
        self._rest = bytearray()  # the beginning of a line
        self._pieces: list[bytes] = []
        self._literal: list[bytes] = []
        self._literal_left = 0

    def feed(self, data: bytes) -> Iterator[Pieces]:
        """Each response that `data` completes. Raises Malformed; then nothing more may be fed."""
        self.allowance -= len(data)
        if self.allowance < 0:
            raise Malformed("the answer is far larger than what was asked for")
        place = 0
        while place < len(data):
            if self._literal_left:
                place = self._take_literal(data, place)
                continue
            end = data.find(b"\n", place)
            if end < 0:
                self._rest += data[place:]
                if len(self._rest) > LINE_MOST:
                    raise Malformed("a line has no end")
                return
            line = data[place : end + 1]
            if self._rest:
                line = bytes(self._rest) + line
                self._rest.clear()
            place = end + 1
            if self._ends_with(line.removesuffix(b"\n").removesuffix(b"\r"), ahead=len(data) - place):
                pieces, self._pieces = tuple(self._pieces), []
                yield pieces

    def _take_literal(self, data: bytes, place: int) -> int:
        taken = data[place : place + self._literal_left]
        self._literal.append(taken)
        self._literal_left -= len(taken)
        if not self._literal_left:
            self._pieces.append(b"".join(self._literal))
            self._literal = []
        return place + len(taken)

    def _ends_with(self, line: bytes, *, ahead: int) -> bool:
        """Keep the line; False when a literal follows it, and the response goes on. `ahead` bytes are here already."""
        begins = not self._pieces
        self._pieces.append(line)
        if begins and (not line.startswith(b"* ") or _STATUS.match(line)):
            return True
        mark = _LITERAL.search(line)
        if mark is None:
            return True
        length = int(mark[1])
        if length > self.allowance + ahead:
            raise Malformed(f"a literal of {length} bytes that nobody asked for")
        self._literal_left = length
        if not length:
            self._pieces.append(b"")
        return False
