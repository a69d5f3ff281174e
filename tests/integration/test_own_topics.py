"""A desk with topics of its own: lists, keys, filters, search, decisions and letters have them and no others."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from desk_door import Door, open_door
from store_rows import claim, letter, open_ticket, receive, settled

from classify import model_file
from classify.desk_topics import topics_of
from outbox.answer import Answers
from service.settings import Settings
from store import rows
from store.schema import corrections, tickets
from triage.indexing import index_some


@pytest.fixture
def own(tmp_path: Path) -> dict[str, str]:
    """A model of two topics, and a file that names them and one more."""
    nothing = model_file.Block(features=["слово"], idf=np.ones(1), weights=np.zeros((1, 2)))
    parts = model_file.Parts(blocks={"lemmas": nothing}, bias=np.zeros(2), lemmas={}, learned=frozenset())
    model_file.write(tmp_path / "model", {"topics": ["heating", "water"]}, parts)
    (tmp_path / "titles.toml").write_text('water = "Вода"\nlifts = "Лифты"\n', encoding="utf-8")
    return {"model": str(tmp_path / "model"), "titles": str(tmp_path / "titles.toml")}


@pytest.fixture
def door(tmp_path: Path, own: dict[str, str]) -> Iterator[Door]:
    with open_door(tmp_path, classify=own) as made:
        yield made


def test_the_page_has_the_desks_topics_and_no_others(door: Door) -> None:
    with door.store.writing() as conn:
        for topic in ("water", "heating"):
            opened = open_ticket(conn, None, topic=topic)
    cookie = door.log_in()
    queue = door.ask("GET", "/", cookie=cookie).body
    for said in ('<option value="water">Вода</option>', '<option value="lifts">Лифты</option>', "Вода 90 %"):
        assert said in queue
    assert "Мобильное приложение" not in queue
    narrowed = door.ask("GET", "/?topic=water", cookie=cookie).body
    assert opened.number not in narrowed
    assert 'data-number="' in narrowed
    shown = door.ask("GET", f"/t/{opened.number}", cookie=cookie).body
    keys = [
        shown.index(f'value="{topic}" data-key="{key}"') for topic, key in (("water", "Digit1"), ("lifts", "Digit2"))
    ]
    assert keys == sorted(keys)
    assert 'data-key="Digit3"' in shown, "the third is the model's own, without a title"
    assert 'data-key="Digit4"' not in shown


def test_they_can_be_told_searched_and_counted(door: Door) -> None:
    receive(door.store, letter(1))
    mine = claim(door.store)
    assert mine
    verdict = {"topic": "water", "topics": [["water", 0.9]], "confidence": 0.9, "clues": {"model": "m"}}
    with door.store.writing() as conn:
        rows.settle(conn, mine, settled(verdict=verdict))
        opened = open_ticket(conn, mine.id, topic="water")
    cookie = door.log_in()

    def told(topic: str) -> int:
        form = {"what": "topic", "topic": topic, "back": "tab=new"}
        return door.ask("POST", f"/t/{opened.number}/decide", form, cookie=cookie).status

    assert (told("mobile"), told("lifts")) == (422, 303)
    with door.store.reading() as conn:
        assert conn.execute(corrections.select()).one().topic == "lifts"
        assert conn.execute(tickets.select()).one().topic == "lifts"
    while index_some(door.store):
        pass
    found = door.ask("POST", "/search", {"q": "тема:лифт"}, cookie=cookie).body
    assert f'data-number="{opened.number}"' in found
    counted = door.ask("GET", "/quality?anew=1", cookie=cookie).body
    assert "Вода → <b>Лифты</b>" in counted


def test_letters_carry_the_desks_titles(own: dict[str, str]) -> None:
    settings = Settings.model_validate({"classify": own})
    answers = Answers(settings)
    assert answers.topics == topics_of(settings.classify)
    answers.close()
