"""Attached files: what is a document, what is refused and why, what is a letter's furniture."""

import made_files as made
import pytest

from intake.letter import File
from validate import attachments
from validate.attachments import SIZE_MOST, examine_files
from validate.findings import FileFault, FileVerdict

PDF, JPEG, PNG = made.pdf(), made.jpeg(), made.png()
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40_000)
HTML = b"<!DOCTYPE html><html><head><title>x</title></head><body>hello</body></html>"
TEXT = "Прошу помочь с порталом.\r\n".encode() * 9
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\nshowpage\n"
RTF = b"{\\rtf1\\ansi hello}"
RAR = b"Rar!\x1a\x07\x01\0" + bytes(60)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='900' height='900'></svg>"
CMS = b"0\x82\x05\xdc\x06\x09*\x86H\x86\xf7\r\x01\x07\x02\xa0\x82" + bytes(1000)
PGP = b"-----BEGIN PGP SIGNATURE-----\r\n\r\niQEzBAABCAAdFiEE\r\n-----END PGP SIGNATURE-----\r\n"
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Иван\r\nEND:VCARD\r\n".encode()
EVENT = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


def file(data: bytes, name: str | None = None, *, declared: str = "", shown: bool = False) -> File:
    return File(name=name, data=data, declared=declared, cid="a@b" if shown else None, referred=shown)


def judged(one: File) -> FileVerdict:
    (verdict,) = examine_files((one,), scan=None)
    return verdict


def padded(size: int) -> bytes:
    """A sound PDF of exactly that size."""
    frame = len(made.pdf(more={6: made.stream(b"x" * 5_000_000)})) - 5_000_000
    return made.pdf(more={6: made.stream(b"x" * (size - frame))})


@pytest.mark.parametrize(
    ("name", "data", "type"),
    [
        ("заявление.pdf", PDF, "application/pdf"),
        ("ЗАЯВЛЕНИЕ.PDF", PDF, "application/pdf"),
        ("скан.jpg", JPEG, "image/jpeg"),
        ("скан.jpeg", JPEG, "image/jpeg"),
        ("IMG_0001.JPG", JPEG, "image/jpeg"),
        ("скан.jpe", JPEG, "image/jpeg"),
        ("скан.jfif", JPEG, "image/jpeg"),
        ("экран.png", PNG, "image/png"),
        ("экран.png.", PNG, "image/png"),
        ("справка.pdf ", PDF, "application/pdf"),
        (None, JPEG, "image/jpeg"),
        ("без расширения", JPEG, "image/jpeg"),
        ("photo.bmp", JPEG, "image/jpeg"),
        ("документ.tmp", PDF, "application/pdf"),
        ("архив.pdf.jpg", JPEG, "image/jpeg"),
        ("после.pdf", b"\xef\xbb\xbf" + PDF, "application/pdf"),
        ("после.pdf", b"\r\n\r\n" + PDF, "application/pdf"),
        ("после.pdf", b"Content-Type: application/pdf\r\nContent-Length: 900\r\n\r\n" + PDF, "application/pdf"),
        ("после.pdf", b"\x1b%-12345X@PJL ENTER LANGUAGE=PDF\r\n" + PDF, "application/pdf"),
        ("после.pdf", bytes(900) + PDF, "application/pdf"),
    ],
)
def test_documents_are_accepted_by_their_content(name: str | None, data: bytes, type: str) -> None:
    verdict = judged(file(data, name))
    assert (verdict.type, verdict.accepted, verdict.reason) == (type, True, None)
    assert (verdict.name, verdict.size, verdict.scanned) == (name, len(data), None)


