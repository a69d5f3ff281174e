"""Pictures: JPEG and PNG open whole, or are corrupt; bombs cost nothing."""

import io
import struct
import time
import tracemalloc
import zlib

import made_files as made
import pytest
from PIL import Image

from validate import images
from validate.findings import FileFault
from validate.sniff import JPEG, PNG

PLAIN = made.jpeg()
PROGRESSIVE = made.jpeg(progressive=True)
BIG_PROGRESSIVE = made.jpeg(3000, 2200, progressive=True)
PNG_PLAIN = made.png()
EXIF = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"


def segment(mark: int, body: bytes) -> bytes:
    return bytes([0xFF, mark]) + struct.pack("!H", len(body) + 2) + body


def with_segment(data: bytes, more: bytes) -> bytes:
    return data[:2] + more + data[2:]


def scans(data: bytes, count: int) -> bytes:
    """The last scan of a progressive picture once more, so many times."""
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * count + b"\xff\xd9"


def text(kind: bytes, packed: bytes) -> bytes:
    head = {b"zTXt": b"Comment\0\0", b"iTXt": b"Comment\0\1\0ru\0\0", b"iCCP": b"icc\0\0"}[kind]
    return made.chunk(kind, head + packed)


BOMB = zlib.compress(bytes(50_000_000), 9)
PALETTE = made.chunk(b"PLTE", bytes(768))
APNG = made.chunk(b"acTL", struct.pack("!II", 1, 0)) + made.chunk(
    b"fcTL", struct.pack("!IIIIIHHBB", 0, 400, 300, 0, 0, 1, 1, 0, 0)
)

