"""The public form's question to the address: a letter of the robot as others are."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from public_pages import open_pages
from sqlalchemy import select

from outbox.confirming import confirmation
from reply_templates.check import broken
from reply_templates.limited import Letters
from service.settings_file import parse
from store.schema import outbox
from store.schema_ways import submissions

LINK = "https://desk.example/form/c/abc"
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


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("Нажмите: {{ confirm_link }} {{ desk_name }}", "Нажмите: " + LINK + " Своя служба"),
        ("Приходите завтра.", "нажмите «Подтвердить»"),  # nobody could confirm by it
        ("{{ nobody }} {{ confirm_link }}", "нажмите «Подтвердить»"),
    ],
)
def test_a_desk_writes_the_question_itself_and_ours_leaves_when_that_cannot_be_used(
    tmp_path: Path, own: str, said: str
) -> None:
    (tmp_path / "confirm.txt.j2").write_text(own, encoding="utf-8")
    settings = parse('[desk]\nname = "Своя служба"\n', where="test")
    letters = Letters(tmp_path, tell=lambda _what: None)
    try:
        made = confirmation(settings, letters, recipient="a@post.example", link=LINK, now_ms=0)
    finally:
        letters.close()
    assert [fault.partition(":")[0] for fault in broken(tmp_path)] == (
        [] if said.startswith("Нажмите") else ["confirm"]
    )
    parts = message_from_bytes(made.raw, policy=policy.default)
    for kind in ("plain", "html"):
        body = parts.get_body((kind,))  # type: ignore[attr-defined]
        assert LINK in body.get_content()
    assert said in parts.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
