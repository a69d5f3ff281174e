"""The words that a line of the history is about and does not hold itself: a citizen's letter, a colleague's answer."""

from sqlalchemy import Connection, bindparam, select

from store.forwarding import Happening
from store.schema import history, letters

_LETTER = (
    select(letters.c.verdict)
    .where(letters.c.ticket_id == bindparam("ticket"), letters.c.settled_ms <= bindparam("moment"))
    .order_by(letters.c.settled_ms.desc(), letters.c.id.desc())
    .limit(1)
)
_QUEUED = (
    select(history.c.data)
    .where(
        history.c.ticket_id == bindparam("ticket"),
        history.c.what == "reply-queued",
        history.c.id < bindparam("line"),
    )
    .order_by(history.c.id.desc())
    .limit(20)
)  # fmt: skip


def words_about(conn: Connection, event: Happening) -> str | None:
    """What the citizen's letter tells (a letter joined), or what we wrote (an answer was sent); else None."""
    if event.what == "letter-joined":
        bound = {"ticket": event.ticket.id, "moment": event.at_ms}
        verdict = conn.execute(_LETTER, bound).scalar() or {}
        found: str | None = (verdict.get("fields") or {}).get("description")
        return found
    if event.what == "reply-sent":
        kind = event.data.get("kind")
        for data in conn.execute(_QUEUED, {"ticket": event.ticket.id, "line": event.id}).scalars():
            if data.get("kind") == kind:
                text: str | None = data.get("text")
                return text
    return None
