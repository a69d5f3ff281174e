"""What the attached files really are: sniffed by content, then opened under limits; one reason a refused file.

The reasons stand in one order (rulings 26): empty, type, mismatch, size, encrypted, malware, active content, corrupt.
"""

from collections.abc import Callable
from enum import StrEnum
from pathlib import PurePosixPath
from time import monotonic

from intake.letter import File
from validate import images, pdf
from validate.findings import FileFault, FileVerdict
from validate.furniture import is_furniture
from validate.sniff import JPEG, PDF, PNG, has_archive, sniffed

SIZE_MOST = 5 * 1024 * 1024  # bytes after decoding; as many are allowed, one more is not
SCAN_SECONDS = 5.0  # of all scans of a letter; a slow scanner must not use up the letter's own limit (settings: 10 s)
CLAIMS = {".pdf": PDF, ".jpg": JPEG, ".jpeg": JPEG, ".jpe": JPEG, ".jfif": JPEG, ".png": PNG}


class Scanned(StrEnum):
    """What the virus scanner says."""

    CLEAN = "clean"
    FOUND = "found"
    UNCHECKED = "unchecked"  # not reachable, out of time, or the file was over its limit


Scan = Callable[[bytes], Scanned]


def examine_files(files: tuple[File, ...], *, scan: Scan | None) -> tuple[FileVerdict, ...]:
    """One verdict a file, in MIME order; never raises on any bytes. `scan` may raise Temporary: the letter waits."""
    scanner = _Scanner(scan)
    return tuple(_verdict(file, scanner) for file in files)


class _Scanner:
    """Asks the scanner as long as the letter's time for it lasts; what it said of the file in hand."""

    def __init__(self, scan: Scan | None) -> None:
        self._scan, self._left = scan, SCAN_SECONDS
        self.said: Scanned | None = None  # None: nobody was asked

    def found(self, data: bytes) -> bool:
        if self._scan is None:
            return False
        began = monotonic()
        self.said = self._scan(data) if self._left > 0 else Scanned.UNCHECKED
        self._left -= monotonic() - began
        return self.said is Scanned.FOUND


def _verdict(file: File, scanner: _Scanner) -> FileVerdict:
    kind, scanner.said = sniffed(file.data), None
    furniture = is_furniture(file, kind)
    if furniture:
        reason = FileFault.MALWARE if file.data and scanner.found(file.data) else None
    else:
        reason = _reason(file, kind, scanner)
    return FileVerdict(
        name=file.name,
        size=len(file.data),
        type=kind,
        accepted=not furniture and reason is None,
        reason=reason,
        scanned=None if scanner.said is None else scanner.said is not Scanned.UNCHECKED,
    )


def _reason(file: File, kind: str, scanner: _Scanner) -> FileFault | None:
    """The first reason that holds; a file refused for what it says or weighs is neither scanned nor opened.

    The name counts only where it claims one of the three types: a photo without a name, or named by a program that
    knows no better, is a photo. What claims one type and is also an archive is not the file it claims to be.
    """
    claimed = CLAIMS.get(PurePosixPath((file.name or "").rstrip(" .")).suffix.lower())
    if not file.data:
        return FileFault.EMPTY
    if kind not in (PDF, JPEG, PNG):
        return FileFault.MISMATCH if claimed else FileFault.TYPE
    if claimed not in (None, kind) or has_archive(file.data):
        return FileFault.MISMATCH
    if len(file.data) > SIZE_MOST:
        return FileFault.SIZE
    fault = pdf.fault(file.data) if kind == PDF else images.fault(file.data, kind)
    if fault is FileFault.ENCRYPTED:
        return fault
    return FileFault.MALWARE if scanner.found(file.data) else fault
