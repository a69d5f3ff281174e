"""What comes by other ways than mail: its own mailboxes, the keys of programs and what they handed over, the form's
letters until their address is confirmed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from service.errors import Permanent
from store.arrivals import receive
from store.columns import now_ms
from store.records import LetterState, NewLetter, ReceivedLetter
from store.schema import letters, mailboxes, tickets
from store.schema_ways import api_keys, api_requests, submissions

SUBMISSION_DAYS = 2  # an address may be confirmed so long; then its letter is deleted
OWN = "desk:"  # how the identities of our own ways in begin; no mail server's does


class Channel(StrEnum):
    """The ways in beside mail, as mailboxes' identities."""

    STAFF = "desk:staff"
    FORM = "desk:form"
    API = "desk:api"


_MEET = insert(mailboxes).values(identity=bindparam("called"), since_ms=now_ms()).on_conflict_do_nothing()
_MAILBOX = select(mailboxes.c.id).where(mailboxes.c.identity == bindparam("called"))
_first = letters.alias("first")  # the letter itself, or the one that it repeats
_BECAME = (
    select(_first.c.state, _first.c.reason, _first.c.verdict, tickets.c.number)
    .select_from(letters)
    .join(_first, _first.c.id == func.coalesce(letters.c.same_as, letters.c.id))
    .outerjoin(tickets, tickets.c.id == _first.c.ticket_id)
    .where(letters.c.id == bindparam("letter"))
)
_KEY = select(api_keys.c.id).where(api_keys.c.hashed == bindparam("hashed"), api_keys.c.revoked_ms.is_(None))
_KEYS = select(api_keys).order_by(api_keys.c.id)
_REVOKE = (
    update(api_keys)
    .where(api_keys.c.name == bindparam("called"), api_keys.c.revoked_ms.is_(None))
    .values(revoked_ms=now_ms())
    .returning(api_keys.c.id)
)
_HANDED = insert(api_requests).values(made_ms=now_ms()).on_conflict_do_nothing().returning(api_requests.c.id)
_SAME = select(api_requests).where(
    api_requests.c.key_id == bindparam("whose"), api_requests.c.idempotency == bindparam("given")
)
_BY_TOKEN = select(api_requests).where(
    api_requests.c.token == bindparam("token"), api_requests.c.key_id == bindparam("whose")
)
_TAKEN_IN = (
    update(api_requests)
    .where(api_requests.c.token == bindparam("which"), api_requests.c.letter_id.is_(None))
    .values(letter_id=bindparam("as_letter"))
)
_KEEP = insert(submissions).values(made_ms=now_ms())
_PENDING = select(func.count(), func.coalesce(func.sum(submissions.c.size), 0)).where(submissions.c.taken_ms.is_(None))
_PENDING_OF = select(func.count()).where(
    submissions.c.address == bindparam("whose"), submissions.c.made_ms > now_ms() - bindparam("within_ms")
)
_SUBMISSION = select(submissions).where(
    submissions.c.token == bindparam("hashed"), submissions.c.made_ms > now_ms() - bindparam("within_ms")
)
_TAKEN = (
    update(submissions)
    .where(submissions.c.id == bindparam("which"), submissions.c.taken_ms.is_(None))
    .values(taken_ms=now_ms(), raw=None)
    .returning(submissions.c.id)
)
_SWEEP = delete(submissions).where(submissions.c.made_ms <= now_ms() - bindparam("within_ms"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """What has become of a letter so far."""

    state: LetterState
    number: str | None  # of its ticket
    reason: str | None
    verdict: dict[str, Any]  # empty until it was judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A request of a program."""

    token: str
    body: str  # SHA-256 of what it said, hex
    letter_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A letter of the form."""

    id: int
    address: str
    raw: bytes | None
    taken: bool


def take_in(conn: Connection, channel: Channel, letter: NewLetter) -> ReceivedLetter:
    """The letter's row, as of one that came by mail; its bytes are durable before. `known`: it is here already."""
    conn.execute(_MEET, {"called": channel.value})
    mailbox_id = conn.execute(_MAILBOX, {"called": channel.value}).scalar_one()
    return receive(conn, mailbox_id, None, [letter])[0]


def became(conn: Connection, letter_id: int) -> Became | None:
    """What has become of it, or of the letter that it repeats; None when there is no such letter (any more)."""
    row = conn.execute(_BECAME, {"letter": letter_id}).first()
    if row is None:
        return None
    return Became(state=row.state, number=row.number, reason=row.reason, verdict=row.verdict or {})


def add_key(conn: Connection, name: str, hashed: str) -> None:
    """A key of that name; Permanent when the name is taken."""
    try:
        conn.execute(insert(api_keys).values(made_ms=now_ms()), {"name": name, "hashed": hashed})
    except IntegrityError:
        raise Permanent(f"there is a key {name} already: choose another name, `staff keys` lists them") from None


def keys(conn: Connection) -> list[Row[Any]]:
    """All keys, the revoked too."""
    return list(conn.execute(_KEYS))


def revoke_key(conn: Connection, name: str) -> bool:
    """The key opens nothing from now on; False when there is none of that name in use."""
    return conn.execute(_REVOKE, {"called": name}).first() is not None


def key(conn: Connection, hashed: str) -> int | None:
    """Whose key it is; None: nobody's, or revoked."""
    found: int | None = conn.execute(_KEY, {"hashed": hashed}).scalar()
    return found


def hand_over(conn: Connection, key_id: int, idempotency: str, *, body: str, token: str) -> Handed:
    """The request, new under that token; or the one that had the same idempotency key, whatever it said."""
    row = {"key_id": key_id, "idempotency": idempotency, "body": body, "token": token}
    if conn.execute(_HANDED, row).first() is not None:
        return Handed(token=token, body=body, letter_id=None)
    same = conn.execute(_SAME, {"whose": key_id, "given": idempotency}).one()
    return Handed(token=same.token, body=same.body, letter_id=same.letter_id)


def handed_in(conn: Connection, token: str, letter_id: int) -> None:
    """The request became that letter, unless the same, sent again meanwhile, has become one already."""
    conn.execute(_TAKEN_IN, {"which": token, "as_letter": letter_id})


def handed(conn: Connection, key_id: int, token: str) -> Handed | None:
    """A request of that key."""
    row = conn.execute(_BY_TOKEN, {"token": token, "whose": key_id}).first()
    return None if row is None else Handed(token=row.token, body=row.body, letter_id=row.letter_id)


def keep_submission(conn: Connection, *, token: str, address: str, raw: bytes) -> None:
    """A letter of the form that waits for its address to be confirmed."""
    conn.execute(_KEEP, {"token": token, "address": address, "raw": raw, "size": len(raw)})


def pending(conn: Connection) -> tuple[int, int]:
    """How many wait, and how many bytes they are."""
    count, size = conn.execute(_PENDING).one()
    return count, int(size)


def submitted_lately(conn: Connection, address: str, *, within_ms: int) -> int:
    """How many letters of the form named that address."""
    found: int = conn.execute(_PENDING_OF, {"whose": address, "within_ms": within_ms}).scalar_one()
    return found


def submission(conn: Connection, token: str, *, within_ms: int) -> Submission | None:
    """The letter of that hashed token; None when it is too old or never was."""
    row = conn.execute(_SUBMISSION, {"hashed": token, "within_ms": within_ms}).first()
    return (
        None if row is None else Submission(id=row.id, address=row.address, raw=row.raw, taken=row.taken_ms is not None)
    )


def submission_taken(conn: Connection, submission_id: int) -> bool:
    """It is handed to the desk; False when it was before."""
    return conn.execute(_TAKEN, {"which": submission_id}).first() is not None


def sweep_submissions(conn: Connection, *, within_ms: int) -> None:
    """Forget what nobody confirmed in that time, and the marks of what was."""
    conn.execute(_SWEEP, {"within_ms": within_ms})
