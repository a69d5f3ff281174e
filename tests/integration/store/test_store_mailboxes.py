"""One daemon at a time holds a mailbox."""

import pytest
from store_rows import Clock

from store import rows
from store.database import Store
from store.faults import LostClaim
from store.records import MailboxHold
from store.schema import mailboxes

LEASE = 45_000


def hold(
    store: Store, holder: str, *, since_ms: int | None = None, identity: str = "imap://a/b/INBOX"
) -> MailboxHold | None:
    with store.writing() as conn:
        return rows.hold(conn, identity, holder=holder, lease_ms=LEASE, since_ms=since_ms)


def test_the_second_daemon_waits_for_the_lease(timed: Store, clock: Clock) -> None:
    assert hold(timed, "one") is not None
    assert hold(timed, "two") is None
    clock.ms += LEASE
    assert hold(timed, "two") is not None


def test_a_renewed_hold_outlives_its_lease(timed: Store, clock: Clock) -> None:
    mine = hold(timed, "one")
    assert mine is not None
    for _ in range(5):
        clock.ms += LEASE - 1
        with timed.writing() as conn:
            rows.renew(conn, mine, lease_ms=LEASE)
    assert hold(timed, "two") is None


def test_a_lost_hold_shows_itself_at_the_next_renewal(timed: Store, clock: Clock) -> None:
    mine = hold(timed, "one")
    assert mine is not None
    clock.ms += LEASE
    theirs = hold(timed, "two")
    with pytest.raises(LostClaim), timed.writing() as conn:
        rows.renew(conn, mine, lease_ms=LEASE)
    with timed.writing() as conn:
        rows.release(conn, mine)  # of no effect
    assert theirs is not None
    assert hold(timed, "one") is None


def test_a_released_mailbox_is_free_at_once(store: Store) -> None:
    mine = hold(store, "one")
    assert mine is not None
    with store.writing() as conn:
        rows.release(conn, mine)
    assert hold(store, "two") is not None


def test_since_is_written_down_at_the_first_sight_for_good(timed: Store, clock: Clock) -> None:
    first = hold(timed, "one")
    clock.ms += 1000
    again = hold(timed, "one", since_ms=5)
    other = hold(timed, "one", since_ms=5, identity="imap://a/c/INBOX")
    assert first and again and other
    assert (first.since_ms, again.since_ms, other.since_ms) == (clock.ms - 1000, clock.ms - 1000, 5)
    assert first.mailbox_id == again.mailbox_id != other.mailbox_id


def test_what_the_last_poll_found_is_kept(timed: Store, clock: Clock) -> None:
    mine = hold(timed, "one")
    assert mine is not None
    with timed.writing() as conn:
        rows.note_poll_failed(conn, mine, error="no route")
    with timed.reading() as conn:
        assert conn.execute(mailboxes.select()).one().last_error == "no route"
    with timed.writing() as conn:
        rows.note_poll(conn, mine, uidvalidity=7, older=12)
    with timed.reading() as conn:
        row = conn.execute(mailboxes.select()).one()
    assert (row.last_error, row.last_poll_ms, row.uidvalidity, row.older) == (None, clock.ms, 7, 12)
