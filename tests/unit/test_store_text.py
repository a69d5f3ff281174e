"""Text and JSON as the store keeps them, without a database."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.columns import cleaned, to_json

ANY_TEXT = st.text(st.characters(exclude_categories=()))
ANY_JSON = st.recursive(
    ANY_TEXT | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Иванов", "Иванов"),
        ("a\0b", "a\ufffdb"),
        ("\ud83d", "\ufffd\ufffd\ufffd"),
        ("😀", "😀"),
        ("\\u0000", "\\u0000"),
    ],
)
def test_only_what_no_database_keeps_is_replaced(written: str, kept: str) -> None:
    assert cleaned(written) == kept
    assert json.loads(to_json({"x": [written]})) == {"x": [kept]}


@given(ANY_TEXT)
def test_cleaned_text_can_be_stored(text: str) -> None:
    kept = cleaned(text)
    assert "\0" not in kept
    assert kept.encode().decode() == kept
    assert cleaned(kept) == kept


@given(ANY_JSON)
def test_json_can_be_stored_whatever_is_in_it(value: object) -> None:
    written = to_json(value)
    written.encode()
    assert "\0" not in json.dumps(json.loads(written), ensure_ascii=False).replace("\\\\u0000", "")
