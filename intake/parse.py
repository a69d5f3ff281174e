"""All hostile MIME in one place: a letter's bytes to the frozen Letter, under the caps here and in `intake.mime`.

`parse` never raises on any bytes; what was cut is named in `limits_hit`.
"""

import re
from dataclasses import dataclass, field, replace
from itertools import chain

from intake import mime
from intake.charsets import decode
from intake.file_names import safe_name
from intake.headers import addresses, charset_of, decoded, message_ids, parameters, sent_at, unfold
from intake.html_text import MAX_HTML, html_to_text
from intake.letter import Address, File, Letter
from intake.mime import Part
from intake.winmail import opened

MAX_TEXT = 1024 * 1024  # characters of text of one letter
MAX_REPORT = 256 * 1024  # characters of a bounce's machine-readable parts
MAX_FILES = 1000

_REPORTS = {
    "message/delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
    "message/global-delivery-status",
    "message/global-disposition-notification",
    "message/global-headers",
    "message/rfc822-headers",
    "text/rfc822-headers",
}
_LETTERS = {"message/rfc822", "message/global"}
_AS_WRITTEN = "authentication-results"
_WINMAIL = {"application/ms-tnef", "application/vnd.ms-tnef"}
# Machinery beside the text, no file that anybody attached.
_NO_FILES = {
    "application/applefile",
    "application/pgp-encrypted",
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "text/x-amp-html",
    "text/watch-html",
}
_CID = re.compile(r"cid:([^\s\"'<>)]{1,200})", re.IGNORECASE)
_STUB = re.compile(
    r"html|не поддерживает|does not support|view (?:this|the) (?:e-?mail|message)"
    r"|просмотр\w{0,20} (?:этого )?(?:письма|сообщения)",
    re.IGNORECASE,
)
_STUB_LENGTH = 250
_BEGINNING_MOST, _BEGINNING_SHARE = 60, 4  # characters; how many times as much the HTML says
_BLANKS = re.compile(r"\s+")
_LOOKS_HTML = re.compile(r"\s*<(?:!doctype html|html|head|body|div|table|meta)\b[^<>]{0,500}>", re.IGNORECASE)
_LINE_ENDS = re.compile("[\r\x0b\x0c\x85\u2028\u2029]")  # that are not CR LF
_DROPPED = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(slots=True)
class _Piece:
    """A part's text: plain, or HTML that is converted only when it is needed."""

    text: str
    html: bool


@dataclass(slots=True)
class _Reading:
    """What has been gathered so far of one letter."""

    hint: str | None  # the charset the letter declares, for raw 8-bit headers
    caps: mime.Caps
    files: list[File] = field(default_factory=list)
    cids: set[str] = field(default_factory=set)
    report: list[str] = field(default_factory=list)
    calendar: str = ""


def parse(raw: bytes) -> Letter:
    """The letter as read; never raises on any bytes, and names in `limits_hit` what the caps cut off."""
    caps = mime.Caps()
    root = mime.tree(raw.lstrip(b"\r\n"), caps)
    reading = _Reading(hint=_declared_charset(root), caps=caps)
    text, from_html = _whole_text(_pieces(root, reading, depth=0, report=False), reading)
    return _letter(root, text, from_html, reading)


def _letter(root: Part, text: str, from_html: bool, reading: _Reading) -> Letter:
    raw_headers = tuple((name, unfold(value, reading.hint)) for name, value in root.headers)
    # Servers write no encoded words there, but the sender's address: ?= in it must not become a server's word.
    headers = tuple((name, value if name == _AS_WRITTEN else decoded(value)) for name, value in raw_headers)
    first = dict(reversed(raw_headers))  # the topmost of a name wins
    return_path = first.get("return-path")
    return Letter(
        message_id=next(iter(message_ids(first.get("message-id"))), None),
        sender=next(iter(addresses(first.get("from"))), None),
        reply_to=next(iter(addresses(first.get("reply-to"))), None),
        return_path=None if return_path is None else _path(return_path),
        recipients=tuple(
            a.email for name, value in raw_headers if name in {"to", "cc", "delivered-to"} for a in addresses(value)
        ),
        subject=_BLANKS.sub(" ", dict(reversed(headers)).get("subject", "")).strip(),
        sent=sent_at(first.get("date"), first.get("received")),
        in_reply_to=message_ids(first.get("in-reply-to")),
        references=message_ids(first.get("references")),
        headers=headers,
        content_type=root.type,
        report_type=root.params.get("report-type", "").lower() or None,
        text=text,
        from_html=from_html,
        files=tuple(_with_references(reading)),
        report="\n\n".join(reading.report)[:MAX_REPORT],
        calendar=reading.calendar,
        limits_hit=tuple(sorted(reading.caps.hit)),
    )


