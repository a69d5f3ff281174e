"""Pictures made by us from hostile files: pages of PDFs drawn by PDFium, images decoded and encoded anew by Pillow.

Nothing of the file reaches the browser but pixels. Pure; runs in a limited worker, where a bomb or a crash costs one
picture.
"""

import io
import warnings
from dataclasses import dataclass

import pypdfium2
from PIL import Image, ImageOps

from validate.sniff import JPEG, PDF, PNG, sniffed

PAGES_MOST = 3  # pages of a PDF that are shown
SIDE = 1400  # pixels of the longer side at most; enough to read a scanned page
INLINE_SIDE = 900
PIXELS_MOST = 40_000_000  # decoded; a PNG of more would not fit into the worker's memory
POINTS_MOST = 20_000.0  # of a page's side: a larger one is no paper
QUALITY = 82
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image file that we encoded."""

    type: str  # image/jpeg or image/png
    data: bytes


class NoPicture(Exception):
    """The file cannot be shown as a picture."""


def picture(data: bytes, *, page: int = 0, side: int = SIDE) -> Picture:
    """The image, or that page of the PDF counted from 0; NoPicture when it does not open or is too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            drawn = _page(data, page, side) if sniffed(data) == PDF else _image(data, side)
            return _encoded(drawn)
    except (pypdfium2.PdfiumError, Image.DecompressionBombError, OSError, SyntaxError, ValueError, ArithmeticError,
            TypeError, LookupError, AttributeError) as error:  # fmt: skip  # what both raise on hostile bytes
        raise NoPicture(type(error).__name__) from error


def pages(data: bytes) -> int:
    """How many pictures a file gives, PAGES_MOST at most; 0 when it gives none."""
    kind = sniffed(data)
    if kind in (JPEG, PNG):
        return 1
    if kind != PDF:
        return 0
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return 0
    with document:
        return min(len(document), PAGES_MOST)


def _image(data: bytes, side: int) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        image.draft("RGB", (side, side))  # a JPEG is decoded at the nearest power of two over that
        if image.width * image.height > PIXELS_MOST:
            raise NoPicture("too many pixels")
        turned = ImageOps.exif_transpose(image)
        turned.thumbnail((side, side))
        return turned.convert("RGBA" if turned.has_transparency_data else "RGB")


def _page(data: bytes, place: int, side: int) -> Image.Image:
    if not 0 <= place < PAGES_MOST:
        raise NoPicture("no such page")
    with pypdfium2.PdfDocument(data) as document:
        page = document[place]
        longer = max(page.get_width(), page.get_height())
        if not 0 < longer <= POINTS_MOST:
            raise NoPicture("no paper has this size")
        bitmap = page.render(scale=min(side / longer, 4.0), may_draw_forms=False)
        drawn: Image.Image = bitmap.to_pil()
        return drawn.convert("RGB")


def _encoded(image: Image.Image) -> Picture:
    """JPEG for what is opaque, PNG for the rest, without metadata: a photo loses the place where it was taken."""
    out = io.BytesIO()
    if image.mode == "RGBA":
        image.info = {}
        image.save(out, "PNG")
        return Picture(type=PNG, data=out.getvalue())
    image.info = {}
    image.save(out, "JPEG", quality=QUALITY)
    return Picture(type=JPEG, data=out.getvalue())
