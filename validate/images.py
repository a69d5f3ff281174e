"""Whether a JPEG or PNG opens whole."""

import io
import warnings

from PIL import Image

from validate.findings import FileFault

PIXELS_MOST = 60_000_000  # a phone's photo has 12 to 50 million; more is a bomb and is not decoded
FORMATS = ("JPEG", "PNG")
BROKEN = (OSError, SyntaxError, ValueError, KeyError, TypeError, IndexError, MemoryError, EOFError, OverflowError)


def fault(data: bytes) -> FileFault | None:
    """`corrupt` when it is truncated, damaged, or larger than anything a camera makes; else none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                if picture.width * picture.height > PIXELS_MOST:
                    return FileFault.CORRUPT
                picture.draft("L", (max(1, picture.width // 8), max(1, picture.height // 8)))
                picture.load()
    except (*BROKEN, Image.DecompressionBombError):
        return FileFault.CORRUPT
    return None


def sides(data: bytes) -> tuple[int, int]:
    """Width and height in pixels, (0, 0) when it does not open."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as picture:
                return picture.width, picture.height
    except (*BROKEN, Image.DecompressionBombError):
        return (0, 0)
