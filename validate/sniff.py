"""What a file is by its content."""

import ctypes.util
import threading
from functools import lru_cache
from typing import Any

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
HEAD = 64 * 1024  # bytes; libmagic looks no further for the types that matter here
PDF_HEADER_WITHIN = 1024  # readers open a PDF whose header stands behind that much junk
_lock = threading.Lock()  # a libmagic cookie is not safe to share


@lru_cache(maxsize=1)
def _magic() -> Any:
    """libmagic of the system, else the one from the wheel, which must be loaded before its binding."""
    if ctypes.util.find_library("magic") is None:
        import pylibmagic  # noqa: F401, PLC0415  # loading it is the point, and only where it is needed
    import magic  # noqa: PLC0415

    return magic.Magic(mime=True)


def sniffed(data: bytes) -> str:
    """The media type by content, "application/octet-stream" when nothing is known of it."""
    if not data:
        return "application/x-empty"
    head = data[:HEAD]
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"%PDF-"):
        return PDF
    with _lock:
        said = str(_magic().from_buffer(head))
    if said in ("application/octet-stream", "text/plain") and b"%PDF-" in head[:PDF_HEADER_WITHIN]:
        return PDF
    return said
