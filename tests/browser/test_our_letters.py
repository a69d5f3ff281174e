"""Our letters as a person and a screen reader get them: light, dark, on a phone; and the page that shows them all."""

from typing import Literal

import pytest
from browser_desk import Desk, violations
from playwright.sync_api import Browser, expect

from reply_templates.render import render_shipped
from reply_templates.samples import SAMPLES


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_letter_stands_in_anybodys_way(browser: Browser, scheme: Literal["light", "dark"], width: int) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}, offline=True)
    page = context.new_page()
    for kind, cases in SAMPLES.items():
        for case, said in cases.items():
            page.set_content(render_shipped(kind, said).html)
            assert violations(page) == [], f"{kind}.{case}"
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{kind}.{case} is wider than the screen by {wide}"
            ground, ink = page.evaluate(
                "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
            )
            assert (ground == "rgb(20, 23, 26)") is (scheme == "dark"), f"{kind}.{case}: {ground} under {ink}"
    context.close()


def test_staff_see_every_letter_as_a_citizen_gets_it(desk: Desk) -> None:
    page = desk.enter("ivan")
    page.goto(f"{desk.address}/letters")
    assert page.locator("details").count() == sum(len(cases) for cases in SAMPLES.values())
    page.locator("summary", has_text="missing_information.plain").click()
    expect(page.locator("details[open] pre")).to_contain_text("Не хватает: ИНН или номера личного кабинета")
    expect(page.locator("details[open] pre")).to_contain_text("Служба поддержки (демонстрация)")
    assert violations(page) == []
    page.goto(f"{desk.address}/letters/missing_information/plain")
    assert page.title() == "[№ 26-0012345-5] Нужны сведения"
    assert desk.complaints == []
    answer = page.goto(f"{desk.address}/letters/missing_information/nothing")
    assert answer is not None
    assert answer.status == 404
