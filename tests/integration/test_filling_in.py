"""«Дополнить» on a ticket's page: whatever a letter may bring, staff may type; numbers of persons stand there masked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_door import Door, open_door
from store_rows import open_ticket

from store import rows
from triage.forms import EDITABLE, fields_of

SNILS = "11223344595"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as made:
        yield made


def test_every_field_has_its_place_and_a_complaint_is_completed_by_the_snils(door: Door) -> None:
    with door.store.writing() as conn:
        lacks = {"kind": "complaint", "state": "waiting", "missing": ("inn_or_account", "description")}
        opened = open_ticket(conn, None, fields={"fio": "Иванов Иван"}, **lacks)
    path, cookie = f"/t/{opened.number}", door.log_in()
    page = door.ask("GET", path, cookie=cookie).body
    assert [name for name in EDITABLE if f'name="field_{name}"' not in page] == []
    form = {
        "what": "fields", "version": "1", "back": "", "field_snils": "112-233-445 95", "field_service": "Запись к врачу",
        "field_description": "Не входит\r\nс утра",
    }  # fmt: skip
    assert door.ask("POST", f"{path}/decide", form, cookie=cookie).status == 303
    with door.store.reading() as conn:
        after = rows.ticket(conn, opened.id)
    assert after is not None
    assert (after.state, list(after.missing), after.fields["snils"]) == ("new", [], SNILS)
    page = door.ask("GET", path, cookie=cookie).body
    assert SNILS not in page, "masked, in the form too"
    assert f'name="field_snils" autocomplete="off" value="" placeholder="•••••••{SNILS[-4:]}"' in page
    assert 'name="field_service" autocomplete="off" value="Запись к врачу"' in page
    assert "field_description" not in page, "the first account of the trouble stays"


def test_what_is_refused_stays_as_it_was_typed(door: Door) -> None:
    with door.store.writing() as conn:
        path = f"/t/{open_ticket(conn, None).number}"
    form = {"what": "fields", "version": "1", "back": "", "field_account": "ЛК-12 34", "field_date": "2026-03-15"}
    said = door.ask("POST", f"{path}/decide", form, cookie=door.log_in())
    assert said.status == 422
    for words in ("одними цифрами", 'value="ЛК-12 34"', 'value="2026-03-15"'):
        assert words in said.body


def test_what_happened_keeps_its_lines() -> None:
    assert fields_of({"field_description": " Не входит\r\nс утра \n"}) == {"description": "Не входит\nс утра"}
