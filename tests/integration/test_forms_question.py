"""The public form's question to the address: a letter of the robot as others are."""

from pathlib import Path

from public_pages import open_pages
from sqlalchemy import select

from store.schema import outbox
from store.schema_ways import submissions

TOLD = {"text": "Не приходит код подтверждения на телефон, не могу войти второй день.", "anyway": "yes"}


def test_the_breaker_holds_the_question_too(tmp_path: Path) -> None:
    with open_pages(tmp_path, "[limits]\nreplies_per_minute = 1\n") as pages:
        told = [pages.ask("/form", TOLD | {"address": f"maria{one}@citizen.example"}) for one in range(4)]
        assert told == [303] * 4
        with pages.store.reading() as conn:
            queued = conn.execute(select(outbox.c.kind, outbox.c.state, outbox.c.last_error)).all()
            kept = conn.execute(select(submissions.c.address)).all()
    assert queued == [("confirm", "held", "breaker")] * 4
    assert len(kept) == 4
