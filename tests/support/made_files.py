"""Makes PDFs, JPEGs and PNGs, sound and broken, byte by byte where the breaking needs it."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

import pikepdf
from PIL import Image

PAGE = b"BT /F1 12 Tf 72 700 Td (Request) Tj ET"
_HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """A stream object's body."""
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def packed_stream(content: bytes, entries: bytes = b"") -> bytes:
    """The same, deflated."""
    return stream(zlib.compress(content, 9), entries + b"/Filter/FlateDecode")


def page_objects(*, catalog: bytes = b"", page: bytes = b"") -> dict[int, bytes]:
    """Objects 1 to 5 of a document of one page, with more entries in its catalog and page."""
    return {
        1: b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R"
        + page
        + b">>",
        4: stream(PAGE),
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    }


def written(objects: Mapping[int, bytes], *, trailer: bytes = b"") -> bytes:
    """A PDF with a plain cross-reference table; numbers left out are free."""
    out, places = bytearray(_HEAD), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size = max(objects) + 1
    rows = b"".join(b"%010d 00000 n \n" % places[n] if n in places else b"0000000000 65535 f \n" for n in range(size))
    return bytes(out) + (
        b"xref\n0 %d\n%strailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n"
        % (size, rows, size, trailer, len(out))
    )


def pdf(*, catalog: bytes = b"", page: bytes = b"", more: Mapping[int, bytes] | None = None) -> bytes:
    """A sound PDF of one page and whatever else is to be in it."""
    return written({**page_objects(catalog=catalog, page=page), **(more or {})})


def compressed_pdf(
    *, catalog: bytes = b"", page: bytes = b"", more: Mapping[int, bytes] | None = None,
    holder_type: bytes = b"/Type/ObjStm", blanks: int = 0,
) -> bytes:  # fmt: skip
    """The same with all objects but streams in an object stream, and a cross-reference stream (PDF 1.5)."""
    objects = {**page_objects(catalog=catalog, page=page), **(more or {})}
    inside = {n: body for n, body in objects.items() if b"stream" not in body}
    holder, table = max(objects) + 1, max(objects) + 2
    index, bodies = b"", b""
    for number, body in inside.items():
        index += b"%d %d " % (number, len(bodies))
        bodies += body + b" "
    objects[holder] = packed_stream(
        index + bodies + b" " * blanks, b"%s/N %d/First %d" % (holder_type, len(inside), len(index))
    )
    out, rows = _HEAD, {0: (0, 0, 0)}
    for place, number in enumerate(inside):
        rows[number] = (2, holder, place)
    for number in objects.keys() - inside.keys():
        rows[number] = (1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    rows[table] = (1, len(out), 0)
    entries = b"".join(struct.pack("!BIH", *rows.get(n, (0, 0, 0))) for n in range(table + 1))
    body = packed_stream(entries, b"/Type/XRef/W[1 4 2]/Size %d/Root 1 0 R" % (table + 1))
    return out + b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, body, len(out))


def hybrid_pdf(hidden: bytes) -> bytes:
    """A plain table that points to a stream of more entries (/XRefStm); object 6 is `hidden` there, in an object stream."""
    out, places = _HEAD, {}
    objects = page_objects(catalog=b"/OpenAction 6 0 R")
    objects[7] = packed_stream(b"6 0 " + hidden, b"/Type/ObjStm/N 1/First 4")
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    more = len(out)
    entry = struct.pack("!BIH", 2, 7, 0)
    out += b"8 0 obj\n%s\nendobj\n" % stream(entry, b"/Type/XRef/W[1 4 2]/Index[6 1]/Size 9/Root 1 0 R")
    places[8] = more
    rows = b"".join(b"%010d 00000 n \n" % places[n] if n in places else b"0000000000 65535 f \n" for n in range(9))
    return out + (
        b"xref\n0 9\n%strailer\n<</Size 9/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n" % (rows, more, len(out))
    )