@pytest.mark.parametrize(
    ("name", "data", "type"),
    [
        ("заявление.docx", made.docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("заявление.doc", OLE, None),
        ("IMG_1.HEIC", HEIC, "image/heic"),
        ("скан.tiff", made.image("TIFF"), "image/tiff"),
        ("скан.bmp", made.image("BMP"), "image/bmp"),
        ("скан.gif", made.image("GIF"), "image/gif"),
        ("скан.webp", made.image("WEBP"), "image/webp"),
        ("архив.zip", made.archive(a=b"b"), "application/zip"),
        ("архив.rar", RAR, "application/x-rar"),
        ("письмо.txt", TEXT, "text/plain"),
        ("письмо.rtf", RTF, "text/rtf"),
        ("страница.html", HTML, "text/html"),
        ("чертёж.eps", EPS, "application/postscript"),
        ("знак.svg", SVG, "image/svg+xml"),
        ("setup.exe", made.program(), None),
        ("встреча с МФЦ.ics", EVENT, "text/calendar"),
        ("smime.p7m", CMS, None),
        ("encrypted.asc", b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQ\r\n", None),
        ("неведомое", b"\x01\x02\x03\x04" * 99, "application/octet-stream"),
        (None, HTML, "text/html"),
    ],
)
def test_other_types_are_refused_by_type(name: str | None, data: bytes, type: str | None) -> None:
    verdict = judged(file(data, name))
    assert (verdict.accepted, verdict.reason) == (False, FileFault.TYPE)
    assert type in (None, verdict.type)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("счёт.pdf", made.program()),
        ("счёт.pdf", TEXT),
        ("счёт.pdf", HTML),
        ("счёт.pdf", made.docx()),
        ("счёт.pdf", made.archive(a=b"b")),
        ("счёт.pdf", JPEG),
        ("счёт.pdf", EPS),
        ("счёт.pdf.", made.program()),
        ("фото.jpg", PNG),
        ("фото.jpg", HEIC),
        ("фото.jpg", made.image("WEBP")),
        ("фото.jpg", HTML),
        ("фото.jpg", PDF),
        ("фото.jpg", b"\0" * 500),
        ("фото.jpg", made.image("GIF") + made.archive(a=b"b")),
        ("экран.png", JPEG),
        ("экран.PNG", TEXT),
        ("экран.png", made.image("BMP")),
        ("двойник.pdf", made.program() + PDF),
        ("двойник.pdf", b"MZ" + bytes(50) + PDF),
        ("двойник.pdf", made.archive(a=b"b") + PDF),
        ("двойник.pdf", b"<html><script>alert(1)</script><!--" + PDF),
        ("двойник.pdf", b" \r\n<?xml version='1.0'?><x>" + PDF),
        ("двойник.pdf", b"#!/bin/sh\nrm -r /\n" + PDF),
        ("двойник.pdf", b"@echo off\r\ndel *\r\n" + PDF),
        ("двойник.pdf", b"GIF89a" + bytes(20) + PDF),
        ("двойник.pdf", bytes(1100) + PDF),
        ("с архивом.pdf", PDF + made.archive(a=b"b")),
        ("с архивом.jpg", JPEG + made.archive(a=b"b")),
        ("с архивом.png", PNG + made.archive(a=b"b", c=b"d")),
    ],
)
def test_a_name_that_claims_what_the_content_is_not_is_a_mismatch(name: str, data: bytes) -> None:
    verdict = judged(file(data, name))
    assert (verdict.accepted, verdict.reason) == (False, FileFault.MISMATCH)


def test_a_film_or_stray_bytes_behind_a_picture_do_not_make_it_an_archive() -> None:
    assert judged(file(JPEG + b"PK\x05\x06 is where a zip would end" + bytes(90), "фото.jpg")).accepted
    assert judged(file(PDF.replace(b"Request", b"PK\x05\x06ha"), "скан.pdf")).accepted


@pytest.mark.parametrize(
    ("size", "reason"), [(SIZE_MOST - 1, None), (SIZE_MOST, None), (SIZE_MOST + 1, FileFault.SIZE)]
)
def test_five_megabytes_are_allowed_and_one_byte_more_is_not(size: int, reason: FileFault | None) -> None:
    assert SIZE_MOST == 5 * 1024 * 1024
    verdict = judged(file(padded(size), "скан.pdf"))
    assert (verdict.size, verdict.reason) == (size, reason)


