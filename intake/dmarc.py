"""What the mail server we trust says of a letter's sender: its Authentication-Results (RFC 8601), for DMARC only."""

import re

from intake.letter import Desk, Letter
from intake.mailboxes import comment_end, on_the_wire

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|\(|;|[^"(;]++|.', re.DOTALL)
_UNQUOTED = re.compile(r"\(|;|[^(;]++")
_WORD = re.compile(r"\s*dmarc\s*=\s*(\w+)", re.IGNORECASE)
_FAIL = re.compile(r";\s*dmarc\s*=\s*fail\b", re.IGNORECASE)
_FROM = re.compile(r"\bheader\.from\s*=\s*\"?(?:[^\s;\"@]{0,128}@)?([^\s;\"]{1,255})", re.IGNORECASE)


def dmarc(letter: Letter, desk: Desk) -> str:
    """What it says for sure: "fail", "pass", or neither, "".

    Its fields are those that bear its name, from the topmost down to the next Received: what lies below may have come
    with the letter (RFC 8601 §5 lets the server take such forgeries out; not all do). One filter may write a field
    each, so all of them are asked and a fail wins. The server's own Received stands above its fields at some
    providers, hence nothing of ours parts them from the letter's own: there only the topmost may say "pass".
    """
    server = (desk.trusted_authserv_id or "").lower()
    words: list[str] = []
    asked = received = False
    for name, value in letter.headers if server else ():
        if name == "received":
            if asked:
                break
            received = True
        elif name == "authentication-results" and _server(pieces := _pieces(value)) == server:
            said = ["fail"] if _FAIL.search(value) else _said(pieces, letter)
            words += [word for word in said if word != "pass" or not (asked and received)]
            asked = True
    if "fail" in words:
        return "fail"
    return "pass" if set(words) == {"pass"} else ""


def _server(pieces: list[str]) -> str:
    """The authserv-id; a version may follow it."""
    return next(iter(pieces[0].split()), "").strip('"').lower()


def _said(pieces: list[str], letter: Letter) -> list[str]:
    return [
        "none" if found[1].lower() == "pass" and not _of_the_sender(piece, letter) else found[1].lower()
        for piece in pieces[1:]
        if (found := _WORD.match(piece))
    ]


def _of_the_sender(piece: str, letter: Letter) -> bool:
    """A pass is for the domain that the server read in From (or for that of its organisation): it must be ours too."""
    named = _FROM.search(piece)
    sender = letter.sender.email.rpartition("@")[2] if letter.sender else ""
    return named is None or f".{sender}".endswith(f".{on_the_wire(named[1].lower().rstrip('.'))}")


def _pieces(value: str) -> list[str]:
    """The field cut at each ";" that no quotes hold, without comments: a sender's address may hold any word."""
    kept: list[str] = []
    at, balanced, tokens = 0, True, _TOKEN
    while token := tokens.match(value, at):
        at = token.end()
        if token[0] == '"':  # never closed, and so is none after it: looking again at each would take square time
            tokens = _UNQUOTED
        end = comment_end(value, at) if token[0] == "(" and balanced else 0
        balanced = balanced and (token[0] != "(" or end > 0)
        kept.append(" " if end else "\n" if token[0] == ";" else token[0])  # no line end is left in a header
        at = end or at
    return "".join(kept).split("\n")
