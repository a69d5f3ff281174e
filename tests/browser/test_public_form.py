"""The public form, without scripts: told on a page, confirmed by its address, then the letter's way."""

import hashlib
import re
import sqlite3
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

import pytest
from browser_desk import too_wide, violations
from playwright.sync_api import Browser, Page, expect

sys.path.insert(0, str(Path(__file__).parents[1]))

from made_files import pdf
from servers.small_desk import SmallDesk, answers, free_port, until

TROUBLE = "Не приходит код подтверждения на телефон, не могу войти в личный кабинет второй день."
WHOLE = {
    "text": TROUBLE, "fio": "Иванова Мария Петровна", "address": "Maria@Citizen.example", "account": "12345678",
    "date": "23.11.2026 10:30",
}  # fmt: skip


@pytest.fixture(scope="module")
def public() -> str:
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def desk(tmp_path: Path, public: str) -> Iterator[SmallDesk]:
    """A desk with the form; its daemon is not at work unless a test starts it."""
    key = tmp_path / "key"
    key.write_text("k" * 40)
    key.chmod(0o600)
    listen = public.removeprefix("http://")
    made = SmallDesk(
        tmp_path,
        more=f'[desk]\nsigning_key_file = "{key}"\n[public]\nlisten = "{listen}"\nbase_url = "{public}"\nform = true\n',
    )
    made.run("migrate")
    with made.running("web"):
        until(lambda: answers(f"{public}/form"), made.log)
        yield made


@pytest.fixture
def page(desk: SmallDesk, public: str, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=public, java_script_enabled=False)
    yield context.new_page()
    context.close()


def sent_to(desk: SmallDesk, address: str) -> list[EmailMessage]:
    letters = [message_from_bytes(raw, policy=policy.default) for raw in desk.sent()]
    return [one for one in letters if one["To"] == address]  # type: ignore[misc]


def fill(page: Page, fields: dict[str, str]) -> None:
    page.goto("/form")
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)


def link_in(letter: EmailMessage) -> str:
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    found = re.search(r"http://\S+/form/c/\w+", text)
    assert found, text
    return found[0]


def test_a_form_goes_the_letters_way_once_its_address_is_confirmed(page: Page, desk: SmallDesk) -> None:
    with desk.running("run"):
        _the_whole_way(page, desk)


def _the_whole_way(page: Page, desk: SmallDesk) -> None:
    fill(page, WHOLE)
    page.set_input_files("[name=files]", [{"name": "скан.pdf", "mimeType": "application/pdf", "buffer": pdf()}])
    page.click("button")
    assert page.inner_text("h1") == "Проверьте почту"
    until(lambda: len(sent_to(desk, "maria@citizen.example")) == 1, desk.log)
    question = sent_to(desk, "maria@citizen.example")[0]
    assert question["Subject"] == "Подтвердите заявку"
    assert question["Auto-Submitted"] == "auto-generated"
    said = question.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Иванова" not in said
    assert "код подтверждения" not in said
    assert desk.number("SELECT count(*) FROM letters") == 0

    link = link_in(question)
    page.goto(link)  # looking, as mail filters do, confirms nothing
    page.goto(link)
    assert desk.number("SELECT count(*) FROM letters") == 0
    page.click("button")
    assert page.inner_text("h1") == "Заявка принята"
    until(lambda: len(sent_to(desk, "maria@citizen.example")) == 2, desk.log)
    assert "Приняли вашу заявку" in sent_to(desk, "maria@citizen.example")[1]["Subject"]
    address, fields, missing = desk.rows("SELECT address, fields, missing FROM tickets")[0]
    assert (address, missing) == ("maria@citizen.example", "[]")
    assert "Иванова Мария Петровна" in fields
    assert desk.rows("SELECT name, accepted FROM files") == [("скан.pdf", 1)]
    assert desk.rows("SELECT raw FROM submissions") == [(None,)]

    page.goto(link)
    assert page.inner_text("h1") == "Заявка уже принята"
    assert page.request.post(link).status == 200
    assert desk.number("SELECT count(*) FROM letters") == 1


