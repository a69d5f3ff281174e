"""Who polls a mailbox: one daemon at a time, by a lease on the mailbox's row, renewed while it works."""

from sqlalchemy import Connection, and_, bindparam, or_, update
from sqlalchemy.dialects.postgresql import insert

from store.columns import now_ms
from store.faults import LostClaim
from store.records import MailboxHold
from store.schema import mailboxes

_MEET = (
    # PostgreSQL's INSERT … ON CONFLICT compiles for SQLite too, RETURNING included; every test runs on both
    insert(mailboxes).values(identity=bindparam("identity"), since_ms=bindparam("since_ms")).on_conflict_do_nothing()
)
_MEET_NOW = insert(mailboxes).values(identity=bindparam("identity"), since_ms=now_ms()).on_conflict_do_nothing()

_HOLD = (
    update(mailboxes)
    .where(
        mailboxes.c.identity == bindparam("mailbox"),
        or_(mailboxes.c.due <= now_ms(), mailboxes.c.holder == bindparam("me")),
    )
    .values(holder=bindparam("me"), due=now_ms() + bindparam("lease_ms"), attempts=mailboxes.c.attempts + 1)
    .returning(mailboxes.c.id, mailboxes.c.attempts, mailboxes.c.since_ms, mailboxes.c.uidvalidity)
)

_MINE = and_(mailboxes.c.id == bindparam("mailbox"), mailboxes.c.attempts == bindparam("mine"))
_RENEW = update(mailboxes).where(_MINE).values(due=now_ms() + bindparam("lease_ms")).returning(mailboxes.c.id)
_RELEASE = update(mailboxes).where(_MINE).values(due=0, holder=None)
_POLLED = (
    update(mailboxes)
    .where(_MINE)
    .values(
        uidvalidity=bindparam("seen"),
        older=bindparam("left"),
        last_poll_ms=now_ms() - bindparam("lasted_ms"),
        last_error=None,
    )
)
_PULL_IN = update(mailboxes).where(mailboxes.c.due > now_ms() + bindparam("longest_ms")).values(due=0)
_POLL_FAILED = update(mailboxes).where(_MINE).values(last_error=bindparam("error"))


def pull_in_mailboxes(conn: Connection, *, longest_ms: int) -> None:
    """After a clock that jumped back: a lease that ends later than any could is over (rulings 10)."""
    conn.execute(_PULL_IN, {"longest_ms": longest_ms})


def hold(
    conn: Connection, identity: str, *, holder: str, lease_ms: int, since_ms: int | None = None
) -> MailboxHold | None:
    """Take the mailbox for `lease_ms`; None while another holder has it.

    At the first sight of a mailbox `since_ms` is written down for good (default: this moment); later ones are
    not looked at. The same holder's name takes its own mailbox back at once, so the name must be different
    for every running daemon; a hold taken away shows itself at the next `renew`.
    """
    if since_ms is None:
        conn.execute(_MEET_NOW, {"identity": identity})
    else:
        conn.execute(_MEET, {"identity": identity, "since_ms": since_ms})
    row = conn.execute(_HOLD, {"mailbox": identity, "me": holder, "lease_ms": lease_ms}).first()
    if row is None:
        return None
    return MailboxHold(mailbox_id=row.id, attempts=row.attempts, since_ms=row.since_ms, uidvalidity=row.uidvalidity)


def renew(conn: Connection, mine: MailboxHold, *, lease_ms: int) -> None:
    """Hold on for another `lease_ms` from now. LostClaim when another has taken the mailbox."""
    values = {"mailbox": mine.mailbox_id, "mine": mine.attempts, "lease_ms": lease_ms}
    if conn.execute(_RENEW, values).first() is None:
        raise LostClaim


def release(conn: Connection, mine: MailboxHold) -> None:
    """Let go at once, so that another need not wait for the lease; nothing happens when it was lost."""
    conn.execute(_RELEASE, {"mailbox": mine.mailbox_id, "mine": mine.attempts})


def note_poll(conn: Connection, mine: MailboxHold, *, uidvalidity: int, older: int | None, lasted_ms: int = 0) -> None:
    """The mailbox was looked through without an error; `older`: letters left untouched, from before `since_ms`.

    All that came before the look began is here; what came while it lasted may not be, see silence.py.
    """
    values = {"mailbox": mine.mailbox_id, "mine": mine.attempts, "seen": uidvalidity, "left": older}
    conn.execute(_POLLED, {**values, "lasted_ms": lasted_ms})


def note_poll_failed(conn: Connection, mine: MailboxHold, *, error: str) -> None:
    """The mailbox could not be looked through; `error` is shown to staff and ops, without personal data."""
    conn.execute(_POLL_FAILED, {"mailbox": mine.mailbox_id, "mine": mine.attempts, "error": error})
