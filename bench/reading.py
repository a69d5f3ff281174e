"""How long reading takes: CPU milliseconds of parse, own_words, screen and the fields, on one core.

    python bench/reading.py [--letters 300]

Prints median and 99th percentile for letters of 8 KB (bar for all of it, files and topic apart: 6 ms and 15 ms), the
figures of a letter with 6 MB of files, and each reader of mail on 1 MB of its worst cases (bar: 200 ms each; the readers
of fields have theirs in bench/fields.py).
"""

import argparse
import base64
import io
import random
import statistics
import sys
import time
from collections.abc import Callable
from email.header import Header
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PIL import Image

from intake.headers import addresses, decoded, parameters
from intake.html_text import html_to_text
from intake.letter import Desk, Letter
from intake.own_words import own_words
from intake.parse import parse
from intake.screen import screen
from validate.attachments import examine_files
from validate.examine import read_fields
from validate.kinds import kind_of

MEGABYTE = 1024 * 1024
PHRASE = (
    "вчера вечером не удалось войти в личный кабинет портал пишет ошибка сервера код не приходит на телефон заявление "
    "справка выписка прошу помочь разобраться документы приложены оплата прошла дважды запись к врачу"
)
WORDS = PHRASE.split()


def text(rng: random.Random, length: int) -> str:
    lines = []
    while sum(map(len, lines)) < length:
        lines.append(" ".join(rng.choices(WORDS, k=rng.randint(6, 14))).capitalize() + ".")
    return "\n".join(lines)


def letter(rng: random.Random) -> bytes:
    """About 8 KB as real clients write it: half plain, half text and HTML; three charsets; a quotation, a signature."""
    charset = rng.choice(["utf-8", "utf-8", "windows-1251", "koi8-r"])
    rich = rng.random() < 0.5
    own = f"{text(rng, 900 if rich else 2300)}\n\nС уважением,\nИванов Пётр Сергеевич\n\n"
    plain = (
        own + "12.03.2026, 10:15, Служба <a@desk.example>:\n" + "\n".join("> " + t for t in text(rng, 500).split("\n"))
    )
    html = (
        "<html><body>"
        + "".join(f"<p>{line}</p>" for line in own.split("\n"))
        + "<blockquote>цитата</blockquote></body></html>"
    )
    head = [
        "Return-Path: <p.ivanov@mail.example>",
        *(
            f"Received: from mx{i}.mail.example by mx.desk.example with ESMTPS; Thu, 12 Mar 2026 10:15:0{i} +0300"
            for i in range(4)
        ),
        "DKIM-Signature: v=1; a=rsa-sha256; d=mail.example; b=" + "A" * 300,
        f"From: {Header('Пётр Иванов', charset).encode()} <p.ivanov@mail.example>",
        "To: <support@desk.example>",
        f"Subject: {Header('Не приходит код подтверждения', charset).encode()}",
        f"Message-ID: <{rng.random()}@mail.example>",
        "Date: Thu, 12 Mar 2026 10:15:00 +0300",
        "MIME-Version: 1.0",
    ]
    if not rich:
        return "\r\n".join([*head, *part("plain", plain, charset)]).encode()
    body = "\r\n".join(["--b1", *part("plain", plain, charset), "--b1", *part("html", html, charset), "--b1--", ""])
    return "\r\n".join([*head, 'Content-Type: multipart/alternative; boundary="b1"', "", body]).encode()


def part(kind: str, content: str, charset: str) -> list[str]:
    coded = base64.encodebytes(content.encode(charset)).decode().replace("\n", "\r\n")
    return [f'Content-Type: text/{kind}; charset="{charset}"', "Content-Transfer-Encoding: base64", "", coded]


