"""Erasing on both databases: which rows are over their time, which words go, what is written down."""

import hashlib
from pathlib import Path

from sqlalchemy import text
from store_rows import claim, letter, mail, open_ticket, receive, settle_as_ticket, settled

from store import entered, erasing, rows
from store.blobs import MARK, open_blobs
from store.checks import flaws
from store.database import Store
from store.erasing import Act, Due, Erased, Reason
from store.freeing import free_for_good
from store.parked import parked_letters
from store.person import forget_bounces, person
from store.tickets import ticket

ACT = Act(id="a1", who="ops:test", reason=Reason.RETENTION)
BEFORE = 4_000_000_000_000


def closed(store: Store, ticket_id: int) -> None:
    with store.writing() as conn:
        conn.execute(text("UPDATE tickets SET state = 'closed', closed_ms = 1 WHERE id = :id"), {"id": ticket_id})
        conn.execute(text("UPDATE outbox SET state = 'sent'"))


def test_words_go_and_the_row_stays_for_the_numbers(store: Store, tmp_path: Path) -> None:
    blobs = open_blobs(f"file://{tmp_path}/blobs")
    (name,) = blobs.write_all([b"1"])
    receive(store, letter(1, blob=name, sha256=hashlib.sha256(b"1").hexdigest()))
    mine = claim(store)
    assert mine
    opened = settle_as_ticket(store, mine)
    with store.reading() as conn:
        assert not [
            one
            for kind in (Erased.LETTER, Erased.TICKET, Erased.REPLY)
            for one in erasing.due(conn, kind, before_ms=BEFORE)
        ]
    closed(store, opened.id)
    with store.reading() as conn:
        what = [
            one
            for kind in (Erased.LETTER, Erased.TICKET, Erased.REPLY)
            for one in erasing.due(conn, kind, before_ms=BEFORE)
        ]
    assert [(one.kind, one.number) for one in what] == [(kind, opened.number) for kind in ("letter", "ticket", "reply")]
    assert erasing.erase(store, blobs, what, ACT) == 3
    free_for_good(store)
    with store.reading() as conn:
        left = ticket(conn, opened.id)
        assert left is not None
        assert (left.fields, left.subject, left.address, left.topic) == ({}, erasing.GONE, None, "access")
        assert erasing.due(conn, Erased.TICKET, before_ms=BEFORE) == ()
        assert erasing.due(conn, Erased.LETTER, before_ms=BEFORE) == ()
        assert erasing.due(conn, Erased.REPLY, before_ms=BEFORE) == ()
        assert [(line.kind, line.number) for line in erasing.acts(conn, "a1")] == [
            (one.kind, one.number) for one in what
        ]
        assert erasing.on_server(conn) == 1
        (copy,) = rows.copies_to_erase(conn, mine.mailbox_id)
    assert (copy.sha256, copy.id) == (mine.sha256, mine.id)
    with store.writing() as conn:
        rows.copies_gone(conn, [copy.id])
        assert erasing.on_server(conn) == 0


def test_what_came_meanwhile_under_the_same_bytes_is_still_known(store: Store, tmp_path: Path) -> None:
    """The hash stays: a copy that a server delivers again opens no second ticket."""
    blobs = open_blobs(f"file://{tmp_path}/blobs")
    (first,) = receive(store, letter(1))
    erasing.erase(store, blobs, [Due(kind=Erased.REPLY, id=99, number=None)], ACT)
    (again,) = receive(store, letter(1, blob="2027-01-15/" + "f" * 32, uid=2))
    assert (again.letter_id, again.known) == (first.letter_id, True)


