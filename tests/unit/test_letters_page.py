"""docs/letters.md tells every kind of letter and every word a template may use."""

import re
from dataclasses import fields
from pathlib import Path

from reply_templates.said import Said
from reply_templates.samples import SAMPLES
from triage.words import REPLIES

PAGE = (Path(__file__).parents[2] / "docs" / "letters.md").read_text(encoding="utf-8")


def test_every_kind_of_letter_is_told() -> None:
    assert [kind for kind in SAMPLES if f"\n| `{kind}` |" not in PAGE] == []
    assert set(SAMPLES) == set(REPLIES), "staff read each kind by a word"


def test_every_word_is_told_and_no_other() -> None:
    table = PAGE.partition("| word | what it says |")[2].partition("\n\n")[0]
    told = {
        word for row in table.splitlines() if row.startswith("|") for word in re.findall(r"`(\w+)`", row.split("|")[1])
    }
    assert told == {field.name for field in fields(Said)}
