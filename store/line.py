"""Which end of the line at the desk is served next.

Who came first is next. That alone would put everybody who writes today behind the ten thousand of last night. So once
the first in the line has waited longer than LONG_MS, every second turn takes the newest: who writes now is answered in
seconds, and those before still move on at half the pace at least, so that nobody waits for ever at either end. In a
short line there is no second end. A sender with many letters in the line has but one of them that can be next
(arrivals.py, letters.py).

Batches in the mailbox take turns too, once a look lasts (intake/line.py), and replies in the post always do: how long
its oldest waits tells nothing there, for the desk queues as many for the newest as for the oldest, and a post that was
just as fast as the desk's front would never come to them. Of a person's replies the first goes first, from either end.
"""

LONG_MS = 10_000


def newest_next(*, took_newest: bool, waited_ms: int) -> bool:
    """Whether the next turn takes the newest; `waited_ms`: how long what the last turn took had waited."""
    return not took_newest and waited_ms > LONG_MS
