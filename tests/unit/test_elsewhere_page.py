"""docs/elsewhere.md: its example checks what we sign, it names every event, and both languages say the same."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from outbox.webhook import document, signed
from service.settings_file import parse
from store.forwarding import Happening
from store.records import Ticket
from tickets.ticket import Event

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["elsewhere.md", "elsewhere.ru.md"]


def new_ticket_row() -> Ticket:
    """A ticket with nothing in it."""
    values: dict[str, Any] = dict.fromkeys(Ticket.__slots__)
    return Ticket(**{**values, "id": 1, "number": "26-0000001-8", "opened_ms": 1})


def _blocks(page: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_the_example_knows_ours_from_a_forgery(page: str) -> None:
    (example,) = _blocks(page, "python")
    given: dict[str, Any] = {}
    exec(example, given)  # noqa: S102  # our own page
    secret, body = b"s" * 32, b'{"type": "ticket.opened"}'

    def told(*, now: int, by: bytes = secret) -> dict[str, str]:
        return {name.lower(): value for name, value in signed("7-1", body, (b"another" * 4, by), now=now).items()}

    now = int(time.time())
    assert given["genuine"](told(now=now), body, secret)
    assert not given["genuine"](told(now=now), body + b" ", secret)
    assert not given["genuine"](told(now=now - 600), body, secret)
    assert not given["genuine"](told(now=now, by=b"forged" * 5), body, secret)


@pytest.mark.parametrize("page", PAGES)
def test_every_event_is_named(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    assert [event for event in Event if f"`{event}`" not in text] == []


@pytest.mark.parametrize("page", PAGES)
def test_its_settings_can_be_used(page: str) -> None:
    for block in _blocks(page, "toml"):
        assert parse(re.sub(r"(?m)^# (\w+ =)", r"\1", block), where=page)


@pytest.mark.parametrize("sign", ["```toml", "```json", "\n## ", "\n| `", "- **"])
def test_both_languages_have_the_same_parts(sign: str) -> None:
    english, russian = ((DOCS / page).read_text(encoding="utf-8") for page in PAGES)
    assert english.count(sign) == russian.count(sign)


def test_the_document_is_of_the_shape_that_the_page_shows() -> None:
    shown = [json.loads(_blocks(page, "json")[0]) for page in PAGES]
    assert shown[0] == shown[1]
    ticket = new_ticket_row()
    event = Happening(id=1, at_ms=1, who="olga", what="closed", data={"as": "done"}, ticket=ticket, aside=False)
    told = json.loads(document(event, personal=False))
    assert told["data"]["event"] == shown[0]["data"]["event"]
    assert set(told["data"]["ticket"]) == set(shown[0]["data"]["ticket"])
    assert set(told) == set(shown[0])
