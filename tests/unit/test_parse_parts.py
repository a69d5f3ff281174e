"""Parts, files and their names, letters within letters, winmail.dat, uuencode, bounces' reports."""

import base64
import email
import email.message
import email.policy
import struct
from pathlib import Path

import pytest

from intake import mime
from intake.file_names import safe_name
from intake.letter import Letter
from intake.mime import Part
from intake.parse import parse

LETTERS = Path(__file__).parent.parent / "letters"


def mixed(*parts: str | bytes, kind: str = "mixed") -> bytes:
    """A multipart letter of these parts, each with its headers."""
    bodies = [p.encode() if isinstance(p, str) else p for p in parts]
    raw = b"".join(b"--b\n" + body.replace(b"\r\n", b"\n") + b"\n" for body in bodies).replace(b"\n", b"\r\n")
    return f"From: a@mail.example\r\nContent-Type: multipart/{kind}; boundary=b\r\n\r\n".encode() + raw + b"--b--\r\n"


def attachment(header: str, data: bytes = b"%PDF-1.4") -> str:
    return f"{header}\nContent-Transfer-Encoding: base64\n\n{base64.b64encode(data).decode()}"


def our_leaves(part: Part) -> list[tuple[str, bytes]]:
    if part.parts:
        return [leaf for child in part.parts for leaf in our_leaves(child)]
    return [] if part.type.startswith("message/") else [(part.type, part.payload())]


def their_leaves(part: email.message.Message) -> list[tuple[str, bytes]]:
    """The standard library's view; attached letters are compared as letters of their own."""
    if part.get_content_maintype() == "message":
        return []
    if part.is_multipart():
        return [leaf for child in part.get_payload() for leaf in their_leaves(child)]
    payload = part.get_payload(decode=True)
    return [(part.get_content_type(), payload if not part.defects else b"")]


@pytest.mark.parametrize("path", sorted(LETTERS.glob("*.eml")), ids=lambda path: path.stem)
def test_the_own_scan_finds_what_the_standard_library_finds(path: Path) -> None:
    raw = path.read_bytes()
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    theirs = their_leaves(email.message_from_bytes(raw, policy=email.policy.compat32))
    ours = our_leaves(mime.tree(raw, mime.Caps()))
    damaged = [payload == b"" for _, payload in theirs]  # what it could not decode
    assert theirs
    assert [(kind, b"" if bad else payload) for (kind, payload), bad in zip(ours, damaged, strict=True)] == theirs


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('Content-Disposition: attachment; filename="scan.pdf"', "scan.pdf"),
        ("Content-Disposition: attachment; filename=my scan.pdf", "my scan.pdf"),
        ('Content-Type: application/pdf; name="=?utf-8?B?0KHQutCw0L0ucGRm?="', "Скан.pdf"),
        ("Content-Disposition: attachment; filename==?utf-8?B?0KHQutCw0L0ucGRm?=", "Скан.pdf"),
        ('Content-Disposition: attachment; filename="=?koi8-r?Q?=F3=CB=C1=CE?=\n =?koi8-r?Q?=2Epdf?="', "Скан.pdf"),
        ("Content-Disposition: attachment; filename*=utf-8''%D0%A1%D0%BA%D0%B0%D0%BD.pdf", "Скан.pdf"),
        ("Content-Disposition: attachment; filename*=windows-1251''%D1%EA%E0%ED.pdf", "Скан.pdf"),
        (
            "Content-Disposition: attachment; filename*0*=utf-8''%D0%A1%D0%B;\n filename*1*=A%D0%B0%D0%BD.pdf",
            "Скан.pdf",
        ),
        ("Content-Disposition: attachment; filename*1=b.pdf; filename*0=a-", "a-b.pdf"),
        ("Content-Disposition: attachment; filename*=''%D1%EA%E0%ED.pdf; filename=old.pdf", "Скан.pdf"),
        ('Content-Disposition: attachment; filename="%D0%A1%D0%BA%D0%B0%D0%BD.pdf"', "Скан.pdf"),
        ('Content-Disposition: attachment; filename="Скан.pdf"', "Скан.pdf"),
        ('Content-Disposition: attachment; filename="C:\\\\Documents\\\\scan.pdf"', "scan.pdf"),
        ('Content-Disposition: attachment; filename="C:\\temp\\scan.pdf"', "scan.pdf"),
        ('Content-Disposition: attachment; filename="../../etc/passwd"', "passwd"),
        ('Content-Disposition: attachment; filename="a\\"b;c.pdf"', 'a"b;c.pdf'),
        ("Content-Disposition: attachment", None),
        ('Content-Disposition: attachment; filename=""', None),
        ('Content-Disposition: attachment; filename=".."', None),
    ],
)
def test_a_file_s_name_is_decoded_as_mailers_write_it(header: str, name: str | None) -> None:
    if "Content-Type" not in header:
        header = "Content-Type: application/pdf\n" + header
    [file] = parse(mixed("\nText", attachment(header))).files
    assert (file.name, file.data, file.declared) == (name, b"%PDF-1.4", "application/pdf")


