"""The installed command on real servers: a letter goes in over IMAP, a reply comes out over SMTP, both over TLS."""

import email
import email.policy
from importlib import resources

from servers.daemon import Daemon

LETTER = """\
From: Ольга <olga.{n}@post.example>
To: support@desk.example
Subject: Не могу войти
Date: Tue, 17 Nov 2026 10:{n:02}:00 +0300
Message-ID: <letter-{n}@post.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Здравствуйте! Письмо номер {n}. Со вчерашнего вечера не приходит код подтверждения, не могу войти в личный кабинет.

Мещерякова Ольга Витальевна
"""


def letters(count: int) -> list[bytes]:
    return [LETTER.format(n=n).encode() for n in range(count)]


def replies(daemon: Daemon) -> list[email.message.EmailMessage]:
    return [
        email.message_from_bytes(raw, policy=email.policy.default)  # type: ignore[misc]  # of that policy
        for raw in daemon.mta.delivered()
    ]


def test_sample_letters_go_the_whole_way(daemon: Daemon) -> None:
    samples = sorted(resources.files("commands").joinpath("sample_letters").iterdir(), key=lambda one: one.name)
    daemon.mail_server.deliver(daemon.user, *(one.read_bytes() for one in samples if one.name.endswith(".eml")))
    process = daemon.start()
    daemon.until(lambda: daemon.count("SELECT count(*) FROM letters WHERE state <> 'received'") == len(samples))
    daemon.until(lambda: daemon.count("SELECT count(*) FROM outbox WHERE state = 'queued'") == 0)
    assert daemon.stop(process) == 0
    assert daemon.count("SELECT count(*) FROM letters WHERE state = 'parked'") == 0, daemon.log()
    assert len(daemon.mail_server.kept(daemon.user, "Processed")) == len(samples)
    assert daemon.mail_server.kept(daemon.user) == []
    sent = daemon.count("SELECT count(*) FROM outbox WHERE state = 'sent'")
    assert len(daemon.mta.wait(sent)) == sent
    for reply in replies(daemon):
        assert reply["Auto-Submitted"] == "auto-replied"
        assert "sample-" in reply["In-Reply-To"]
    answered = {reply["In-Reply-To"] for reply in replies(daemon)}
    robots = {f"<sample-{n}@" for n in (34, 35, 36, 37, 38)}
    assert not [one for one in answered if one.startswith(tuple(robots))]


def test_the_log_tells_of_letters_without_their_words(daemon: Daemon) -> None:
    daemon.mail_server.deliver(daemon.user, *letters(1))
    process = daemon.start()
    daemon.until(lambda: daemon.count("SELECT count(*) FROM outbox WHERE state = 'sent'") == 1)
    daemon.stop(process)
    log = daemon.log()
    assert "became=" in log
    for secret in ("Мещерякова", "olga", "post.example", "Не могу войти", "letter-0"):
        assert secret not in log
