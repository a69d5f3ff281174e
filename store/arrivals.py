"""Letters coming in: which are known, rows for those that are not, and that they were moved on the server.

The line. Letters are worked in the order of `turn`: the time of arrival, but of one sender's waiting letters each
stands at least FAIR_STEP_MS after the one before. So ten thousand letters of one sender are spread over the hours to
come, and another person's letter passes between them; when nobody else waits they are worked at once, since `turn`
orders and does not delay. Letters without a sender (bounces) stand in the line as one sender's. Of many
senders' letters the newest do not wait for all the others either: line.py.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, and_, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from store.columns import now_ms
from store.database import now
from store.records import KnownLetter, LetterState, NewLetter, ReceivedLetter, ServerCopy
from store.schema import failed_fetches, fixed, letters

FAIR_STEP_MS = 60_000
FAILURES_MOST = 3  # rulings 4
AT_ONCE = 500  # values in one IN list
LATELY = 20_000  # letters of all mailboxes among which those of the last kill are looked for

_BY_UID = and_(
    letters.c.mailbox_id == bindparam("mailbox"),
    letters.c.uidvalidity == bindparam("validity"),
    letters.c.uid.in_(bindparam("uids", expanding=True)),
)
_KNOWN = select(letters.c.id, letters.c.uid, letters.c.blob, letters.c.too_large).where(
    _BY_UID, letters.c.moved_ms.is_(None)
)
_UNNOTED = select(letters.c.id, letters.c.uid, letters.c.too_large).where(
    letters.c.id > select(func.max(letters.c.id)).scalar_subquery() - bindparam("most"),
    letters.c.mailbox_id == bindparam("mailbox"),
    letters.c.uidvalidity == bindparam("validity"),
    letters.c.uid.is_not(None),
    letters.c.blob.is_not(None),
    letters.c.moved_ms.is_(None),
)
_LET_GO = update(letters).where(_BY_UID).values(uid=None)
_LAST_TURNS = (
    select(letters.c.sender, func.max(letters.c.turn))
    .where(letters.c.state == fixed("received"), letters.c.sender.in_(bindparam("senders", expanding=True)))
    .group_by(letters.c.sender)
)
_LAST_TURN_OF_NOBODY = select(func.max(letters.c.turn)).where(
    letters.c.state == fixed("received"), letters.c.sender.is_(None)
)
_RECEIVE = insert(letters).on_conflict_do_nothing().returning(letters.c.id, letters.c.blob)
_HERE = select(letters.c.id, letters.c.sha256, letters.c.blob).where(
    letters.c.sha256.in_(bindparam("hashes", expanding=True))
)
_MOVED = (
    update(letters)
    .where(letters.c.id.in_(bindparam("ids", expanding=True)))
    .values(moved_ms=now_ms(), where_on_server=bindparam("folder"))
)
_COPIES = (
    select(
        letters.c.id, letters.c.sha256, letters.c.size, letters.c.arrived_ms, letters.c.too_large,
        letters.c.where_on_server.label("folder"),
    )
    .where(
        letters.c.mailbox_id == bindparam("mailbox"),
        letters.c.erase_asked_ms.is_not(None),
        letters.c.sha256.is_not(None),
    )
    .order_by(letters.c.id)
    .limit(AT_ONCE)
)  # fmt: skip
_COPIES_GONE = (
    update(letters)
    .where(letters.c.id.in_(bindparam("ids", expanding=True)))
    .values(erase_asked_ms=None, where_on_server=None, lies_as=None, lies_under=None)
)
_FAILED = (
    insert(failed_fetches)
    .on_conflict_do_update(
        index_elements=[failed_fetches.c.mailbox_id, failed_fetches.c.uidvalidity, failed_fetches.c.uid],
        set_={"failures": failed_fetches.c.failures + 1},
    )
    .returning(failed_fetches.c.uid, failed_fetches.c.failures)
)
_FORGET_FAILURES = delete(failed_fetches).where(
    failed_fetches.c.mailbox_id == bindparam("mailbox"),
    failed_fetches.c.uidvalidity == bindparam("validity"),
    failed_fetches.c.uid.in_(bindparam("uids", expanding=True)),
)
_FAILURES = select(failed_fetches.c.uid, failed_fetches.c.failures).where(
    failed_fetches.c.mailbox_id == bindparam("mailbox"), failed_fetches.c.uidvalidity == bindparam("validity")
)


def known(conn: Connection, mailbox_id: int, uidvalidity: int, uids: Iterable[int]) -> dict[int, KnownLetter]:
    """Which of these UIDs are already here, and what is left to do for each.

    None that was moved: no server gives a UID a second time (RFC 3501 §2.3.1.1), but one put back from its backup has,
    so a moved letter's UID that comes up again is as unknown as a new one, until its bytes tell (`receive`).
    """
    found: dict[int, KnownLetter] = {}
    wanted = list(uids)
    for start in range(0, len(wanted), AT_ONCE):
        values = {"mailbox": mailbox_id, "validity": uidvalidity, "uids": wanted[start : start + AT_ONCE]}
        for row in conn.execute(_KNOWN, values):
            found[row.uid] = KnownLetter(letter_id=row.id, stays=row.blob is None, too_large=row.too_large)
    return found


def unnoted(conn: Connection, mailbox_id: int, uidvalidity: int) -> dict[int, KnownLetter]:
    """Those of the last LATELY letters that are here and not marked as moved, by their UIDs."""
    rows = conn.execute(_UNNOTED, {"mailbox": mailbox_id, "validity": uidvalidity, "most": LATELY})
    return {row.uid: KnownLetter(letter_id=row.id, stays=False, too_large=row.too_large) for row in rows}


def receive(
    conn: Connection, mailbox_id: int, uidvalidity: int | None, batch: Sequence[NewLetter]
) -> tuple[ReceivedLetter, ...]:
    """Rows for a batch, in its order. The bytes must be durable before, and the transaction committed after,
    before any of the letters is moved on the server.

    The same bytes twice make one row: the later is `known`. Other bytes under a UID that a row has already are another
    letter: it takes the UID over. At most AT_ONCE letters.
    """
    if not batch:
        return ()
    moment = now(conn)
    turns = _turns(conn, moment, batch)
    rows = [
        {
            "mailbox_id": mailbox_id,
            "uidvalidity": uidvalidity,
            "uid": letter.uid,
            "sha256": letter.sha256,
            "size": letter.size,
            "blob": letter.blob,
            "too_large": letter.too_large,
            "silent": letter.silent,
            "arrived_ms": moment if letter.arrived_ms is None else letter.arrived_ms,
            "received_ms": moment,
            "sender": letter.sender,
            "state": LetterState.RECEIVED,
            "turn": turn,
            "due": moment,
        }
        for letter, turn in zip(batch, turns, strict=True)
    ]
    made = _made(conn, rows)
    here = _already_here(conn, [letter for letter in batch if letter.blob not in made])
    if reused := [row for row in rows if row["blob"] not in made.keys() | here.keys()]:
        _let_go(conn, mailbox_id, uidvalidity, [row["uid"] for row in reused])
        made |= _made(conn, reused)
        here = _already_here(conn, [letter for letter in batch if letter.blob not in made])
    _forget_failures(conn, mailbox_id, uidvalidity, batch)
    return tuple(
        ReceivedLetter(letter_id=made[letter.blob], blob=letter.blob, uid=letter.uid, known=False)
        if letter.blob in made
        else here[letter.blob]
        for letter in batch
    )


def moved(conn: Connection, letter_ids: Iterable[int], *, folder: str) -> None:
    """These letters now lie in that folder of the server."""
    wanted = list(letter_ids)
    for start in range(0, len(wanted), AT_ONCE):
        conn.execute(_MOVED, {"ids": wanted[start : start + AT_ONCE], "folder": folder})


def copies_to_erase(conn: Connection, mailbox_id: int) -> tuple[ServerCopy, ...]:
    """The next copies on the server that are to be deleted there (store/erasing.py), at most AT_ONCE."""
    return tuple(ServerCopy(**row._asdict()) for row in conn.execute(_COPIES, {"mailbox": mailbox_id}))


def copies_gone(conn: Connection, letter_ids: Sequence[int]) -> None:
    """These are not on the server any more."""
    conn.execute(_COPIES_GONE, {"ids": list(letter_ids)})


def fetch_failures(conn: Connection, mailbox_id: int, uidvalidity: int) -> dict[int, int]:
    """How often each UID failed so far; after two its batch is retried singly (rulings 4)."""
    values = {"mailbox": mailbox_id, "validity": uidvalidity}
    return {row.uid: row.failures for row in conn.execute(_FAILURES, values)}


def fetch_failed(
    conn: Connection, mailbox_id: int, uidvalidity: int, uids: Sequence[int], *, reason: str
) -> tuple[int, ...]:
    """Count a failed FETCH of each; the UIDs that were parked by it, at the third.

    A parked one gets a row without bytes: it is known, stays on the server and is shown with `reason`.
    """
    if not uids:
        return ()
    rows = [{"mailbox_id": mailbox_id, "uidvalidity": uidvalidity, "uid": uid, "failures": 1} for uid in uids]
    counts = conn.execute(_FAILED, rows).all()
    parked = tuple(row.uid for row in counts if row.failures >= FAILURES_MOST)
    if parked:
        moment = now(conn)
        _let_go(conn, mailbox_id, uidvalidity, parked)
        conn.execute(_RECEIVE, [_without_bytes(mailbox_id, uidvalidity, uid, moment, reason) for uid in parked])
        conn.execute(_FORGET_FAILURES, {"mailbox": mailbox_id, "validity": uidvalidity, "uids": list(parked)})
    return parked


def _without_bytes(mailbox_id: int, uidvalidity: int, uid: int, moment: int, reason: str) -> dict[str, object]:
    return {
        "mailbox_id": mailbox_id,
        "uidvalidity": uidvalidity,
        "uid": uid,
        "size": 0,
        "arrived_ms": moment,
        "received_ms": moment,
        "state": LetterState.PARKED,
        "turn": moment,
        "due": moment,
        "reason": reason,
    }


def _turns(conn: Connection, moment: int, batch: Sequence[NewLetter]) -> list[int]:
    senders = {letter.sender for letter in batch if letter.sender is not None}
    last: dict[str | None, int] = {}
    if senders:
        last.update(conn.execute(_LAST_TURNS, {"senders": sorted(senders)}).all())
    if any(letter.sender is None for letter in batch):
        nobody = conn.execute(_LAST_TURN_OF_NOBODY).scalar()
        last.update({} if nobody is None else {None: nobody})
    turns = []
    for letter in batch:
        arrived = moment if letter.arrived_ms is None else letter.arrived_ms
        before = last.get(letter.sender)
        turn = arrived if before is None else max(arrived, before + FAIR_STEP_MS)
        last[letter.sender] = turn
        turns.append(turn)
    return turns


def _made(conn: Connection, rows: Sequence[Mapping[str, object]]) -> dict[str, int]:
    """By blob name, the rows that are new."""
    return {row.blob: row.id for row in conn.execute(_RECEIVE, rows)}


def _let_go(conn: Connection, mailbox_id: int, uidvalidity: int | None, uids: Sequence[object]) -> None:
    """These UIDs are other letters' now."""
    conn.execute(_LET_GO, {"mailbox": mailbox_id, "validity": uidvalidity, "uids": list(uids)})


def _already_here(conn: Connection, rest: Sequence[NewLetter]) -> dict[str, ReceivedLetter]:
    """By blob name, the row that stands for each letter whose bytes are here.

    When that row has this very blob, a commit whose answer got lost had gone through: the blob is in use.
    """
    if not rest:
        return {}
    rows = {row.sha256: row for row in conn.execute(_HERE, {"hashes": [letter.sha256 for letter in rest]})}
    return {
        letter.blob: ReceivedLetter(letter_id=row.id, blob=letter.blob, uid=letter.uid, known=row.blob != letter.blob)
        for letter in rest
        if (row := rows.get(letter.sha256)) is not None
    }


def _forget_failures(conn: Connection, mailbox_id: int, uidvalidity: int | None, batch: Sequence[NewLetter]) -> None:
    uids = [letter.uid for letter in batch if letter.uid is not None]
    if uids:
        conn.execute(_FORGET_FAILURES, {"mailbox": mailbox_id, "validity": uidvalidity, "uids": uids})
