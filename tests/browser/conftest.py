"""The installed page with the demo's letters, in Debian's Chromium: fresh for every test."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_desk import CHROMIUM, FLAGS, PASSWORD, PEOPLE, PRIEMNAYA, Desk, answers, free_port, until
from playwright.sync_api import Browser, expect, sync_playwright


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a file of tests. Not for the session: Playwright's loop runs on in this thread until it is
    closed, and every later test that runs a loop of its own would fail."""
    expect.set_options(timeout=15_000)
    with sync_playwright() as running:
        flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's folder after its letters are answered, with an account for each role."""
    folder = tmp_path_factory.mktemp("seeded") / "demo"
    subprocess.run([PRIEMNAYA, "demo", "--once", "--folder", str(folder)], check=True, capture_output=True, timeout=120)
    for login, (name, role) in PEOPLE.items():
        subprocess.run(
            [PRIEMNAYA, "staff", "add", login, "--name", name, "--role", role, "--password-stdin", "--config", str(folder / "priemnaya.toml")],
            input=PASSWORD, text=True, check=True, capture_output=True, timeout=60,
        )  # fmt: skip
    return folder


@pytest.fixture
def desk(seeded: Path, browser: Browser, tmp_path: Path) -> Iterator[Desk]:
    """The page, fresh."""
    folder = tmp_path / "desk"
    shutil.copytree(seeded, folder)
    config = folder / "priemnaya.toml"
    port = free_port()
    words = config.read_text(encoding="utf-8").replace(str(seeded), str(folder))
    config.write_text(re.sub(r'listen = ".*"', f'listen = "127.0.0.1:{port}"', words), encoding="utf-8")
    with (folder / "web.log").open("w", encoding="utf-8") as log:
        web = subprocess.Popen([PRIEMNAYA, "web", "--config", str(config)], stdout=log, stderr=log)
    made = Desk(folder=folder, address=f"http://127.0.0.1:{port}", browser=browser)
    try:
        until(lambda: answers(made.address), seconds=30)
        yield made
    finally:
        for context in made.contexts:
            context.close()
        web.send_signal(signal.SIGTERM)
        assert web.wait(20) == 0, (folder / "web.log").read_text(encoding="utf-8")
