"""What a form tells: from its fields to what is entered, and what the desk will miss in it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile

from intake.entered import LABELS, TEXT_MOST, VALUE_MOST, Entered, EnteredFile, one_line
from intake.file_names import safe_name
from triage.entering import new_token
from triage.reading import Reading
from validate.findings import Field, Found, Kind
from validate.requirements import Requirements, missing

FILES_MOST = 10
FILE_MOST = 5 * 1024 * 1024  # as in letters; validate/attachments.py says so of each file again
FILES_BYTES = 15 * 1024 * 1024  # of all files of one telling
FIELDS = ("fio", "inn", "account", "date", "phone")  # asked for in forms
SUBJECT_WORDS = 60  # characters of the text that stand in the subject
TOKEN = re.compile(r"[0-9a-f]{40}", re.ASCII)
_ADDRESS = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"[a-z0-9-]{2,63}",
    re.IGNORECASE | re.ASCII,
)
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the desk's own readers find in it."""

    missing: tuple[str, ...]  # validate.findings.Missing
    wrong: tuple[str, ...]  # fields found whose number cannot be right
    found: Mapping[str, str]


def address_of(written: str) -> str | None:
    """The mail address, its domain as the wire has it; None when it is none."""
    local, at, domain = one_line(written).rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode().lower()}" if at else ""
    except UnicodeError:
        return None
    whole = len(address) <= 254 and len(local) <= 64 and not address.endswith(".invalid")
    return address if whole and _ADDRESS.fullmatch(address) else None


async def entered_of(
    form: FormData, *, address: str | None, before: str = "", verified_by: str | None = None
) -> Entered:
    """What the form says; `before` stands before the subject. TooMuch when its files are too many or too large."""
    text = str(form.get("text", ""))[:TEXT_MOST].replace("\r\n", "\n")
    token = str(form.get("token", ""))
    return Entered(
        token=token if TOKEN.fullmatch(token) else new_token(),
        address=address,
        subject=f"{before}{subject_of(text)}",
        text=text,
        fields={name: str(form.get(name, ""))[:VALUE_MOST] for name in FIELDS if name in LABELS},
        files=await _files(form),
        verified_by=verified_by,
    )


def subject_of(text: str) -> str:
    """The first words of what was told."""
    line = _BLANKS.sub(" ", text).strip()
    return line if len(line) <= SUBJECT_WORDS else line[:SUBJECT_WORDS].rpartition(" ")[0] + " …"


class TooMuch(Exception):
    """More files, or larger ones, than one telling may bring; its text is shown."""


async def _files(form: FormData) -> tuple[EnteredFile, ...]:
    given = [one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
    if len(given) > FILES_MOST:
        raise TooMuch(f"Файлов больше {FILES_MOST}. Выберите самые нужные.")
    if sum(one.size or 0 for one in given) > FILES_BYTES:
        raise TooMuch("Файлы вместе больше 15 МБ. Уменьшите их или пришлите часть позже.")
    for one in given:
        if (one.size or 0) > FILE_MOST:
            raise TooMuch(f"Файл «{safe_name(one.filename) or 'без имени'}» больше 5 МБ. Уменьшите его.")
    return tuple([EnteredFile(name=safe_name(one.filename) or "file", data=await one.read()) for one in given])


async def told_of(raw: bytes, reading: Reading, requirements: Requirements) -> Told | None:
    """What the readers find in the letter, by the desk's own rules; None when they cannot say now."""
    made = await reading.made_of("told", raw)
    if made is None:
        return None
    seen = json.loads(made)
    found = {Field(name): Found(value=value, written=value) for name, value in seen["fields"].items()}
    lacking = missing(Kind(seen["kind"]), None, found, requirements)
    return Told(
        missing=tuple(one.value for one in lacking),
        wrong=tuple(dict.fromkeys(name for name, _ in seen["problems"])),
        found=seen["fields"],
    )
