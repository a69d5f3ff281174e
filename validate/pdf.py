"""Whether a PDF opens, needs a password, or acts.

Active content (rulings 27): JavaScript, Launch, SubmitForm, ImportData, embedded programs; also in annotations, fields,
outlines, name trees and XFA forms, since every object is looked at, whatever it hangs on. Going to a page, a web link
and an embedded text are not. PDFs embedded in the PDF are not opened in turn.

A file whose pages can be shown is sound, also when its cross-reference table had to be rebuilt; one without a page, or
cut so that something it refers to is gone, is `corrupt`.
"""

import io
import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pikepdf

from validate.findings import FileFault

OBJECTS_MOST = 100_000  # looked at one by one, 13 µs each; a document of more that names an action is not cleared
UNPACKED_MOST = 64 * 1024 * 1024  # bytes, of one stream for qpdf and of all that are looked into; more is a bomb
DEEP_MOST = 40  # direct dictionaries and arrays in one object; qpdf itself stops at 499

_NAMES = rb"/(?:JavaScript|JS|Launch|SubmitForm|ImportData|OnInstantiate|XFA|EF)(?![A-Za-z0-9])"
_ESCAPED = rb"/[A-Za-z]{0,16}#[4-7]"  # a letter of a name written as #4A
_NAMED = re.compile(_NAMES + rb"|" + _ESCAPED)
# One of these stands in plain bytes of every document that acts, be it as the mark of what hides the rest: encryption,
# or compressed objects, known by /W and /XRef also where /ObjStm is left out
_SIGNS = re.compile(_NAMES + rb"|" + _ESCAPED + rb"|/(?:Encrypt|ObjStm|XRef)(?![A-Za-z0-9])|/W[\s\0]{0,20}[\[%]")
# qpdf writes an object with its names spelt out and one blank after each
_ACTS = re.compile(rb"/S /(?:JavaScript|Launch|SubmitForm|ImportData)(?![A-Za-z0-9])|/(?:JS|OnInstantiate) (?=[(<\d])")
_STRING = re.compile(rb"\((?:[^()\\]|\\.)*\)", re.S)  # qpdf escapes the brackets in one
_REFERENCE = re.compile(rb"(?<![\d.])(\d{1,9})[ \r\n]{1,2}(\d{1,5})[ \r\n]{1,2}R(?![A-Za-z0-9])")
_PROGRAM_NAME = re.compile(
    r"\.(?:exe|com|scr|pif|bat|cmd|cpl|msc|ps1|psm1|vb|vbs|vbe|js|jse|ws|wsf|wsh|hta|msi|msp|jar|dll|lnk|reg|sct|scf|"
    r"inf|chm|application|gadget|settingcontent-ms|appx|msix|sh|bash|run|desktop|deb|rpm|apk|app|command|elf|py|pl)\W*$",
    re.I,
)
_PROGRAM_BYTES = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"L\0\0\0\1\x14\x02\0")
_XFA_SCRIPT = re.compile(rb"<(?:[a-z]+:)?(?:script|submit)\b", re.I)
_BROKEN = (
    pikepdf.PdfError, pikepdf.ForeignObjectError, ValueError, TypeError, KeyError, IndexError, AttributeError,
    RuntimeError, RecursionError, OverflowError, MemoryError,
)  # fmt: skip  # what pikepdf raises on hostile bytes


def fault(data: bytes) -> FileFault | None:
    """`encrypted`, `active-content`, `corrupt`, or none. A password only against changes does not make `encrypted`."""
    if not _has_object(data):
        return FileFault.CORRUPT
    _prepare_qpdf()
    try:
        # qpdf takes an object for lost that ends where the file does
        with pikepdf.open(io.BytesIO(data + b"\n%%EOF\n"), suppress_warnings=True) as document:
            if _acts(document, data):
                return FileFault.ACTIVE_CONTENT
            return None if _can_be_shown(document, data) else FileFault.CORRUPT
    except pikepdf.PasswordError:
        return FileFault.ENCRYPTED
    except _BROKEN as error:  # a handler of certificates or rights that qpdf has no password for is named so
        return FileFault.ENCRYPTED if "unsupported encryption" in str(error) else FileFault.CORRUPT


@lru_cache(maxsize=1)
def _prepare_qpdf() -> None:
    """Limits are the process's, set once before the first file; what qpdf says of a broken file is no news to ops."""
    logging.getLogger("pikepdf._core").setLevel(logging.CRITICAL + 1)
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=UNPACKED_MOST,
        run_length_max_memory=UNPACKED_MOST,
        png_max_memory=UNPACKED_MOST,
        tiff_max_memory=UNPACKED_MOST,
        dct_max_memory=UNPACKED_MOST,
    )


def _has_object(data: bytes) -> bool:
    """Whether "obj" stands anywhere as a word of its own: qpdf would search noise for it forty times as long."""
    at = data.find(b"obj")
    while at > 0 and data[at - 1] not in b" \t\r\n\f\0":
        at = data.find(b"obj", at + 3)
    return at > 0


