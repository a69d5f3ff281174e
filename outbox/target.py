"""What a target of forwarding is: a system elsewhere that is told of events on tickets, one after another."""

import re
from dataclasses import dataclass
from typing import Protocol

from service.errors import Permanent, Temporary
from service.http import Answer
from store.forwarding import Elsewhere, Happening

SAID_MOST = 160  # characters of the other side's words in our log
RETRY_MOST_MS = 3_600_000  # what a Retry-After may ask for
# The answer is about us or the address, not about this event: without a person the next event fares no better
_ABOUT_US = frozenset({401, 402, 403, 405, 407, 410, 421, 426, 451})
_LATER = frozenset({408, 423, 425, 429})
_PERSONAL = re.compile(r"[^\s@'\"<>]+@[^\s@'\"<>]+|\d{5,}|[«\"'][^«»\"']*[»\"']")


class TargetRefuses(Permanent):
    """The target does not let us in, or is not what the settings say: nothing is set aside, a person must act."""


class TargetBusy(Temporary):
    """The target asks to be asked later."""

    def __init__(self, text: str, *, in_ms: int) -> None:
        super().__init__(text)
        self.in_ms = in_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One event to be told."""

    event: Happening
    key: str  # the same at every try, no other event's
    known: Elsewhere | None  # what the ticket is called there
    maybe_told: bool  # an earlier try may have got through
    words: str | None = None  # of the letter, or of our answer, that the event is about


class Target(Protocol):
    """Takes one event at a time."""

    name: str
    wanted: tuple[str, ...]  # events
    personal: bool  # it is told words too

    async def tell(self, telling: Telling) -> Elsewhere | None:
        """What the ticket is called there, when that is worth remembering. Raises Temporary; TargetRefuses where no
        event would be taken; Permanent where this one is not.
        """

    async def look(self) -> str:
        """Asks the target who we are, changing nothing: a line for `doctor`. Raises as `tell`."""


def key_of(event: Happening) -> str:
    """The event's name for the other side. With the moment, because a restored store gives ids out again."""
    return f"{event.id}-{event.at_ms}"


def accepted(answer: Answer, *, place: str, missing: bool = False) -> Answer:
    """The answer when it says yes. `missing`: what was asked for may have been deleted there, so 404 is this event's.

    What is unknown passes: 5xx and all that we do not know waits. 3xx is never followed.
    """
    status = answer.status
    if 200 <= status < 300:
        return answer
    said = f"{place} answers {status}{_said(answer)}"
    if status in _LATER or status == 503:
        raise TargetBusy(said, in_ms=_retry_after_ms(answer))
    if 300 <= status < 400 or status in _ABOUT_US or (status == 404 and not missing):
        raise TargetRefuses(f"{said}: is url right, is the secret still valid there?")
    if 400 <= status < 500:
        raise Permanent(said)
    raise Temporary(said)


def _retry_after_ms(answer: Answer) -> int:
    """RFC 9110 §10.2.3, the form in seconds; a date counts as nothing asked."""
    asked = answer.headers.get("retry-after", "")
    return min(int(asked) * 1000, RETRY_MOST_MS) if asked.isdigit() and len(asked) < 9 else 0


def _said(answer: Answer) -> str:
    """The other side's words as far as they are fit for a log: no address, no long number, nothing that it quotes."""
    if "json" not in answer.headers.get("content-type", ""):
        return ""
    found = re.search(rb'"(?:error_human|error|message)"\s*:\s*"((?:[^"\\]|\\.){1,400})"', answer.body[:4096])
    if not found:
        return ""
    return ": " + " ".join(_PERSONAL.sub("…", found[1].decode("utf-8", "replace")).split())[:SAID_MOST]