def _path(value: str) -> str:
    found: tuple[Address, ...] = addresses(value)
    return found[0].email if found else value.strip(" <>")


def _with_references(reading: _Reading) -> list[File]:
    return [replace(file, referred=True) if file.cid in reading.cids else file for file in reading.files]


def _declared_charset(root: Part) -> str | None:
    for part in (root, *root.parts):
        if found := charset_of(part.header("content-type").decode("latin-1")):
            return found
    return None


# ---------------------------------------------------------------- the parts


def _pieces(part: Part, reading: _Reading, *, depth: int, report: bool) -> list[_Piece]:
    """The texts of a part in order; its files and reports are put aside on the way.

    A multipart without a usable boundary keeps its text. Inside multipart/report all but the text is the report.
    """
    if part.type.startswith("multipart/") and part.parts:
        report = report or part.type == "multipart/report"
        children = [_pieces(child, reading, depth=depth + 1, report=report) for child in part.parts]
        if part.type == "multipart/alternative":
            return _alternative(children, reading)
        return list(chain.from_iterable(children))
    if part.type in _REPORTS or (report and part.type in _LETTERS):
        reading.report.append(_text_of(part)[:MAX_REPORT])
        return []
    if part.type in _LETTERS:
        return _attached_letter(part, reading, depth=depth)
    return _leaf(part, reading, depth=depth)


def _leaf(part: Part, reading: _Reading, *, depth: int) -> list[_Piece]:
    disposition, options = parameters(_header(part, "content-disposition", reading))
    name = _file_name(part, options, reading)
    kind = "text/plain" if part.type.startswith("multipart/") else part.type
    if kind == "text/calendar":
        reading.calendar = reading.calendar or part.params.get("method", "").upper()
    if kind == "text/html" and disposition != "attachment":
        html = _text_of(part)
        reading.cids.update(_cids(html))
        if not name or not depth:
            return [_Piece(html, html=True)]
    if kind in {"text/plain", "text/enriched"} and disposition != "attachment" and (not name or not depth):
        return _plain(part, reading)
    if kind in _NO_FILES or (not name and kind == "text/calendar"):
        return []
    return _file(part, name, reading)


def _plain(part: Part, reading: _Reading) -> list[_Piece]:
    """Text; files uuencoded in it are taken out; HTML sent as text/plain is HTML."""
    if part.holds(b"begin ") and part.holds(b"\nend"):
        body, at, rest = part.payload(), 0, []
        for name, data, start, end in mime.uuencoded(body):
            rest.append(body[at:start])
            at = end
            _add(reading, _bare_file(unfold(name, reading.hint), data))
        text = decode(b"".join([*rest, body[at:]]), part.params.get("charset"))
    else:
        text = _text_of(part)
    if _LOOKS_HTML.match(text):
        reading.cids.update(_cids(text))
        return [_Piece(text, html=True)]
    if part.params.get("format", "").lower() == "flowed":
        text = _unflowed(text, delsp=part.params.get("delsp", "").lower() == "yes")
    return [_Piece(text, html=False)]


def _file(part: Part, name: str | None, reading: _Reading) -> list[_Piece]:
    data = part.payload()
    winmail = opened(data) if part.type in _WINMAIL or (name or "").lower() == "winmail.dat" else None
    if winmail is None:
        cid = _header(part, "content-id", reading).strip("<> ") or None
        _add(reading, File(name=name, data=data, declared=part.declared, cid=cid, referred=False))
        return []
    for inner, content in winmail.files:
        _add(reading, _bare_file(inner, content))
    if winmail.text.strip():
        return [_Piece(winmail.text, html=False)]
    return [_Piece(winmail.html, html=True)] if winmail.html else []


def _attached_letter(part: Part, reading: _Reading, *, depth: int) -> list[_Piece]:
    """A letter attached whole is replaced by its files; its text goes on as a quotation, a bounce's report too:
    a citizen who forwards a bounce is no bounce."""
    if depth >= mime.MAX_DEPTH or reading.caps.parts >= mime.MAX_PARTS:
        reading.caps.hit.add("depth" if depth >= mime.MAX_DEPTH else "parts")
        return []
    inner = mime.tree(part.payload().lstrip(b"\r\n"), reading.caps, depth=depth + 1)
    reports, calendar = len(reading.report), reading.calendar
    text, _ = _whole_text(_pieces(inner, reading, depth=depth + 1, report=False), reading)
    text = "\n\n".join([text, *reading.report[reports:]])
    del reading.report[reports:]
    reading.calendar = calendar
    head = [
        f"{title}: {_BLANKS.sub(' ', decoded(_header(inner, name, reading)))}"
        for title, name in (("From", "from"), ("Date", "date"), ("Subject", "subject"))
        if inner.header(name)
    ]
    quoted = "\n".join(f"> {line}" if line else ">" for line in [*head, "", *text.split("\n")])
    return [_Piece(quoted, html=False)]