def _can_be_shown(document: pikepdf.Pdf, data: bytes) -> bool:
    """Whether it has pages, all of them; qpdf takes those that are gone out of a file which it rebuilds, and says so."""
    warnings = [str(warning) for warning in document.get_warnings()]
    promised = document.Root.Pages.get("/Count", 0)
    if len(document.pages) == 0 or (isinstance(promised, int) and len(document.pages) < promised):
        return False
    rebuilt = any("reconstruct" in warning for warning in warnings)
    return not rebuilt or not (_ends_in_stream(data) or _lacks_objects(document, data))


def _ends_in_stream(data: bytes) -> bool:
    return (
        re.search(rb"stream\r?\n", data[data.rfind(b"endstream") + 9 :] if b"endstream" in data else data) is not None
    )


def _lacks_objects(document: pikepdf.Pdf, data: bytes) -> bool:
    """Whether something is referred to that is not there, by the bytes as they came: qpdf drops such references. Asked
    only of files that had to be rebuilt; whole ones refer to nothing, too, without harm."""
    referred = set(_REFERENCE.findall(data))
    if len(referred) > OBJECTS_MOST:
        return True
    return any(document.get_object(int(number), int(generation)) is None for number, generation in referred)


def _acts(document: pikepdf.Pdf, data: bytes) -> bool:
    """Three steps, each dearer and rarer than the one before: signs in plain bytes; names in compressed objects; every
    object by itself."""
    if not document.is_encrypted and not _SIGNS.search(data):
        return False
    unpack = _Unpacker()
    table = document.get_xref_table()
    if b"/XRefStm" in data and _hybrid_hides(document, unpack):
        return True
    holders = {entry.obj_stream_number or 0 for entry in table.values() if entry.type == 2}
    # All are unpacked under our measure before qpdf does so without one
    named = [_NAMED.search(unpack(document.get_object(number, 0))) is not None for number in holders]
    if not (document.is_encrypted or _NAMED.search(data) or any(named)):
        return False
    return len(table) > OBJECTS_MOST or any(_is_active(thing, unpack) for thing in document.objects)


def _hybrid_hides(document: pikepdf.Pdf, unpack: "_Unpacker") -> bool:
    """Whether compressed objects beside a plain table name an action. ISO 32000-1 §7.5.8.4 has the table call them free
    for old readers; qpdf believes that, other readers open them, so here the names alone count."""
    return any(
        isinstance(thing, pikepdf.Stream) and "/First" in thing and _NAMED.search(unpack(thing))
        for thing in document.objects
    )


class _Unpacker:
    """Unpacks streams; ValueError when all together grow beyond UNPACKED_MOST."""

    def __init__(self) -> None:
        self._left = UNPACKED_MOST

    def __call__(self, stream: Any) -> bytes:
        content: bytes = stream.read_bytes()
        self._left -= len(content)
        if self._left < 0:
            raise ValueError("the streams of this document unpack without measure")
        return content


def _is_active(thing: Any, unpack: _Unpacker) -> bool:
    written = _written(thing)
    if not _NAMED.search(written):
        return False
    return _ACTS.search(_STRING.sub(b"()", written)) is not None or any(
        _is_program(part, unpack) or _has_xfa_script(part, unpack) for part in _dictionaries(thing, DEEP_MOST)
    )


def _written(thing: Any) -> bytes:
    """An object as qpdf writes it, a stream's dictionary only."""
    if isinstance(thing, pikepdf.Stream):
        return thing.stream_dict.unparse()
    return thing.unparse(resolved=True) if isinstance(thing, pikepdf.Object) else b""


def _dictionaries(thing: Any, deep: int) -> Iterator[Any]:
    """The dictionaries in an object, not following references: each object is looked at by itself."""
    if deep == 0:
        raise ValueError("nested deeper than any document")
    if isinstance(thing, pikepdf.Stream | pikepdf.Dictionary):
        yield thing
        parts = [thing.get(key) for key in thing.keys()]  # noqa: SIM118  # not a dict
    elif isinstance(thing, pikepdf.Array):
        parts = list(thing)
    else:
        return
    for part in parts:
        if isinstance(part, pikepdf.Object) and not part.is_indirect:
            yield from _dictionaries(part, deep - 1)


def _is_program(part: Any, unpack: _Unpacker) -> bool:
    """Whether a file specification embeds a program, by any of its names or by how the content begins."""
    if "/EF" not in part:
        return False
    if any(_PROGRAM_NAME.search(str(part.get(key, ""))) for key in ("/F", "/UF", "/DOS", "/Unix", "/Mac")):
        return True
    return any(
        isinstance(one, pikepdf.Stream) and unpack(one).startswith(_PROGRAM_BYTES) for one in part["/EF"].values()
    )


def _has_xfa_script(part: Any, unpack: _Unpacker) -> bool:
    """XFA forms carry their scripts as XML in streams: one, or a list of names and streams."""
    form = part.get("/XFA")
    packets = list(form) if isinstance(form, pikepdf.Array) else [form]
    return any(
        isinstance(one, pikepdf.Stream) and _XFA_SCRIPT.search(unpack(one).replace(b"\0", b"")) for one in packets
    )
