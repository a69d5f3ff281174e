"""A call or a visit, written down in the page, becomes a ticket by the same rules and gets the same letters."""

import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Literal

import pytest
from browser_desk import too_wide, violations
from playwright.sync_api import Browser, BrowserContext, Page

sys.path.insert(0, str(Path(__file__).parents[1]))

from made_files import pdf
from servers.small_desk import LOGIN, PASSWORD, SmallDesk, until

TROUBLE = "Не приходит код подтверждения на телефон, не могу войти в личный кабинет уже который день."


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDesk]:
    """A desk that works, its pages served."""
    made = SmallDesk(tmp_path_factory.mktemp("registering"))
    with made.running("run"):
        until(lambda: made.number("SELECT count(*) FROM mailboxes") > 0, made.log)
        with made.pages():
            yield made


@pytest.fixture(scope="module")
def state(desk: SmallDesk, browser: Browser) -> object:
    context = browser.new_context(base_url=desk.at)
    page = context.new_page()
    page.goto("/login")
    page.fill("[name=login]", LOGIN)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{desk.at}/")
    kept = context.storage_state()
    context.close()
    return kept


def entered(desk: SmallDesk, browser: Browser, state: object, *, scripts: bool = True) -> BrowserContext:
    return browser.new_context(base_url=desk.at, storage_state=state, java_script_enabled=scripts)  # type: ignore[arg-type]


@pytest.fixture
def page(desk: SmallDesk, browser: Browser, state: object) -> Iterator[Page]:
    context = entered(desk, browser, state)
    opened = context.new_page()
    opened.goto("/register")
    yield opened
    context.close()


def test_what_is_missing_is_shown_while_typing(page: Page) -> None:
    page.fill("[name=text]", TROUBLE)
    page.wait_for_selector("#told .lack >> text=не хватает: ФИО")
    page.fill("[name=fio]", "Иванова Мария Петровна")
    page.wait_for_selector("#told .fine >> text=есть: ФИО")
    page.fill("[name=inn]", "7707083894")
    page.wait_for_selector("#told >> text=ИНН: в номере ошибка")
    page.fill("[name=inn]", "7707083893")
    page.fill("[name=date]", "вчера вечером")
    page.wait_for_selector("#told >> text=Всё есть")


def test_a_call_with_an_address_becomes_a_ticket_and_gets_the_same_letter(page: Page, desk: SmallDesk) -> None:
    page.fill("[name=text]", TROUBLE)
    page.fill("[name=fio]", "Иванова Мария Петровна")
    page.fill("[name=date]", "23.11.2026 10:30")
    page.fill("[name=account]", "12345678")
    page.fill("[name=address]", "maria@citizen.example")
    page.set_input_files("[name=files]", [{"name": "скан.pdf", "mimeType": "application/pdf", "buffer": pdf()}])
    page.click("button.main")
    page.wait_for_url("**/t/26-*", timeout=30_000)
    assert "Звонок: Не приходит код" in page.inner_text("#subject")
    assert "скан.pdf" in page.inner_text(".files")
    until(lambda: len(desk.sent()) >= 1, desk.log)
    letter = message_from_bytes(desk.sent()[-1], policy=policy.default)
    assert letter["To"] == "maria@citizen.example"
    assert "Приняли вашу заявку" in letter["Subject"]
    number = page.url.partition("/t/")[2].partition("?")[0]
    fields = desk.rows("SELECT fields, missing FROM tickets WHERE number = ?", number)[0]
    assert '"account":"12345678"' in fields[0].replace(" ", "")
    assert fields[1] == "[]"
    assert desk.number("SELECT count(*) FROM audit WHERE what = 'registered' AND who = ?", LOGIN) >= 1


def test_a_visit_without_an_address_becomes_a_ticket_and_nobody_is_written_to(page: Page, desk: SmallDesk) -> None:
    before = desk.number("SELECT count(*) FROM outbox")
    page.check("[name=how][value=visit]")
    page.fill("[name=text]", f"Пришёл сам. {TROUBLE}")
    page.click("button.main")
    page.wait_for_url("**/t/26-*", timeout=30_000)
    number = page.url.partition("/t/")[2].partition("?")[0]
    row = desk.rows("SELECT address, subject, state, missing FROM tickets WHERE number = ?", number)[0]
    assert row[0] is None
    assert row[1].startswith("Визит: ")
    assert (row[2], row[3].replace(" ", "")) == ("new", '["fio","inn_or_account","date"]')
    assert desk.number("SELECT count(*) FROM outbox") == before