@pytest.mark.parametrize("name", [None, "пусто.pdf", "пусто.docx", "пусто.jpg", "пусто.exe"])
def test_an_empty_file_is_empty_whatever_its_name(name: str | None) -> None:
    verdict = judged(file(b"", name))
    assert (verdict.size, verdict.accepted, verdict.reason) == (0, False, FileFault.EMPTY)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("большой.docx", made.docx() + bytes(SIZE_MOST), FileFault.TYPE),
        ("большой.pdf", made.program() + bytes(SIZE_MOST), FileFault.MISMATCH),
        ("большой и битый.jpg", JPEG[:900] + bytes(SIZE_MOST), FileFault.SIZE),
        ("под паролем и с архивом.pdf", made.encrypted_pdf(PDF, user="a", owner="b") + made.archive(a=b"b"), FileFault.MISMATCH),
        ("под паролем.pdf", made.encrypted_pdf(made.pdf(catalog=b"/OpenAction<</S/JavaScript/JS(a)>>"), user="a", owner="b"), FileFault.ENCRYPTED),
        ("битый.jpg", JPEG[:5000], FileFault.CORRUPT),
        ("битый", PNG[:900], FileFault.CORRUPT),
        ("битый.pdf", b"%PDF-1.4 and no more", FileFault.CORRUPT),
    ],
)  # fmt: skip
def test_the_first_reason_in_order_is_given(name: str, data: bytes, reason: FileFault) -> None:
    assert judged(file(data, name)).reason is reason


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (made.png(299, 900), "image001.png"),
        (made.png(900, 199), "image001.png"),
        (made.png(1, 1), "pixel.png"),
        (made.jpeg(120, 60), "logo.jpg"),
        (made.jpeg(120, 60), None),
        (made.image("GIF", 200, 100), "logo.gif"),
        (made.image("BMP", 64, 64), "logo.bmp"),
        (made.image("WEBP", 64, 64), "logo.webp"),
        (made.image("GIF", 88, 31), "logo.jpg"),
        (made.jpeg(120, 60)[:400], "logo.jpg"),
        (SVG, "logo.svg"),
    ],
)
def test_a_small_picture_shown_in_the_text_is_a_logo(data: bytes, name: str | None) -> None:
    verdict = judged(file(data, name, shown=True))
    assert (verdict.accepted, verdict.reason) == (False, None)
    assert verdict.type.startswith("image/")


@pytest.mark.parametrize(
    ("one", "accepted", "reason"),
    [
        (file(made.png(300, 200), "image.png", shown=True), True, None),
        (file(made.jpeg(1280, 720), "screenshot.jpg", shown=True), True, None),
        (file(made.jpeg(1280, 720)[:9000], "screenshot.jpg", shown=True), False, FileFault.CORRUPT),
        (file(made.png(300, 200), "image.jpg", shown=True), False, FileFault.MISMATCH),
        (file(made.image("GIF", 800, 600), "screen.gif", shown=True), False, FileFault.TYPE),
        (file(HEIC, "IMG_1.heic", shown=True), False, FileFault.TYPE),
        (file(made.png(120, 60), "печать.png"), True, None),  # not shown in the text: sent as a document
        (file(PDF, "заявление.pdf", shown=True), True, None),
        (file(made.program(), "logo.png", shown=True), False, FileFault.MISMATCH),
        (file(b"", "logo.png", shown=True), False, FileFault.EMPTY),
    ],
)
def test_a_larger_picture_in_the_text_is_a_document(one: File, accepted: bool, reason: FileFault | None) -> None:
    verdict = judged(one)
    assert (verdict.accepted, verdict.reason) == (accepted, reason)


@pytest.mark.parametrize(
    "one",
    [
        file(CMS, "smime.p7s", declared="application/pkcs7-signature"),
        file(CMS, None, declared="application/x-pkcs7-signature"),
        file(CMS, "заявление.pdf.sig"),
        file(b"MIIFGQYJKoZIhvcNAQcCoIIFCjCCBQYCAQEx\r\n", "заявление.pdf.sig"),
        file(PGP, "signature.asc", declared="application/pgp-signature"),
        file(PGP, "OpenPGP_signature"),
        file(b"-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n\r\nxsBN\r\n", "OpenPGP_0x1234.asc"),
        file(CARD, "ivan.vcf"),
        file(CARD, None),
        file(EVENT, "invite.ics"),
        file(b"<html><body><br></body></html>", "ATT00001.htm"),
        file(b"\r\n", "ATT00002.txt"),
        file(b"", "ATT00003.txt"),
    ],
    ids=lambda one: one.name or one.declared or "no name",
)
def test_what_mail_programs_attach_is_neither_accepted_nor_complained_about(one: File) -> None:
    verdict = judged(one)
    assert (verdict.accepted, verdict.reason) == (False, None)


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (file(made.program(), "smime.p7s", declared="application/pkcs7-signature"), FileFault.TYPE),
        (file(made.archive(a=b"b"), "подпись.sig"), FileFault.TYPE),
        (file(TEXT, "ключ.asc"), FileFault.TYPE),
        (file(made.program(), "ATT00001.txt"), FileFault.TYPE),
        (file(CARD + bytes(100_000), "ivan.vcf"), FileFault.TYPE),
        (file(TEXT, "ATTESTAT.txt"), FileFault.TYPE),
    ],
)
def test_what_only_takes_the_name_of_furniture_is_refused(one: File, reason: FileFault) -> None:
    assert judged(one).reason is reason


