"""Whether a PDF opens, needs a password, or acts.

A file whose pages can be shown is sound, also when its table of contents had to be repaired; one without a page is
corrupt. Active content (rulings 27): JavaScript, Launch, SubmitForm, ImportData, embedded programs.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf

from validate.findings import FileFault

OBJECTS_MOST = 20_000  # looked at; more is no letter's scan (200,000 take five seconds)
DEEP_MOST = 30
ACTIVE = frozenset({"/JavaScript", "/Launch", "/SubmitForm", "/ImportData"})
PROGRAM = re.compile(r"\.(exe|com|scr|pif|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|msi|jar|dll|lnk|sh|apk)\W*$", re.I)
# A name may hide behind #-escapes or in a compressed object; without these signs it stands in plain sight or nowhere
HIDING = re.compile(
    rb"/JavaScript|/JS|/Launch|/SubmitForm|/ImportData|/EmbeddedFile|/Filespec|/ObjStm|/Encrypt|#[0-9a-fA-F]{2}"
)


def fault(data: bytes) -> FileFault | None:
    """`encrypted`, `active-content`, `corrupt`, or none."""
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as document:
            if len(document.pages) == 0:
                return FileFault.CORRUPT
            if (document.is_encrypted or HIDING.search(data)) and _acts(document):
                return FileFault.ACTIVE_CONTENT
    except pikepdf.PasswordError:
        return FileFault.ENCRYPTED
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError, RecursionError, OverflowError):
        return FileFault.CORRUPT
    return None


def _acts(document: pikepdf.Pdf) -> bool:
    for number, thing in enumerate(document.objects):
        if number > OBJECTS_MOST:
            return True
        if any(_is_active(part) for part in _dictionaries(thing, DEEP_MOST)):
            return True
    return False


def _dictionaries(thing: Any, deep: int) -> Iterator[Any]:
    """The dictionaries in an object, not following references: each object is looked at by itself."""
    if isinstance(thing, pikepdf.Stream | pikepdf.Dictionary):
        yield thing
        parts = [thing[key] for key in thing.keys()]  # noqa: SIM118  # not a dict
    elif isinstance(thing, pikepdf.Array):
        parts = list(thing)
    else:
        return
    for part in parts:
        if deep and isinstance(part, pikepdf.Object) and not part.is_indirect:
            yield from _dictionaries(part, deep - 1)


def _is_active(thing: Any) -> bool:
    if str(thing.get("/S", "")) in ACTIVE or "/JS" in thing or "/JavaScript" in thing:
        return True
    names = (str(thing.get(key, "")) for key in ("/F", "/UF"))
    return "/EF" in thing and any(PROGRAM.search(name) for name in names)