def _bare_file(name: str | None, data: bytes) -> File:
    return File(name=safe_name(name), data=data, declared="", cid=None, referred=False)


def _add(reading: _Reading, file: File) -> None:
    if len(reading.files) < MAX_FILES:
        reading.files.append(file)
    else:
        reading.caps.hit.add("files")


def _header(part: Part, name: str, reading: _Reading) -> str:
    return unfold(part.header(name), reading.hint)


def _file_name(part: Part, options: dict[str, str], reading: _Reading) -> str | None:
    name = options.get("filename")
    if not name:
        name = parameters(_header(part, "content-type", reading))[1].get("name")
    return safe_name(name)


def _cids(html: str) -> list[str]:
    return _CID.findall(html[:MAX_HTML])[: mime.MAX_PARTS]


# ---------------------------------------------------------------- the text


def _text_of(part: Part) -> str:
    return decode(part.payload(), part.params.get("charset"))


def _alternative(children: list[list[_Piece]], reading: _Reading) -> list[_Piece]:
    """Plain text when it says something, else the last (RFC 2046 §5.1.4) that is HTML.

    Seen in practice: a sentence about programs without HTML, and the letter's first words alone.
    """
    plain = next((c for c in children if c and not any(p.html for p in c)), None)
    rich = next((c for c in reversed(children) if any(p.html for p in c)), None)
    if rich is None or plain is None:
        return rich or plain or []
    text = "\n".join(p.text for p in plain).strip()
    return plain if _says_something(text) and not _is_beginning(text, rich, reading) else rich


def _is_beginning(text: str, rich: list[_Piece], reading: _Reading) -> bool:
    """Whether a short text is only the first words of what the HTML says, or a few beside very many."""
    if len(text) >= _BEGINNING_MOST:
        return False
    whole = "".join(html_to_text(p.text, reading.caps.hit) if p.html else p.text for p in rich)
    return len(_BLANKS.sub("", whole)) > _BEGINNING_SHARE * len(_BLANKS.sub("", text))


def _says_something(text: str) -> bool:
    return bool(text) and not (len(text) < _STUB_LENGTH and _STUB.search(text))


def _whole_text(pieces: list[_Piece], reading: _Reading) -> tuple[str, bool]:
    texts: list[str] = []
    from_html = False
    for piece in pieces:
        text = _clean(html_to_text(piece.text, reading.caps.hit) if piece.html else piece.text)
        # Seen in practice: text and its HTML twin side by side in multipart/mixed.
        if not text or (texts and piece.html and _BLANKS.sub("", text) in _BLANKS.sub("", "".join(texts))):
            continue
        texts.append(text)
        from_html = from_html or piece.html
    whole = "\n\n".join(texts)
    if len(whole) > MAX_TEXT:
        reading.caps.hit.add("text")
    return whole[:MAX_TEXT], from_html


def _clean(text: str) -> str:
    text = _LINE_ENDS.sub("\n", text.replace("\r\n", "\n")).replace("\xa0", " ")
    return _SURROGATES.sub("\ufffd", _DROPPED.sub("", text)).strip("\n")


def _unflowed(text: str, *, delsp: bool) -> str:
    """Joins soft line breaks (RFC 3676 §4): a line that ends in a blank goes on in the next of the same quote depth."""
    paragraphs: list[list[str]] = []
    soft, last_depth = False, 0
    for line in text.replace("\r\n", "\n").split("\n"):
        body = line.lstrip(">")
        depth = len(line) - len(body)
        body = body.removeprefix(" ")
        signs = body == "-- "  # the signature's separator is never a soft break (§4.3)
        if soft and depth == last_depth and not signs:
            paragraphs[-1].append(body)
        else:
            paragraphs.append([">" * depth + " " * bool(depth), body])
        soft, last_depth = body.endswith(" ") and not signs, depth
        if soft and delsp:
            paragraphs[-1][-1] = body[:-1]
    return "\n".join("".join(pieces) for pieces in paragraphs)
