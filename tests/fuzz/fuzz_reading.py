"""Fuzz targets of all that reads hostile input: mail, files, and each reader of a field.

    python tests/fuzz/fuzz_reading.py --seconds 60 [--seed 1] [--target mail]

Without --target each one runs for so long. What fails is written to the folder named by --keep, and the exit status is 1.
"""

import argparse
import hashlib
import resource
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import made_files as made
from fuzzing import MEMORY_MEGABYTES, Target, run

from intake.letter import Desk, File, Letter, OwnWords
from intake.own_words import own_words
from intake.parse import MAX_TEXT, parse
from intake.screen import screen
from validate.accounts import find_account
from validate.attachments import examine_files
from validate.dates import find_date
from validate.description import find_description
from validate.dictated import dictated
from validate.examine import read_fields
from validate.findings import Found
from validate.fio import find_fio
from validate.kinds import kind_of
from validate.legible import legible
from validate.numbers import Read, find_inn, find_ogrn, find_snils
from validate.other_numbers import find_application, find_phone, find_service, find_ticket

LETTERS = ROOT / "tests" / "letters"
SENT = datetime(2026, 3, 19, 15, 40, tzinfo=UTC)

TOKENS = [
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\n",
    b"Content-Type: message/rfc822\n\n",
    b"Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\neJ8+IgEAAQeQBgAIAAAA5AQAAAAAAADoAA==",
    b"Content-Type: text/html; charset=",
    b"Content-Transfer-Encoding: base64\n\n",
    b"Content-Transfer-Encoding: quoted-printable\n\n=",
    b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n#0V%T\n`\nend\n",
    b"Content-Disposition: attachment; filename*0*=utf-8''%D0; filename*1*=%AF",
    b"=?utf-8?B?0K8=?=",
    b"=?koi8-r?Q?=FF_?=",
    b"charset=utf-7\n\n+2AA-",
    b"charset=utf-16\n\n\xff\xfe\x00\xd8",
    b"<blockquote>",
    b"</blockquote>",
    b"<table><tr><td>",
    b"<div style='display:none'>",
    b"<img src=cid:a>",
    b"\n> ",
    b"\n-- \n",
    b"\n--\n",
    "\nОт: Иванов <a@b.example>\nОтправлено: 20 марта 2026 г. 12:05\nКому: c\nТема: d\n".encode(),
    "\n20.03.2026, 12:05, Иванов <a@b.example> написал:\n".encode(),
    "\nС уважением,\n".encode(),
    "\nОтправлено с iPhone\n".encode("cp1251"),
    b"\r",
    b"\r\n\r\n",
    b"\0",
    b"\xff\xfe",
    b"\xe2\x80\xa8",
    b'"',
    b";" * 50,
    b"(" * 50,
    b"Auto-Submitted: no\n",
    b"List-Id: <x>\n",
    b"Date: Mon, 23 Mar 99999 09:12:40 +9999\n",
]


TEXTS = [
    "Здравствуйте! Я, Кузнецова Мария Игоревна, 12.03.2026 в 14:30 не смогла войти, ИНН 7725 9054 8901, кабинет № 8820146.",
    "от гр. Мельника Степана Кузьмича, прож. г. Тула\nЗАЯВЛЕНИЕ\nСНИЛС 153-048-729 55, ОГРНИП 332515972063179",
    "ФИО\tИНН\tДата\nМамедов Рашад Эльдар оглы\t772590548901\tвчера, в половине девятого вечера",
    "kod ne prihodit s 5go marta, Ivanov Ivan, INN 772590548901, lk 8820146",
    "Мать — Летова Ольга (Крылова) Игоревна, сын Летов П. И. (Пётр Ильич) 2015 г.р.; в ночь с 5-го на 6-е марта",
    "инн семь семь два пять девять ноль пять четыре восемь девять ноль один, позавчера без четверти восемь",
    "Фамилия: Ван дер Берг\nИмя: Николай\nОтчество: нет\nтел. +7 912 000-00-00, услуга «Загранпаспорт», заявление № 2980017345",
    "Re: 26-0012345-5 в прошлый вторник, 26.X.26 в 18-30, March 6, 2026 at 2 pm; с 14.00 до 15.30",
    "Нгуен Тхи Хоа, Kim Ji Hun (Ким Джи Хун), Сайд-Магомедович Хасан Эдельгиреев, Мерген-оолович",
]
PIECES = (  # noqa: SIM905 - read as a row, not as seventy quotation marks
    "Иванов Иван Иванович| от |ИНН |77 25 |СНИЛС |ОГРН |лк |12.03.2026|5-го |марта |вчера |в 14:30|в двадцать |семь | минут |назад |"
    "мать |Летова (Аа) |А. П. (|«|»|\t|\n|, |— | - |/|№ |+7 912 |26-0012345-5|заявление |услуга «|а|\u0301|\u200b|О0|е\u0308|я, |ФИО: |не |"
    "Фамилия: |Имя |оглы |ович |ночь с | на |понедельник |I.|March |2 pm|1 ч|без |четверть |"
).split("|")


def _text(raw: bytes) -> str:
    return legible(raw.decode("utf-8", "replace")).text


def _reader(read: Callable[[str], Found | Read | None]) -> Callable[[bytes], None]:
    """A reader's promises: the words it took stand in the text, and values are never empty."""

    def check(raw: bytes) -> None:
        text = _text(raw)
        result = read(text)
        problems = result.problems if isinstance(result, Read) else ()
        assert all(problem.value for problem in problems)
        found = result.found if isinstance(result, Read) else result
        if found is not None:
            assert found.value
            assert found.value.strip() == found.value
            assert found.written in text, "words that are not in the text"

    return check