def test_a_name_in_raw_windows_1251_is_read() -> None:
    part = 'Content-Type: image/png; name="Скриншот экрана.png"\n\nx'.encode("cp1251")
    assert parse(mixed("\nText", part)).files[0].name == "Скриншот экрана.png"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("a\r\nb\0c.pdf", "abc.pdf"),
        ("\u200bscan.pdf\u200f", "scan.pdf"),
        ("и\u0306.pdf", "й.pdf"),
        (" .. ", None),
        ("scan.pdf. ", "scan.pdf"),
        ("я" * 200 + ".pdf", "я" * 125 + ".pdf"),
        ("a" * 300, "a" * 255),
        ("a" * 100 + "." + "b" * 300, "a" * 100 + "." + "b" * 154),
    ],
)
def test_a_name_is_made_safe(name: str, safe: str | None) -> None:
    assert safe_name(name) == safe


def test_inline_images_are_files_and_those_the_html_refers_to_are_told() -> None:
    letter = parse(
        mixed(
            'Content-Type: text/html\n\n<p>see <img src="cid:one@x"></p>',
            attachment("Content-Type: image/png\nContent-ID: <one@x>\nContent-Disposition: inline"),
            attachment("Content-Type: image/png\nContent-ID: <two@x>\nContent-Disposition: inline"),
            kind="related",
        )
    )
    assert [(f.cid, f.referred) for f in letter.files] == [("one@x", True), ("two@x", False)]


def test_cid_references_count_though_the_plain_text_is_read() -> None:
    inner = mixed("\nplain words here", 'Content-Type: text/html\n\n<img src="cid:a">', kind="alternative").split(
        b"\r\n", 1
    )[1]
    raw = mixed(
        inner.replace(b"boundary=b", b"boundary=c").replace(b"--b", b"--c"),
        attachment("Content-Type: image/png\nContent-ID: <a>"),
    )
    letter = parse(raw)
    assert (letter.text, letter.from_html, letter.files[0].referred) == ("plain words here", False, True)


def test_an_attached_letter_is_replaced_by_its_files_and_its_text_is_a_quotation() -> None:
    inner = (
        mixed("\nold words", attachment('Content-Type: application/pdf; name="in.pdf"'))
        .replace(b"=b", b"=i")
        .replace(b"--b", b"--i")
    )
    raw = mixed(
        "\nnew words",
        attachment('Content-Type: image/png; name="before.png"'),
        b"Content-Type: message/rfc822\r\n\r\nSubject: =?utf-8?B?0YHRgtCw0YDQvtC1?=\r\n" + inner,
        attachment('Content-Type: image/png; name="after.png"'),
    )
    letter = parse(raw)
    assert [f.name for f in letter.files] == ["before.png", "in.pdf", "after.png"]
    assert letter.text == "new words\n\n> From: a@mail.example\n> Subject: старое\n>\n> old words"


