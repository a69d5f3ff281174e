"""A running page in a browser: what the browser tests hold in their hands."""

import socket
import sqlite3
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

PRIEMNAYA = str(Path(sys.executable).with_name("priemnaya"))
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "a long enough password"
PEOPLE = {
    "olga": ("Ольга Рябова", "triage"),
    "anna": ("Анна Ким", "triage"),
    "ivan": ("Иван Ли", "reader"),
    "head": ("Вера Головина", "admin"),
}
AXE = Path(__file__).parents[1] / "browser" / "axe" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


@dataclass
class Desk:
    """A running page over its own store."""

    folder: Path
    address: str
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)  # what the browser's console held against the page

    def ask(self, sql: str, *values: Any) -> Any:
        """The first column of the first row."""
        with sqlite3.connect(self.folder / "priemnaya.db") as conn:
            row = conn.execute(sql, values).fetchone()
        return row[0] if row else None

    def do(self, sql: str, *values: Any) -> None:
        """Changes the store as somebody else would."""
        with sqlite3.connect(self.folder / "priemnaya.db") as conn:
            conn.execute(sql, values)

    def enter(self, login: str | None = "olga", **options: Any) -> Page:
        """A browser of its own, logged in as that person; None: at the door."""
        context = self.browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if login is not None:
            page.goto(f"{self.address}/login?as={login}")
            page.fill("[name=password]", PASSWORD)
            page.click("button:has-text('Войти')")
            page.wait_for_selector("#work")
            page.wait_for_load_state()  # the rows stand there before the page's script hears keys
        return page


def until(holds: Callable[[], object], *, seconds: float = 15) -> None:
    """Waits until it holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def violations(page: Page) -> list[str]:
    """What axe-core finds on the page against WCAG 2.1 AA; frames of letters are looked at by their own test."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, iframes: false})", RULES)
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def too_wide(page: Page) -> int:
    """By how many pixels the page must be moved sideways to be read whole."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide


def answers(address: str) -> bool:
    """Whether the page is up."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=1) as answer:  # noqa: S310  # our own, http
            return bool(answer.status == 200)
    except OSError:
        return False


def free_port() -> int:
    """A port nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