def _fio(raw: bytes) -> None:
    text = _text(raw)
    found = find_fio(text, signature=text[-300:], subject=text[:80])
    assert found is None or (found.written in text and len(found.value.split()) >= 2)


def _description(raw: bytes) -> None:
    text = _text(raw)
    fio = find_fio(text)
    found = find_description(text, (fio.written,) if fio else ())
    assert found is None or "\ue000" not in text or found.value


def _fields(raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    letter = Letter(
        message_id=None, sender=None, reply_to=None, return_path=None, recipients=(), subject=" ".join(text[:90].split()), sent=SENT, in_reply_to=(),
        references=(), headers=(), content_type="text/plain", report_type=None, text=text, from_html=False, files=(), report="",
    )  # fmt: skip
    words = own_words(letter)
    found, _ = read_fields(letter, words)
    kind_of(letter, words, found, None)
    for field, value in found.items():
        assert value.value, field


def _files(raw: bytes) -> None:
    file = File(name="a.pdf", data=raw, declared="application/pdf", cid=None, referred=False)
    for verdict in examine_files((file,), scan=None):
        assert verdict.accepted is (verdict.reason is None)


def _mail(raw: bytes) -> None:
    """Reads one letter and holds the records to their promises."""
    letter = parse(raw)
    assert len(letter.text) <= MAX_TEXT
    assert "\n" not in letter.subject
    assert all(f.name is None or (f.name and len(f.name.encode()) <= 255 and "/" not in f.name) for f in letter.files)
    letter.text.encode()  # no half of a surrogate pair anywhere
    "".join(value for _, value in letter.headers).encode()
    words = own_words(letter)
    have = set(letter.text.split())
    for part in (words.own, words.signature, words.quoted):
        assert have.issuperset(part.split()), "words that are not in the letter"
    found = screen(letter, Desk(trusted_authserv_id="mx.desk.example", spam_header="x-spam-flag: yes"))
    assert (found.reason is not None) or not found.automatic


def targets() -> list[Target]:
    """Every target, mail first."""
    letters = [path.read_bytes() for path in sorted(LETTERS.glob("*.eml"))]
    mail = Target(name="mail", seeds=[*letters, b"From: a@b.example\n\nx", b"", *TOKENS], tokens=TOKENS, check=_mail)
    samples = [
        made.pdf(),
        made.compressed_pdf(),
        made.jpeg(64, 48),
        made.png(),
        made.interlaced_png(40, 30),
        made.docx(),
        made.program(),
    ]
    broken = [
        b"obj",
        b"endobj",
        b"stream\n",
        b"/JS",
        b"/Encrypt",
        b"xref\n0 9\n",
        b"\xff\xd8\xff",
        b"\xff\xda",
        b"IDAT",
        b"IEND",
        b"%PDF-1.7\n",
        b"<<",
        b">>",
        b"0 R",
    ]
    files = Target(name="files", seeds=samples, tokens=broken, check=_files, longest=60_000)
    texts = [text.encode() for text in TEXTS] + [parse(raw).text.encode()[:4000] for raw in letters[:60]]
    pieces = [piece.encode() for piece in PIECES if piece]
    readers: dict[str, Callable[[bytes], None]] = {
        "own-words": _own_words,
        "fields": _fields,
        "fio": _fio,
        "description": _description,
        "dictated": lambda raw: _dictated(_text(raw)),
        "inn": _reader(find_inn),
        "snils": _reader(find_snils),
        "ogrn": _reader(find_ogrn),
        "account": _reader(find_account),
        "phone": _reader(find_phone),
        "ticket": _reader(find_ticket),
        "application": _reader(find_application),
        "service": _reader(find_service),
        "date": _reader(lambda text: find_date(text, SENT)),
    }
    return [
        mail,
        files,
        *(
            Target(name=name, seeds=texts, tokens=pieces, check=check, longest=30_000)
            for name, check in readers.items()
        ),
    ]


def _own_words(raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    letter = parse(b"Content-Type: text/plain; charset=utf-8\n\n" + text.encode())
    words: OwnWords = own_words(letter)
    have = set(letter.text.split())
    for part in (words.own, words.signature, words.quoted):
        assert have.issuperset(part.split()), "words that are not in the letter"


def _dictated(text: str) -> None:
    spelt = dictated(text)
    assert spelt is None or all(digits.isdigit() and words in text for digits, words in spelt.spelt.items())


def main() -> int:
    """Runs the targets asked for; 1 when one failed or took too much memory."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--target")
    options.add_argument("--keep", type=Path, default=Path("build/fuzz"))
    wanted = options.parse_args()
    status = 0
    for target in targets():
        if wanted.target not in (None, target.name):
            continue
        outcome = run(target, seconds=wanted.seconds, seed=wanted.seed)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{target.name:12} {outcome.executions:8} executions, slowest {outcome.slowest * 1000:5.0f} ms, memory {memory} MB",
            flush=True,
        )
        if outcome.failed is not None:
            wanted.keep.mkdir(parents=True, exist_ok=True)
            path = wanted.keep / f"{target.name}-{hashlib.sha256(outcome.failed).hexdigest()[:12]}"
            path.write_bytes(outcome.failed)
            print(f"failed: {path}")
        status |= outcome.failed is not None or memory > MEMORY_MEGABYTES
    return status


if __name__ == "__main__":
    sys.exit(main())
