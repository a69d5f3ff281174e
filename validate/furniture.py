"""What mail programs put beside a citizen's own files: listed, neither accepted as a document nor complained about.

- A logo: a picture that the HTML shows by cid, narrower than 300 or lower than 200 pixels (rulings 28), of any type.
  Larger ones are screenshots pasted into the text and are judged as documents. Where the size cannot be read (SVG, EMF,
  HEIC) it is a logo up to 20 KB: an iPhone's photo is never passed over in silence.
- A detached signature or public key (S/MIME, PGP, CMS): the program signs, the citizen does not know of the file. An
  encrypted or opaquely signed letter (smime.p7m, encrypted.asc) holds what the citizen wrote: refused as `type`.
- A vCard, an invitation's invite.ics, Exchange's ATT00001.txt: the same. A calendar file with a name of its own was
  chosen by somebody and is refused as `type`.
"""

import re
from pathlib import PurePosixPath

from intake.letter import File
from validate import images
from validate.sniff import EMPTY

LOGO_SIDES = (300, 200)  # pixels
LOGO_BYTES = 20 * 1024  # where the sides cannot be read
SMALL = 64 * 1024  # bytes; signatures, cards and scraps of mail programs are far below
_SIGNATURE_NAMES = frozenset({".p7s", ".asc", ".sig", ".sgn"})
_SIGNATURE_TYPES = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
    }
)
_PGP = (b"-----BEGIN PGP SIGNATURE", b"-----BEGIN PGP PUBLIC KEY")
# CMS in DER, in base64, in PEM; a detached OpenPGP signature packet (RFC 4880 §5.2)
_CMS = (b"0\x80", b"0\x82", b"0\x83", b"MI", b"-----BEGIN PKCS7", b"-----BEGIN CMS", b"\x89\x01", b"\x89\x02", b"\xc2")
_CARD = re.compile(rb"\s{0,9}BEGIN:VCARD", re.I)
_INVITATION = re.compile(r"(?:invite|meeting|calendar)\.ics", re.I)
_SCRAP = re.compile(r"ATT\d{3,6}\.(?:txt|html?|c)", re.I)


def is_furniture(file: File, kind: str) -> bool:
    """Whether it is no document of the citizen's; `kind` is the type by content."""
    if kind.startswith("image/"):
        return file.referred and _is_logo(file.data)
    return len(file.data) <= SMALL and (_is_signature(file) or _is_card(file, kind))


def _is_logo(data: bytes) -> bool:
    sides = images.sides(data)
    if sides is None:
        return len(data) <= LOGO_BYTES
    return sides[0] < LOGO_SIDES[0] or sides[1] < LOGO_SIDES[1]


def _is_signature(file: File) -> bool:
    head = file.data.lstrip()
    if head.startswith(_PGP):
        return True
    named = PurePosixPath(file.name or "").suffix.lower() in _SIGNATURE_NAMES
    return (named or file.declared in _SIGNATURE_TYPES) and head.startswith(_CMS)


def _is_card(file: File, kind: str) -> bool:
    if _CARD.match(file.data):
        return True
    if kind == "text/calendar":
        return _INVITATION.fullmatch(file.name or "") is not None
    return (kind.startswith("text/") or kind == EMPTY) and _SCRAP.fullmatch(file.name or "") is not None
