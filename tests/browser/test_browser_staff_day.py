"""The staff's day in a real browser: by mouse, by keys alone, without scripts, two on one ticket."""

from browser_desk import Desk, until
from playwright.sync_api import Page, expect

OUTBOX = "SELECT count(*) FROM outbox WHERE NOT automatic"


def until_searchable(desk: Desk) -> None:
    """The words of every ticket are written down: on a busy machine it takes more than the usual second."""
    until(lambda: desk.ask("SELECT count(*) FROM tickets WHERE searched <> version") == 0)


def come_in(desk: Desk) -> None:
    """One more ticket, as the daemon would have opened it."""
    desk.do(
        "INSERT INTO tickets (number, state, topic, confidence, needs_review, kind, subject, fields, missing, opened_ms,"
        " updated_ms, first_due_ms, margin) SELECT '26-0999999-9', 'new', 'access', 0.5, 1, 'request', 'Новая', fields,"
        " '[]', opened_ms, updated_ms, 1, -1 FROM tickets LIMIT 1"
    )
    desk.do(
        "INSERT INTO history (ticket_id, at_ms, who, what, data) SELECT max(id), 1, 'desk', 'opened', '{}' FROM tickets"
    )


def number_of(page: Page) -> str:
    return str(page.locator("#letter").get_attribute("data-number"))


def open_plain(page: Page, desk: Desk, place: int = 0) -> str:
    """Opens the row of that place among those whose topic is not hidden; the ticket's number."""
    rows = page.locator(".row", has_not_text="тема скрыта")
    number = str(rows.nth(place).get_attribute("data-number"))
    rows.nth(place).locator(".open").click()
    expect(page.locator("#letter")).to_have_attribute("data-number", number)
    return number


def press(page: Page, code: str, *, russian: str = "", shift: bool = False) -> None:
    """A key by its place on the keyboard; `russian`: what it types on a Russian layout."""
    session = page.context.new_cdp_session(page)
    common = {"code": code, "key": russian or code.removeprefix("Key").lower(), "modifiers": 8 if shift else 0}
    session.send("Input.dispatchKeyEvent", {"type": "keyDown", **common})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **common})
    session.detach()


def test_a_day_by_mouse(desk: Desk) -> None:
    page = desk.enter()
    number = open_plain(page, desk)
    page.click(".acts >> text=Тема верна")
    expect(page.locator(".toast")).to_contain_text(f"№ {number}: тема подтверждена")
    assert number_of(page) != number, "the next ticket is open"
    assert desk.ask("SELECT count(*) FROM corrections WHERE who = 'olga' AND NOT undone") == 1
    page.click(".toast >> text=Отменить")
    expect(page.locator("#letter")).to_have_attribute("data-number", number)
    assert desk.ask("SELECT count(*) FROM corrections WHERE NOT undone") == 0
    page.click(".topics >> text=Справки и выписки")
    expect(page.locator(".toast")).to_contain_text("тема изменена")
    assert desk.ask("SELECT topic FROM tickets WHERE number = ?", number) == "certificates"
    answered = number_of(page)
    page.click("summary:has-text('Ответить')")
    page.fill("#answer-text", "Здравствуйте, всё уже работает.")
    page.click("button:has-text('Отправить'):visible >> nth=0")
    expect(page.locator(".toast")).to_contain_text("ответ поставлен в очередь")
    assert desk.ask("SELECT state FROM tickets WHERE number = ?", answered) == "answered"
    assert desk.ask(OUTBOX) == 1
    page.click(".toast >> text=Отменить")
    expect(page.locator("#letter")).to_have_attribute("data-number", answered)
    assert desk.ask(OUTBOX) == 0
    assert desk.complaints == []