def test_a_person_is_found_by_address_and_by_number_and_nobody_else(store: Store) -> None:
    with store.writing() as conn:
        one = open_ticket(conn, None, address="a@post.example", fields={"inn": "502711483095"})
        open_ticket(conn, None, address="b@post.example", fields={"account": "12345678"})
        rows.queue_reply(conn, mail("1@desk.example", recipient="a@post.example", ticket_id=one.id))
    with store.reading() as conn:
        for found in (person(conn, address="a@post.example"), person(conn, number="502711483095")):
            assert [row["id"] for row in found.tickets] == [one.id]
            assert len(found.replies) == 1
            assert one.number in found.unfinished
        assert person(conn, number="12345678").tickets[0]["address"] == "b@post.example"
        assert person(conn, number="5027").tickets == ()


def test_a_letter_set_aside_waits_for_a_person_however_old_and_erased_it_waits_no_more(
    store: Store, tmp_path: Path
) -> None:
    """Nobody has read it: the clock alone must not lose it."""
    blobs = open_blobs(f"file://{tmp_path}/blobs")
    receive(store, letter(1, blob=blobs.write_all([b"1"])[0]))
    mine = claim(store)
    assert mine
    with store.writing() as conn:
        rows.park(conn, mine, reason="memory")
    with store.reading() as conn:
        assert erasing.due(conn, Erased.LETTER, before_ms=BEFORE) == ()
        what = person(conn, address="person1@post.example").due()
    erasing.erase(store, blobs, what, ACT)
    with store.writing() as conn:
        assert parked_letters(conn) == ()
        assert conn.execute(text("SELECT reason FROM letters")).scalar() is None, "nobody is to look into it any more"
        assert not rows.unpark(conn, mine.id)
        assert erasing.on_server(conn) == 1, "the row, and with it the request to delete the copy, is still there"
    assert list(flaws(store, blobs)) == []


def handed_over(store: Store, letter_id: int) -> None:
    """That letter came by a program's request."""
    with store.writing() as conn:
        entered.add_key(conn, "bot", "0" * 64)
        key_id = entered.key(conn, "0" * 64)
        assert key_id is not None
        entered.hand_over(conn, key_id, "call 17, +7 900 000-00-00", body="b" * 64, token="t" * 40)
        entered.handed_in(conn, "t" * 40, letter_id)


def test_only_what_came_by_mail_has_a_copy_on_a_server_to_delete(store: Store, tmp_path: Path) -> None:
    """No intake looks through the mailboxes of form, API and staff: a copy asked for there would be told of for ever."""
    blobs = open_blobs(f"file://{tmp_path}/blobs")
    (by_mail,) = receive(store, letter(1, blob=blobs.write_all([b"1"])[0]))
    with store.writing() as conn:
        own = [
            entered.take_in(conn, channel, letter(n, blob=blobs.write_all([b"x"])[0], uid=None))
            for n, channel in enumerate(entered.Channel, 2)
        ]
        conn.execute(text("UPDATE letters SET state = 'automatic'"))  # worked
    what = [Due(kind=Erased.LETTER, id=one.letter_id, number=None) for one in (by_mail, *own)]
    assert erasing.erase(store, blobs, what, ACT) == 4
    with store.writing() as conn:
        assert erasing.on_server(conn) == 1
        asked = conn.execute(text("SELECT id FROM letters WHERE erase_asked_ms IS NOT NULL"))
        assert asked.scalars().all() == [by_mail.letter_id]
        conn.execute(text("UPDATE letters SET erase_asked_ms = 1"))  # as earlier versions left them
        assert erasing.on_server(conn) == 1


def test_that_an_address_bounced_is_forgotten_with_the_last_ticket_that_names_it(store: Store, tmp_path: Path) -> None:
    blobs = open_blobs(f"file://{tmp_path}/blobs")
    with store.writing() as conn:
        first, second = (open_ticket(conn, None, address="a@post.example") for _ in range(2))
        open_ticket(conn, None, address="b@post.example")
        for one in ("a", "b", "c"):
            rows.note_bounce(conn, f"{one}@post.example", message_id="m")
        reply = rows.queue_reply(conn, mail("m", kind="confirm", recipient="c@post.example"))
        assert reply is not None

    def left() -> list[str]:
        with store.reading() as conn:
            return list(conn.execute(text("SELECT address FROM bounces ORDER BY address")).scalars())

    erasing.erase(store, blobs, [Due(kind=Erased.TICKET, id=first.id, number=None)], ACT)
    assert left() == ["a@post.example", "b@post.example", "c@post.example"]
    erasing.erase(store, blobs, [Due(kind=Erased.TICKET, id=second.id, number=None)], ACT)
    assert left() == ["b@post.example", "c@post.example"]
    erasing.erase(store, blobs, [Due(kind=Erased.REPLY, id=reply, number=None)], ACT)
    assert left() == ["b@post.example"]


