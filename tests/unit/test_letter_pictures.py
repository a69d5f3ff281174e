"""Pictures of files: pixels alone come out, whatever went in."""

import asyncio
import io

import pytest
from hostile_letters import bomb, letter, photo, with_picture_inside
from made_files import pdf
from PIL import Image

from intake.rich_text import html_of
from service.workers import Overran, Workers
from triage.letter_pictures import NoPicture, pages, picture
from triage.letter_views import html, look, shown
from triage.reading import reader


def _png(mode: str) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (3000, 10), 1 if mode == "1" else None).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (pdf(), "image/jpeg"),
        (photo(), "image/jpeg"),
        (_png("RGB"), "image/jpeg"),
        (_png("RGBA"), "image/png"),
        (_png("1"), "image/jpeg"),
    ],
    ids=["pdf", "jpeg", "png", "see-through png", "black and white png"],
)
def test_a_file_becomes_a_picture_of_ours(data: bytes, kind: str) -> None:
    made = picture(data)
    assert made.type == kind
    with Image.open(io.BytesIO(made.data)) as image:
        assert max(image.size) <= 1400
        assert not image.getexif()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        b"%PDF-1.7 junk",
        b"\x89PNG\r\n\x1a\n" + b"x" * 99,
        b"\xff\xd8\xff" + b"0" * 50,
        b"GIF89a" + b"1" * 30,
        bomb(),
    ],
    ids=["empty", "text", "pdf", "png", "jpeg", "gif", "bomb"],
)
def test_what_does_not_open_gives_no_picture(data: bytes) -> None:
    with pytest.raises(NoPicture):
        picture(data)


def test_a_page_that_is_not_there_gives_no_picture() -> None:
    with pytest.raises(NoPicture):
        picture(pdf(), page=1)
    with pytest.raises(NoPicture):
        picture(pdf(), page=-1)


def test_a_page_no_paper_has_gives_no_picture() -> None:
    with pytest.raises(NoPicture):
        picture(pdf(page=b"/MediaBox[0 0 1000000 1]"))


def test_pages_are_counted_three_at_most() -> None:
    assert [pages(one) for one in (pdf(), photo(), b"MZ", b"%PDF-1.7 junk")] == [1, 1, 0, 0]


def test_the_views_of_a_letter() -> None:
    raw = with_picture_inside()
    assert b'"refused": null' in look(raw)
    assert b'"pages": [1]' in look(raw)
    withheld, _, body = html(raw).partition(b"\n")
    assert withheld == b"0"
    assert b'<img src="data:image/jpeg;base64,' in body
    assert shown(raw, 0, 0).startswith(b"image/jpeg\n")
    assert html(letter()) == b"none"


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        ("Content-Type: text/html; charset=windows-1251\n\n<p>да".encode("cp1251"), "<p>да"),
        ("Content-Type: text/plain\n\n<p>да".encode(), ""),
        ("Content-Type: text/html\nContent-Disposition: attachment; filename=a.html\n\n<p>да".encode(), ""),
        ("Content-Type: message/rfc822\n\nContent-Type: text/html\n\n<p>да".encode(), ""),
        (b"", ""),
        (b"\xff\x00" * 50, ""),
    ],
)
def test_the_letters_own_html_is_found(declared: bytes, found: str) -> None:
    assert html_of(declared) == found


async def _asked(job: bytes) -> bytes:
    workers = Workers(reader, count=1, seconds=1.0, memory_mb=256)
    await workers.start()
    try:
        return await workers.do(job)
    finally:
        await workers.stop()


def test_a_letter_without_that_file_breaks_only_its_own_view() -> None:
    with pytest.raises(Overran):
        asyncio.run(_asked(b"file 9\n" + letter()))
