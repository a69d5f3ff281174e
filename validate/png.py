"""Reads a PNG (W3C, third edition) to its last byte: checksums, the whole of the picture data, the end.

The picture is inflated piece by piece and thrown away, so a small file that grows without end costs no memory.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIECE = 256 * 1024  # bytes inflated at a time
TEXT_MOST = 1024 * 1024  # bytes of one compressed text or colour profile; seen in practice: under 600 KB
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}  # by colour type
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # Adam7


class Damaged(ValueError):
    """The file does not hold what its header promises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """IHDR."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool


def header(data: bytes) -> Header:
    """The picture's measures; Damaged when the file does not begin with sound ones."""
    kind, body = next(_chunks(data), (b"", b""))
    if kind != b"IHDR" or len(body) != 13:
        raise Damaged
    width, height, depth, colour, method, filtering, interlace = struct.unpack("!IIBBBBB", body)
    if not (0 < width < 1 << 31 and 0 < height < 1 << 31) or method or filtering or interlace > 1:
        raise Damaged
    if depth not in _DEPTHS.get(colour, ()):
        raise Damaged
    return Header(width=width, height=height, depth=depth, colour=colour, interlaced=bool(interlace))


def read_through(data: bytes) -> None:
    """Damaged when a checksum fails, picture data is short, or the end is missing; bytes after the end are let be."""
    head, picture, palette = header(data), _Picture(), False
    wanted = _picture_bytes(head)
    for kind, body in _chunks(data):
        if kind == b"IDAT":
            picture.add(body, wanted)
        elif kind == b"PLTE":
            palette = True
        elif kind in (b"zTXt", b"iTXt", b"iCCP"):
            _refuse_bomb(kind, body)
        elif kind == b"IEND":
            if picture.size < wanted or (head.colour == 3 and not palette):
                raise Damaged
            return
    raise Damaged


class _Picture:
    """Counts what the picture data inflates to."""

    def __init__(self) -> None:
        self.size = 0
        self._stream = zlib.decompressobj()

    def add(self, body: bytes, wanted: int) -> None:
        while body and self.size < wanted:
            try:
                self.size += len(self._stream.decompress(body, PIECE))
            except zlib.error as error:
                raise Damaged from error
            body = self._stream.unconsumed_tail


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and content of each chunk; Damaged where one is cut or its checksum is wrong.

    That holds for chunks too that readers could do without: bytes that are not those which were written are damaged.
    """
    at = len(SIGNATURE)
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 12 + length
        if end > len(data):
            raise Damaged
        kind, body = data[at + 4 : at + 8], data[at + 8 : end - 4]
        if zlib.crc32(body, zlib.crc32(kind)) != int.from_bytes(data[end - 4 : end], "big"):
            raise Damaged
        yield kind, body
        at = end


def _picture_bytes(head: Header) -> int:
    """How many bytes the picture inflates to, filter bytes included."""
    bits = head.depth * _SAMPLES[head.colour]
    size = 0
    for left, top, across, down in _PASSES if head.interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(head.width - left) // across), -(-(head.height - top) // down)
        if columns > 0 and rows > 0:
            size += rows * (1 + (columns * bits + 7) // 8)
    return size


def _refuse_bomb(kind: bytes, body: bytes) -> None:
    """A text or profile that inflates without measure is no picture's; one that does not inflate is let be."""
    _, _, packed = body.partition(b"\0")
    if kind == b"iTXt":  # flag, method, language, NUL, translated keyword, NUL, text
        packed = packed[2:].split(b"\0", 2)[-1] if packed[:1] == b"\1" else b""
    try:
        grown = zlib.decompressobj().decompress(packed[1:] if kind != b"iTXt" else packed, TEXT_MOST + 1)
    except zlib.error:
        return
    if len(grown) > TEXT_MOST:
        raise Damaged
