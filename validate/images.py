"""Whether a JPEG or PNG opens whole.

A picture with more pixels than any camera or scanner of letters makes is `corrupt` too: it would fell the program of
the clerk who opens it, and what its header says was made to do so.
"""

import io
import struct
import warnings

from PIL import Image

from validate import jpeg, png
from validate.findings import FileFault
from validate.sniff import PNG

PIXELS_MOST = 100_000_000  # a phone's photo has 12 to 50 million, a page at 600 dpi 35 million
DECODED_MOST = 40_000_000  # pixels times scans; see _jpeg_is_sound
MEASURED = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")  # what signature logos come as
_BROKEN = (
    OSError, SyntaxError, ValueError, KeyError, TypeError, IndexError, MemoryError, EOFError, OverflowError,
    AttributeError, ZeroDivisionError, struct.error, Image.DecompressionBombError,
)  # fmt: skip  # what Pillow raises on hostile bytes


def fault(data: bytes, kind: str) -> FileFault | None:
    """`corrupt` when a JPEG or PNG is cut, damaged, or a bomb; else none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sound = _png_is_sound(data) if kind == PNG else _jpeg_is_sound(data)
    except _BROKEN:
        return FileFault.CORRUPT
    return None if sound else FileFault.CORRUPT


def _png_is_sound(data: bytes) -> bool:
    """Pillow opens it, and it is then read to its end by ourselves: Pillow passes over checksums of picture data and a
    missing end, and would hold the whole picture in memory."""
    head = png.header(data)
    if head.width * head.height > PIXELS_MOST:
        return False
    png.read_through(data)
    with Image.open(io.BytesIO(data), formats=("PNG",)):
        return True


def _jpeg_is_sound(data: bytes) -> bool:
    """The segments are whole up to the end mark, and it decodes.

    Decoding is at an eighth of the size: libjpeg reads all of the coded data for that, so a cut file is found out, at a
    quarter of the cost. A progressive picture holds every coefficient in memory, and each of its scans is a pass over
    all of them (a few bytes of hostile file ask for thousands): over DECODED_MOST the walk to the end mark decides.
    What nobody can tell: a file cut in the middle whose cutter wrote an end mark.
    """
    walked = jpeg.walk(data)
    if walked is None or walked.width * walked.height > PIXELS_MOST:
        return False
    decodes = walked.scans == 1 or walked.scans * walked.width * walked.height <= DECODED_MOST
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
        if decodes:
            picture.draft("L", (max(1, picture.width // 8), max(1, picture.height // 8)))
            picture.load()
    return True


def sides(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of any common kind of picture; none when it does not open."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=MEASURED) as picture:
                return picture.width, picture.height
    except _BROKEN:
        return None
