"""Header fields: unfolding, encoded words (RFC 2047), parameters (RFC 2231), addresses, message ids, dates.

Everything works on one header capped by `parse` (HEADER_USED), takes linear time and never raises.
"""

import binascii
import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from intake.charsets import decode, known
from intake.letter import Address
from intake.mailboxes import ADDRESS, mailboxes, on_the_wire

MAX_ADDRESSES = 200  # of one header; a letter to thousands is no letter to us
MAX_PIECES = 1000  # padded pieces of one base64 text
MAX_IDS = 100  # message ids taken of one References
_WORD_START = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]+")
_PARAM_TOKEN = re.compile(r'[^;"\\]+|\\.?|"|;', re.DOTALL)
_SEGMENT = re.compile(r"^([^*]+)(?:\*(\d{1,4}))?(\*)?$")
_PLAIN = r"[A-Za-z0-9_+-]++(?:\.[A-Za-z0-9_+-]++)*+@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)*+"
_ATOM = r"[^\s()<>@,:;.\"\[\]\\]++"
_PLAIN_ADDRESS = re.compile(
    rf"(?P<bare>{_PLAIN})"
    rf'|(?:(?:"(?P<quoted>[^"\\\r]+)"|(?P<name>{_ATOM}(?: {_ATOM})*+)) ?)?<(?P<email>{_PLAIN})>'
)
_ID = re.compile(r"<([^<>\s]{1,998})>")
_LANGUAGE = re.compile(r"\*.*")
_EARLIEST = 1990  # a Date before mail was common is a dead clock's


def unfold(raw: bytes, hint: str | None = None) -> str:
    """One header's value as text: 8-bit bytes decoded (by the letter's own charset as a hint), folds joined."""
    text = raw.decode("ascii") if raw.isascii() else decode(raw, hint)
    return (text if text.isprintable() else _CONTROLS.sub(" ", text.replace("\n", ""))).strip()


def decoded(value: str) -> str:
    """The value with its encoded words decoded, as one line; CR, LF and NUL out of encoded words become blanks."""
    if "=?" not in value:
        return value
    pieces: list[str] = []
    run: list[tuple[str, bytes]] = []  # adjacent encoded words: one character may be split over two of them
    at = 0
    while (start := value.find("=?", at)) >= 0:
        opening = _WORD_START.match(value, start)
        end = value.find("?=", opening.end()) if opening else -1
        if opening is None:
            pieces += [_joined(run), value[at : start + 2]]
            run, at = [], start + 2
            continue
        if end < 0:
            break
        between = value[at:start]
        if between.strip() or not run:
            pieces += [_joined(run), between]
            run = []
        run.append((_LANGUAGE.sub("", opening[1]).lower(), _word_bytes(opening[2], value[opening.end() : end])))
        at = end + 2
    pieces += [_joined(run), value[at:]]
    return _CONTROLS.sub(" ", "".join(pieces)).strip()


def _word_bytes(encoding: str, text: str) -> bytes:
    if encoding in "qQ":
        return binascii.a2b_qp(text.replace(" ", "_").encode("utf-8", "replace"), header=True)
    return base64_bytes(text.encode("ascii", "ignore"))


def _joined(run: list[tuple[str, bytes]]) -> str:
    text, at = "", 0
    while at < len(run):
        charset, data = run[at]
        at += 1
        parts = [data]
        while at < len(run) and run[at][0] == charset:
            parts.append(run[at][1])
            at += 1
        text += decode(b"".join(parts), charset)
    return text


_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))


def base64_bytes(text: bytes) -> bytes:
    """Base64 as far as it goes: foreign bytes skipped, a cut end filled up, pieces padded each by itself joined."""
    padding = text.find(b"=")
    if padding < 0 or not text[padding:].strip(b"=\r\n"):  # nearly all: one piece, and its end is not cut
        with suppress(binascii.Error):
            return binascii.a2b_base64(text)
    clean = text.translate(None, _NOT_BASE64)
    first = clean.find(b"=")
    if first < 0 or not clean[first:].strip(b"="):
        return _quads(clean.rstrip(b"="))
    return b"".join(_quads(piece.replace(b"=", b"")) for piece in clean.split(b"=", MAX_PIECES) if piece)


def _quads(clean: bytes) -> bytes:
    extra = len(clean) % 4
    if extra == 1:
        clean = clean[:-1]
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """The value before the first ';' in lower case, and the parameters: continued and charset-marked ones (RFC 2231)
    joined, encoded words inside them decoded though RFC 2047 forbids it (seen in practice: Outlook, The Bat!)."""
    first, given = _parameters(value)
    return first, dict(given)


