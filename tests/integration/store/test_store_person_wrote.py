"""Staff say that a person wrote what looked like a robot's letter: it is taken again, opens its ticket, is answered."""

from pathlib import Path

import pytest
from sqlalchemy import select
from store_rows import claim, letter, receive, settled

from outbox.answer import Answers
from outbox.record import Recorder
from pipeline import judge, rules_of
from service.settings import Settings
from store import rows
from store.database import Store
from store.records import LetterState
from store.schema import letters, outbox, tickets

ROBOT = Path(__file__).parents[2] / "letters" / "robot-precedence-bulk.eml"


def an_automatic_letter(store: Store, **changed: str | None) -> int:
    [got] = receive(store, letter(1, **changed))
    mine = claim(store)
    assert mine is not None
    with store.writing() as conn:
        rows.settle(conn, mine, settled(state=LetterState.AUTOMATIC, reason="list", sender=mine.sender))
    return got.letter_id


def test_a_robots_letter_becomes_a_ticket_with_an_answer(store: Store) -> None:
    settings = Settings()
    letter_id = an_automatic_letter(store)
    with store.writing() as conn:
        assert rows.person_wrote(conn, letter_id)
        assert not rows.person_wrote(conn, letter_id), "it is in the line already"
    mine = claim(store)
    assert mine is not None
    assert (mine.id, mine.person, mine.attempts) == (letter_id, True, 1)
    judged = judge(ROBOT.read_bytes(), rules_of(settings))
    assert judged.verdict.no_reply_reason is not None, "the letter itself looks like a robot's"
    with store.writing() as conn:
        Recorder(settings, Answers(settings)).record(conn, mine, judged)
        assert conn.execute(select(letters.c.state)).scalar_one() == "settled"
        assert conn.execute(select(tickets.c.letter_id)).scalar_one() == letter_id
        assert conn.execute(select(outbox.c.recipient)).scalar_one() == judged.verdict.sender


@pytest.mark.parametrize("state", ["received", "settled", "parked"])
def test_only_robots_letters_are_taken_again(store: Store, state: str) -> None:
    letter_id = an_automatic_letter(store)
    with store.writing() as conn:
        conn.execute(letters.update().values(state=state))
        assert not rows.person_wrote(conn, letter_id)


def test_without_a_sender_nobody_can_be_answered(store: Store) -> None:
    letter_id = an_automatic_letter(store, sender=None)
    with store.writing() as conn:
        assert not rows.person_wrote(conn, letter_id)
