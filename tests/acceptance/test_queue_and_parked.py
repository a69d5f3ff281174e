"""`status`, `queue`, `parked`: what waits is said, and only whole steps are taken."""

import json
from pathlib import Path

import pytest
from servers.finished import Finished

from triage import words

ALL_ROWS = (
    "SELECT (SELECT count(*) FROM letters), (SELECT count(*) FROM tickets), (SELECT count(*) FROM outbox),"
    " (SELECT count(*) FROM history), (SELECT group_concat(year || ':' || last) FROM counters)"
)


def state(desk: Finished, reply: int) -> str:
    return str(desk.sql("SELECT state FROM outbox WHERE id = ?", reply)[0][0])


def test_status_counts_what_the_store_has(finished: Finished) -> None:
    finished.sql("UPDATE outbox SET state = 'held' WHERE id = 1")
    said = finished.asked("status")
    assert said["held"] == 1
    assert sum(said["tickets"].values()) == finished.sql("SELECT count(*) FROM tickets")[0][0]
    assert said["sent_today"] == finished.sql("SELECT count(*) FROM outbox WHERE state = 'sent'")[0][0] + 1
    page = finished.run("status")
    assert "NO DAEMON HOLDS IT" in page
    assert "1 held" in page


def test_a_queue_is_listed_without_addresses_and_a_reply_shown_whole(finished: Finished) -> None:
    finished.sql("UPDATE outbox SET state = 'failed', last_error = 'message refused: 554' WHERE id = 3")
    (one,) = finished.asked("queue", "list")
    assert (one["id"], one["state"], one["last_error"]) == (3, "failed", "message refused: 554")
    recipient = finished.sql("SELECT recipient FROM outbox WHERE id = 3")[0][0]
    assert recipient not in finished.run("queue", "list")
    assert recipient in finished.run("queue", "show", "3")
    assert "Auto-Submitted: auto-replied" in finished.run("queue", "show", "3")
    finished.run("queue", "show", "999", status=1)
    ticket = finished.sql("SELECT ticket_id FROM outbox WHERE id = 3")[0][0]
    assert finished.sql("SELECT what, ticket_id FROM audit") == [("reply-shown", ticket)] * 2


@pytest.mark.parametrize(
    ("was", "do", "becomes"),
    [
        ("queued", "hold", "held"),
        ("held", "release", "queued"),
        ("failed", "retry", "queued"),
        ("queued", "drop", "dropped"),
        ("held", "drop", "dropped"),
        ("failed", "drop", "dropped"),
    ],
)
def test_a_reply_takes_one_step(finished: Finished, was: str, do: str, becomes: str) -> None:
    finished.sql("UPDATE outbox SET state = ?, attempts = 0 WHERE id = 2", was)
    finished.run("queue", do, "2")
    assert state(finished, 2) == becomes


@pytest.mark.parametrize(
    ("was", "do"), [("sent", "hold"), ("sent", "retry"), ("sent", "drop"), ("queued", "release"), ("dropped", "retry")]
)
def test_a_step_that_is_none_of_its_state_is_refused(finished: Finished, was: str, do: str) -> None:
    finished.sql("UPDATE outbox SET state = ? WHERE id = 2", was)
    finished.run("queue", do, "2", status=1)
    assert state(finished, 2) == was


@pytest.mark.parametrize("do", ["hold", "retry", "drop"])
def test_a_reply_in_a_senders_hands_is_left_alone(finished: Finished, do: str) -> None:
    """Its lease ends within three minutes; held or dropped meanwhile it would be sent and yet be said not to be."""
    claimed = (
        "UPDATE outbox SET state = 'queued', attempts = 1, due = (julianday('now') - 2440587.5) * 86400000 + 100000"
    )
    finished.sql(f"{claimed} WHERE id = 2")
    finished.run("queue", do, "2", status=1)
    assert state(finished, 2) == "queued"


def test_what_is_dropped_is_noted_on_the_ticket(finished: Finished) -> None:
    acknowledges = "SELECT id, ticket_id FROM outbox WHERE kind = 'acknowledgement' ORDER BY id LIMIT 1"
    ((reply, ticket),) = finished.sql(acknowledges)
    finished.sql("UPDATE outbox SET state = 'held' WHERE id = ?", reply)
    finished.run("queue", "drop", "--all")
    ((what, data),) = finished.sql("SELECT what, data FROM history WHERE ticket_id = ? AND who = 'ops'", ticket)
    assert what == "reply-failed"
    assert json.loads(data)["reason"] in words.REASONS, "staff read the code itself"


