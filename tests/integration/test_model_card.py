"""The model card on the page: shown as `evaluate` wrote it, under a policy of its own; without one, how to have it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_door import Door, open_door

from classify import card


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path, classify={"card": str(tmp_path / "card" / "card.html")}) as made:
        yield made


def test_the_card_is_shown_and_nothing_in_it_may_run(door: Door, tmp_path: Path) -> None:
    card.write(tmp_path / "card", [card.Part(title="Ошибки", prose="Одна <тема> вместо другой")])
    cookie = door.log_in()
    answer = door.ask("GET", "/quality/card", cookie=cookie)
    assert answer.status == 200
    assert "Одна &lt;тема&gt; вместо другой" in answer.body
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "/quality/card" in door.ask("GET", "/quality", cookie=cookie).body


def test_without_a_card_the_page_says_how_to_make_one(door: Door) -> None:
    answer = door.ask("GET", "/quality/card", cookie=door.log_in())
    assert answer.status == 404
    assert "priemnaya evaluate" in answer.body


def test_a_stranger_does_not_see_it(door: Door) -> None:
    assert door.ask("GET", "/quality/card").status in {302, 303, 401}
