"""What may be decided on a ticket, each by its form as a person fills it in; saved views; each in a browser."""

from email import message_from_bytes, policy

import pytest
from browser_desk import Desk, until
from made_files import pdf
from playwright.sync_api import Page, expect

NEWS = "SELECT state, assignee, closed_as, snoozed_until_ms, linked_to FROM tickets WHERE number = ?"
PLAIN = "state = 'new' AND address IS NOT NULL AND assignee IS NULL"


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def page(desk: Desk, request: pytest.FixtureRequest) -> Page:
    """The queue, with scripts and without."""
    return desk.enter(java_script_enabled=request.param)


def opened(page: Page, desk: Desk, number: str) -> None:
    page.goto(f"{desk.address}/t/{number}?tab=new")


def numbers(desk: Desk) -> list[str]:
    return [desk.ask(f"SELECT number FROM tickets WHERE {PLAIN} ORDER BY id LIMIT 1 OFFSET {n}") for n in range(3)]  # noqa: S608  # numbers of ours


def act(page: Page, name: str) -> None:
    page.click(f".acts summary:has-text('{name}')")


def told(page: Page, said: str) -> None:
    expect(page.locator(".toast")).to_contain_text(said)


def test_an_answer_takes_a_file_along_and_waits_twenty_seconds(page: Page, desk: Desk) -> None:
    number = numbers(desk)[0]
    opened(page, desk, number)
    act(page, "Ответить")
    page.fill("#answer-text", "Здравствуйте. Справка приложена.")
    page.set_input_files("[name=file]", [{"name": "справка.pdf", "mimeType": "application/pdf", "buffer": pdf()}])
    page.check("[name=closes]")
    page.click("button:has-text('Отправить'):visible >> nth=0")
    told(page, "ответ поставлен в очередь")
    assert desk.ask("SELECT state FROM tickets WHERE number = ?", number) == "closed"
    assert desk.ask("SELECT due - created_ms FROM outbox WHERE NOT automatic") == 20_000
    letter = message_from_bytes(desk.ask("SELECT raw FROM outbox WHERE NOT automatic"), policy=policy.default)
    assert [part.get_filename() for part in letter.iter_attachments()] == ["справка.pdf"]  # type: ignore[attr-defined]
    page.click(".toast >> text=Отменить")
    expect(page.locator("#letter")).to_have_attribute("data-number", number)
    assert desk.ask("SELECT count(*) FROM outbox WHERE NOT automatic") == 0
    assert desk.ask("SELECT state FROM tickets WHERE number = ?", number) == "new"


def test_a_file_of_another_kind_is_refused_and_the_text_stays(page: Page, desk: Desk) -> None:
    opened(page, desk, numbers(desk)[0])
    act(page, "Ответить")
    page.fill("#answer-text", "Длинный ответ")
    page.set_input_files("[name=file]", [{"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"MZ no pdf"}])
    page.click("button:has-text('Отправить'):visible >> nth=0")
    expect(page.locator("[role=alert]")).to_contain_text("только PDF, JPG и PNG")
    expect(page.locator("#answer-text")).to_have_value("Длинный ответ")
    assert desk.ask("SELECT count(*) FROM outbox WHERE NOT automatic") == 0


def test_the_letter_that_asks_is_shown_as_the_ticks_are_set(page: Page, desk: Desk) -> None:
    opened(page, desk, numbers(desk)[0])
    act(page, "Запросить данные")
    page.locator("[name=missing][value=date]").check()
    page.click("button:has-text('Показать письмо')")
    expect(page.locator("pre.mail:visible").first).to_contain_text("Когда это случилось")


def test_snoozing_takes_it_out_of_the_queue_until_then(page: Page, desk: Desk) -> None:
    number = numbers(desk)[0]
    opened(page, desk, number)
    act(page, "Отложить")
    page.click("text=На час")
    told(page, "заявка отложена")
    page.goto(f"{desk.address}/?tab=new")
    expect(page.locator(f".row[data-number='{number}']")).to_have_count(0)
    opened(page, desk, number)
    expect(page.locator(".meta >> nth=0")).to_contain_text("отложена до")


def test_a_duplicate_is_closed_and_its_letters_are_read_on_the_first(page: Page, desk: Desk) -> None:
    first, second, third = numbers(desk)
    opened(page, desk, second)
    act(page, "Дубль")
    page.fill("input[name=other]:visible", first)
    page.click("text=Закрыть как дубль")
    told(page, "закрыта как дубль")
    opened(page, desk, first)
    expect(page.locator(".thread > .mailbox")).to_have_count(2)
    act(page, "Связать")
    page.fill("input[name=other]:visible", third)
    page.click("button.main:has-text('Связать')")
    told(page, "заявки связаны")
    opened(page, desk, first)
    expect(page.locator(".near >> nth=0")).to_contain_text(third)
    assert desk.ask("SELECT closed_as FROM tickets WHERE number = ?", second) == "duplicate"


def test_notes_hands_over_closes_and_opens_again(page: Page, desk: Desk) -> None:
    number = numbers(desk)[0]
    opened(page, desk, number)
    act(page, "Заметка")
    page.fill("textarea[name=text]:visible", "Перезвонить после обеда")
    page.click("text=Записать >> visible=true >> nth=-1")
    expect(page.locator(".history")).to_contain_text("Перезвонить после обеда")
    opened(page, desk, number)
    act(page, "Передать")
    page.select_option(".acts select[name=to]", "anna")
    page.click("button.main:has-text('Передать')")
    told(page, "заявка передана")
    assert desk.ask("SELECT assignee FROM tickets WHERE number = ?", number) == "anna"
    opened(page, desk, number)
    page.click(".acts button:has-text('Закрыть') >> visible=true >> nth=-1")
    told(page, "заявка закрыта")
    opened(page, desk, number)
    page.click(".acts button:has-text('Открыть снова')")
    told(page, "заявка открыта снова")
    assert desk.ask("SELECT state FROM tickets WHERE number = ?", number) in ("new", "open")


def test_a_view_is_saved_used_and_dropped_and_is_nobody_elses(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.address}/?tab=new&topic=access")
    rows = page.locator(".row").count()
    page.click("summary:has-text('Виды')")
    page.fill("[name=name]", "мой вход")
    page.click(".drop >> text=Сохранить >> nth=-1")
    page.goto(f"{desk.address}/?tab=done")
    page.click("summary:has-text('Виды')")
    page.click("text=мой вход")
    expect(page).to_have_url(f"{desk.address}/?tab=new&topic=access")
    assert page.locator(".row").count() == rows
    anna = desk.enter("anna")
    anna.click("summary:has-text('Виды')")
    expect(anna.locator("text=мой вход")).to_have_count(0)
    page.click("summary:has-text('Виды')")
    page.click("[aria-label='Убрать вид мой вход']")
    until(lambda: desk.ask("SELECT count(*) FROM views") == 0)
