"""Where moved letters landed: the COPYUID code of an answer to COPY or MOVE (RFC 4315 §3, RFC 6851 §4.3). Pure."""

import re
from collections.abc import Iterable, Iterator

from intake.imap_protocol import Answer
from intake.mailbox import Landed

MOST = 500  # letters that one command names (LISTED_AT_ONCE of imap.py)
_COPYUID = re.compile(rb"\[COPYUID (\d{1,10}) ([\d:,]{1,20000}) ([\d:,]{1,20000})\]", re.IGNORECASE)


def landed(answer: Answer) -> Landed | None:
    """What the server tells in the tagged line (COPY) or in an untagged OK (MOVE); None when it tells nothing sound."""
    lines = [pieces[0][3:] for pieces in answer.responses if pieces[0][:3].upper() == b"OK "]
    told = [one for line in (*lines, answer.done.result()[1]) if (one := read(line)) is not None]
    return together(told)


def read(line: bytes) -> Landed | None:
    """One COPYUID. Both sets name as many letters as each other, in the same order, or it means nothing."""
    found = _COPYUID.match(line)
    if found is None:
        return None
    before, after = list(_numbers(found[2])), list(_numbers(found[3]))
    if len(before) != len(after) or not 0 < len(before) <= MOST or len(set(after)) != len(after):
        return None
    return Landed(validity=int(found[1]), uids=dict(zip(before, after, strict=True)))


def together(told: Iterable[Landed | None]) -> Landed | None:
    """Several of one folder as one; None when one tells nothing, or the folder changed between."""
    known = list(told)
    if not known or any(one is None for one in known) or len({one.validity for one in known if one}) != 1:
        return None
    uids = {before: after for one in known if one for before, after in one.uids.items()}
    return Landed(validity=next(one.validity for one in known if one), uids=uids)


def _numbers(written: bytes) -> Iterator[int]:
    """The UIDs of a set, one over MOST at the latest; a set that is written oddly ends early, and does not match."""
    count = 0
    for part in written.split(b","):
        first, _, last = part.partition(b":")
        if not first.isdigit() or (b":" in part and not last.isdigit()):
            return
        for number in range(int(first), int(last or first) + 1):
            count += 1
            if count > MOST + 1:
                return
            yield number
