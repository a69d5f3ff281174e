"""Which letters are to be filed into the folder of their topic, and that they were."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from store.schema import fixed, letters, tickets

AT_ONCE = 200  # letters a look


@dataclass(frozen=True, slots=True, kw_only=True)
class ToFile:
    """A settled letter that lies where it was moved to first."""

    id: int
    uid: int
    validity: int
    topic: str


_LIES = (
    update(letters)
    .where(letters.c.id == bindparam("letter"))
    .values(lies_as=bindparam("uid_there"), lies_under=bindparam("validity_there"))
)
_TO_FILE = (
    select(letters.c.id, letters.c.lies_as.label("uid"), letters.c.lies_under.label("validity"), tickets.c.topic)
    .join(tickets, tickets.c.id == letters.c.ticket_id)
    .where(
        letters.c.mailbox_id == bindparam("mailbox"),
        letters.c.lies_as.is_not(None),
        letters.c.state == fixed("settled"),
        letters.c.erase_asked_ms.is_(None),
        ~tickets.c.needs_review,
    )
    .order_by(letters.c.id)
    .limit(AT_ONCE)
)
_FILED = (
    update(letters)
    .where(letters.c.id.in_(bindparam("ids", expanding=True)))
    .values(where_on_server=bindparam("folder"), lies_as=None, lies_under=None)
)
_STAY = update(letters).where(letters.c.id.in_(bindparam("ids", expanding=True))).values(lies_as=None, lies_under=None)
_FOLDERS = select(letters.c.where_on_server).where(letters.c.where_on_server.is_not(None)).distinct()


def lie(conn: Connection, uids: Mapping[int, int], *, validity: int) -> None:
    """Under which UID each letter lies in the folder it was moved to."""
    rows = [{"letter": letter, "uid_there": uid, "validity_there": validity} for letter, uid in uids.items()]
    if rows:
        conn.execute(_LIES, rows)


def to_file(conn: Connection, mailbox_id: int) -> tuple[ToFile, ...]:
    """The next ones, at most AT_ONCE: settled, and their topic in no doubt."""
    return tuple(ToFile(**row._asdict()) for row in conn.execute(_TO_FILE, {"mailbox": mailbox_id}))


def filed(conn: Connection, ids: Sequence[int], *, folder: str) -> None:
    """They lie there now."""
    conn.execute(_FILED, {"ids": list(ids), "folder": folder})


def stay(conn: Connection, ids: Sequence[int]) -> None:
    """They stay where they are: their UIDs mean nothing any more."""
    conn.execute(_STAY, {"ids": list(ids)})


def folders_used(conn: Connection) -> tuple[str, ...]:
    """Every folder that letters were moved to."""
    return tuple(sorted(conn.execute(_FOLDERS).scalars()))
