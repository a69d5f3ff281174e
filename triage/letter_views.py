"""What the page asks of a letter's bytes beside its text. Pure functions, each run in a limited worker.

A view is named in the job by its word and numbers, `picture 3 0`; its answer is bytes, for `look` JSON.
"""

import json
from base64 import b64encode
from collections.abc import Callable

from intake.letter import File
from intake.own_words import own_words
from intake.parse import parse
from intake.rich_text import html_of
from triage.letter_clean import clean, refusal
from triage.letter_pictures import INLINE_SIDE, NoPicture, Picture, pages, picture
from validate.examine import read_fields
from validate.kinds import kind_of

INLINE_MOST = 20  # pictures within the text
INLINE_BYTES = 6 * 1024 * 1024  # of all of them, as we encoded them
SHOWN_HEADERS = ("from", "to", "cc", "reply-to", "date", "subject", "message-id", "return-path")
HEADER_SHOWN = 500  # characters

View = Callable[..., bytes]


def look(raw: bytes) -> bytes:
    """What there is to see: whether the HTML can be shown, what the headers say, how many pages each file has."""
    letter = parse(raw)
    refused = refusal(html_of(raw))
    seen = {
        "refused": refused.value if refused else None,
        "headers": [(name, value[:HEADER_SHOWN]) for name, value in letter.headers if name in SHOWN_HEADERS],
        "pages": [pages(file.data) for file in letter.files],
    }
    return json.dumps(seen, ensure_ascii=False).encode("utf-8", "replace")


def told(raw: bytes) -> bytes:
    """The fields that the readers find, what is wrong in them, and the kind: the same that the desk will find."""
    letter = parse(raw)
    words = own_words(letter)
    found, problems = read_fields(letter, words)
    seen = {
        "fields": {field.value: one.value for field, one in found.items()},
        "problems": [(one.field.value, one.reason) for one in problems],
        "kind": kind_of(letter, words, found, None).value,
    }
    return json.dumps(seen, ensure_ascii=False).encode("utf-8", "replace")


def html(raw: bytes) -> bytes:
    """The cleaned HTML, the number of pictures withheld on its first line; the word of Refused when it is not shown."""
    written = html_of(raw)
    if refused := refusal(written):
        return refused.value.encode()
    made = clean(written, _Inline(parse(raw).files).url)
    return f"{made.withheld}\n{made.html}".encode("utf-8", "replace")


def file(raw: bytes, place: int) -> bytes:
    """The bytes of a file, by its place in the letter."""
    return parse(raw).files[place].data


def shown(raw: bytes, place: int, page: int) -> bytes:
    """A picture of a file's page: its type, a line break, its bytes; empty when it gives none."""
    try:
        made = picture(parse(raw).files[place].data, page=page)
    except NoPicture:
        return b""
    return made.type.encode() + b"\n" + made.data


class _Inline:
    """Pictures within the text, as `data:` URLs: the frame may load nothing, not even from us."""

    def __init__(self, files: tuple[File, ...]) -> None:
        self._files = {file.cid: file.data for file in files if file.cid}
        self._made: dict[str, str | None] = {}
        self._room = INLINE_BYTES

    def url(self, cid: str) -> str | None:
        """The picture of that Content-ID; None when there is none, or no room for more."""
        if cid not in self._made:
            full = len(self._made) >= INLINE_MOST
            self._made[cid] = self._encoded(self._files.get(cid)) if not full else None
        return self._made[cid]

    def _encoded(self, data: bytes | None) -> str | None:
        if not data:
            return None
        try:
            made: Picture = picture(data, side=INLINE_SIDE)
        except NoPicture:
            return None
        if len(made.data) > self._room:
            return None
        self._room -= len(made.data)
        return f"data:{made.type};base64,{b64encode(made.data).decode()}"


VIEWS: dict[str, View] = {"look": look, "html": html, "file": file, "picture": shown, "told": told}