def test_each_file_gets_a_verdict_in_the_order_of_the_letter() -> None:
    names = ["1.pdf", "2.exe", "3.png", "4.jpg"]
    files = tuple(file(data, name) for data, name in zip([PDF, made.program(), PNG, b""], names, strict=True))
    verdicts = examine_files(files, scan=None)
    assert [verdict.name for verdict in verdicts] == names
    assert [verdict.reason for verdict in verdicts] == [None, FileFault.TYPE, None, FileFault.EMPTY]
    assert examine_files((), scan=None) == ()


class Scanner:
    """Remembers what it was asked; says the same each time."""

    def __init__(self, says: attachments.Scanned) -> None:
        self.says, self.asked = says, list[bytes]()

    def __call__(self, data: bytes) -> attachments.Scanned:
        self.asked.append(data)
        return self.says


ACTIVE = made.pdf(catalog=b"/OpenAction<</S/JavaScript/JS(a)>>")
LOCKED = made.encrypted_pdf(PDF, user="a", owner="b")


@pytest.mark.parametrize(
    ("data", "clean", "found"),
    [
        (PDF, None, FileFault.MALWARE),
        (ACTIVE, FileFault.ACTIVE_CONTENT, FileFault.MALWARE),
        (JPEG[:5000], FileFault.CORRUPT, FileFault.MALWARE),
        (LOCKED, FileFault.ENCRYPTED, FileFault.ENCRYPTED),
        (made.docx(), FileFault.TYPE, FileFault.TYPE),
        (b"", FileFault.EMPTY, FileFault.EMPTY),
        (CARD, None, FileFault.MALWARE),
    ],
)
def test_malware_comes_after_encrypted_and_before_active_content(
    data: bytes, clean: FileFault | None, found: FileFault
) -> None:
    for says, reason in ((attachments.Scanned.CLEAN, clean), (attachments.Scanned.FOUND, found)):
        (verdict,) = examine_files((file(data),), scan=Scanner(says))
        assert verdict.reason is reason


@pytest.mark.parametrize(
    ("data", "says", "scanned"),
    [
        (PDF, attachments.Scanned.CLEAN, True),
        (PDF, attachments.Scanned.FOUND, True),
        (PDF, attachments.Scanned.UNCHECKED, False),
        (made.docx(), attachments.Scanned.CLEAN, None),
        (LOCKED, attachments.Scanned.CLEAN, None),
        (b"", attachments.Scanned.CLEAN, None),
    ],
)
def test_whether_a_file_was_scanned_is_recorded(data: bytes, says: attachments.Scanned, scanned: bool | None) -> None:
    scanner = Scanner(says)
    (verdict,) = examine_files((file(data),), scan=scanner)
    assert verdict.scanned is scanned
    assert scanner.asked == ([data] if scanned is not None else [])


def test_an_unchecked_file_is_accepted_all_the_same() -> None:
    (verdict,) = examine_files((file(PDF),), scan=Scanner(attachments.Scanned.UNCHECKED))
    assert verdict.accepted


def test_a_slow_scanner_does_not_use_up_the_time_of_a_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1000, 3))  # each look at the clock is three seconds later
    monkeypatch.setattr(attachments, "monotonic", lambda: next(clock))
    scanner = Scanner(attachments.Scanned.CLEAN)
    verdicts = examine_files((file(PDF),) * 5, scan=scanner)
    assert [verdict.scanned for verdict in verdicts] == [True, True, False, False, False]
    assert len(scanner.asked) == 2


def test_every_file_has_a_reason_or_is_accepted_unless_it_is_furniture() -> None:
    everything = (
        PDF,
        JPEG,
        PNG,
        HEIC,
        HTML,
        TEXT,
        EPS,
        RTF,
        RAR,
        OLE,
        SVG,
        ACTIVE,
        LOCKED,
        made.docx(),
        made.program(),
        b"",
    )
    for data in everything:
        for name in (None, "a.pdf", "a.jpg", "a.png", "a.txt"):
            verdict = judged(file(data, name))
            assert verdict.accepted is (verdict.reason is None)