def updated_pdf(before: bytes, changed: Mapping[int, bytes]) -> bytes:
    """An incremental update: new versions of objects behind the old end."""
    old = int(before.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    out, sections = before, b""
    for number, body in changed.items():
        sections += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    return out + (
        b"xref\n%strailer\n<</Size 40/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (sections, old, len(out))
    )


def saved(before: bytes, **how: object) -> bytes:
    """Written anew by qpdf: linearized, encrypted, compressed."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(before)) as document:
        document.save(out, **how)  # type: ignore[arg-type]  # a pass-through
    return out.getvalue()


def encrypted_pdf(before: bytes, *, user: str, owner: str) -> bytes:
    """An empty `user` opens for everybody, who may then not change it."""
    return saved(before, encryption=pikepdf.Encryption(user=user, owner=owner))


def pages_pdf(count: int) -> bytes:
    """Several pages, each with its own content behind it, as scanners write them."""
    kids = b" ".join(b"%d 0 R" % (10 + 2 * n) for n in range(count))
    objects = {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count)}
    for n in range(count):
        objects[10 + 2 * n] = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents %d 0 R>>" % (
            11 + 2 * n
        )
        objects[11 + 2 * n] = packed_stream(PAGE * 50 + b"%d" % n)
    return written(objects)


def picture(width: int = 640, height: int = 480, mode: str = "RGB") -> Image.Image:
    """A noisy picture, the same every time."""
    noise = zlib.compress(bytes(range(256)) * 16)
    row = (noise * (width // len(noise) + 1))[:width]
    grey = Image.frombytes("L", (width, height), b"".join(row[n % width :] + row[: n % width] for n in range(height)))
    return grey.convert(mode)


def jpeg(width: int = 640, height: int = 480, *, mode: str = "RGB", **how: object) -> bytes:
    """A JPEG by libjpeg."""
    out = io.BytesIO()
    picture(width, height, mode).save(out, "JPEG", **how)
    return out.getvalue()


def image(kind: str, width: int = 640, height: int = 480) -> bytes:
    """A picture of another type: GIF, WEBP, BMP, TIFF."""
    out = io.BytesIO()
    picture(width, height).save(out, kind)
    return out.getvalue()


def chunk(kind: bytes, body: bytes, *, wrong: int = 0) -> bytes:
    """A PNG chunk; its checksum is off by `wrong`."""
    return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body) ^ wrong)


SIGNATURE = b"\x89PNG\r\n\x1a\n"
END = chunk(b"IEND", b"")


def png_head(width: int, height: int, *, depth: int = 8, colour: int = 2, interlace: int = 0) -> bytes:
    """Signature and IHDR."""
    return SIGNATURE + chunk(b"IHDR", struct.pack("!IIBBBBB", width, height, depth, colour, 0, 0, interlace))


def png(
    width: int = 400, height: int = 300, *, depth: int = 8, colour: int = 2, before: bytes = b"", after: bytes = b"",
    lines: int | None = None, wrong: int = 0, end: bytes = END,
) -> bytes:  # fmt: skip
    """A PNG in two chunks of data; `lines` fewer than `height` make it short, `wrong` spoils a checksum."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    line = b"\0" + bytes(range(1, 255)) * ((width * samples * depth // 8) // 254 + 1)
    line = line[: 1 + (width * samples * depth + 7) // 8]
    packed = zlib.compress(line * (height if lines is None else lines))
    half = len(packed) // 2
    return (
        png_head(width, height, depth=depth, colour=colour) + before
        + chunk(b"IDAT", packed[:half]) + chunk(b"IDAT", packed[half:], wrong=wrong) + after + end
    )  # fmt: skip


def archive(**files: bytes) -> bytes:
    """A zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


def docx() -> bytes:
    """The least that is taken for a Word document."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("_rels/.rels", "<Relationships/>")
        made.writestr("word/document.xml", "<w:document/>")
    return out.getvalue()


def program() -> bytes:
    """The head of a Windows program."""
    return (
        b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0"
        + bytes(44)
        + b"\x80\0\0\0"
        + bytes(64)
        + b"PE\0\0L\x01\x03\0"
        + bytes(400)
    )


def interlaced_png(width: int, height: int, *, cut: int = 0) -> bytes:
    """A grey PNG in Adam7's seven passes, the last `cut` bytes of the picture missing."""
    raw = b""
    for left, top, across, down in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        columns, rows = len(range(left, width, across)), len(range(top, height, down))
        raw += (b"\0" + bytes(columns)) * rows if columns else b""
    packed = zlib.compress(raw[: len(raw) - cut])
    return png_head(width, height, colour=0, interlace=1) + chunk(b"IDAT", packed) + END
