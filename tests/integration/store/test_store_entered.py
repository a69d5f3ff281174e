"""What programs and staff are told of a letter they entered, also when it was entered twice at once."""

from sqlalchemy import Connection
from store_rows import claim, letter, settle_as_ticket, settled

from store import entered, rows
from store.database import Store
from store.entered import Channel, Handed
from store.records import LetterState

TOKEN = "t" * 40


def handed(conn: Connection) -> Handed | None:
    """The request as the program asks about it."""
    key_id = entered.key(conn, "hash")
    assert key_id is not None
    return entered.handed(conn, key_id, TOKEN)


def test_a_request_handed_over_twice_at_once_is_told_by_its_first_letter(store: Store) -> None:
    """Both made their letter before either had written down which it is."""
    with store.writing() as conn:
        entered.add_key(conn, "portal", "hash")
        key_id = entered.key(conn, "hash")
        assert key_id is not None
        entered.hand_over(conn, key_id, "once", body="b" * 64, token=TOKEN)
        first, second = (entered.take_in(conn, Channel.API, letter(n, uid=None)).letter_id for n in (1, 2))
        for letter_id in (first, second):
            entered.handed_in(conn, TOKEN, letter_id)
        request = handed(conn)
    assert request is not None
    assert request.letter_id == first


def test_what_became_of_a_copy_is_what_became_of_its_first(store: Store) -> None:
    with store.writing() as conn:
        first, copy = (entered.take_in(conn, Channel.STAFF, letter(n, uid=None)).letter_id for n in (1, 2))
    one, other = claim(store), claim(store)
    assert one and other
    opened = settle_as_ticket(store, one)
    with store.writing() as conn:
        rows.settle(conn, other, settled(state=LetterState.DUPLICATE, reason="already-answered", same_as=one.id))
    with store.reading() as conn:
        told = [entered.became(conn, letter_id) for letter_id in (first, copy)]
    assert (one.id, other.id) == (first, copy)
    assert [(it.state, it.number) for it in told if it] == [(LetterState.SETTLED, opened.number)] * 2
