"""Reading back finds each kind of damage by the row it is in, and in what is whole, erased or set aside finds nothing."""

import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from store_rows import VALIDITY, claim, letter, mail, mailbox, open_ticket, receive, settle_as_ticket, settled

from commands.verify import MEANING
from store import erasing, rows
from store.blobs import Blobs, open_blobs
from store.checks import Flaw, Found, damages, flaws
from store.database import Store
from store.erasing import Act, Due, Erased, Reason
from store.records import LetterState
from store.upgrade import migrate

ANSWERS = ("acknowledgement", "missing_information")
ENDS = ("ticket", "automatic", "duplicate", "parked")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A store with a letter of each end, and two that are to be left alone: erased, and never handed over."""

    store: Store
    blobs: Blobs
    letters: dict[str, int]
    files: dict[str, str]
    ticket: int

    def found(self) -> list[Found]:
        return list(flaws(self.store, self.blobs, answers=ANSWERS))

    def sql(self, statement: str, **values: object) -> None:
        with self.store.writing() as conn:
            conn.execute(text(statement), values)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    blobs = open_blobs(f"file://{tmp_path}/blobs")
    words = [f"Subject: {end}\r\n\r\n".encode() for end in (*ENDS, "erased")]
    files = dict(zip((*ENDS, "erased"), blobs.write_all(words), strict=True))
    sums = [hashlib.sha256(word).hexdigest() for word in words]
    receive(store, *(letter(uid, blob=name, sha256=sums[uid]) for uid, name in enumerate(files.values())))
    claims = {end: claim(store) for end in files}
    ids = {end: one.id for end, one in claims.items() if one}
    assert claims["ticket"] and claims["automatic"] and claims["duplicate"] and claims["parked"] and claims["erased"]
    opened = settle_as_ticket(store, claims["ticket"])
    with store.writing() as conn:
        rows.settle(conn, claims["automatic"], settled(state=LetterState.AUTOMATIC, reason="bounce"))
        again = settled(state=LetterState.DUPLICATE, reason="already-answered", same_as=ids["ticket"])
        rows.settle(conn, claims["duplicate"], again)
        rows.park(conn, claims["parked"], reason="it broke the code")
        rows.settle(conn, claims["erased"], settled(state=LetterState.AUTOMATIC, reason="bounce"))
    here = mailbox(store)
    with store.writing() as conn:
        for _ in range(3):
            rows.fetch_failed(conn, here, VALIDITY, [99], reason="the server does not hand it over")
    act = Act(id="act", who="ops", reason=Reason.REQUEST)
    erasing.erase(store, blobs, [Due(kind=Erased.LETTER, id=ids["erased"], number=None)], act)
    return Desk(store=store, blobs=blobs, letters=ids, files=files, ticket=opened.id)


def test_each_flaw_has_its_words() -> None:
    assert MEANING.keys() == set(Flaw)


def test_what_is_whole_erased_or_set_aside_is_no_flaw(desk: Desk) -> None:
    assert desk.found() == []


@pytest.mark.parametrize("end", ENDS)
def test_bytes_that_are_gone_or_changed_or_not_named_are_found_whatever_the_letters_end(desk: Desk, end: str) -> None:
    kept = desk.blobs.read(desk.files[end])
    desk.blobs.delete_all([desk.files[end]])
    assert desk.found() == [Found(flaw=Flaw.BYTES_GONE, id=desk.letters[end])]
    (other,) = desk.blobs.write_all([kept + b"x"])
    desk.sql("UPDATE letters SET blob = :other WHERE id = :id", other=other, id=desk.letters[end])
    assert desk.found() == [Found(flaw=Flaw.BYTES_CHANGED, id=desk.letters[end])]
    desk.sql("UPDATE letters SET blob = NULL WHERE id = :id", id=desk.letters[end])
    assert desk.found() == [Found(flaw=Flaw.NO_BYTES, id=desk.letters[end])]


ROWS = {
    "a letter that lost its ticket": ("ticket", "ticket_id = NULL", {Flaw.NO_END, Flaw.PARTED}),
    "a robot's letter without the reason": ("automatic", "reason = NULL", {Flaw.NO_END}),
    "a repeated letter that names no other": ("duplicate", "same_as = NULL", {Flaw.NO_END}),
    "a letter set aside without the reason": ("parked", "reason = NULL", {Flaw.NO_END}),
}


@pytest.mark.parametrize("damage", ROWS)
def test_a_letter_that_lost_its_ticket_or_its_reason_is_found(desk: Desk, damage: str) -> None:
    end, change, wanted = ROWS[damage]
    desk.sql(f"UPDATE letters SET {change} WHERE id = :id", id=desk.letters[end])  # noqa: S608  # words of this table
    whose = {flaw: desk.ticket if flaw is Flaw.PARTED else desk.letters[end] for flaw in wanted}
    assert {one.flaw: one.id for one in desk.found()} == whose


def test_a_ticket_that_lost_its_history_is_found(desk: Desk) -> None:
    desk.sql("DELETE FROM history WHERE ticket_id = :id", id=desk.ticket)
    assert desk.found() == [Found(flaw=Flaw.NO_HISTORY, id=desk.ticket)]


def test_a_letter_that_knows_another_ticket_than_its_own_is_found(desk: Desk) -> None:
    with desk.store.writing() as conn:
        other = open_ticket(conn, None)
        rows.add_history(conn, other.id, who="letter", what="opened", data={})
    desk.sql("UPDATE letters SET ticket_id = :other WHERE id = :id", other=other.id, id=desk.letters["ticket"])
    assert desk.found() == [Found(flaw=Flaw.PARTED, id=desk.ticket)]


def test_a_second_automatic_answer_is_found_and_a_letter_of_another_kind_is_none(desk: Desk) -> None:
    answered = desk.letters["ticket"]
    for kind, wanted in (("reminder", []), ("missing_information", [Found(flaw=Flaw.TWO_ANSWERS, id=answered)])):
        with desk.store.writing() as conn:
            rows.queue_reply(conn, mail(f"{kind}@desk.example", letter_id=answered, kind=kind))
        assert desk.found() == wanted


def test_a_damaged_sqlite_file_is_told(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/store.db")
    migrate(store)
    assert damages(store) == ()
    receive(store, *(letter(uid) for uid in range(200)))
    with sqlite3.connect(tmp_path / "store.db") as conn:
        conn.execute("PRAGMA writable_schema = 1")
        conn.execute("UPDATE sqlite_master SET rootpage = 3 WHERE name = 'ix_letters_parked'")
    conn.close()
    store.close()
    assert damages(store)
    store.close()
