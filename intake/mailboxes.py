"""The mailboxes of an undecoded From, To, … (RFC 5322 §3.4): which of the addresses written there is meant.

A display name may say anything, an address of somebody else too, and programs often forget its quotes:
`maria@mail.example <m@evil.example>` is from m@evil.example. Linear time, and nothing raises.
"""

import re
from collections.abc import Iterator
from itertools import chain

ADDRESS = re.compile(r"[^\s<>@,;:\"()\[\]\\]{1,128}@[^\s<>@,;:\"()\[\]\\]{1,255}")
_TOKEN = re.compile(
    r'"(?P<quoted>(?:[^"\\]|\\.)*+)"|<(?P<angle>[^<>]*+)(?:>|\Z)|(?P<end>[,;:])|(?P<open>\()'
    r'|(?P<text>\\["\\]?|[^"<,;:(\\]++|.)',
    re.DOTALL,
)
_COMMENT_SIGN = re.compile(r"\\.|[()]", re.DOTALL)
_AROUND_AT = re.compile(r"\s{0,20}@\s{0,20}")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

_Token = tuple[str, str]  # its kind, as the groups of _TOKEN are named, or "comment"; its text


def mailboxes(value: str) -> list[tuple[str, str]]:
    """Name and address of each mailbox in order, as `email.utils.getaddresses` gives them; what has none is left out.

    The address is the last one in angle brackets, and all before it is the name; without brackets it is the first
    word that looks like one. Members of a group (`Team: a@b, c@d;`) are mailboxes like others. A quote, a comment or
    a bracket that is never closed is no more than a sign.
    """
    found: list[tuple[str, str]] = []
    tokens: list[_Token] = []
    for token in chain(_tokens(value), [("end", "")]):
        if token[0] != "end":
            tokens.append(token)
            continue
        if one := _in_brackets(tokens) or _bare(tokens):
            found.append(one)
        tokens = []
    return found


def _tokens(value: str) -> Iterator[_Token]:
    at, balanced = 0, True
    while token := _TOKEN.match(value, at):
        kind, at = token.lastgroup or "", token.end()
        end = comment_end(value, at) if kind == "open" and balanced else 0
        if kind == "open":
            balanced = end > 0  # after one that is never closed none is looked for: the time stays linear
        if end:
            yield "comment", value[at : end - 1]
            at = end
        else:
            yield kind, token[kind]


def comment_end(value: str, at: int) -> int:
    """Behind the parenthesis that closes the comment (they nest); 0 when none does."""
    depth = 1
    for sign in _COMMENT_SIGN.finditer(value, at):
        depth += {"(": 1, ")": -1}.get(sign[0], 0)
        if not depth:
            return sign.end()
    return 0


def on_the_wire(domain: str) -> str:
    """The one form of a domain, that of DNS (RFC 5890): почта.рф is xn--80a1acny.xn--p1ai, one box with one limit.

    As written when the form of DNS does not say the same letters: older rules make strasse of straße, another host.
    """
    if domain.isascii():
        return domain
    try:
        wire = domain.encode("idna")
        return wire.decode("ascii") if wire.decode("idna") == domain else domain
    except UnicodeError:
        return domain


def _in_brackets(tokens: list[_Token]) -> tuple[str, str] | None:
    for at in range(len(tokens) - 1, -1, -1):
        kind, text = tokens[at]
        # A route (<@relay.example:a@b.example>) and "mailto:" stand before the address.
        if kind == "angle" and (found := ADDRESS.search(_AROUND_AT.sub("@", text))):
            return _name(tokens[:at]), found[0]
    return None


def _bare(tokens: list[_Token]) -> tuple[str, str] | None:
    text = "".join('"' if kind == "quoted" else text for kind, text in tokens if kind != "comment")
    found = ADDRESS.search(text) or ADDRESS.search(text := _AROUND_AT.sub("@", text))
    if found is None:
        return None
    before = text[: found.start()].strip(' <"(')
    return before or " ".join(text for kind, text in tokens if kind in {"comment", "quoted"}), found[0]


def _name(tokens: list[_Token]) -> str:
    """As written, without the quotes."""
    shown = {"comment": "({})", "angle": "<{}>"}
    words = (
        _ESCAPED.sub(r"\1", text) if kind == "quoted" else shown.get(kind, "{}").format(text) for kind, text in tokens
    )
    return " ".join("".join(words).split())
