"""The records that checking hands on: fields found, problems, what the files are, what is missing."""

from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """The fields a letter may give, in the order of verdict.md."""

    FIO = "fio"
    INN = "inn"
    ACCOUNT = "account"
    SNILS = "snils"
    OGRN = "ogrn"
    PHONE = "phone"
    DATE = "date"
    TICKET = "ticket"
    APPLICATION = "application"
    SERVICE = "service"
    DESCRIPTION = "description"


class Missing(StrEnum):
    """What a letter can be asked for, in the order in which it is asked."""

    FIO = "fio"
    INN_OR_ACCOUNT = "inn_or_account"
    DATE = "date"
    DESCRIPTION = "description"
    OGRN = "ogrn"  # asked for only by setting (rulings 22)


class Kind(StrEnum):
    """What sort of letter it is; where several fit, the first in this order (rulings 22)."""

    COMPLAINT = "complaint"
    REPEAT = "repeat"
    APPEAL = "appeal"
    REQUEST = "request"


class FileFault(StrEnum):
    """Why a file is refused; one reason a file, the first in this order (rulings 26)."""

    EMPTY = "empty"
    TYPE = "type"
    MISMATCH = "mismatch"
    SIZE = "size"
    ENCRYPTED = "encrypted"
    MALWARE = "malware"
    ACTIVE_CONTENT = "active-content"
    CORRUPT = "corrupt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A value a reader took, and the words it stands in (for highlighting)."""

    value: str  # normalised as in verdict.md
    written: str  # as it stands in the letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Found but wrong, e.g. an ИНН whose check digits fail."""

    field: Field
    value: str
    reason: str  # "checksum" and the like


@dataclass(frozen=True, slots=True, kw_only=True)
class FileVerdict:
    """What one attachment is; a logo is neither accepted nor given a reason."""

    name: str | None
    size: int  # bytes after decoding
    type: str  # sniffed from the content
    accepted: bool
    reason: FileFault | None
    scanned: bool | None = None  # False: the scanner should have looked and could not; None: it was not to be asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that checking found in one letter."""

    kind: Kind
    found: dict[Field, Found]  # only the fields that are there
    problems: tuple[Problem, ...]
    files: tuple[FileVerdict, ...]
    missing: tuple[Missing, ...]
    asks_status: bool = False  # it asks how its ticket stands
    adds: bool = False  # it says that it adds to an earlier letter
