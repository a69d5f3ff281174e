"""Reads the numbers of tickets, phones and applications, and the name of a service."""

import re

from intake.caseless import Caseless
from validate.at_numbers import at_numbers
from validate.check_digits import luhn_is_valid
from validate.findings import Field, Found, Problem
from validate.legible import before
from validate.numbers import Read, is_claimed

_TICKET = re.compile(r"(?<![\d\-])(\d\d)\s?[-‑–—−]\s?(\d{7,10})\s?[-‑–—−]\s?(\d)(?![\d\-])")

_SPACED_TICKET = Caseless(
    r"(?:обращени\w{0,20}|тикет\w{0,20}|ticket|запрос\w{0,20}|заявк\w{0,20})\s(?:за\s)?(?:под\s)?(?:№|n|номер\w{0,20}|#)?[\s:]{0,2}(?P<t>(\d\d)\s(\d{7,10})\s(\d))(?!\d|[ \-]\d)"
)  # fmt: skip


def find_ticket(text: str) -> Read:
    """An earlier ticket's number, "26-0012345-5"; one with a wrong check digit is a problem.

    In spaces, "26 0012345 5", only beside its word and with the right digit: else it may be anything.
    """
    problems = []
    for m in at_numbers(_TICKET, text):
        value = f"{m[1]}-{m[2]}-{m[3]}"
        if luhn_is_valid(m[1] + m[2] + m[3]):
            return Read(found=Found(value=value, written=m[0]))
        problems.append(Problem(field=Field.TICKET, value=value, reason="checksum"))
    for m in _SPACED_TICKET.finditer(text):
        if luhn_is_valid(m[2] + m[3] + m[4]):
            return Read(found=Found(value=f"{m[2]}-{m[3]}-{m[4]}", written=m["t"]))
    return Read(problems=tuple(dict.fromkeys(problems)))


_PHONE = re.compile(
    r"(?<![\d\-.])(?:\+\s?7|8|7)[\s(\-]{0,3}(\d{3})[\s)\-]{0,3}(\d{3})[\s\-]?(\d{2})[\s\-]?(\d{2})(?![\d\-])"
)
_SHORT_PHONE = re.compile(r"(?<![\d\-.+])\(?(9\d\d)\)?[\s\-]{0,2}(\d{3})[\s\-]?(\d{2})[\s\-]?(\d{2})(?![\d\-])")
_PHONE_WORD = re.compile(r"(?:тел|моб|сот|звон|номер телефона|whatsapp|phone)", re.I)


def find_phone(text: str) -> Found | None:
    """A Russian phone number as +7 and ten digits; without a leading 7 or 8 only beside its word."""
    for m in _PHONE.finditer(text):
        compact = m[0].isdigit()
        if not compact or _PHONE_WORD.search(before(text, m.start(), 30)) or not is_claimed(text, m.start()):
            return Found(value="+7" + "".join(m.groups()), written=m[0])
    for m in _SHORT_PHONE.finditer(text):
        if _PHONE_WORD.search(before(text, m.start(), 20)):
            return Found(value="+7" + "".join(m.groups()), written=m[0])
    return None


_APPLICATION = Caseless(
    r"(?:заявлени[еяюи]\w{0,20}|заявк[аиуе]\w{0,20}|дел[оау]\s)(?:[^\S\n]+[а-яё]{1,30}){0,3}[^\S\n]*+[:—–-]?[^\S\n]*+"
    r"(?:№|N|номер\w{0,20}|#|под номером)[^\S\n:]*+(?P<a>[A-ZА-Я]{0,3}[-/]?\d[\d\-/]{3,24})"
    r"|номер\w{0,20}\s+заявлени[яй]\s*+[:—–-]?\s*+(?P<b>\d[\d\-/]{3,24})"
    r"|заявлени[еяю]\s+(?P<c>\d{6,14})(?![\d.])",
)
_SERVICE = Caseless(r"услуг[аиуе]й?\s*(?:[:—–-]\s*)?[«\"“„]([^«»\"“”„\n]{4,120})[»\"”“]")


def find_application(text: str) -> Found | None:
    """The number of an application filed with an agency, where it stands beside its word."""
    for m in _APPLICATION.finditer(text):
        written = (m["a"] or m["b"] or m["c"]).rstrip("-/")
        if not _TICKET.fullmatch(written):
            return Found(value=written, written=written)
    return None


def find_service(text: str) -> Found | None:
    """The name of a service, in quotation marks after the word."""
    m = _SERVICE.search(text)
    value = " ".join(m[1].split()) if m else ""
    return Found(value=value, written=m[1]) if m and value else None
