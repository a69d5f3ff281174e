"""A mark in every place of a letter, looked for where no personal data may be: logs, metrics, URLs, process list,
status lines, crash reports, what commands print.
"""

import http.client
import re
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from servers.daemon import Daemon
from servers.dovecot import free_ports
from servers.finished import Finished

PASSWORD = "a long enough password"
MARKS = {
    "name": "Пометкина",
    "given": "Аполлинария",
    "patronymic": "Аристарховна",
    "local": "mark4711",
    "domain": "marks-domain.example",
    "reply-to": "elsewhere4712",
    "display": "Отображаемая",
    "subject": "Темапометки",
    "message-id": "msgid4713",
    "references": "refs4714",
    "header": "xheader4715",
    "inn": "502711483095",
    "phone": "9161234715",
    "account": "40471600",
    "body": "хрюндельбрюк",
    "quoted": "цитатопометка",
    "file": "файлопометка",
    "content": "contentmark4717",
}
LETTER = """\
From: {display} <{local}@{domain}>
Reply-To: <{reply-to}@{domain}>
To: support@desk.example
Subject: {subject}
Date: Tue, 17 Nov 2026 10:00:00 +0300
Message-ID: <{message-id}{n}@{domain}>
References: <{references}@{domain}>
X-Mailer: {header}
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Здравствуйте! Вчера {body} перестал открываться, не могу войти в личный кабинет {account} с телефона. Письмо {n}.

{name} {given} {patronymic}
ИНН {inn}
тел. +7{phone}

> {quoted}
--b
Content-Type: application/pdf; name="{file}.pdf"
Content-Disposition: attachment; filename="{file}.pdf"

%PDF-1.4 {content}
--b--
"""


def letter(n: int, **changed: str) -> bytes:
    return LETTER.format(n=n, **{**MARKS, **changed}).encode()


def marks_in(text: str) -> set[str]:
    """Which marks the text has, as they are or as URLs, JSON and Python write them."""
    said = text.lower()
    ways = {mark: {mark, quote(mark), mark.encode("unicode_escape").decode()} for mark in MARKS.values()}
    return {mark for mark, forms in ways.items() if any(form.lower() in said for form in forms)}


class Watch:
    """Reads the command lines and environments of our processes again and again, and what systemd would be told."""

    def __init__(self, folder: Path) -> None:
        self.seen: list[str] = []
        self._stop = threading.Event()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "notify"))
        self._socket.settimeout(0.05)
        self._folder = str(folder)

    def run(self) -> None:
        while not self._stop.is_set():
            for entry in Path("/proc").iterdir():
                if entry.name.isdecimal():
                    self._read(entry)
            try:
                self.seen.append(self._socket.recv(4096).decode())
            except TimeoutError:
                continue

    def _read(self, process: Path) -> None:
        try:
            line = (process / "cmdline").read_bytes()
            if self._folder.encode() in line or b"priemnaya" in line:
                self.seen += [
                    line.decode("utf-8", "replace"),
                    (process / "environ").read_bytes().decode("utf-8", "replace"),
                ]
        except OSError:
            return

    @contextmanager
    def on(self) -> Iterator[None]:
        thread = threading.Thread(target=self.run)
        thread.start()
        yield
        self._stop.set()
        thread.join(10)
        self._socket.close()


class Browser:
    """Asks pages and gathers every address in them."""

    def __init__(self, port: int) -> None:
        self._port, self._cookie = port, ""
        self.urls: set[str] = set()

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> str:
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)) as conn:
            headers = {"Cookie": self._cookie} if self._cookie else {}
            if form is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            conn.request(method, path, body=urlencode(form) if form is not None else None, headers=headers)
            answer = conn.getresponse()
            if (cookie := answer.getheader("Set-Cookie")) is not None:
                self._cookie = cookie.partition(";")[0]
            text = answer.read().decode("utf-8", "replace")
        found = re.findall(r"""\b(?:href|src|action|formaction|hx-[a-z-]+|data-[a-z-]*url)=["']([^"']*)""", text)
        self.urls |= {path, *found, answer.getheader("Location") or ""}
        return text


