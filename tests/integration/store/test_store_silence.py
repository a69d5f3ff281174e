"""What the clock takes: each ticket once, by whoever asks first."""

from concurrent.futures import ThreadPoolExecutor

from store_rows import Clock, claim, letter, mail, open_ticket, receive, release, settle_as_ticket

from store import rows
from store.database import Store
from store.records import TicketChange

DAY = 86_400_000


def waiting(store: Store, clock: Clock, **changed: object) -> int:
    """A ticket that waits for its citizen."""
    with store.writing() as conn:
        values = {"state": "waiting", "remind_ms": clock.ms + DAY, "waiting_until_ms": clock.ms + 2 * DAY}
        return open_ticket(conn, None, **{**values, **changed}).id


def test_a_reminder_is_given_once_and_only_while_the_ticket_waits(timed: Store, clock: Clock) -> None:
    first, answered = waiting(timed, clock), waiting(timed, clock)
    with timed.writing() as conn:
        rows.update_ticket(conn, answered, TicketChange(state="new"))
        assert rows.take_reminders(conn, most=10) == ()
    clock.ms += DAY
    with timed.writing() as conn:
        assert [one.id for one in rows.take_reminders(conn, most=10)] == [first]
        assert rows.take_reminders(conn, most=10) == ()


def test_the_silent_are_taken_oldest_first_and_no_more_than_asked_for(timed: Store, clock: Clock) -> None:
    late = waiting(timed, clock, waiting_until_ms=clock.ms + 3 * DAY)
    early = waiting(timed, clock)
    clock.ms += 3 * DAY
    with timed.writing() as conn:
        assert [one.id for one in rows.take_silent(conn, most=1)] == [early]
        assert [one.id for one in rows.take_silent(conn, most=1)] == [late]
        assert rows.take_silent(conn, most=1) == ()


def test_nobody_is_silent_whose_answer_may_lie_unread_on_the_server(timed: Store, clock: Clock) -> None:
    quiet = waiting(timed, clock)
    with timed.writing() as conn:
        hold = rows.hold(conn, "imap://host/login/INBOX", holder="test", lease_ms=60_000)
        assert hold is not None
        rows.note_poll(conn, hold, uidvalidity=7, older=None)
    clock.ms += 5 * DAY
    with timed.writing() as conn:
        assert rows.take_reminders(conn, most=10) == ()
        assert rows.take_silent(conn, most=10) == ()
        rows.note_poll(conn, hold, uidvalidity=7, older=None, lasted_ms=4 * DAY + 1)  # it may have come meanwhile
        assert rows.take_reminders(conn, most=10) == ()
        rows.note_poll(conn, hold, uidvalidity=7, older=None)
        assert [one.id for one in rows.take_reminders(conn, most=10)] == [quiet]
        assert [one.id for one in rows.take_silent(conn, most=10)] == [quiet]


def test_nobody_is_silent_while_a_letter_from_before_the_deadline_is_in_the_line(timed: Store, clock: Clock) -> None:
    quiet = waiting(timed, clock)
    receive(timed, letter(1, arrived_ms=clock.ms + DAY - 1))
    clock.ms += DAY
    with timed.writing() as conn:
        assert rows.take_reminders(conn, most=10) == ()
    mine = claim(timed)
    assert mine is not None
    settle_as_ticket(timed, mine)
    receive(timed, letter(2, arrived_ms=clock.ms + 1))
    with timed.writing() as conn:
        assert [one.id for one in rows.take_reminders(conn, most=10)] == [quiet]


