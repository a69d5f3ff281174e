"""Rules of `screen` for what stands in a letter's head: loops, robots' headers, lists, addresses nobody reads.

A rule gives the name under which it decided, empty when it does not fit.
"""

import re

from intake import robots
from intake.letter import Desk, Letter
from intake.mailboxes import ADDRESS, on_the_wire
from intake.person_words import speaks

SPEECH_LOOKED_AT = 600  # characters in which a person has said what he wants, before the quotation of a bounce too

NO = {"no", "none", "false", "0"}  # what a robot's header says on a person's letter
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_MAILTO = re.compile(r"mailto:([^\s<>?,]{1,320})")


def loop(letter: Letter, desk: Desk) -> str:
    """Our own mail coming back."""
    own = _own(desk)
    if letter.sender and _without_tag(letter.sender.email.lower()) in own:
        return "own address in From"
    if any(mark.strip().lower() in own for mark in letter.all_headers("x-loop")):
        return "own x-loop"
    ours = letter.message_id and letter.message_id.lower().endswith(f"@{domain_of(desk)}")
    if ours and auto_submitted(letter, desk):
        return "own automatic Message-ID"
    return ""


def _own(desk: Desk) -> set[str]:
    """The desk's addresses as `parse` writes them."""
    split = (address.lower().rpartition("@") for address in (desk.address, *desk.own_addresses))
    return {f"{local}@{on_the_wire(domain)}" for local, _, domain in split}


def domain_of(desk: Desk) -> str:
    """The domain of the desk's address as `parse` writes domains."""
    return on_the_wire(desk.address.rpartition("@")[2].lower())


def domains_of(desk: Desk) -> set[str]:
    """The domains of all the desk's addresses as `parse` writes domains."""
    return {address.rpartition("@")[2] for address in _own(desk)}


def auto_submitted(letter: Letter, desk: Desk) -> str:
    """RFC 3834 §5: the keyword may carry a comment and parameters; whatever is not "no" is a robot's."""
    if any(keyword(value) not in NO for value in letter.all_headers("auto-submitted")):
        return "auto-submitted header"
    for name, value in letter.headers:
        if robots.AUTO_HEADER.fullmatch(name) and keyword(value) not in NO:
            return name
        if name == "x-post-messageclass" and "autoresponder" in value.lower():
            return name
        if name == "delivered-to" and value.strip().lower().startswith("autoresponder"):
            return "delivered-to autoresponder"
    return ""


def keyword(value: str) -> str:
    """A header's word without comments, parameters and quotes, in lower case."""
    return _COMMENT.sub(" ", value).partition(";")[0].strip(' "').lower()


def mailing_list(letter: Letter, desk: Desk) -> str:
    """A desk whose address is itself a list or a group gets every letter with that list's headers."""
    named = [
        (name, value.lower())
        for name, value in letter.headers
        if name.startswith("list-") or name in {"mailing-list", "x-mailing-list"}
    ]
    own = _own(desk)
    if any(_names_list(name, value) & (own | {address.replace("@", ".") for address in own}) for name, value in named):
        return ""
    if named:
        return named[0][0]
    return "precedence list" if keyword(letter.header("precedence") or "") == "list" else ""


def _names_list(name: str, value: str) -> set[str]:
    """What that header says the list itself is; an address to unsubscribe or an archive says nothing of it."""
    if name == "list-id":  # RFC 2919 §3: words, then <label.domain>; bare too, as some write it
        return {value.rpartition("<")[2].partition(">")[0].strip()}
    if name == "list-post":
        return set(_MAILTO.findall(value))
    return set(ADDRESS.findall(value)) if name.endswith("mailing-list") else set()


def robots_habits(letter: Letter, desk: Desk) -> str:
    """Headers that no standard made for robots and that robots write, and a calendar's answers."""
    for name in ("precedence", "x-precedence"):
        said = keyword(letter.header(name) or "")
        if said in {"bulk", "junk"} or said.startswith("auto"):
            return name
    if _calendar_answers(letter):
        return "calendar's answer"
    suppressed = {word.strip().lower() for word in (letter.header("x-auto-response-suppress") or "").split(",")}
    return "" if suppressed <= robots.RECEIPTS_ONLY else "x-auto-response-suppress"


def _calendar_answers(letter: Letter) -> bool:
    """Exchange marks each calendar letter; without a method of a part it is told from a person by its words."""
    if letter.calendar:
        return letter.calendar in robots.CALENDAR_ANSWERS
    marked = "calendarmessage" in (letter.header("content-class") or "").lower()
    return marked and not speaks(letter.text[:SPEECH_LOOKED_AT])


def no_reply_address(letter: Letter, desk: Desk) -> str:
    """From says that nobody reads there, or that a machine answers."""
    local = local_part(letter)
    if robots.NO_REPLY.search(local) or robots.MAILERS.fullmatch(local):
        return "no-reply address"
    return "auto-reply address" if robots.REPLIERS.search(local) and not speaks(letter.text[:SPEECH_LOOKED_AT]) else ""


def local_part(letter: Letter) -> str:
    """What stands before the sign in From; empty without a sender."""
    return letter.sender.email.rpartition("@")[0] if letter.sender else ""


def _without_tag(email: str) -> str:
    local, _, domain = email.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