def test_a_person_found_by_a_number_is_forgotten_with_the_bounces_of_all_addresses(store: Store) -> None:
    with store.writing() as conn:
        open_ticket(conn, None, address="a@post.example", fields={"inn": "502711483095"})
        open_ticket(conn, None, address="a2@post.example", fields={"inn": "502711483095"})
        for one in ("a", "a2", "b"):
            rows.note_bounce(conn, f"{one}@post.example", message_id="m")
        found = person(conn, number="502711483095")
        assert {one["address"] for one in found.bounces} == {"a@post.example", "a2@post.example"}
        forget_bounces(conn, found)
        assert list(conn.execute(text("SELECT address FROM bounces")).scalars()) == ["b@post.example"]


def test_a_programs_request_goes_with_its_letter(store: Store, tmp_path: Path) -> None:
    (one, other) = receive(store, letter(1), letter(2))
    for _ in range(2):
        mine = claim(store)
        assert mine
        with store.writing() as conn:
            rows.settle(conn, mine, settled(sender=mine.sender))
    handed_over(store, one.letter_id)
    blobs = open_blobs(f"file://{tmp_path}/blobs")
    with store.reading() as conn:
        assert [row["idempotency"] for row in person(conn, address="person1@post.example").api_requests] == [
            "call 17, +7 900 000-00-00"
        ]
        assert person(conn, address="person2@post.example").api_requests == ()
    (tmp_path / "blobs" / MARK).touch()  # letters refer to bytes that were never there
    erasing.erase(store, blobs, [Due(kind=Erased.LETTER, id=other.letter_id, number=None)], ACT)
    with store.reading() as conn:
        assert conn.execute(text("SELECT count(*) FROM api_requests")).scalar() == 1
    erasing.erase(store, blobs, [Due(kind=Erased.LETTER, id=one.letter_id, number=None)], ACT)
    free_for_good(store)
    with store.reading() as conn:
        assert conn.execute(text("SELECT count(*) FROM api_requests")).scalar() == 0


def test_a_form_that_waits_is_its_persons_and_over_its_time_like_all_else(store: Store, tmp_path: Path) -> None:
    with store.writing() as conn:
        for name in ("a", "b"):
            entered.keep_submission(
                conn, token=name * 64, address=f"{name}@post.example", raw=b"words of " + name.encode()
            )
        open_ticket(conn, None, address="b@post.example", fields={"inn": "502711483095"})
        rows.note_bounce(conn, "a@post.example", message_id="m")
    with store.reading() as conn:
        mine = person(conn, address="a@post.example")
        assert [one["raw"] for one in mine.submissions] == [b"words of a"]
        assert [one["address"] for one in person(conn, number="502711483095").submissions] == ["b@post.example"]
        assert erasing.due(conn, Erased.FORM, before_ms=0) == ()
        assert len(erasing.due(conn, Erased.FORM, before_ms=BEFORE)) == 2
    assert [one.kind for one in mine.due()] == [Erased.FORM]
    assert erasing.erase(store, open_blobs(f"file://{tmp_path}/blobs"), mine.due(), ACT) == 1
    free_for_good(store)
    with store.reading() as conn:
        assert conn.execute(text("SELECT address FROM submissions")).scalars().all() == ["b@post.example"]
        assert [line.kind for line in erasing.acts(conn, "a1")] == ["form"]
        assert rows.bounced(conn, "a@post.example"), "the form's next letter would go there again"