def test_a_question_that_is_dropped_leads_to_a_person(finished: Finished) -> None:
    asks = "SELECT id, ticket_id FROM outbox WHERE kind = 'missing_information' ORDER BY id LIMIT 1"
    ((reply, ticket),) = finished.sql(asks)
    finished.sql("UPDATE outbox SET state = 'held' WHERE id = ?", reply)
    finished.sql("UPDATE tickets SET state = 'waiting' WHERE id = ?", ticket)
    finished.run("queue", "drop", str(reply))
    left = finished.sql("SELECT state, needs_review, waiting_until_ms, remind_ms FROM tickets WHERE id = ?", ticket)
    assert left == [("new", 1, None, None)]


@pytest.mark.parametrize("family", ["queue retry", "queue drop", "parked reprocess"])
def test_nothing_is_done_to_all_by_mistake(finished: Finished, family: str) -> None:
    finished.run(*family.split(), status=2)
    finished.run(*family.split(), "1", "--all", status=2)


def test_a_parked_letter_is_looked_at_taken_out_and_worked_again(finished: Finished, tmp_path: Path) -> None:
    finished.sql("UPDATE letters SET state = 'parked', reason = 'memory: 512 MB', ticket_id = NULL WHERE id = 5")
    (one,) = finished.asked("parked", "list")
    assert (one["id"], one["reason"]) == (5, "memory: 512 MB")
    assert "verdict" not in one
    assert "Message-ID" in finished.run("parked", "show", "5")
    out = tmp_path / "5.eml"
    finished.run("parked", "export", "5", "--out", str(out))
    blob = finished.sql("SELECT blob FROM letters WHERE id = 5")[0][0]
    assert out.read_bytes() == (finished.folder / "blobs" / blob).read_bytes()
    assert out.stat().st_mode & 0o077 == 0
    finished.run("parked", "reprocess", "5")
    assert finished.sql("SELECT state, deaths, lapses, reason FROM letters WHERE id = 5") == [("received", 0, 0, None)]
    finished.run("parked", "reprocess", "5", status=1)
    seen = finished.sql("SELECT who, what FROM audit ORDER BY id")
    assert [what for _, what in seen] == ["parked-shown", "letter-exported"]
    assert all(who.startswith("ops:") for who, _ in seen)


def test_a_letter_in_a_file_is_explained_without_a_trace(finished: Finished, tmp_path: Path) -> None:
    letter = tmp_path / "new.eml"
    letter.write_text(
        "From: Ольга <olga@post.example>\nMessage-ID: <new@post.example>\nDate: Tue, 17 Nov 2026 10:00:00 +0300\n"
        "Subject: Не могу войти\nContent-Type: text/plain; charset=utf-8\n\n"
        "Здравствуйте! Со вчерашнего вечера не приходит код, не могу войти в личный кабинет.\n\nМещерякова Ольга Витальевна\n"
    )
    before = finished.sql(ALL_ROWS)
    said = finished.run("explain", str(letter))
    assert "10 settling  open:" in said
    assert "fio: Мещерякова Ольга Витальевна" in said
    assert "inn_or_account" in said
    assert "Нужны сведения" in said
    assert finished.asked("explain", str(letter))["outcome"].startswith("open:")
    assert finished.sql(ALL_ROWS) == before


def test_a_kept_letter_is_explained_by_its_ticket_its_id_and_its_message_id(finished: Finished) -> None:
    letter, number, message = finished.sql(
        "SELECT l.id, t.number, l.message_id FROM letters l JOIN tickets t ON t.letter_id = l.id ORDER BY l.id LIMIT 1"
    )[0]
    said = finished.run("explain", number)
    assert f"ticket {number}" in said
    assert "history" in said
    assert finished.run("explain", str(letter)) == said
    assert finished.run("explain", f"<{message}>") == said
    finished.run("explain", "nowhere", status=1)


def test_a_letter_that_came_twice_is_explained_by_the_first(finished: Finished) -> None:
    first, number = finished.sql("SELECT letter_id, number FROM tickets ORDER BY id LIMIT 1")[0]
    (again,) = finished.sql("SELECT max(id) FROM letters WHERE blob IS NOT NULL AND id <> ?", first)[0]
    finished.sql("UPDATE letters SET state = 'duplicate', ticket_id = NULL, same_as = ? WHERE id = ?", first, again)
    assert f"repeats   letter {first}; ticket {number}" in finished.run("explain", str(again))
    assert finished.asked("explain", str(again))["repeats"] == {"letter": first, "ticket": number}
    assert finished.asked("explain", str(first))["repeats"] is None
