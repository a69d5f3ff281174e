"""Caseless patterns find what re.I finds, where it stands and as it is written."""

import re

import pytest

from intake.caseless import Caseless

PATTERNS = (
    r"(?<![а-яё])(?P<day>вчера|позавчера)(?![а-яё])",
    r"^\s*(?:ИНН|снилс):?\s*(?P<n>\d+)",
    r"СТД-Р|\bЛК\b",
    r"(?P<a>[A-ZА-Я]{0,3}[-/]?\d{3})\S\W",
)
TEXTS = (
    "",
    "ничего такого",
    "Вчера и ПОЗАВЧЕРА, а невчера нет",
    "инн: 12\n  Снилс 34\nСнилсы 5",
    "форма стд-р из лк, ЛКК",
    "Аб-123;, аб/456.) x",
    "İ вчера, ВЧЕРА",
    "ВЧЕРА İİİ позавчера",
)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("text", TEXTS)
def test_a_caseless_pattern_finds_what_re_i_finds(pattern: str, text: str) -> None:
    ours, theirs = Caseless(pattern, re.M), re.compile(pattern, re.I | re.M)
    assert [(m.span(), m.groups()) for m in ours.finditer(text)] == [
        (m.span(), m.groups()) for m in theirs.finditer(text)
    ]
    found, wanted = ours.search(text), theirs.search(text)
    assert (found and found.span()) == (wanted and wanted.span())
    assert ours.sub(lambda m: f"<{m[0]}>", text) == theirs.sub(lambda m: f"<{m[0]}>", text)
