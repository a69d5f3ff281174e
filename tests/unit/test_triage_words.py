"""Staff read Russian: whatever the store says in a code has its words."""

from enum import StrEnum

import pytest

from intake.letter import NoReplyReason
from store.queue import Tab
from tickets.decide import Decided
from tickets.ticket import Event, Joined, ReplyKind, State, Why
from triage import words
from triage.access import Role, Seen
from validate.findings import Field, FileFault, Kind, Missing


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (Seen, words.SEEN),
        (Event, words.EVENTS),
        (Decided, words.DECIDED),
        (Joined, words.JOINED),
        (State, words.STATES),
        (Why, words.WHY),
        (ReplyKind, words.REPLIES),
        (NoReplyReason, words.REASONS),
        (Field, words.FIELDS),
        (Missing, words.MISSING),
        (FileFault, words.FAULTS),
        (Kind, words.KINDS),
        (Role, words.ROLES),
        (Tab, words.TAB_TITLES),
        (Tab, words.EMPTY),
    ],
)
def test_every_code_has_its_words(codes: type[StrEnum], said: dict[str, object]) -> None:
    assert [code for code in codes if code not in said] == []
