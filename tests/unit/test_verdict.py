"""The verdict's shape is a contract: its JSON Schema is shipped, and its keys are those of the contract."""

import json
from importlib import resources

from tickets.verdict import Overrun, Verdict, unreadable

KEYS = {
    "message_id", "sender", "disposition", "reply", "no_reply_reason", "kind", "topic", "confidence", "needs_review",
    "topics", "fields", "missing", "problems", "attachments", "error",
}  # fmt: skip
FIELDS = {
    "fio", "inn", "account", "snils", "ogrn", "phone", "date", "ticket", "application", "service", "description",
}  # fmt: skip


def test_the_shipped_schema_is_the_records_own() -> None:
    shipped = json.loads(resources.files("tickets").joinpath("verdict.schema.json").read_text(encoding="utf-8"))
    shipped.pop("$schema")
    assert shipped == Verdict.model_json_schema()


def test_every_key_is_always_there() -> None:
    printed = json.loads(unreadable(Overrun.TIME).model_dump_json())
    assert set(printed) == KEYS
    assert set(printed["fields"]) == FIELDS
    assert printed["disposition"] == "unreadable"
    assert printed["error"] == "time"