def test_no_mark_of_a_letter_leaves_the_store(
    daemon: Daemon, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = tmp_path_factory.mktemp("w")
    web_port, metrics_port = free_ports(2)
    daemon.settings(f'[web]\nlisten = "127.0.0.1:{web_port}"\n[metrics]\nlisten = "127.0.0.1:{metrics_port}"\n')
    desk, watch = Finished(folder=daemon.folder), Watch(aside)
    monkeypatch.setenv("NOTIFY_SOCKET", str(aside / "notify"))
    with watch.on():
        daemon.mail_server.deliver(daemon.user, letter(1), letter(2, local="nobody"), b"From: x\n\n" + letter(3))
        process = daemon.start()
        daemon.until(lambda: daemon.count("SELECT count(*) FROM letters WHERE state <> 'received'") == 3)
        daemon.until(lambda: daemon.count("SELECT count(*) FROM outbox WHERE state = 'queued'") == 0)
        assert daemon.count("SELECT count(*) FROM outbox WHERE state = 'failed'") == 1, "the server refuses nobody@"
        pages = browse(desk, daemon, web_port, metrics_port)
        break_recording(daemon)
        daemon.stop(process)

    assert marks_in(pages.page), "the pages show the letter: the marks can be found where they are"
    assert marks_in("\n".join(pages.urls)) == set()
    assert marks_in(pages.metrics) == set()
    assert marks_in(daemon.log()) == set()
    assert "letter-broke-recording" in daemon.log()
    assert marks_in((daemon.folder / "web.log").read_text()) == set()
    assert any("STATUS=" in line for line in watch.seen)
    assert any("--config" in line for line in watch.seen)
    assert marks_in("\n".join(watch.seen)) == set()
    assert marks_in(printed(desk)) == set()
    assert not [path for path in daemon.folder.rglob("core*") if path.is_file()]


class Seen:
    """What the pages gave."""

    def __init__(self) -> None:
        self.page, self.metrics, self.urls = "", "", set[str]()


def browse(desk: Finished, daemon: Daemon, web_port: int, metrics_port: int) -> Seen:
    """The queue, each ticket and its parts; the metrics."""
    desk.run("staff", "add", "olga", "--role", "admin", "--password-stdin", given=PASSWORD + "\n")
    with (daemon.folder / "web.log").open("wb") as log:
        web = subprocess.Popen(desk.command("web"), stderr=log, stdout=log)
    browser, metrics, seen = Browser(web_port), Browser(metrics_port), Seen()
    try:
        daemon.until(lambda: answers(web_port) and answers(metrics_port))
        browser.ask("POST", "/login", {"login": "olga", "password": PASSWORD})
        asked: set[str] = set()
        for _ in range(3):  # the queue, what it links to, what that links to
            for url in sorted(browser.urls - asked):
                asked.add(url)
                if url.startswith("/") and not url.startswith(("/static", "/logout", "/events")):
                    seen.page += browser.ask("GET", url)
        seen.metrics = "".join(metrics.ask("GET", path) for path in ("/metrics", "/healthz", "/readyz"))
        assert "priemnaya_" in seen.metrics
        seen.urls = browser.urls
    finally:
        web.terminate()
        web.wait(20)
    return seen


def answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def break_recording(daemon: Daemon) -> None:
    """The next letter breaks the code that records it, twice, and is set aside."""
    with closing(sqlite3.connect(daemon.folder / "store.db", timeout=10)) as store, store:
        store.execute("ALTER TABLE files ADD COLUMN broken TEXT NOT NULL DEFAULT ''")
        store.execute("CREATE TRIGGER broken BEFORE INSERT ON files BEGIN SELECT RAISE(ABORT, 'broken'); END")
    daemon.mail_server.deliver(daemon.user, letter(4))
    ends = time.monotonic() + 60
    while daemon.count("SELECT count(*) FROM letters WHERE state = 'parked'") == 0:
        assert time.monotonic() < ends, daemon.log()
        time.sleep(0.1)


def printed(desk: Finished) -> str:
    """What commands say that people pipe into other tools."""
    said = ""
    for command in ("status", "queue list", "parked list", "verify", "doctor --offline", "status --json"):
        done = subprocess.run(desk.command(*command.split()), capture_output=True, text=True, check=False)
        said += done.stdout + done.stderr
    assert "parked" in said
    return said


def test_a_mark_is_found_where_it_is() -> None:
    assert marks_in("a " + quote(MARKS["name"])) == {MARKS["name"]}
    assert marks_in(ascii(MARKS["body"])) == {MARKS["body"]}
    assert marks_in("nothing") == set()
