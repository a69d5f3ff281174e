"""What the attached files really are: sniffed by content, then opened under limits; one reason a refused file.

The reasons stand in one order (rulings 26): empty, type, mismatch, size, encrypted, malware, active content, corrupt.
A small picture that the HTML shows inline is a logo, and a detached signature is no document of the citizen's: both are
listed, neither accepted nor complained about.
"""

from collections.abc import Callable
from enum import StrEnum
from pathlib import PurePosixPath

from intake.letter import File
from validate import images, pdf
from validate.findings import FileFault, FileVerdict
from validate.sniff import JPEG, PDF, PNG, sniffed

SIZE_MOST = 5 * 1024 * 1024  # bytes after decoding; as many are allowed, one more is not
LOGO_SIDES = (300, 200)  # pixels; an inline picture of at least this size is a document (rulings 28)
CLAIMS = {".pdf": PDF, ".jpg": JPEG, ".jpeg": JPEG, ".jpe": JPEG, ".jfif": JPEG, ".png": PNG}
SIGNATURES = frozenset({".p7s", ".asc", ".sig"})


class Scanned(StrEnum):
    """What the virus scanner says."""

    CLEAN = "clean"
    FOUND = "found"
    UNCHECKED = "unchecked"  # not reachable, or the file was over its limit


Scan = Callable[[bytes], Scanned]


def examine_files(files: tuple[File, ...], *, scan: Scan | None) -> tuple[FileVerdict, ...]:
    """One verdict a file, in MIME order; never raises on any bytes. `scan` may raise Temporary: the letter waits."""
    return tuple(_verdict(file, scan) for file in files)


def _verdict(file: File, scan: Scan | None) -> FileVerdict:
    kind = sniffed(file.data)
    furniture = _is_furniture(file, kind)
    reason = None if furniture else _reason(file, kind, scan)
    accepted = not furniture and reason is None
    return FileVerdict(name=file.name, size=len(file.data), type=kind, accepted=accepted, reason=reason)


def _reason(file: File, kind: str, scan: Scan | None) -> FileFault | None:
    if not file.data:
        return FileFault.EMPTY
    claimed = CLAIMS.get(_extension(file))
    if kind not in CLAIMS.values() or (claimed is not None and claimed != kind):
        return FileFault.TYPE if claimed is None else FileFault.MISMATCH
    if len(file.data) > SIZE_MOST:
        return FileFault.SIZE
    fault = pdf.fault(file.data) if kind == PDF else images.fault(file.data)
    if fault is FileFault.ENCRYPTED:
        return fault
    if scan is not None and scan(file.data) is Scanned.FOUND:
        return FileFault.MALWARE
    return fault


def _extension(file: File) -> str:
    return PurePosixPath(file.name or "").suffix.lower()


def _is_furniture(file: File, kind: str) -> bool:
    """A signature's logo, or a detached signature: part of the letter's dress."""
    if _extension(file) in SIGNATURES and kind not in CLAIMS.values():
        return True
    if not file.referred or not kind.startswith("image/"):
        return False
    width, height = images.sides(file.data)
    return width < LOGO_SIDES[0] or height < LOGO_SIDES[1]