def test_told_twice_by_a_double_click_it_is_one_ticket(page: Page, desk: SmallDesk) -> None:
    page.fill("[name=text]", f"Двойной щелчок. {TROUBLE}")
    form = {
        "token": page.get_attribute("[name=token]", "value") or "",
        "how": "call",
        "text": f"Двойной щелчок. {TROUBLE}",
    }
    for _ in range(2):
        assert page.request.post("/register", form=form, max_redirects=0).status == 303
    until(lambda: desk.number("SELECT count(*) FROM letters WHERE state = 'received'") == 0, desk.log)
    assert desk.number("SELECT count(*) FROM tickets WHERE subject LIKE 'Звонок: Двойной%'") == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": TROUBLE, "address": "не адрес"}, "Адрес почты написан с ошибкой"),
        ({"text": TROUBLE, "address": "a@b.example\r\nBcc: x@y.example"}, "Адрес почты написан с ошибкой"),
        ({"text": "  "}, "Запишите, что случилось"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(page: Page, typed: dict[str, str], said: str) -> None:
    answer = page.request.post("/register", form={**typed, "fio": "Петров Пётр"})
    assert answer.status == 422
    assert said in answer.text()
    assert "Петров Пётр" in answer.text()


def test_a_file_that_is_too_large_is_told_before_anything_is_kept(page: Page, desk: SmallDesk) -> None:
    before = desk.number("SELECT count(*) FROM letters")
    large = {"name": "большой.pdf", "mimeType": "application/pdf", "buffer": b"%PDF" + b"0" * (5 * 1024 * 1024)}
    answer = page.request.post("/register", multipart={"text": TROUBLE, "files": large})
    assert answer.status == 422
    assert "«большой.pdf» больше 5 МБ" in answer.text()
    assert desk.number("SELECT count(*) FROM letters") == before


def test_without_scripts_the_button_says_what_is_missing(desk: SmallDesk, browser: Browser, state: object) -> None:
    context = entered(desk, browser, state, scripts=False)
    page = context.new_page()
    page.goto("/register")
    page.fill("[name=text]", TROUBLE)
    page.click("button[name=only]")
    assert "не хватает: ФИО" in page.inner_text("#told")
    assert page.input_value("[name=text]") == TROUBLE
    context.close()


def test_without_scripts_a_call_becomes_a_ticket(desk: SmallDesk, browser: Browser, state: object) -> None:
    context = entered(desk, browser, state, scripts=False)
    page = context.new_page()
    page.goto("/register")
    page.fill("[name=text]", f"Без скриптов. {TROUBLE}")
    page.fill("[name=fio]", "Иванова Мария Петровна")
    page.set_input_files("[name=files]", [{"name": "скан.pdf", "mimeType": "application/pdf", "buffer": pdf()}])
    page.click("button.main")
    page.wait_for_url("**/t/26-*", timeout=30_000)  # the page that waits looks again by itself
    assert "Без скриптов" in page.inner_text("#subject")
    assert "скан.pdf" in page.inner_text(".files")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_registering_stands_in_nobodys_way(
    desk: SmallDesk, browser: Browser, state: object, scheme: Literal["light", "dark"], width: int
) -> None:
    """Empty, half told, refused, and while the desk reads."""
    context = browser.new_context(
        base_url=desk.at,
        storage_state=state,
        color_scheme=scheme,
        viewport={"width": width, "height": 800},  # type: ignore[arg-type]
    )
    page = context.new_page()
    page.goto("/register")
    found = {"empty": violations(page)}
    page.fill("[name=text]", TROUBLE)
    page.fill("[name=inn]", "7707083894")
    page.wait_for_selector("#told >> text=ИНН: в номере ошибка")
    found["half told"] = violations(page)
    page.fill("[name=address]", "maria@citizen")  # an address to the browser, none to us
    page.click("button.main")
    page.wait_for_selector("[role=alert]")
    found["refused"] = violations(page)
    assert too_wide(page) <= 0
    context.close()
    assert {where: what for where, what in found.items() if what} == {}


def test_a_reader_may_not_register(desk: SmallDesk, browser: Browser) -> None:
    desk.run("staff", "add", "reader", "--role", "reader", "--password-stdin", given=PASSWORD)
    context = browser.new_context(base_url=desk.at)
    page = context.new_page()
    page.goto("/login")
    page.fill("[name=login]", "reader")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{desk.at}/")
    assert page.goto("/register").status == 403  # type: ignore[union-attr]
    assert page.request.post("/register", form={"text": TROUBLE}).status == 403
    context.close()
