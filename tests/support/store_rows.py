"""Short ways to fill a store in tests."""

from datetime import UTC
from typing import Any

from sqlalchemy import Connection

from store import replies, rows
from store.database import Store
from store.records import (
    ClaimedLetter,
    LetterState,
    NewLetter,
    NewTicket,
    OpenedTicket,
    OutgoingMail,
    ReceivedLetter,
    ReplyState,
    SettledLetter,
)
from tickets.number import make_number

VALIDITY = 7
LEASE = 30_000


class Clock:
    """A clock that a test sets; in ms."""

    def __init__(self) -> None:
        self.ms = 1_800_000_000_000

    def __call__(self) -> int:
        return self.ms


def letter(uid: int, /, **changed: Any) -> NewLetter:
    """A letter, different for every uid; `changed` may give it another uid."""
    values: dict[str, Any] = {
        "uid": uid,
        "blob": f"2027-01-15/{uid:032x}",
        "sha256": f"{uid:064x}",
        "size": 1000 + uid,
        "arrived_ms": 1_700_000_000_000 + uid,
        "sender": f"person{uid}@post.example",
    }
    return NewLetter(**{**values, **changed})


def release(conn: Connection) -> int:
    """What `queue release --all` does; how many."""
    return len(replies.change_replies(conn, of=(ReplyState.HELD,), to=ReplyState.QUEUED, ids=None))


def mailbox(store: Store) -> int:
    """The id of a mailbox."""
    with store.writing() as conn:
        hold = rows.hold(conn, "imap://host/login/INBOX", holder="test", lease_ms=60_000, since_ms=0)
    assert hold is not None
    return hold.mailbox_id


def receive(store: Store, *letters: NewLetter) -> tuple[ReceivedLetter, ...]:
    """The letters, received in one commit into the one mailbox."""
    mailbox_id = mailbox(store)
    with store.writing() as conn:
        return rows.receive(conn, mailbox_id, VALIDITY, letters)


def claim(store: Store, *, lease_ms: int = LEASE) -> ClaimedLetter | None:
    """The next letter."""
    with store.writing() as conn:
        return next(iter(rows.claim_letters(conn, lease_ms=lease_ms, most=1)), None)


def settled(**changed: Any) -> SettledLetter:
    """A letter that became a ticket."""
    values: dict[str, Any] = {
        "state": LetterState.SETTLED,
        "message_id": "m@post.example",
        "sender": "person@post.example",
        "verdict": {},
        "content_key": None,
    }
    return SettledLetter(**{**values, **changed})


def new_ticket(letter_id: int | None, **changed: Any) -> NewTicket:
    """A complete ticket."""
    values: dict[str, Any] = {
        "letter_id": letter_id,
        "state": "new",
        "topic": "access",
        "confidence": 0.9,
        "needs_review": False,
        "kind": "request",
        "address": "person@post.example",
        "subject": "Не могу войти",
        "fields": {"fio": "Иванов Иван Иванович"},
        "missing": (),
        "opened_ms": 1_800_000_000_000,
        "first_due_ms": None,
        "final_due_ms": None,
    }
    return NewTicket(**{**values, **changed})


def open_ticket(conn: Connection, letter_id: int | None, **changed: Any) -> OpenedTicket:
    """A ticket for that letter, opened."""
    return rows.open_ticket(conn, new_ticket(letter_id, **changed), zone=UTC, make_number=make_number)


def mail(message_id: str, **changed: Any) -> OutgoingMail:
    """An acknowledgement."""
    values: dict[str, Any] = {
        "letter_id": None,
        "ticket_id": None,
        "kind": "acknowledgement",
        "automatic": True,
        "recipient": "person@post.example",
        "envelope_from": "",
        "message_id": message_id,
        "raw": b"Subject: x\r\n\r\nx",
    }
    return OutgoingMail(**{**values, **changed})


def settle_as_ticket(store: Store, claimed: ClaimedLetter) -> OpenedTicket:
    """The letter settled, its ticket opened, its acknowledgement queued: one transaction, as the desk does."""
    with store.writing() as conn:
        rows.settle(conn, claimed, settled())
        opened = open_ticket(conn, claimed.id)
        rows.add_history(conn, opened.id, who="letter", what="opened", data={})
        rows.queue_reply(conn, mail(f"{claimed.id}@desk.example", letter_id=claimed.id, ticket_id=opened.id))
    return opened
