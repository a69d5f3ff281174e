"""What ops watch: metrics from the store and from the log, health, and rules that name only metrics that exist."""

import asyncio
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from asgi_client import get
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from service.counted import Counted
from service.settings import Settings
from store.database import Store
from store.overview import MailboxNow, Overview
from store.upgrade import migrate
from triage.metrics import metrics_app, unready

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = "prometheus/priemnaya.rules.yml"
NAMES = re.compile(r"priemnaya_\w+")
LIVED_IN = """
INSERT INTO mailboxes (identity, since_ms, due, attempts) VALUES ('desk', 0, 0, 0);
INSERT INTO audit (at_ms, who, what, data) VALUES (1, 'ops:root', 'backed-up', '{}');
INSERT INTO forwards (name, last) VALUES ('crm', 0);
"""


@pytest.fixture
def asked(tmp_path: Path) -> Starlette:
    """The metrics' listener over an empty store."""
    store = Store(f"sqlite:///{tmp_path}/store.db")
    migrate(store)
    return metrics_app(Settings(), store)


def _names(text: str) -> set[str]:
    return {sample.name for family in text_string_to_metric_families(text) for sample in family.samples} | {
        family.name for family in text_string_to_metric_families(text)
    }


def _overview(*polled_ms_ago: int | None) -> Overview:
    boxes = tuple(
        MailboxNow(identity="desk", held=True, polled_ms_ago=ago, last_error=None, older=0, since_ms=0)
        for ago in polled_ms_ago
    )
    return Overview(
        now_ms=0, waiting=0, waiting_ms=None, parked=0, tickets={}, doubtful=0, overdue=0, queued=0, queued_ms=None,
        put_off=0, held=0, failed=0, sent_today=0, mailboxes=boxes,
    )  # fmt: skip


def _after_some_letters() -> str:
    counted = Counted()
    for level, event, facts in (
        ("info", "received", {"letters": 2, "known": 0}),
        ("info", "letter", {"letter": 1, "became": "open:26-0000001-8:acknowledgement", "ms": 40}),
        ("info", "letter", {"letter": 2, "became": "automatic:bounce", "ms": 4000}),
        ("info", "reply-sent", {"kind": "acknowledgement", "ticket": 1}),
        ("warning", "mailbox-fault", {"error": "no route", "again_in": 2}),
        ("info", "forwarded", {"target": "crm", "history": 7}),
        ("error", "reply-failed", {"kind": "acknowledgement", "error": "refused"}),
    ):
        counted.heard(level, event, facts)
    return generate_latest(counted.registry).decode()


def test_metrics_of_an_empty_store_are_zero_and_well_formed(asked: Starlette) -> None:
    said = get(asked, "/metrics").text
    values = {s.name: s.value for f in text_string_to_metric_families(said) for s in f.samples if not s.labels}
    assert values["priemnaya_letters_waiting"] == 0
    assert values["priemnaya_tickets_overdue"] == 0


def test_what_the_log_says_is_counted() -> None:
    said = _after_some_letters()
    assert "priemnaya_letters_received_total 2.0" in said
    assert 'priemnaya_letters_judged_total{became="open"} 1.0' in said
    assert 'priemnaya_letter_seconds_bucket{le="0.05"} 1.0' in said
    assert 'priemnaya_log_events_total{event="mailbox-fault",level="warning"} 1.0' in said


def test_no_number_of_a_ticket_becomes_a_label() -> None:
    assert "26-0000001-8" not in _after_some_letters()


def test_counters_are_written_for_the_textfile_collector_at_the_stop(tmp_path: Path) -> None:
    stop = asyncio.Event()
    stop.set()
    asyncio.run(Counted().written(tmp_path / "priemnaya.prom", stop))
    assert "priemnaya_letters_received_total 0.0" in (tmp_path / "priemnaya.prom").read_text()


@pytest.mark.parametrize("file", [RULES, "grafana/priemnaya.json"])
def test_rules_and_board_name_only_metrics_that_exist(file: str, asked: Starlette, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "store.db")) as store, store:
        store.executescript(LIVED_IN)
    known = _names(get(asked, "/metrics").text) | _names(_after_some_letters())
    text = (DEPLOY / file).read_text(encoding="utf-8")
    asked_for = {name for line in text.splitlines() if "expr" in line for name in NAMES.findall(line)}
    assert asked_for
    assert asked_for - known == set()


@pytest.mark.parametrize("page", ["operations.md", "operations.ru.md"])
def test_the_page_names_the_alarms_that_wake_somebody_and_no_other(page: str) -> None:
    rules = re.findall(r"alert: (\w+)\n(?:.*\n)*?\s+labels: {severity: (\w+)}", (DEPLOY / RULES).read_text("utf-8"))
    text = (DEPLOY.parent / "docs" / page).read_text("utf-8")
    (told,) = [part for part in text.split("\n\n") if "`page`" in part]
    assert set(re.findall(r"`(Priemnaya\w+)`", told)) == {name for name, severity in rules if severity == "page"}


def test_the_board_is_json_with_a_panel_a_question() -> None:
    board = json.loads((DEPLOY / "grafana/priemnaya.json").read_text(encoding="utf-8"))
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"]) > 5


@pytest.mark.parametrize(
    ("now", "ready"),
    [
        (_overview(1_000), True),
        (_overview(179_000), True),
        (_overview(181_000), False),
        (_overview(None), False),
        (_overview(1_000, 181_000), False),
        (_overview(), False),
    ],
)
def test_a_mailbox_not_fetched_for_three_polls_is_not_ready(now: Overview, ready: bool) -> None:
    assert (unready(now, poll_seconds=60) == []) is ready


def test_health_is_told_without_a_login_and_readiness_with_its_reason(asked: Starlette) -> None:
    assert get(asked, "/healthz").text == "ok\n"
    said = get(asked, "/readyz")
    assert (said.status, "priemnaya.service" in said.text) == (503, True)


def test_a_store_that_is_away_is_no_crash(tmp_path: Path) -> None:
    away = metrics_app(Settings(), Store(f"sqlite:///{tmp_path}/none.db"))
    assert get(away, "/readyz").status == 503
