"""The HTML of a letter as its writer sent it, for the one page that shows it on demand; everything else reads the text.

Never cleaned here: whoever shows it must (triage/letter_clean.py).
"""

from intake import mime
from intake.charsets import decode
from intake.headers import parameters, unfold
from intake.mime import Part

_OF_OTHERS = ("message/rfc822", "message/global")


def html_of(raw: bytes) -> str:
    """All HTML of the letter's own, in its order, of alternatives the last (RFC 2046 §5.1.4); "" when there is none.

    Letters attached to it and HTML files are not its own. Never raises on any bytes.
    """
    return "\n".join(_html(mime.tree(raw.lstrip(b"\r\n"), mime.Caps())))


def _html(part: Part) -> list[str]:
    if part.type in _OF_OTHERS:
        return []
    if part.parts:
        found = [_html(child) for child in part.parts]
        if part.type == "multipart/alternative":
            return next((pieces for pieces in reversed(found) if pieces), [])
        return [piece for pieces in found for piece in pieces]
    disposition, options = parameters(unfold(part.header("content-disposition"), None))
    if part.type != "text/html" or disposition == "attachment" or "filename" in options:
        return []
    return [decode(part.payload(), part.params.get("charset"))]
