"""How long checking files takes: CPU milliseconds of examine_files, on one core.

    python bench/files.py [--times 5]

Files of ordinary letters (bar: a PDF scan of 500 KB 3 ms, a letter with 6 MB of files, which is 4.4 MB decoded, 60 ms),
then the worst that was thought of (no bar but the letter's own limit of 10 s). The best of several runs is printed,
since it is the program that is measured and not what else the machine does.
"""

import argparse
import io
import random
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [
    str(Path(__file__).resolve().parent.parent),
    str(Path(__file__).resolve().parent.parent / "tests/support"),
]

import made_files as made
import pikepdf
from PIL import Image, ImageFilter

from intake.letter import File
from validate.attachments import examine_files

KB, MB = 1024, 1024 * 1024


def scan(rng: random.Random, size: int, pages: int = 1) -> bytes:
    """A PDF as scanners write it: pages of one picture that does not compress."""
    kids = b" ".join(b"%d 0 R" % (10 + 3 * n) for n in range(pages))
    objects = {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages)}
    for n in range(10, 10 + 3 * pages, 3):
        objects[n] = (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</I %d 0 R>>>>/Contents %d 0 R>>"
            % (n + 2, n + 1)
        )
        objects[n + 1] = made.stream(b"595 0 0 842 0 0 cm /I Do")
        objects[n + 2] = made.stream(rng.randbytes(size // pages), b"/Type/XObject/Subtype/Image/Width 1/Height 1")
    return made.written(objects)


def document(objects: int) -> bytes:
    """A tagged PDF of an office program: compressed objects, most of them of its structure, and one form name."""
    more = {n: b"<</Type/StructElem/S/P/P 1 0 R/K[<</Type/MCR/MCID %d/Pg 3 0 R>>]>>" % n for n in range(6, 6 + objects)}
    return made.saved(
        made.pdf(more=more, catalog=b"/StructTreeRoot<</K[%s]>>" % b" ".join(b"%d 0 R" % n for n in more)),
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )


def photo(rng: random.Random, size: int, kind: str = "JPEG", **how: object) -> bytes:
    """A picture as busy as a photo, of at most that many bytes."""
    grain = Image.frombytes("L", (1024, 1024), rng.randbytes(MB))
    side = int((size * (2.2 if kind == "PNG" else 5)) ** 0.5)  # near enough to begin with
    while True:
        planes = [grain.resize((side, side * 3 // 4), box=(x, x, 600 + x, 450 + x)) for x in (0, 100, 200)]
        picture = Image.blend(Image.merge("RGB", planes), Image.effect_noise(planes[0].size, 60).convert("RGB"), 0.3)
        out = io.BytesIO()
        picture.filter(ImageFilter.GaussianBlur(0.7)).save(out, kind, **how)
        if out.tell() <= size:
            return out.getvalue()
        side = side * 9 // 10


def flat(side: int, **how: object) -> bytes:
    """A JPEG of many pixels and few bytes."""
    out = io.BytesIO()
    Image.new("L", (side, side), 99).save(out, "JPEG", quality=1, **how)
    return out.getvalue()


def scans(progressive: bytes, times: int) -> bytes:
    """Its shortest scan again and again."""
    at = [n for n in range(len(progressive) - 1) if progressive[n : n + 2] == b"\xff\xda"]
    shortest = min((progressive[a:b] for a, b in zip(at, [*at[1:], len(progressive) - 2], strict=True)), key=len)
    return progressive[:-2] + shortest * min(times, (5 * MB - len(progressive)) // len(shortest)) + b"\xff\xd9"


def cases(rng: random.Random) -> dict[str, Callable[[], list[bytes]]]:
    """What is measured, made when it is its turn."""
    return {
        "PDF scan of 500 KB": lambda: [scan(rng, 500 * KB)],
        "PDF scan of 4.4 MB, 20 pages": lambda: [scan(rng, 4400 * KB, pages=20)],
        "PDF scan of 500 KB, compressed objects": lambda: [made.saved(scan(rng, 500 * KB, pages=5), object_stream_mode=pikepdf.ObjectStreamMode.generate)],
        "PDF of an office program, 2,000 objects": lambda: [document(2000)],
        "PDF with a script, refused": lambda: [made.compressed_pdf(catalog=b"/OpenAction<</S/JavaScript/JS(a)>>")],
        "PDF of noise, 5 MB, refused": lambda: [b"%PDF-1.4\n" + rng.randbytes(5 * MB - 20) + b"%%EOF\n"],
        "JPEG photo of 500 KB": lambda: [photo(rng, 500 * KB, quality=88)],
        "JPEG photo of 4.4 MB": lambda: [photo(rng, 4400 * KB, quality=93)],
        "JPEG photo of 4.4 MB, progressive": lambda: [photo(rng, 4400 * KB, quality=93, progressive=True)],
        "JPEG of noise, 5 MB, refused": lambda: [b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + rng.randbytes(5 * MB - 20) + b"\xff\xd9"],
        "PNG screen shot, 300 KB": lambda: [photo(rng, 300 * KB, "PNG")],
        "PNG photo of 4.4 MB": lambda: [photo(rng, 4400 * KB, "PNG")],
        "letter of 6 MB: two photos of 1.5 MB, a scan of 1.4": lambda: [photo(rng, 1500 * KB), photo(rng, 1500 * KB), scan(rng, 1400 * KB)],
        "text of 4.4 MB, refused": lambda: ["Прошу помочь с порталом. ".encode() * (4400 * KB // 45)],
        "worst: PDF of 50,000 objects and a name": lambda: [made.pdf(more={**dict.fromkeys(range(6, 50_000), b"<</A[1 2 3]>>"), 50_000: b"(/JS )"})],
        "worst: PDF whose objects unpack to 60 MB": lambda: [made.compressed_pdf(catalog=b"/OpenAction<</S/GoTo>>/X(/JS )", blanks=60_000_000)],
        "worst: PDF of 5 MB of brackets": lambda: [made.pdf(page=b"/X" + b"[" * (5 * MB - 2000))],
        "worst: PDF of 5 MB of objects without end": lambda: [b"%PDF-1.4\n" + b"1 0 obj\n" * (5 * MB // 8 - 2)],
        "worst: PDF of 5 MB of references, no table": lambda: [made.pdf(page=b"/X[" + b"3 0 R " * (5 * MB // 6 - 400) + b"]").replace(b"startxref", b"startxxxx")],
        "worst: JPEG of 64 million pixels": lambda: [flat(8000)],
        "worst: JPEG of a thousand scans": lambda: [scans(flat(7000, progressive=True), 1000)],
        "worst: PNG of 100 million pixels": lambda: [made.png_head(10_000, 10_000, colour=6) + made.chunk(b"IDAT", zlib.compress(bytes(400_010_000), 1)) + made.END],
    }  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--times", type=int, default=5)
    times = options.parse_args().times
    examine_files((File(name="a", data=b"warm", declared="", cid=None, referred=False),), scan=None)
    for title, make in cases(random.Random(1)).items():  # noqa: S311  # the same files in every run
        files = tuple(File(name=None, data=data, declared="", cid=None, referred=False) for data in make())
        spent = []
        for _ in range(1 if title.startswith("worst") else times):
            began = time.process_time()
            verdicts = examine_files(files, scan=None)
            spent.append((time.process_time() - began) * 1000)
        said = ", ".join(verdict.reason or "accepted" for verdict in verdicts)
        print(
            f"{min(spent):9.2f} ms  {sum(len(file.data) for file in files) / MB:5.2f} MB  {title}: {said}", flush=True
        )


if __name__ == "__main__":
    main()
