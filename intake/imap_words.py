"""The words of IMAP: quoting, modified UTF-7, sets of numbers, the pieces of a response (RFC 3501 §9).

Pure. A response comes as the framing has cut it: pieces in turn line, literal, line, literal, … line; a literal
is a piece of its own, so nothing inside a letter can be taken for protocol.
"""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone

Token = bytes | None | list["Token"]  # an atom or string, NIL, a parenthesised list

NESTED_MOST = 32  # lists within lists; what we ask for has one level
_TOKEN = re.compile(
    rb'\s*(?:(?P<open>\()|(?P<close>\))|"(?P<quoted>(?:[^"\\]|\\.)*)"'
    rb'|(?P<atom>(?i:BODY)\[[^]\r\n]*\][^\s()"]*|[^\s()"]+))'  # a section may name fields: BODY[HEADER.FIELDS (FROM)]
)
_LITERAL_MARK = re.compile(rb"~?\{\d+\}$")
_ESCAPED = re.compile(rb"\\(.)")
_UNSAFE = re.compile(r"[\x00\r\n]")
_DATE = re.compile(rb" ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_MONTHS = b"JanFebMarAprMayJunJulAugSepOctNovDec"
_CODE = re.compile(rb"\[([A-Za-z0-9-]+)")


class Malformed(Exception):
    """The server's answer does not follow RFC 3501: <what>."""


def quoted(text: str) -> str:
    """A quoted string; CR, LF and NUL cannot be quoted and raise ValueError."""
    if _UNSAFE.search(text):
        raise ValueError("a line end or NUL cannot be sent to an IMAP server")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def to_utf7(name: str) -> str:
    """A mailbox name in modified UTF-7 (RFC 3501 §5.1.3)."""
    out: list[str] = []
    for run in re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", name):
        if run[0].isascii() and run[0].isprintable():
            out.append(run.replace("&", "&-"))
        else:
            coded = base64.b64encode(run.encode("utf-16-be", "surrogatepass")).decode().rstrip("=")
            out.append("&" + coded.replace("/", ",") + "-")
    return "".join(out)


def server_name(folder: str, *, prefix: str, delimiter: str) -> str:
    """A folder as people write it (parts divided by "/") as the server's mailbox name, quoted for the wire.

    `prefix` is that of the personal namespace: Courier and Cyrus keep every folder under "INBOX.".
    """
    if folder.upper() == "INBOX":
        return '"INBOX"'
    if delimiter and delimiter != "/":
        folder = folder.replace("/", delimiter)
    if prefix and not folder.upper().startswith(prefix.upper()):
        folder = prefix + folder
    return quoted(to_utf7(folder))


def number_sets(numbers: Iterable[int], *, most: int) -> Iterator[str]:
    """Sequence sets ("1:3,7") that name exactly these numbers, at most `most` of them in each."""
    ordered = sorted(set(numbers))
    for start in range(0, len(ordered), most):
        runs: list[list[int]] = []
        for number in ordered[start : start + most]:
            if runs and number == runs[-1][1] + 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        yield ",".join(str(a) if a == b else f"{a}:{b}" for a, b in runs)


def tokens(pieces: Sequence[bytes]) -> list[Token]:
    """A response as atoms, strings and lists. Linear in its length; Malformed when it does not nest."""
    top: list[Token] = []
    stack = [top]
    for index, piece in enumerate(pieces):
        if index % 2:
            stack[-1].append(piece)
            continue
        line = piece if index == len(pieces) - 1 else _LITERAL_MARK.sub(b"", piece)
        _read_line(line, stack)
    if len(stack) != 1:
        raise Malformed("a list is not closed")
    return top


def _read_line(line: bytes, stack: list[list[Token]]) -> None:
    """The tokens of one line onto the innermost list; brackets open and close lists."""
    place, end = 0, len(line.rstrip())
    while place < end:
        match = _TOKEN.match(line, place)
        if match is None:
            raise Malformed("a quoted string is not closed")
        place = match.end()
        kind = match.lastgroup
        if kind == "atom":
            stack[-1].append(None if match["atom"] == b"NIL" else match["atom"])
        elif kind == "quoted":
            stack[-1].append(_ESCAPED.sub(rb"\1", match["quoted"]))
        elif kind == "open":
            if len(stack) > NESTED_MOST:
                raise Malformed("lists are nested too deep")
            inner: list[Token] = []
            stack[-1].append(inner)
            stack.append(inner)
        else:
            stack.pop()
            if not stack:
                raise Malformed("a list is closed that was not opened")


def fetch_facts(pieces: Sequence[bytes]) -> Mapping[bytes, Token] | None:
    """What one FETCH response ("12 FETCH (UID 7 …)") tells, by upper-case name; null for any other response."""
    head = pieces[0].split(b" ", 2)
    if len(head) < 3 or not head[0].isdigit() or head[1].upper() != b"FETCH":
        return None
    words = tokens([head[2], *pieces[1:]])
    facts = words[0] if words else None
    if not isinstance(facts, list) or len(facts) % 2:
        raise Malformed("FETCH without its list of pairs")
    return {name.upper(): value for name, value in zip(facts[::2], facts[1::2], strict=True) if isinstance(name, bytes)}


def body_of(facts: Mapping[bytes, Token], section: bytes) -> bytes | None:
    """The bytes of BODY[section] (a partial one answers as BODY[section]<0>); null when the server sent none.

    Courier puts the names of the fields into quotation marks: BODY[HEADER.FIELDS ("FROM")].
    """
    wanted = b"BODY[" + section + b"]"
    return next(
        (
            value
            for name, value in facts.items()
            if name.replace(b'"', b"") in {wanted, wanted + b"<0>"} and isinstance(value, bytes)
        ),
        None,
    )


def number_of(facts: Mapping[bytes, Token], name: bytes) -> int | None:
    """The number of that name, or null when it is missing or no number."""
    value = facts.get(name)
    return int(value) if isinstance(value, bytes) and value.isdigit() and len(value) < 20 else None


def internal_date(value: Token) -> datetime | None:
    """INTERNALDATE ("17-Jul-1996 02:44:25 -0700", the day may begin with a blank) as an aware datetime, or null."""
    if not isinstance(value, bytes):
        return None
    match = _DATE.fullmatch(value)
    month = _MONTHS.find(match[2].capitalize()) if match else -1
    if match is None or month % 3:
        return None
    east = -1 if match[7] == b"-" else 1
    try:
        zone = timezone(east * timedelta(hours=int(match[8]), minutes=int(match[9])))
        day, year, hour, minute, second = (int(match[n]) for n in (1, 3, 4, 5, 6))
        return datetime(year, month // 3 + 1, day, hour, minute, min(second, 59), tzinfo=zone)
    except ValueError:
        return None


def response_code(text: bytes) -> str:
    """The code in brackets that begins a status text (RFC 5530), upper case; "" when there is none."""
    match = _CODE.match(text)
    return match[1].decode().upper() if match else ""


def readable(text: bytes, *, most: int = 200) -> str:
    """A server's words for an error message: one line, printable, cut."""
    words = " ".join(text.decode("utf-8", "replace").split())
    return "".join(sign if sign.isprintable() else "?" for sign in words)[:most]