SOUND_JPEG = {
    "baseline": PLAIN,
    "progressive": PROGRESSIVE,
    "progressive, too big to decode": BIG_PROGRESSIVE,
    "grey": made.jpeg(mode="L"),
    "CMYK": made.jpeg(mode="CMYK"),
    "one pixel": made.jpeg(1, 1),
    "odd sides": made.jpeg(37, 1001),
    "restart marks": made.jpeg(restart_marker_blocks=4),
    "optimised": made.jpeg(optimize=True, quality=30),
    "without subsampling": made.jpeg(subsampling=0, quality=95),
    "turned by EXIF": made.jpeg(exif=EXIF),
    "broken EXIF": with_segment(PLAIN, segment(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff")),
    "comments": with_segment(PLAIN, segment(0xFE, b"\xff\xda" * 30_000) * 3),
    "fill bytes before a segment": with_segment(PLAIN, b"\xff\xff\xff" + segment(0xFE, b"a")),
    "a phone's film behind the end": PLAIN + b"\0\0\0\x18ftypmp42" + bytes(5000),
    "another picture behind the end": PLAIN + made.jpeg(160, 120),
    "zeros behind the end": PLAIN + bytes(4096),
}  # fmt: skip

CORRUPT_JPEG = {
    "cut in half": PLAIN[: len(PLAIN) // 2],
    "a tenth missing": PLAIN[: len(PLAIN) * 9 // 10],
    "twenty bytes missing": PLAIN[:-20],
    "end mark missing": PLAIN[:-2],
    "half a download, zeros after": PLAIN[: len(PLAIN) // 2] + bytes(len(PLAIN) // 2),
    "progressive, cut in half": PROGRESSIVE[: len(PROGRESSIVE) // 2],
    "progressive, last scan missing": PROGRESSIVE[: PROGRESSIVE.rindex(b"\xff\xda")],
    "big progressive, cut": BIG_PROGRESSIVE[:-1000],
    "first bytes and noise": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + zlib.compress(bytes(range(256)) * 99) * 9 + b"\xff\xd9",
    "mark alone": b"\xff\xd8\xff",
    "begin and end": b"\xff\xd8\xff\xd9",
    "header without picture": PLAIN[: PLAIN.index(b"\xff\xda")] + b"\xff\xd9",
    "cut in its header": PLAIN[:100],
    "tables missing": PLAIN[:2] + PLAIN[PLAIN.index(b"\xff\xc0") :],
    "a segment shorter than its length": with_segment(PLAIN, b"\xff\xfe\x00\x01"),
    "no height": PLAIN.replace(b"\x08\x01\xe0\x02\x80", b"\x08\x00\x00\x02\x80"),
    "65,000 pixels square": PLAIN.replace(b"\x08\x01\xe0\x02\x80", b"\x08\xfd\xe8\xfd\xe8"),
}  # fmt: skip

SOUND_PNG = {
    "colours": PNG_PLAIN,
    "with alpha": made.png(colour=6),
    "grey": made.png(colour=0),
    "grey with alpha": made.png(colour=4),
    "16 bits": made.png(depth=16),
    "16 bits with alpha": made.png(depth=16, colour=6),
    "one bit": made.png(401, 301, depth=1, colour=0),
    "two bits": made.png(401, 301, depth=2, colour=0),
    "palette": made.png(colour=3, before=PALETTE),
    "palette of four bits": made.png(401, depth=4, colour=3, before=PALETTE),
    "one pixel": made.png(1, 1),
    "interlaced": made.interlaced_png(101, 67),
    "interlaced, smaller than a pass": made.interlaced_png(3, 2),
    "animated": made.png(before=APNG),
    "texts": made.png(before=text(b"zTXt", zlib.compress(b"hello")), after=text(b"iTXt", zlib.compress(b"a" * 5000))),
    "plain texts": made.png(before=made.chunk(b"tEXt", b"Software\0xx"), after=made.chunk(b"iTXt", b"a\0\0\0\0\0hello")),
    "more data than lines": made.png(lines=301),
    "bytes behind the end": PNG_PLAIN + b"what a screenshot tool left there",
    "written by Pillow": made.image("PNG"),
}  # fmt: skip

CORRUPT_PNG = {
    "wrong checksum of the picture": made.png(wrong=1),
    "wrong checksum of a text": made.png(before=made.chunk(b"tEXt", b"a\0b", wrong=1)),
    "a flipped bit": PNG_PLAIN[:500] + bytes([PNG_PLAIN[500] ^ 1]) + PNG_PLAIN[501:],
    "end missing": made.png(end=b""),
    "end cut": PNG_PLAIN[:-6],
    "cut in half": PNG_PLAIN[: len(PNG_PLAIN) // 2],
    "lines missing": made.png(lines=299),
    "interlaced, last line cut": made.interlaced_png(101, 67, cut=60),
    "second half of the data missing": made.png_head(40, 30) + made.chunk(b"IDAT", zlib.compress(bytes(121 * 30))[:20]) + made.END,
    "no data": made.png_head(40, 30) + made.END,
    "data that is no zlib": made.png_head(40, 30) + made.chunk(b"IDAT", b"\xff" * 99) + made.END,
    "signature alone": made.SIGNATURE,
    "signature and noise": made.SIGNATURE + zlib.compress(bytes(range(256)) * 99),
    "no header chunk": made.SIGNATURE + made.chunk(b"IDAT", zlib.compress(bytes(100))) + made.END,
    "no width": made.png_head(0, 30) + made.chunk(b"IDAT", zlib.compress(b"\0" * 30)) + made.END,
    "palette missing": made.png(colour=3),
    "a depth that is none": made.png_head(40, 30, depth=3) + made.chunk(b"IDAT", zlib.compress(bytes(4000))) + made.END,
    "30,000 pixels square": made.png_head(30_000, 30_000, depth=1, colour=0) + made.chunk(b"IDAT", BOMB) + made.END,
    "60,000 pixels square": made.png_head(60_000, 60_000) + made.chunk(b"IDAT", BOMB) + made.END,
    "bomb of text": made.png(before=text(b"zTXt", BOMB)),
    "bomb of text behind the picture": made.png(after=text(b"zTXt", BOMB)),
    "bomb of Unicode text behind the picture": made.png(after=text(b"iTXt", BOMB)),
    "bomb of a colour profile": made.png(before=text(b"iCCP", BOMB)),
}  # fmt: skip


@pytest.mark.parametrize("data", SOUND_JPEG.values(), ids=SOUND_JPEG)
def test_a_whole_jpeg_is_accepted(data: bytes) -> None:
    assert images.fault(data, JPEG) is None


@pytest.mark.parametrize("data", CORRUPT_JPEG.values(), ids=CORRUPT_JPEG)
def test_a_cut_or_damaged_jpeg_is_corrupt(data: bytes) -> None:
    assert images.fault(data, JPEG) is FileFault.CORRUPT


@pytest.mark.parametrize("data", SOUND_PNG.values(), ids=SOUND_PNG)
def test_a_whole_png_is_accepted(data: bytes) -> None:
    assert images.fault(data, PNG) is None
    with Image.open(io.BytesIO(data)) as opened:  # the case itself is what it says
        opened.load()


@pytest.mark.parametrize("data", CORRUPT_PNG.values(), ids=CORRUPT_PNG)
def test_a_cut_damaged_or_swollen_png_is_corrupt(data: bytes) -> None:
    assert images.fault(data, PNG) is FileFault.CORRUPT


@pytest.mark.parametrize(
    ("data", "kind"), [(PLAIN, JPEG), (PROGRESSIVE, JPEG), (PNG_PLAIN, PNG)], ids=["JPEG", "progressive", "PNG"]
)
@pytest.mark.parametrize("share", range(1, 100, 3))
def test_wherever_a_picture_is_cut_it_is_corrupt(data: bytes, kind: str, share: int) -> None:
    assert images.fault(data[: len(data) * share // 100], kind) is FileFault.CORRUPT


def test_a_jpeg_of_thousands_of_scans_is_not_decoded() -> None:
    hostile = scans(made.jpeg(2000, 2000, mode="L", quality=1, progressive=True), 500)
    assert hostile.count(b"\xff\xda") > 500
    began = time.process_time()
    images.fault(hostile, JPEG)
    assert time.process_time() - began < 0.5


def test_a_large_png_is_read_in_little_memory() -> None:
    line = b"\0" + bytes(10_000)
    large = made.png_head(10_000, 9_000, colour=0) + made.chunk(b"IDAT", zlib.compress(line * 9_000, 1)) + made.END
    tracemalloc.start()
    assert images.fault(large, PNG) is None
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4_000_000


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "BMP", "TIFF", "PNG", "JPEG"])
def test_the_sides_of_any_common_picture_are_known(kind: str) -> None:
    assert images.sides(made.image(kind, 123, 45)) == (123, 45)


def test_what_is_no_picture_has_no_sides() -> None:
    assert images.sides(b"<svg xmlns='http://www.w3.org/2000/svg'/>") is None
    assert images.sides(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n") is None