@lru_cache(maxsize=256)  # a letter's few are asked for two or three times, and most letters have the same
def _parameters(value: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    first, *rest = _split_parameters(value)
    segments: dict[str, list[tuple[int, bool, str]]] = {}
    for piece in rest:
        name, equals, text = piece.partition("=")
        shape = _SEGMENT.match(name.strip().lower())
        if equals and shape:
            segments.setdefault(shape[1], []).append((int(shape[2] or 0), bool(shape[3]), _unquoted(text)))
    return _unquoted(first).lower(), tuple((name, _parameter(found)) for name, found in segments.items())


def _split_parameters(value: str) -> list[str]:
    pieces: list[str] = []
    piece: list[str] = []
    quoted = False
    for run in _PARAM_TOKEN.findall(value):
        quoted ^= run == '"'
        if run == ";" and not quoted:
            pieces.append("".join(piece))
            piece = []
        else:
            piece.append(run)
    return [*pieces, "".join(piece)]


def _unquoted(text: str) -> str:
    text = text.strip()
    if text.startswith('"'):
        text = text[1:].removesuffix('"')
        # A bare backslash stands in Windows paths: only an escaped quote or backslash is an escape.
        return text.replace('\\"', '"').replace("\\\\", "\\")
    return text


def _parameter(segments: list[tuple[int, bool, str]]) -> str:
    """Joins the segments before unquoting, so that a character cut inside its %XX survives."""
    if any(extended for _, extended, _ in segments):
        segments = [s for s in segments if s[1] or s[0]] or segments  # name*=… wins over a plain name=…
    segments.sort(key=lambda s: s[0])
    if not segments[0][1]:
        return decoded("".join(text for _, _, text in segments))
    charset, first = "", segments[0][2]
    if first.count("'") >= 2:
        charset, _, first = first.split("'", 2)
    raw = b"".join(
        (text if extended else text.replace("%", "%25")).encode("utf-8", "replace")
        for text, extended in [(first, True), *((text, extended) for _, extended, text in segments[1:])]
    )
    return _CONTROLS.sub("", decode(unquote_to_bytes(raw), charset))


@lru_cache(maxsize=16)  # the desk's own address stands in every letter
def addresses(value: str | None) -> tuple[Address, ...]:
    """The addresses of an undecoded From, To, … in order; what is none is left out."""
    if not value or ("@" not in value and "=?" not in value):
        return ()
    found = _named(_one_address(value) or mailboxes(value))
    if not found:  # Seen in practice: the whole "Имя <a@b>" inside one encoded word or inside quotes.
        plain = decoded(value)
        first = ADDRESS.search(plain)
        found = _named(mailboxes(plain) or [(plain[: first.start()].strip(' <"('), first[0])] if first else [])
    return tuple(found)


def _named(pairs: list[tuple[str, str]]) -> list[Address]:
    return [made for name, email in pairs[:MAX_ADDRESSES] if (made := _address(decoded(name), email))]


def _one_address(value: str) -> list[tuple[str, str]]:
    """What `mailboxes` finds, where there is but one address, plainly written, as in nearly all headers."""
    plain = _PLAIN_ADDRESS.fullmatch(value)
    return [(plain["quoted"] or plain["name"] or "", plain["email"] or plain["bare"])] if plain else []


def _address(name: str, email: str) -> Address | None:
    local, at, domain = email.strip().rpartition("@")
    domain = on_the_wire(domain.rstrip(".").lower())
    if not at or not local or not domain or not ADDRESS.fullmatch(f"{local}@{domain}".strip('"')):
        return None
    return Address(name=_CONTROLS.sub(" ", name).strip(" \"'"), email=f"{local}@{domain}")


def message_ids(value: str | None) -> tuple[str, ...]:
    """The ids in angle brackets; a single bare id is taken as it is."""
    if not value:
        return ()
    found = _ID.findall(value)
    if not found and len(bare := value.split()) == 1:
        found = [bare[0].strip("<>")]
    return tuple(i for i in found if i)[-MAX_IDS:]


def sent_at(date: str | None, received: str | None) -> datetime | None:
    """The Date header with its own zone; without a usable one the topmost Received (RFC 5322 §3.6.7), else null."""
    return _moment(date) or _moment((received or "").rpartition(";")[2])


def _moment(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime((value or "")[:200])
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # "-0000": the zone is not told
        moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    return moment if moment.year >= _EARLIEST else None


def charset_of(content_type: str) -> str | None:
    """The declared charset when a codec knows it."""
    declared = parameters(content_type)[1].get("charset")
    return declared if declared and known(declared) else None
