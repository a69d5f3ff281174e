"""The short form that our letters carry and citizens fill in: its lines, and how they are read when it comes back.

Our own labels are known to the letter, so what stands behind them needs no guessing. People fill the form in wherever
they see it: in their answer, or in our letter quoted below it, where nothing else is read.
"""

import re
from dataclasses import replace

from intake.letter import OwnWords

LABELS = {  # as our letters write them, and as the readers know them best
    "Фамилия, имя, отчество": "ФИО: ",
    "ИНН (12 цифр)": "ИНН: ",
    "ИНН организации или предпринимателя": "ИНН: ",
    "или номер личного кабинета": "Личный кабинет: ",
    "ОГРН": "ОГРН: ",
    "Когда это случилось (дата и время)": "Дата: ",
    "Что случилось": "",
}
FORM: dict[str, tuple[str, ...]] = {
    "fio": ("Фамилия, имя, отчество",),
    "inn_or_account": ("ИНН (12 цифр)", "или номер личного кабинета"),
    "date": ("Когда это случилось (дата и время)",),
    "description": ("Что случилось",),
    "ogrn": ("ОГРН",),
}
BUSINESS_FORM = {"inn_or_account": ("ИНН организации или предпринимателя", "или номер личного кабинета")}
LINES_MOST = 2_000  # looked through in older mail

_LABEL = re.compile(
    r"^[\s>|*_]{0,20}(" + "|".join(re.escape(label).replace(r"\ ", r"\s+") for label in LABELS) + r")\s*:[ \t*_]*(.*)$",
    re.I,
)
_ANSWERS_US = re.compile(r"\[№ \d\d-\d{7,10}-\d\]")
_BARE = re.compile(r"^[ \t№]{0,3}(\d{5,9})[ \t.]{0,3}$", re.M)
_BY_WORDS = {" ".join(label.lower().split()): known for label, known in LABELS.items()}


def filled_in(words: OwnWords, *, subject: str) -> OwnWords:
    """The letter's words with the form read: labels as the readers know them, empty lines of it gone, and what was
    filled in below, in our own letter quoted there, taken for the writer's own.

    In an answer to a letter of ours (its subject says so) a line that is nothing but a number of five to nine digits is
    the cabinet's: an ИНН has ten or twelve, a СНИЛС and a phone eleven, and we ask for no other.
    """
    if _ANSWERS_US.search(subject):
        words = replace(words, own=_BARE.sub(r"Личный кабинет: \1", words.own))
    own = _plain(words.own.split("\n"), others=True)
    below = _plain(words.quoted.split("\n")[:LINES_MOST], others=False)
    if below is None and own is None:
        return words
    parts = [words.own if own is None else "\n".join(own), *(below or ())]
    return replace(words, own="\n".join(parts).strip("\n"))


def _plain(lines: list[str], *, others: bool) -> list[str] | None:
    """The form's lines with a value, rewritten; other lines as they are, or left out. None: no form here."""
    plain: list[str] = []
    label: str | None = None  # of an empty line above: its value may stand in the next one
    found = False
    for line in lines:
        match = _LABEL.match(line)
        if match is None:
            value = line.strip(" \t>|")
            if label is not None and value:
                plain.append(label + value)
                label = None
            elif others:
                plain.append(line)
            else:
                label = None
            continue
        found = True
        known, value = _BY_WORDS[" ".join(match[1].lower().split())], match[2].strip(" \t*_")
        label = None if value else known
        if value:
            plain.append(known + value)
    return plain if found else None
