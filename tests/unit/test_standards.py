"""docs/standards.md and the code name the same RFCs."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = (
    "service",
    "store",
    "intake",
    "validate",
    "classify",
    "tickets",
    "reply_templates",
    "outbox",
    "triage",
    "commands",
)


def _cited() -> set[str]:
    sources = (path.read_text(encoding="utf-8") for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return {number for source in sources for number in re.findall(r"RFC (\d{4})", source)}


def _listed() -> dict[str, str]:
    rows = re.findall(r"^\| RFC (\d{4}) \|[^|]*\| (yes|partial|no) \|", (ROOT / "docs/standards.md").read_text(), re.M)
    return dict(rows)


def test_every_rfc_that_the_code_cites_is_listed() -> None:
    assert _cited() <= set(_listed())


def test_every_rfc_that_is_followed_is_cited_where_it_is() -> None:
    assert {number for number, followed in _listed().items() if followed != "no"} <= _cited()