def test_an_attached_letter_in_base64_is_opened_too() -> None:
    inner = base64.encodebytes(b"Subject: x\n\nold words").decode()
    letter = parse(mixed("\nnew", f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner}"))
    assert "> old words" in letter.text
    assert letter.files == ()


def test_a_bounce_s_parts_are_the_report_and_no_files() -> None:
    letter = parse((LETTERS / "robot-dsn-postfix.eml").read_bytes())
    assert letter.files == ()
    assert "Action: failed" in letter.report
    assert "k3j2.26-0012345-5@desk.example" in letter.report
    assert "k3j2" not in letter.text


def test_a_forwarded_bounce_is_a_quotation_and_no_report() -> None:
    letter = parse((LETTERS / "person-forwards-bounce-attached.eml").read_bytes())
    assert (letter.report, letter.report_type, letter.files) == ("", None, ())
    assert "> This is the mail system at host mx.mail.example." in letter.text


def winmail(name: bytes, data: bytes, *, long_name: str | None = None) -> bytes:
    """A TNEF stream with one attachment, and its long name in Unicode as Outlook writes it."""

    def attribute(level: int, tag: int, value: bytes) -> bytes:
        return struct.pack("<BHHI", level, tag, 6, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)

    stream = b"\x78\x9f\x3e\x22\x01\x00" + attribute(1, 0x9007, struct.pack("<II", 1251, 0))
    stream += (
        attribute(2, 0x9002, b"\x01\x00" + b"\0" * 12) + attribute(2, 0x8010, name + b"\0") + attribute(2, 0x800F, data)
    )
    if long_name:
        text = long_name.encode("utf-16-le") + b"\0\0"
        value = struct.pack("<IHHII", 1, 0x1F, 0x3707, 1, len(text)) + text + b"\0" * (-len(text) % 4)
        stream += attribute(2, 0x9005, value)
    return stream


@pytest.mark.parametrize("declared", ["application/ms-tnef", "application/octet-stream"])
def test_winmail_dat_is_replaced_by_its_files(declared: str) -> None:
    data = winmail("СКАН~1.PDF".encode("cp1251"), b"%PDF-1.4 x", long_name="Скан паспорта.pdf")
    part = attachment(f'Content-Type: {declared}; name="winmail.dat"', data)
    [file] = parse(mixed("\nText", part)).files
    assert (file.name, file.data) == ("Скан паспорта.pdf", b"%PDF-1.4 x")


def test_a_short_winmail_name_in_windows_1251_is_read() -> None:
    part = attachment(
        'Content-Type: application/ms-tnef; name="winmail.dat"', winmail("Скан.pdf".encode("cp1251"), b"%PDF")
    )
    assert parse(mixed("\nText", part)).files[0].name == "Скан.pdf"


@pytest.mark.parametrize("cut", [0, 3, 6, 20, 40])
def test_a_broken_winmail_stays_a_file_or_gives_what_it_has(cut: int) -> None:
    part = attachment('Content-Type: application/ms-tnef; name="winmail.dat"', winmail(b"a.pdf", b"%PDF")[:cut])
    assert len(parse(mixed("\nText", part)).files) == 1


def test_uuencoded_files_are_taken_out_of_the_text() -> None:
    body = "Dear desk,\n\nbegin 644 scan.txt\n#0V%T\n`\nend\n\nYours\n"
    letter = parse(f"From: a@mail.example\n\n{body}".encode())
    assert [(f.name, f.data) for f in letter.files] == [("scan.txt", b"Cat")]
    assert letter.text == "Dear desk,\n\n\n\nYours"


def test_a_word_begin_in_a_letter_is_no_uuencode() -> None:
    letter = parse("From: a@mail.example\n\nbegin 644 слов\n\nи где-то\nend\n".encode())
    assert letter.files == ()


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        ("multipart/mixed", "--x\n\nwords"),
        ("multipart/mixed; boundary=never", "just words"),
        ('multipart/alternative; boundary=""', "just words"),
        ("nonsense", "just words"),
        ("text", "just words"),
    ],
)
def test_text_without_a_usable_boundary_or_type_is_kept(content_type: str, text: str) -> None:
    assert (
        text.rsplit("\n", maxsplit=1)[-1]
        in parse(f"From: a@mail.example\nContent-Type: {content_type}\n\n{text}".encode()).text
    )


def test_the_last_part_is_kept_when_the_closing_boundary_is_missing() -> None:
    letter = parse(mixed("\nfirst", "\nsecond").removesuffix(b"--b--\r\n"))
    assert letter.text == "first\n\nsecond"


def signed(kind: str) -> Letter:
    return parse(mixed("\nText", attachment(f'Content-Type: {kind}; name="smime.p7s"'), kind="signed"))


def test_machinery_beside_the_text_is_no_file() -> None:
    assert signed("application/pkcs7-signature").files == ()
    assert signed("application/pgp-signature").files == ()


def test_text_files_stay_files_and_texts_between_files_are_joined() -> None:
    letter = parse(
        mixed(
            "\none",
            attachment('Content-Type: text/plain; name="log.txt"\nContent-Disposition: attachment', b"log"),
            "\ntwo",
        )
    )
    assert (letter.text, [f.name for f in letter.files]) == ("one\n\ntwo", ["log.txt"])


def test_html_beside_its_own_plain_twin_is_not_read_twice() -> None:
    assert parse(mixed("\nsame words", "Content-Type: text/html\n\n<p>same words</p>")).text == "same words"


def test_html_sent_as_plain_text_is_html() -> None:
    letter = parse(b"From: a@mail.example\nContent-Type: text/plain\n\n<html><body><p>words</p></body></html>")
    assert (letter.text, letter.from_html) == ("words", True)


@pytest.mark.parametrize(
    ("plain", "html", "wanted"),
    [
        (
            "Добрый день!",
            "Добрый день! Я зашёл в кабинет, а он пишет «У вас нет прав», что делать?",
            "Я зашёл в кабинет",
        ),
        ("Ваша почтовая программа не поддерживает HTML.", "Не приходит код.", "Не приходит код."),
        ("", "Не приходит код.", "Не приходит код."),
        ("Да, мой ИНН 500100732259", "Да, мой ИНН <b>500100732259</b>", "500100732259"),
        ("Код не приходит.", "Код не приходит, жду час.", "Код не приходит."),
    ],
)
def test_plain_text_that_says_too_little_gives_way_to_its_html(plain: str, html: str, wanted: str) -> None:
    parts = (f"Content-Type: text/{kind}; charset=utf-8\n\n{text}" for kind, text in (("plain", plain), ("html", html)))
    letter = parse(mixed(*parts, kind="alternative"))
    assert wanted in letter.text
    assert "не поддерживает" not in letter.text