def test_nobody_is_silent_whose_letter_since_is_parked(timed: Store, clock: Clock) -> None:
    since = {"waiting_since_ms": clock.ms}
    wrote, quiet = (waiting(timed, clock, address=f"{who}@post.example", **since) for who in ("Wrote", "quiet"))
    receive(
        timed,
        letter(1, arrived_ms=clock.ms + DAY, sender="wrote@post.example"),
        letter(2, arrived_ms=clock.ms - 1, sender="quiet@post.example"),
    )
    mine, before = claim(timed), claim(timed)
    assert mine and before
    with timed.writing() as conn:
        for one in (mine, before):
            rows.park(conn, one, reason="memory")
    clock.ms += 5 * DAY
    with timed.writing() as conn:
        assert [one.id for one in rows.take_reminders(conn, most=10)] == [quiet]
        assert [one.id for one in rows.take_silent(conn, most=10)] == [quiet]
        assert rows.unpark(conn, next(one.id for one in (mine, before) if one.sender == "wrote@post.example"))
    again = claim(timed)
    assert again is not None
    settle_as_ticket(timed, again)
    with timed.writing() as conn:
        assert [one.id for one in rows.take_silent(conn, most=10)] == [wrote]


def test_two_daemons_remind_nobody_twice(timed: Store, clock: Clock) -> None:
    made = {waiting(timed, clock) for _ in range(40)}
    clock.ms += DAY

    def take(_place: int) -> list[int]:
        taken: list[int] = []
        for _ in range(20):
            with timed.writing() as conn:
                taken += [one.id for one in rows.take_reminders(conn, most=3)]
        return taken

    with ThreadPoolExecutor(2) as pool:
        taken = [one for part in pool.map(take, range(2)) for one in part]
    assert sorted(taken) == sorted(made)


def test_a_repeat_without_an_answer_is_escalated_once(timed: Store, clock: Clock) -> None:
    with timed.writing() as conn:
        raised = open_ticket(conn, None, opened_ms=clock.ms, raised=1).id
        open_ticket(conn, None, opened_ms=clock.ms)
        answered = open_ticket(conn, None, opened_ms=clock.ms, raised=1).id
        rows.update_ticket(conn, answered, TicketChange(answered_ms=clock.ms))
        assert rows.take_escalations(conn, age_ms=30 * DAY, most=10) == ()
    clock.ms += 30 * DAY
    with timed.writing() as conn:
        (taken,) = rows.take_escalations(conn, age_ms=30 * DAY, most=10)
        assert (taken.id, taken.needs_review, taken.escalated_ms) == (raised, True, clock.ms)
        assert rows.take_escalations(conn, age_ms=30 * DAY, most=10) == ()


def test_timed_letters_are_counted_by_kind_within_a_day(timed: Store, clock: Clock) -> None:
    with timed.writing() as conn:
        rows.queue_reply(conn, mail("a", kind="reminder", recipient="a@x"))
        rows.queue_reply(conn, mail("b", kind="acknowledgement", recipient="a@x"))
    clock.ms += DAY - 1
    with timed.reading() as conn:
        assert rows.timed_letters_to(conn, "a@x", ("closing", "reminder")) == 1
    clock.ms += 2
    with timed.reading() as conn:
        assert rows.timed_letters_to(conn, "a@x", ("closing", "reminder")) == 0


def test_the_breaker_is_out_while_what_it_held_is_held(timed: Store, clock: Clock) -> None:
    with timed.writing() as conn:
        rows.queue_reply(conn, mail("a"))
        assert rows.standing(conn, 0, content_key=None, address=None).written_lately == 1
        rows.queue_reply(conn, mail("b", held=True))
        assert rows.standing(conn, 0, content_key=None, address=None).breaker_out
        release(conn)
        assert not rows.standing(conn, 0, content_key=None, address=None).breaker_out
    clock.ms += 60_001
    with timed.reading() as conn:
        assert rows.standing(conn, 0, content_key=None, address=None).written_lately == 0


def test_what_was_answered_long_ago_is_closed_once(timed: Store, clock: Clock) -> None:
    with timed.writing() as conn:
        old = open_ticket(conn, None, state="answered").id
        rows.update_ticket(conn, old, TicketChange(answered_ms=clock.ms))
    clock.ms += 14 * DAY
    with timed.writing() as conn:
        (closed,) = rows.close_answered(conn, age_ms=14 * DAY, most=10)
        assert (closed.id, closed.state, closed.closed_ms) == (old, "closed", clock.ms)
        assert rows.close_answered(conn, age_ms=14 * DAY, most=10) == ()
