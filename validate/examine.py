"""Runs the readers over a letter: its own words first, then the signature, then the subject.

Quoted mail is never searched: it is somebody else's. Nor is the From header: people write from the accounts of
children and colleagues. The subject gives fields, never the description. A signature gives who and how to reach,
but no date and no ticket.
"""

import re
from collections.abc import Callable

from intake.letter import Letter, OwnWords
from validate.accounts import find_account
from validate.dates import find_date
from validate.description import find_description
from validate.dictated import Dictated, dictated
from validate.findings import Field, Found, Problem
from validate.fio import find_fio
from validate.legible import Legible, legible
from validate.numbers import Read, find_inn, find_ogrn, find_snils
from validate.other_numbers import find_application, find_phone, find_service, find_ticket
from validate.whose import Firms, firms_in

# No reader takes a number of fewer digits, or one with more than three other signs between two of them.
_ACCOUNT_LIKE = re.compile(r"\d(?:\D{0,3}\d){4}")
_NUMBER_LIKE = re.compile(r"\d(?:\D{0,3}\d){6}")


def read_fields(letter: Letter, words: OwnWords) -> tuple[dict[Field, Found], tuple[Problem, ...]]:
    """Every field the letter gives, and what was found but is wrong; absent fields have no key."""
    own, signature, subject = legible(words.own), legible(words.signature), legible(letter.subject)
    everywhere, told = (own, signature, subject), (own, subject)
    accounted = tuple(page for page in everywhere if _ACCOUNT_LIKE.search(page.text))
    numbered = tuple(page for page in accounted if _NUMBER_LIKE.search(page.text))
    spelt = dictated(own.text)
    firms = firms_in("\n".join(page.text for page in everywhere)) if numbered or spelt else Firms.UNTOLD
    found: dict[Field, Found] = {}
    problems: list[Problem] = []

    def keep(field: Field, read: Callable[[str], Found | Read | None], pages: tuple[Legible, ...]) -> None:
        for page in pages:
            result = read(page.text) if page.text else None
            if isinstance(result, Read):
                problems.extend(p for p in result.problems if p not in problems)
                result = result.found
            if result is not None:
                found[field] = page.as_written(result)
                return

    fio = find_fio(own.text, signature=signature.text, subject=subject.text)
    writer = fio.written if fio else ""
    if fio:
        page = next((page for page in everywhere if fio.written in page.text), own)
        found[Field.FIO] = page.as_written(fio)
    keep(Field.INN, lambda text: find_inn(text, firms=firms, writer=writer), numbered)
    keep(Field.ACCOUNT, find_account, accounted)
    keep(Field.SNILS, lambda text: find_snils(text, writer=writer), numbered)
    keep(Field.OGRN, find_ogrn, numbered)
    if spelt:
        _keep_dictated(own, spelt, firms, found)
    keep(Field.PHONE, find_phone, numbered)
    keep(Field.DATE, lambda text: find_date(text, letter.sent), told)
    keep(Field.TICKET, find_ticket, told)
    keep(Field.APPLICATION, find_application, told)
    keep(Field.SERVICE, find_service, told)
    names = (writer,) if writer else ()
    keep(Field.DESCRIPTION, lambda text: find_description(text, names), (own,))
    return found, tuple(p for p in problems if p.field not in found)


def _keep_dictated(own: Legible, spelt: Dictated, firms: Firms, found: dict[Field, Found]) -> None:
    """ИНН, account and СНИЛС that are spelt out in words, where none stands in figures."""
    for field, result in (
        (Field.INN, find_inn(spelt.text, firms=firms).found),
        (Field.ACCOUNT, find_account(spelt.text)),
        (Field.SNILS, find_snils(spelt.text).found),
    ):
        if result is not None and field not in found:
            found[field] = own.as_written(spelt.as_spelt(result))