def big(rng: random.Random) -> bytes:
    """A letter with 6 MB of files in base64: two real pictures, so that they are opened to their end."""
    parts = []
    for name in ("паспорт.png", "справка.png"):
        written = io.BytesIO()
        Image.frombytes("RGB", (1024, 1024), rng.randbytes(3 * MEGABYTE)).save(written, "PNG")
        coded = base64.encodebytes(written.getvalue()).replace(b"\n", b"\r\n")
        head = f'Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        parts.append(b"--b2\r\n" + head.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + coded)
    head = b'From: a@mail.example\r\nContent-Type: multipart/mixed; boundary="b2"\r\n\r\n--b2\r\n\r\nText\r\n'
    return head + b"".join(parts) + b"--b2--\r\n"


def plain_letter(body: str) -> Letter:
    head = "From: a@mail.example\r\nIn-Reply-To: <1@x.example>\r\nSubject: Re: x\r\n"
    head += "Content-Type: text/plain; charset=utf-8\r\n\r\n"
    return parse((head + body).encode())


def fill(piece: str) -> str:
    return piece * (MEGABYTE // len(piece.encode()) + 1)


WORST_TEXTS = {
    "quotation marks": "> \n",
    "one line": "слово ",
    "blank lines": "\n",
    "От: lines": "От: Иванов <a@b.example>\n",
    "half a header block": "От: кого-то\nКому: кому-то\n",
    "attribution starts": "12.03.2026, 10:15, Иванов Пётр\n",
    "attributions": "12.03.2026, 10:15, Иванов <a@b.example>:\n\n",
    "separators": "-- \n",
    "dashes": "-" * 300 + "\n",
    "rules": "__________\n",
    "closings": "С уважением,\n",
    "thanks": "Спасибо\nне\n",
    "names": "Иванов Пётр\n",
    "disclaimer starts": "Если вы не являетесь\n",
    "sent from": "Отправлено с телефона и\n",
    "forward ends": "------ Пересылаемое сообщение ------\nа\n--- Конец пересылаемого сообщения ---\n",
    "capitals": "АБВГДЕ" * 60 + "\n",
    "at signs": "a@" * 190 + "\n",
    "automatic": "Это письмо сформировано автоматически ",
}
WORST_HTML = {
    "nested div": "<div>",
    "nested blockquote": "<blockquote>",
    "nested table": "<table><tr><td>",
    "rows": "<tr><td>a<td>b",
    "open tags": "<a <b <c ",
    "styles": "<p style='display:none'>x",
    "signatures": "<i class=gmail_signature>x</i>",
    "quotes": "<div style='border-left:solid blue 1pt'>a</div>",
    "entities": "&lt;&#1055;",
    "comments": "<!-- ",
}
WORST_MIME: dict[str, bytes] = {
    "10,000 parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 10_000,
    "nesting 2,000": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(2000)),
    "nested letters": b"Content-Type: message/rfc822\n\n" * 30_000,
    "header of 2 MB": b"Subject: " + b"=?utf-8?b?0J8=?= " * 120_000 + b"\n\nx",
    "65,000 headers": b"a: b\n" * 65_000 + b"\nx",
    "boundary prefixes": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--bb\n" * 200_000,
    "semicolons": b"Content-Type: text/plain" + b";" * MEGABYTE + b"\n\nx",
    "parameters": b"Content-Type: text/plain" + b'; a*0*="x' * 100_000 + b"\n\nx",
    "10,000 recipients": b"To: " + b"a <a@b.example>, " * 60_000 + b"\n\nx",
    "comments": b"From: " + b"(" * MEGABYTE + b"\n\nx",
    "uuencode": b"From: a@b.example\n\n" + b"begin 644 a\n!\n" * 70_000 + b"\nend\n",
    "base64 of nothing": b"Content-Transfer-Encoding: base64\n\n" + b"=" * MEGABYTE,
    "base64 pieces": b"Content-Transfer-Encoding: base64\n\n" + b"YQ==" * (MEGABYTE // 4),
    "quoted-printable": b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=D0=9F=\n" * (MEGABYTE // 8),
    "8-bit noise": b"From: a@b.example\n\n" + bytes(range(128, 256)) * (MEGABYTE // 128),
    "winmail attributes": b"Content-Type: application/ms-tnef\n\n"
    + b"\x78\x9f\x3e\x22\1\0"
    + b"\1\0\0\0\0\0\0\0\0\0\0" * 95_000,
    "flowed": b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * (MEGABYTE // 3),
}


def milliseconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def percentiles(name: str, times: list[float]) -> None:
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(f"{name:28} median {statistics.median(ordered):8.2f} ms   p99 {p99:8.2f} ms   n={len(ordered)}")


def everyday(count: int) -> None:
    rng = random.Random(7)  # noqa: S311 - sample letters, no secret
    raws = [letter(rng) for _ in range(count)]
    desk = Desk()
    print(f"letters of {statistics.mean(map(len, raws)) / 1024:.1f} KB")
    for raw in raws[:20]:
        screen(parse(raw), desk)
    letters = [parse(raw) for raw in raws]
    percentiles("  parse", [milliseconds(lambda raw=raw: parse(raw)) for raw in raws])  # type: ignore[misc]  # lambda default
    percentiles("  own_words", [milliseconds(lambda one=one: own_words(one)) for one in letters])  # type: ignore[misc]
    percentiles("  screen", [milliseconds(lambda one=one: screen(one, desk)) for one in letters])  # type: ignore[misc]
    percentiles("  fields", [milliseconds(lambda one=one: read_fields(one, own_words(one))) for one in letters])  # type: ignore[misc]
    percentiles("  all of it", [milliseconds(lambda raw=raw: whole(raw, desk)) for raw in raws])  # type: ignore[misc]
    raw = big(rng)
    print(f"letter of {len(raw) / MEGABYTE:.1f} MB with two files")
    percentiles("  parse", [milliseconds(lambda: parse(raw)) for _ in range(15)])
    percentiles("  all of it, files too", [milliseconds(lambda: whole(raw, desk, files=True)) for _ in range(15)])


def whole(raw: bytes, desk: Desk, *, files: bool = False) -> None:
    """All that is read of a letter before its topic; with `files` they are opened too (bar for 6 MB: 120 ms)."""
    one = parse(raw)
    words = own_words(one)
    screen(one, desk)
    found, _ = read_fields(one, words)
    kind_of(one, words, found, None)
    if files:
        examine_files(one.files, scan=None)


def worst() -> bool:
    """Prints each worst case; whether all keep the bar."""
    rows: list[tuple[str, Callable[[], object]]] = []
    desk = Desk()
    for name, piece in WORST_TEXTS.items():
        one = plain_letter(fill(piece))
        rows.append((f"own_words: {name}", lambda one=one: own_words(one)))  # type: ignore[misc]
        rows.append((f"screen: {name}", lambda one=one: screen(one, desk)))  # type: ignore[misc]
    for name, piece in WORST_HTML.items():
        rows.append((f"html: {name}", lambda piece=piece: html_to_text(fill(piece)[:MEGABYTE], set())))  # type: ignore[misc]
    for name, raw in WORST_MIME.items():
        rows.append((f"parse: {name}", lambda raw=raw: parse(raw)))  # type: ignore[misc]
    for name, value in (
        ("a" * 10, "=?utf-8?q?a" * 1600),
        ("quotes", '"' * 16384),
        ("brackets", "<" * 16384),
        ("parens", "(" * 16384),
    ):
        rows.append(
            (f"header: {name}", lambda value=value: (decoded(value), addresses(value + "@"), parameters(value)))
        )  # type: ignore[misc]
    kept = True
    for name, work in rows:
        took = min(milliseconds(work) for _ in range(2))
        kept = kept and took < 200
        print(f"  {name:36} {took:8.1f} ms{'' if took < 200 else '   OVER 200 ms'}")
    return kept


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--letters", type=int, default=300)
    everyday(options.parse_args().letters)
    print("1 MB of the worst")
    return 0 if worst() else 1


if __name__ == "__main__":
    sys.exit(main())
