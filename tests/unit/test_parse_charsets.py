"""The letters in tests/letters/charset-*.eml all say the same, however their bytes lie about it."""

from pathlib import Path

import pytest

from intake.charsets import decode, known
from intake.parse import parse

LETTERS = Path(__file__).parent.parent / "letters"
TEXT = (
    "Здравствуйте! Вчера вечером не смогла войти в личный кабинет: код на телефон не приходит.\n"
    "Помогите, пожалуйста, разобраться."
)
DAMAGED = {  # what cannot be read, and nothing else, is lost
    "charset-base64-cut": ("Не приходит код", TEXT[:-1]),
    "charset-subject-injects-header": ("Не приходит код Bcc: x@evil.example", TEXT),
}


@pytest.mark.parametrize("letter", sorted(path.stem for path in LETTERS.glob("charset-*.eml")))
def test_subject_text_and_sender_are_read_whatever_is_declared(letter: str) -> None:
    parsed = parse((LETTERS / f"{letter}.eml").read_bytes())
    assert (parsed.subject, parsed.text) == DAMAGED.get(letter, ("Не приходит код", TEXT))
    assert parsed.sender is not None
    assert parsed.sender.email == "a@mail.example"


@pytest.mark.parametrize(
    ("text", "codec", "declared"),
    [
        ("СПРАВКА О ПЕНСИИ НЕ ПРИШЛА", "koi8-r", None),
        ("СПРАВКА О ПЕНСИИ НЕ ПРИШЛА", "cp1251", None),
        ("вопрос по пенсии", "cp1251", "us-ascii"),
        ("ИНН 390500112233, кабинет «Мой портал» № 5 — вход", "cp1251", "utf-8"),
        ("Grüße aus München", "latin-1", "iso-8859-1"),
        ("café crème", "cp1252", None),
        ("Қазақстан Республикасының азаматы, өтініш", "utf-8", "koi8-r"),
        ("Київ, вулиця Їжакевича, запит на довідку", "koi8-u", "koi8-u"),
        ("日本語", "iso-2022-jp", "iso-2022-jp"),
        ("申请表格无法提交，请帮助我解决", "gb18030", "gb2312"),
    ],
)
def test_the_charset_is_told_by_the_letters_when_the_label_does_not(
    text: str, codec: str, declared: str | None
) -> None:
    assert decode(text.encode(codec), declared) == text


@pytest.mark.parametrize(
    ("name", "codec"), [("CP-1251", "cp1251"), ('"KOI8"', "koi8-r"), ("rot13", None), ("\0", None)]
)
def test_charset_names_as_mailers_write_them_are_known(name: str, codec: str | None) -> None:
    assert known(name) == codec


def test_damaged_utf8_stays_utf8() -> None:
    raw = TEXT.encode()[:-1] + b"\xff"
    assert decode(raw, "windows-1251").startswith(TEXT[:-1])


def test_no_bytes_raise() -> None:
    for codec in (None, "utf-8", "utf-16", "utf-7", "idna", "punycode", "base64", "unicode_escape", "hz", "mbcs"):
        for value in range(256):
            assert isinstance(decode(bytes([value]) * 3, codec), str)