def test_a_day_by_keys_alone_on_a_russian_layout(desk: Desk) -> None:
    page = desk.enter()
    press(page, "KeyJ", russian="о")
    press(page, "KeyJ", russian="о")
    expect(page.locator(".row.at .open")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#letter[data-ticket]")).to_be_visible()
    press(page, "Digit8", russian="8")
    expect(page.locator(".toast")).to_contain_text("тема")
    assert desk.ask("SELECT topic FROM corrections ORDER BY id DESC LIMIT 1") == "payments"
    press(page, "KeyZ", russian="я")
    expect(page.locator(".toast")).to_have_count(0)
    assert desk.ask("SELECT count(*) FROM corrections WHERE NOT undone") == 0
    number = number_of(page)
    press(page, "KeyR", russian="к")
    expect(page.locator("#answer-text")).to_be_focused()
    page.keyboard.type("jzxe")
    expect(page.locator("#answer-text")).to_have_value("jzxe")
    assert number_of(page) == number, "keys do nothing in a field"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.locator("#subject").focus()
    press(page, "KeyT", russian="е")
    expect(page.locator(".toast")).to_contain_text("передана")
    assert desk.ask("SELECT assignee FROM tickets WHERE number = ?", number) == "olga"
    press(page, "Slash", russian="?", shift=True)
    expect(page.locator("#sheet")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()
    press(page, "Slash", russian=".")
    expect(page.locator("#find")).to_be_focused()


def test_keys_can_be_switched_off(desk: Desk) -> None:
    page = desk.enter()
    page.goto(f"{desk.address}/me")
    page.uncheck("[name=keys]")
    page.click("text=Сохранить")
    page.goto(desk.address)
    open_plain(page, desk)
    press(page, "KeyP", russian="з")
    page.wait_for_timeout(300)
    assert desk.ask("SELECT count(*) FROM decisions") == 0
    expect(page.locator("kbd:visible")).to_have_count(0)


def test_many_tickets_are_one_decision_and_one_undo(desk: Desk) -> None:
    page = desk.enter()
    expect(page.locator("#bulk")).to_be_hidden()
    page.locator(".tick input").nth(0).check()
    page.locator(".tick input").nth(2).click(modifiers=["Shift"])
    expect(page.locator("#bulk-count")).to_have_text("Отмечено: 3")
    page.select_option("#bulk-what", "spam")
    page.click("#bulk button")
    expect(page.locator(".toast")).to_contain_text("3 шт.")
    assert desk.ask("SELECT count(*) FROM tickets WHERE closed_as = 'spam'") == 3
    page.click(".toast >> text=Отменить")
    page.wait_for_selector("#work:not(:has(.toast))")
    assert desk.ask("SELECT count(*) FROM tickets WHERE closed_as = 'spam'") == 0


def test_everything_works_without_scripts(desk: Desk) -> None:
    page = desk.enter(java_script_enabled=False)
    number = open_plain(page, desk)
    page.click(".acts >> text=Тема верна")
    assert page.locator(".toast").inner_text().startswith(f"№ {number}")
    page.click("text=Отменить")
    assert number_of(page) == number
    page.click("summary:has-text('Запросить данные')")
    page.locator("[name=missing][value=date]").check()
    page.locator("[name=missing][value=fio]").check()
    page.click("button:has-text('Отправить просьбу')")
    assert desk.ask("SELECT state FROM tickets WHERE number = ?", number) == "waiting"
    assert desk.ask(OUTBOX) == 1
    until_searchable(desk)
    page.fill("#find", "код подтверждения")
    page.press("#find", "Enter")
    assert page.url.endswith("/search"), "nothing that was asked stands in the address"
    assert page.locator(".row").count() >= 1


def test_two_on_one_ticket_see_each_other_and_lose_no_text(desk: Desk) -> None:
    olga, anna = desk.enter("olga"), desk.enter("anna")
    number = open_plain(olga, desk)
    anna.goto(olga.url)
    expect(olga.locator("#presence")).to_contain_text("Анна Ким тоже смотрит")
    expect(anna.locator("#presence")).to_contain_text("Ольга Рябова тоже смотрит")
    anna.click("summary:has-text('Ответить')")
    anna.fill("#answer-text", "Долго набранный ответ")
    expect(olga.locator("#presence")).to_contain_text("Анна Ким пишет ответ")
    olga.click(".topics >> text=Электронная подпись")
    expect(olga.locator(".toast")).to_contain_text("тема изменена")
    expect(anna.locator("#stale")).to_be_visible()
    expect(anna.locator("#answer-text")).to_have_value("Долго набранный ответ")
    anna.click("button:has-text('Отправить'):visible >> nth=0")
    expect(anna.locator("[role=alert]")).to_contain_text("только что изменили")
    expect(anna.locator("#answer-text")).to_have_value("Долго набранный ответ")
    assert desk.ask(OUTBOX) == 0
    anna.click("button:has-text('Отправить'):visible >> nth=0")
    expect(anna.locator(".toast")).to_contain_text(number)
    assert desk.ask(OUTBOX) == 1


def test_new_letters_are_announced_and_rows_stay_where_they_are(desk: Desk) -> None:
    page = desk.enter()
    before = page.locator(".row").evaluate_all("rows => rows.map(row => row.dataset.row)")
    come_in(desk)
    expect(page.locator("#fresh")).to_have_text("Новых: 1 — показать")
    assert page.locator(".row").evaluate_all("rows => rows.map(row => row.dataset.row)") == before
    expect(page.locator("[data-count=burning]")).to_have_text("1")
    page.click("#fresh")
    expect(page.locator(".row").first).to_have_attribute("data-number", "26-0999999-9")


def test_what_came_before_the_stream_was_open_is_announced(desk: Desk) -> None:
    page = desk.enter()
    page.route("**/news?*", lambda route: route.abort())
    page.reload()
    come_in(desk)
    page.unroute("**/news?*")
    page.locator(".row").first.locator(".open").click()
    expect(page.locator("#fresh")).to_have_text("Новых: 1 — показать")


def test_a_hidden_topic_is_told_blind(desk: Desk) -> None:
    page = desk.enter()
    page.locator(".row", has_text="тема скрыта").first.locator(".open").click()
    expect(page.locator(".side")).to_contain_text("Подсказка скрыта")
    expect(page.locator(".acts >> text=Тема верна")).to_have_count(0)
    expect(page.locator(".topics meter")).to_have_count(0)
    page.click(".topics >> text=Запись на приём")
    expect(page.locator(".toast")).to_be_visible()
    assert desk.ask("SELECT hidden FROM corrections") == 1


def test_a_search_hides_what_the_queue_hides_and_rows_name_their_files(desk: Desk) -> None:
    page = desk.enter()
    hidden = page.locator(".row", has_text="тема скрыта").first.get_attribute("data-number")
    said = str(
        desk.ask("SELECT sender FROM letters JOIN tickets ON tickets.letter_id = letters.id WHERE number = ?", hidden)
    )
    desk.do("UPDATE tickets SET snoozed_until_ms = 9000000000000 WHERE number = ?", hidden)  # in no row of the tab
    page.goto(desk.address)
    expect(page.locator(f".row[data-number='{hidden}']")).to_have_count(0)
    until_searchable(desk)
    page.fill("#find", said)
    page.press("#find", "Enter")
    expect(page.locator(f".row[data-number='{hidden}']")).to_contain_text("тема скрыта")
    number = desk.ask(
        "SELECT number FROM tickets WHERE id IN (SELECT ticket_id FROM files) AND state = 'new' AND assignee IS NULL"
    )
    count = desk.ask("SELECT count(*) FROM files JOIN tickets ON tickets.id = ticket_id WHERE number = ?", number)
    page.goto(desk.address)
    expect(page.locator(f".row[data-number='{number}']")).to_contain_text(f"{count} файл")


def test_numbers_are_masked_until_asked_for_and_the_asking_is_kept(desk: Desk) -> None:
    page = desk.enter("ivan")
    number = desk.ask("SELECT number FROM tickets WHERE fields LIKE '%\"inn\"%' LIMIT 1")
    inn = desk.ask("SELECT json_extract(fields, '$.inn') FROM tickets WHERE number = ?", number)
    page.goto(f"{desk.address}/t/{number}")
    assert inn not in page.content()
    expect(page.locator(".acts")).to_have_count(0)
    page.click("text=Показать номера")
    page.wait_for_selector(f".data:has-text('{inn}')")
    assert desk.ask("SELECT count(*) FROM audit WHERE who = 'ivan' AND what = 'showed'") == 1
