"""The installed daemon tells a webhook of a letter's ticket; killed anywhere, it tells all, in order, under the same key."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.daemon import Daemon
from servers.finished import Finished
from servers.receiver import Does, Receiver, receiver
from told_elsewhere import SECRET, genuine

LETTER = """\
From: Olga <olga.{n}@post.example>
To: support@desk.example
Subject: =?utf-8?b?0J3QtSDQvNC+0LPRgyDQstC+0LnRgtC4?=
Date: Tue, 17 Nov 2026 10:{n:02}:00 +0300
Message-ID: <told-{n}@post.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Здравствуйте! Письмо номер {n}. Со вчерашнего вечера не приходит код подтверждения, не могу войти в личный кабинет.
"""


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as serving:
        yield serving


def named(folder: Path, there: Receiver) -> str:
    """The table of the settings."""
    (folder / "secret").write_text(SECRET)
    (folder / "secret").chmod(0o600)
    return f'[[forward]]\nname = "crm"\nkind = "webhook"\nurl = "{there.url}/hook"\nsecret_file = "{folder}/secret"\n'


def met(daemon: Daemon) -> None:
    """The target is told of what happens from now on."""
    daemon.until(lambda: daemon.count("SELECT count(*) FROM forwards") == 1)


@pytest.mark.parametrize(
    ("step", "repeated"), [("forward:claimed", False), ("forward:sent", True), ("forward:marked", False)]
)
def test_killed_at_any_step_it_tells_all_in_order_and_repeats_only_under_the_same_key(
    daemon: Daemon, there: Receiver, step: str, repeated: bool
) -> None:
    daemon.settings(named(daemon.folder, there))
    process = daemon.start(fault=f"kill {step} 2")
    met(daemon)
    daemon.mail_server.deliver(daemon.user, *(LETTER.format(n=n).encode() for n in range(2)))
    assert process.wait(60) == -9
    daemon.change("UPDATE forwards SET due = 0")  # the lease of the dead one is over
    again = daemon.start()
    daemon.until(lambda: daemon.count("SELECT count(*) FROM outbox WHERE state = 'sent'") == 2)
    wanted = daemon.count("SELECT max(id) FROM history")
    daemon.until(lambda: daemon.count("SELECT last FROM forwards") >= wanted)
    assert daemon.stop(again) == 0
    lines = [int(one.headers["webhook-id"].partition("-")[0]) for one in there.heard]
    assert sorted(lines) == lines, "in order"
    assert sorted(set(lines)) == [row[0] for row in daemon.rows("SELECT id FROM history ORDER BY id")]
    assert len(lines) - len(set(lines)) == int(repeated)
    assert len({one.headers["webhook-id"] for one in there.heard}) == len(set(lines))
    assert all(genuine(one.headers, one.body) for one in there.heard)
    assert {one.path for one in there.heard} == {"/hook"}
    told = b"".join(one.body for one in there.heard).decode()
    assert json.loads(there.heard[0].body)["type"] == "ticket.opened"
    assert not [word for word in ("olga", "post.example", "кабинет", "войти") if word in told + daemon.log()]
    assert SECRET not in daemon.log()
    assert daemon.verified() == []


def test_what_was_not_taken_is_shown_and_told_again_when_a_person_says_so(daemon: Daemon, there: Receiver) -> None:
    daemon.settings(named(daemon.folder, there))
    process = daemon.start()
    met(daemon)
    there.then(Does(status=422))
    daemon.mail_server.deliver(daemon.user, LETTER.format(n=1).encode())
    daemon.until(lambda: daemon.count("SELECT count(*) FROM forward_aside") == 1)
    desk = Finished(folder=daemon.folder)
    assert "1 set aside" in desk.run("status")
    (aside,) = desk.asked("forward", "list")
    assert aside["reason"].endswith("answers 422")
    findings = desk.asked("doctor")
    assert {one["level"] for one in findings if one["what"] == "forward"} == {"ok", "warn"}
    assert "1 will be told again" in desk.run("forward", "retry", "--target", "crm", "--all")
    daemon.until(lambda: daemon.count("SELECT count(*) FROM forward_aside") == 0)
    assert there.heard[-1].headers["webhook-id"] == there.heard[0].headers["webhook-id"]
    assert daemon.stop(process) == 0
    desk.failed("forward", "retry", "--target", "crm", "999")
    assert "nowhere else" in desk.run("forward", "where", aside["number"])
    desk.failed("forward", "forget", "crm")
    daemon.settings("")
    assert "in no [[forward]] any more" in desk.run("doctor", "--offline", status=1)
    assert "forgotten" in desk.run("forward", "forget", "crm")


def test_check_config_names_the_line_of_what_cannot_work(tmp_path: Path, there: Receiver) -> None:
    desk = Finished(folder=tmp_path)
    rest = f'[mailbox]\nurl = "maildir:{tmp_path}/in"\n[store]\nurl = "sqlite:///{tmp_path}/s.db"\n'
    desk.config.write_text(rest + named(tmp_path, there) + 'events = ["opend"]\n')
    said = desk.run("check-config", status=78)
    assert f"{desk.config}:8: forward.0.url: no event is called 'opend'" in said
    desk.config.write_text(rest + named(tmp_path, there))
    assert "in order" in desk.run("check-config")
    assert '[[forward]]\nname = "crm"' in desk.run("show-config")
