"""What came by another way than mail (a call, a visit, the form, a program), written as the letter it might have been.

So it goes the letter's way: the same reading, the same rules, the same answers. Each value stands on a line of its own
under the word by which citizens are asked for it, and the readers find it there as in any letter.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

NOBODY = "walk-in.invalid"  # the domain of who gave no address; never routed (RFC 2606 §2)
LABELS = {  # field -> the line it stands on
    "fio": "ФИО",
    "inn": "ИНН",
    "account": "Номер личного кабинета",
    "snils": "СНИЛС",
    "ogrn": "ОГРН",
    "phone": "Телефон",
    "date": "Дата и время",
    "ticket": "Номер прежней заявки",
    "application": "Номер заявления",
}
SUBJECT_MOST, VALUE_MOST, TEXT_MOST = 200, 300, 100_000  # characters
_LINE = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredFile:
    """One file that came along."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What was told."""

    token: str  # of this one telling: told twice, it is the same letter
    address: str | None  # where answers go; None: nowhere
    subject: str
    text: str  # in the person's words
    fields: Mapping[str, str] = field(default_factory=dict)  # keys of LABELS, as typed
    files: tuple[EnteredFile, ...] = ()
    verified_by: str | None = None  # the server whose word on the sender counts, when the address was proved to be his


def as_letter(entered: Entered, *, desk: str, now: datetime) -> bytes:
    """The letter; nothing typed can become a header of its own or a line of another field."""
    letter = EmailMessage(policy=SMTP)
    if entered.verified_by:
        letter["Authentication-Results"] = f"{entered.verified_by}; dmarc=pass"
    address = entered.address or f"{entered.token}@{NOBODY}"
    letter["From"] = Address(display_name=one_line(entered.fields.get("fio", ""))[:VALUE_MOST], addr_spec=address)
    letter["To"] = Address(addr_spec=desk)
    letter["Subject"] = one_line(entered.subject)[:SUBJECT_MOST]
    letter["Date"] = now
    letter["Message-ID"] = f"<{entered.token}@entered.{desk.rpartition('@')[2]}>"
    letter.set_content(_body(entered), cte="base64")
    for file in entered.files:
        letter.add_attachment(file.data, maintype="application", subtype="octet-stream", filename=one_line(file.name))
    return letter.as_bytes()


def _body(entered: Entered) -> str:
    lines = [
        f"{label}: {one_line(entered.fields[name])[:VALUE_MOST]}"
        for name, label in LABELS.items()
        if one_line(entered.fields.get(name, ""))
    ]
    text = _clean(entered.text)[:TEXT_MOST].strip()
    return "\n".join([*lines, "", text]).strip() + "\n"


def one_line(value: str) -> str:
    """Without control characters and line ends, blanks at the ends taken off."""
    return _clean(_LINE.sub(" ", value)).strip()


def _clean(text: str) -> str:
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))
