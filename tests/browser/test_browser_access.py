"""WCAG 2.1 AA by axe-core: no violation on any page, light and dark, on a phone, a tablet and a desktop."""

from typing import Literal

import pytest
from browser_desk import Desk, violations
from playwright.sync_api import expect


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_page_stands_in_anybodys_way(desk: Desk, scheme: Literal["light", "dark"], width: int) -> None:
    page = desk.enter("head", color_scheme=scheme, viewport={"width": width, "height": 800})
    ticket = desk.ask("SELECT number FROM tickets WHERE missing <> '[]' LIMIT 1")
    found = {}
    for path in (
        "/",
        "/?tab=doubtful",
        "/?tab=burning",
        "/?tab=unanswered",
        f"/t/{ticket}",
        "/me",
        "/people",
        "/snippets",
        "/t/none",
    ):
        page.goto(desk.address + path)
        found[path] = violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is wider than the screen by {wide}"
    page.goto(f"{desk.address}/t/{ticket}")
    for name in ("Ответить", "Запросить данные", "Отложить", "Дубль", "Дополнить"):
        page.click(f"summary:has-text('{name}')")
        found[name] = violations(page)
    page.goto(desk.address)
    page.fill("#find", "кабинет")
    page.press("#find", "Enter")
    page.wait_for_selector("text=Найдено по запросу")
    found["search"] = violations(page)
    door = desk.enter(None, color_scheme=scheme, viewport={"width": width, "height": 800})
    door.goto(desk.address)
    door.fill("[name=login]", "olga")
    door.fill("[name=password]", "wrong")
    door.click("button:has-text('Войти')")
    expect(door.locator("[role=alert]")).to_be_visible()
    found["door"] = violations(door)
    assert {where: what for where, what in found.items() if what} == {}


def test_the_checker_itself_finds_what_is_wrong(desk: Desk) -> None:
    page = desk.enter(None)
    page.set_content("<html><body><img src='x.png'><p style='color:#aaa;background:#fff'>бледно</p></body></html>")
    assert {one.partition(":")[0] for one in violations(page)} >= {"image-alt", "color-contrast"}
