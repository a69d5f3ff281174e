"""Letters that break other desks go through the installed daemon: each gets its verdict within five seconds and a
ticket that staff can see, and the ordinary letter behind them is answered."""

from servers.daemon import Daemon

ORDINARY = """\
From: olga@post.example
To: support@desk.example
Subject: Код
Date: Tue, 17 Nov 2026 10:00:00 +0300
Message-ID: <ordinary@post.example>
Content-Type: text/plain; charset=utf-8

Не приходит код, не могу войти в кабинет.
""".encode()

# From is each letter's own, so that none is taken for another's second
BAD: dict[str, bytes] = {
    "no From": b"To: support@desk.example\nSubject: no sender\n\nI cannot log in",
    "no Date": b"From: nodate@post.example\nSubject: when\n\nI cannot log in",
    "empty body": b"From: empty@post.example\nSubject: help\n\n",
    "nothing but a From": b"From: bare@post.example\n\n",
    "unknown charset": b"From: charset@post.example\nContent-Type: text/plain; charset=x-mars\n\n"
    + "Не могу войти".encode("cp1251"),
    "10,000 parts": b"From: parts@post.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 10_000,
    "nesting 200 deep": b"From: deep@post.example\n"
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(200))
    + b"\nwords",
    "NUL bytes": b"From: nul@post.example\nSubject: a\0b\n\nI can\0not\0 log in" + b"\0" * 1000,
    "a header of 2 MB": b"From: header@post.example\nSubject: " + b"x" * 2 * 1024 * 1024 + b"\n\nI cannot log in",
    "a file that is nothing it says": b"From: file@post.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n"
    b'I cannot log in\n--b\nContent-Type: application/pdf; name="scan.pdf"\n'
    b"Content-Transfer-Encoding: base64\n\nTVqQAAMAAAAEAAAA//8AALgAAAAAAAAA\n--b--\n",
    "60 MB": b"From: large@post.example\nSubject: photographs\n\n" + (b"x" * 75 + b"\n") * (60 * 1024 * 1024 // 76),
}


def test_each_bad_letter_gets_its_verdict_in_five_seconds_and_a_ticket(daemon: Daemon) -> None:
    daemon.settings("[reading]\nseconds = 5")  # one that takes longer would be parked
    daemon.mail_server.deliver(daemon.user, *BAD.values(), ORDINARY)
    process = daemon.start()
    daemon.until(lambda: daemon.count("SELECT count(*) FROM letters WHERE state <> 'received'") == len(BAD) + 1)
    daemon.until(lambda: daemon.count("SELECT count(*) FROM outbox WHERE state = 'queued'") == 0)
    assert daemon.stop(process) == 0
    assert daemon.rows("SELECT state, count(*) FROM letters GROUP BY state") == [("settled", len(BAD) + 1)]
    assert daemon.count("SELECT count(*) FROM tickets") == len(BAD) + 1
    assert len(daemon.mail_server.kept(daemon.user, "TooLarge")) == 1
    assert len(daemon.mail_server.kept(daemon.user, "Processed")) == len(BAD)
    with_sender = len(BAD)  # all but one, and the ordinary one
    assert daemon.count("SELECT count(*) FROM outbox WHERE state = 'sent'") == with_sender
    assert daemon.verified() == []
