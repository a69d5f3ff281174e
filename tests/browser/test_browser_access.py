"""WCAG 2.1 AA by axe-core: no violation on any page, light and dark, on a phone, a tablet and a desktop."""

from typing import Literal

import pytest
from browser_desk import Desk, too_wide, violations
from playwright.sync_api import Page, expect

PAGES = (
    "/",
    "/?tab=doubtful",
    "/?tab=burning",
    "/?tab=unanswered",
    "/me",
    "/people",
    "/snippets",
    "/bounced",
    "/register",
    "/letters",
    "/t/none",
)
QUALITY = ("/quality?anew=1", "/quality?days=90&blind=1&anew=1", "/quality/pair?right=mobile&said=access")
TOLD = (
    "INSERT INTO corrections (ticket_id, at_ms, who, topic, said, confidence, model, hidden, undone)"
    " SELECT id, opened_ms, 'olga', CASE id % 3 WHEN 0 THEN 'mobile' ELSE 'access' END, 'access', confidence, 'm1', id % 2, 0"
    " FROM tickets"
)
# buttons, labels and headings whose words do not fit into them, on purpose shortened ones (ellipsis) left out
CUT = """[...document.querySelectorAll('button, .button, summary, label, h1, h2, h3, th, td, p, li a')]
  .filter(one => one.checkVisibility() && getComputedStyle(one).overflowX === 'hidden'
    && getComputedStyle(one).textOverflow !== 'ellipsis' && !one.closest('.hush, .trap')
    && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1))
  .map(one => one.tagName + ': ' + one.textContent.trim().slice(0, 40))"""


def look_at(page: Page, desk: Desk, paths: tuple[str, ...]) -> dict[str, list[str]]:
    """What stands in anybody's way on these pages; none is wider than the screen."""
    found = {}
    for path in paths:
        page.goto(desk.address + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        found[path] = violations(page)
        assert too_wide(page) <= 0, f"{path} is wider than the screen by {too_wide(page)}"
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_page_stands_in_anybodys_way(desk: Desk, scheme: Literal["light", "dark"], width: int) -> None:
    page = desk.enter("head", color_scheme=scheme, viewport={"width": width, "height": 800})
    ticket = desk.ask("SELECT number FROM tickets WHERE missing <> '[]' LIMIT 1")
    found = look_at(page, desk, PAGES)
    page.goto(f"{desk.address}/t/{ticket}")
    for name in ("Ответить", "Запросить данные", "Отложить", "Дубль", "Дополнить"):
        page.click(f"summary:has-text('{name}')")
        found[name] = violations(page)
    desk.do("INSERT INTO bounces SELECT address, 1, '1' FROM tickets WHERE number = ?", ticket)
    found |= look_at(page, desk, ("/bounced", f"/t/{ticket}"))
    expect(page.get_by_role("button", name="Писать снова")).to_be_visible()
    desk.do("DELETE FROM bounces")
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_the_quality_page_stands_in_nobodys_way(desk: Desk, scheme: Literal["light", "dark"], width: int) -> None:
    page = desk.enter("head", color_scheme=scheme, viewport={"width": width, "height": 800})
    empty = look_at(page, desk, QUALITY)
    desk.do(TOLD)
    desk.do(
        "UPDATE tickets SET opened_ms = opened_ms - 864000000 WHERE id % 2 = 0"
    )  # ten days: something to drift from
    full = look_at(page, desk, QUALITY)
    page.goto(f"{desk.address}/quality?anew=1")
    assert page.locator(".plot svg").count() == 6
    assert page.locator(".chart table").count() == 6, "each picture has its table"
    assert {where: what for where, what in (empty | full).items() if what} == {}
    assert desk.complaints == []


@pytest.mark.parametrize("how", ["zoomed to 200 %", "zoomed to 400 %", "text twice as large"])
def test_nothing_is_lost_when_it_is_made_larger(desk: Desk, how: str) -> None:
    """WCAG 1.4.4 and 1.4.10 at 1280 x 1024: a zoomed page is a narrower one with a finer grain."""
    times = {"zoomed to 200 %": 2, "zoomed to 400 %": 4}.get(how, 1)
    size = {"width": 1280 // times, "height": 1024 // times}
    page = desk.enter("head", viewport=size, device_scale_factor=times)
    desk.do(TOLD)
    ticket = desk.ask("SELECT number FROM tickets WHERE missing <> '[]' LIMIT 1")
    for path in (*PAGES, *QUALITY, f"/t/{ticket}"):
        page.goto(desk.address + path)
        if how.startswith("text"):
            page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert too_wide(page) <= 0, f"{path} is wider than the screen by {too_wide(page)}"
        cut = page.evaluate(CUT)
        assert cut == [], f"{path}: cut off: {cut}"


def test_the_checker_itself_finds_what_is_wrong(desk: Desk) -> None:
    page = desk.enter(None)
    page.set_content("<html><body><img src='x.png'><p style='color:#aaa;background:#fff'>бледно</p></body></html>")
    assert {one.partition(":")[0] for one in violations(page)} >= {"image-alt", "color-contrast"}
