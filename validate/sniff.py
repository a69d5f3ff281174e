"""What a file is by its content, not by its name or by what the letter declares."""

import ctypes.util
import threading
from functools import lru_cache
from typing import Any

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
UNKNOWN, EMPTY = "application/octet-stream", "application/x-empty"
HEAD = 64 * 1024  # bytes; libmagic needs no more to tell the types that matter here
PDF_HEADER_WITHIN = 1024  # readers open a PDF whose header stands behind that much junk
# How files begin that another program would open or run: behind these a PDF header is a disguise
_DISGUISES = (
    b"MZ", b"PK", b"GIF8", b"\x7fELF", b"Rar!", b"7z\xbc\xaf", b"\xd0\xcf\x11\xe0", b"<", b"#!", b"@", b"{\\rtf",
)  # fmt: skip
_BLANK = b"\xef\xbb\xbf \t\r\n\f\0"
_ZIP_END, _ZIP_END_SIZE, _ZIP_COMMENT_MOST = b"PK\x05\x06", 22, 0xFFFF
_lock = threading.Lock()  # a libmagic cookie is not safe to share


@lru_cache(maxsize=1)
def _magic() -> Any:
    """libmagic of the system, else the one from the wheel, which must be loaded before its binding."""
    if ctypes.util.find_library("magic") is None:
        import pylibmagic  # noqa: F401, PLC0415  # loading it is the point, and only where it is needed
    import magic  # noqa: PLC0415

    return magic.Magic(mime=True)


def sniffed(data: bytes) -> str:
    """The media type by content, "application/octet-stream" when nothing is known of it.

    The three allowed types are told by their first bytes, as every reader of them does, so that the answer does not
    hang on the version of libmagic; all else is libmagic's word.

    A PDF header within the first 1024 bytes is what readers go by: blanks, a BOM, a printer's or a web server's lines
    before it are seen in practice, and the file is still that PDF. Where the file begins as a program, an archive, a
    page of HTML or a script, it is what it begins as: the header further down is there to deceive.
    """
    if not data:
        return EMPTY
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    header = data.find(b"%PDF-", 0, PDF_HEADER_WITHIN)
    if header < 0:
        return _asked(data[:HEAD])
    before = data[:header].lstrip(_BLANK)
    return PDF if not before.startswith(_DISGUISES) else _asked(before)


def _asked(head: bytes) -> str:
    with _lock:
        said = str(_magic().from_buffer(head))
    return UNKNOWN if said in (PDF, JPEG, PNG) else said


def has_archive(data: bytes) -> bool:
    """Whether a zip tool would open the file too: its end record (APPNOTE 4.3.16) closes the file to the byte.

    GIFARs and their kind: a sound picture or document with a jar or zip behind it. Other bytes after the end are left
    alone: phones write depth maps and films there, and screenshot tools the rest of the picture before.
    """
    end = data.rfind(_ZIP_END, max(0, len(data) - _ZIP_END_SIZE - _ZIP_COMMENT_MOST))
    if end < 0 or len(data) - end < _ZIP_END_SIZE:
        return False
    comment = int.from_bytes(data[end + 20 : end + 22], "little")
    entries = int.from_bytes(data[end + 10 : end + 12], "little")
    return entries > 0 and end + _ZIP_END_SIZE + comment == len(data)