def test_what_is_missing_is_told_and_may_be_sent_all_the_same(page: Page, desk: SmallDesk) -> None:
    fill(page, {"text": TROUBLE, "address": "maria@citizen.example", "inn": "7707083894"})
    page.click("button")
    said = page.inner_text(".wrong")
    assert "ИНН: в номере ошибка" in said
    assert "Не хватает: ФИО" in said
    assert page.input_value("[name=text]") == TROUBLE
    assert desk.number("SELECT count(*) FROM submissions") == 0
    page.check("[name=anyway]")
    page.click("button")
    assert page.inner_text("h1") == "Проверьте почту"
    assert desk.number("SELECT count(*) FROM submissions") == 1


def test_strangers_are_bounded(page: Page, desk: SmallDesk) -> None:
    """Three questions an address a day, told to nobody; six tellings at once from one place."""
    answers_given = [page.request.post("/form", form=WHOLE, max_redirects=0).status for _ in range(8)]
    assert answers_given == [303] * 6 + [429] * 2
    assert desk.number("SELECT count(*) FROM submissions") == 3
    assert desk.number("SELECT count(*) FROM outbox") == 3


def pages_of_the_form(page: Page, desk: SmallDesk, public: str) -> Iterator[str]:
    """Opens one after the other, as a citizen meets them; the name of each."""
    page.goto(f"{public}/form")
    yield "empty"
    page.fill("[name=text]", TROUBLE)
    page.fill("[name=address]", "maria@citizen.example")
    page.fill("[name=inn]", "7707083894")
    page.click("button")
    expect(page.locator(".wrong")).to_contain_text("ИНН: в номере ошибка")
    yield "something wrong"
    page.goto(f"{public}/form/sent")
    yield "sent"
    with sqlite3.connect(desk.folder / "store.db") as conn:
        kept = "INSERT INTO submissions (token, address, raw, size, made_ms, taken_ms) VALUES (?, 'a@b.example', ?, 1, ?, ?)"
        now = int(time.time() * 1000)
        for token, taken in (("a" * 40, None), ("b" * 40, now)):
            conn.execute(kept, (hashlib.sha256(token.encode()).hexdigest(), b"x", now, taken))
    for token in ("a", "b", "c"):
        page.goto(f"{public}/form/c/{token * 40}")
        yield f"link: {page.inner_text('h1')}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_the_form_stands_in_nobodys_way(
    desk: SmallDesk, public: str, browser: Browser, scheme: Literal["light", "dark"], width: int
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = context.new_page()
    found = {}
    for name in pages_of_the_form(page, desk, public):
        found[name] = violations(page)
        assert too_wide(page) <= 0, f"{name} is wider than the screen by {too_wide(page)}"
        if width > 320:  # which is 1280 at 400 % already
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            assert too_wide(page) <= 0, f"{name}, its text twice as large, is wider than the screen by {too_wide(page)}"
            page.evaluate("document.documentElement.style.fontSize = ''")
    context.close()
    assert len(found) == 6, found
    assert {where: what for where, what in found.items() if what} == {}


HOSTILE = [
    ({**WHOLE, "site": "http://spam.example"}, 303),  # the trap: looks as if it went well
    ({**WHOLE, "address": "a@b.example\r\nBcc: c@d.example"}, 422),
    ({**WHOLE, "address": "a@b.example, c@d.example"}, 422),
    ({**WHOLE, "text": "\x00\x01\u202e"}, 422),
    ({}, 422),
    ({**WHOLE, "token": "../../x", "fio": "<script>alert(1)</script>", "address": ""}, 422),
]


def test_hostile_forms_keep_nothing(page: Page, desk: SmallDesk) -> None:
    for form, status in HOSTILE:
        answer = page.request.post("/form", form=form, max_redirects=0)
        assert answer.status == status, form
        assert "<script>" not in answer.text()
    assert desk.number("SELECT count(*) FROM submissions") == 0


def test_the_public_listener_has_the_form_alone(page: Page, desk: SmallDesk, public: str) -> None:
    for path in ("/", "/login", "/t/26-0000001-8", "/letters/1", "/quality", "/register"):
        assert page.request.get(path).status == 404
    assert page.request.get("/form/c/" + "a" * 40).status == 404
    answer = page.request.get("/form")
    assert "script" not in answer.headers["content-security-policy"]
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    other = page.request.post(
        "/form", form=WHOLE, headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    )
    assert other.status == 403
    large = page.request.post(
        "/form", data=b"0" * (17 * 1024 * 1024), headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert large.status == 413
    assert desk.number("SELECT count(*) FROM submissions") == 0
