"""A letter may say what it likes: looking at it asks nobody but us, runs nothing, and leads nowhere by itself."""

import re
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parents[1]))

from hostile_letters import FILES, HTML, REFUSED, letter, with_picture_inside
from servers.small_desk import LOGIN, PASSWORD, SmallDesk


class Trap:
    """A server that nobody may ask; remembers who did."""

    def __init__(self) -> None:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(204)
                self.end_headers()

            do_POST = do_HEAD = do_GET

            def log_message(self, *_args: object) -> None:
                pass

        self.asked = asked
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def set_into(self, html: str) -> str:
        """The HTML with the trap's address."""
        return (
            html.replace("{trap}", f"http://{self.host}")
            .replace("{host}", self.host)
            .replace("{{", "{")
            .replace("}}", "}")
        )


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    made = Trap()
    yield made
    made.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, trap: Trap) -> Iterator[SmallDesk]:
    """A desk that has taken in every hostile letter; its pages are served."""
    made = SmallDesk(tmp_path_factory.mktemp("hostile"))
    for name, html in HTML.items():
        made.post(letter(trap.set_into(html), subject=name))
    for name, (html, _) in REFUSED.items():
        made.post(letter(html, subject=name))
    made.post(letter("<p>с файлами</p>", subject="files", files=FILES))
    made.post(with_picture_inside())
    made.work(len(HTML) + len(REFUSED) + 2)
    with made.pages():
        yield made


@pytest.fixture(scope="module")
def state(desk: SmallDesk, browser: Browser) -> object:
    """A logged-in person's cookies."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{desk.at}/login")
    page.fill("[name=login]", LOGIN)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{desk.at}/")
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def page(desk: SmallDesk, browser: Browser, state: object) -> Iterator[Page]:
    """A page of that person, which remembers what it asked for and whether anything ran."""
    context = browser.new_context(storage_state=state, base_url=desk.at)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def opened(page: Page, desk: SmallDesk, subject: str) -> tuple[list[str], list[str]]:
    """Opens the letter as it was sent; what was asked for on the way, and what dialogs came up."""
    asked: list[str] = []
    dialogs: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    number = desk.number("SELECT l.id FROM letters l JOIN tickets t ON t.id = l.ticket_id WHERE t.subject = ?", subject)
    page.goto(f"/letters/{number}", wait_until="load")
    return asked, dialogs


@pytest.mark.parametrize("subject", HTML)
def test_looking_at_a_letter_asks_nobody_but_us(subject: str, page: Page, desk: SmallDesk, trap: Trap) -> None:
    trap.asked.clear()
    asked, dialogs = opened(page, desk, subject)
    page.wait_for_timeout(150)
    assert [one for one in asked if not one.startswith((f"{desk.at}/", "data:image/jpeg", "data:image/png"))] == []
    assert trap.asked == []
    assert dialogs == []
    assert page.title() == "Письмо как пришло · Приёмная"
    frame = page.frames[1]
    assert frame.url.startswith(f"{desk.at}/letters/")
    assert frame.title() == "Текст письма"
    assert (
        frame.locator("script, style ~ style, link, iframe, form, input, svg, [style], [onclick], [srcset]").count()
        == 0
    )


def test_the_trap_catches_what_an_unguarded_page_would_load(browser: Browser, trap: Trap) -> None:
    page = browser.new_page()
    trap.asked.clear()
    page.set_content(trap.set_into("".join(HTML[name] for name in ("remote picture", "style attribute", "script"))))
    page.wait_for_timeout(500)
    page.close()
    assert {"/seen.gif", "/d.png", "/script"} <= set(trap.asked)


@pytest.mark.parametrize("subject", REFUSED)
def test_html_over_the_limits_is_not_even_cleaned(subject: str, page: Page, desk: SmallDesk) -> None:
    opened(page, desk, subject)
    assert REFUSED[subject][1] in page.inner_text(".note-warn")
    assert page.locator("iframe").count() == 0
    page.goto(f"{page.url}/html")
    assert "показываем только текст" in page.inner_text("body")


def test_a_letters_own_picture_is_shown_as_one_that_we_made(page: Page, desk: SmallDesk) -> None:
    asked, _ = opened(page, desk, "Картинка внутри")
    source = page.frames[1].locator("img").get_attribute("src") or ""
    assert source.startswith("data:image/jpeg;base64,")
    assert page.frames[1].evaluate("document.images[0].naturalWidth") == 900
    assert [one for one in asked if not one.startswith((f"{desk.at}/", "data:image/jpeg"))] == []


def test_a_link_says_where_it_leads(page: Page, desk: SmallDesk, trap: Trap) -> None:
    opened(page, desk, "link to the top")
    link = page.frames[1].locator("a")
    assert link.get_attribute("data-host") == "127.0.0.1"
    assert link.get_attribute("target") == "_blank"
    assert link.get_attribute("rel") == "noopener noreferrer nofollow"
    assert link.get_attribute("ping") is None


def test_the_frame_is_a_sandbox_by_its_own_headers_too(page: Page, desk: SmallDesk) -> None:
    opened(page, desk, "script")
    answer = page.request.get(f"{page.url}/html")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:;")
    assert "unsafe" not in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert page.locator("iframe").get_attribute("sandbox") == "allow-popups allow-popups-to-escape-sandbox"
    assert page.frames[1].evaluate("self.origin") == "null"


def test_every_file_is_a_download_with_a_safe_name(page: Page, desk: SmallDesk) -> None:
    opened(page, desk, "files")
    named = {}
    for place, (name, data, _) in enumerate(FILES):
        answer = page.request.get(f"{page.url}/files/{place}")
        assert answer.status == 200, name
        head = answer.headers
        assert head["content-type"] == "application/octet-stream"
        assert head["x-content-type-options"] == "nosniff"
        assert head["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.body() == data
        told = re.fullmatch(
            r"attachment; filename=\"([\w.-]+)\"; filename\*=UTF-8''([\w.%~-]+)", head["content-disposition"]
        )
        assert told, head["content-disposition"]
        named[place] = told[1]
    assert named[0].endswith(".pdf")
    assert named[1].endswith(".jpg")
    assert all(named[place].endswith(".unsafe") for place in (2, 3, 4, 5, 6, 7, 8)), named


def test_pictures_are_drawn_by_us_and_only_of_sound_files(page: Page, desk: SmallDesk) -> None:
    opened(page, desk, "files")
    assert page.locator(".sheets img").count() == 2
    for place in (0, 1):
        answer = page.request.get(f"{page.url}/files/{place}/0")
        assert answer.headers["content-type"] == "image/jpeg"
        assert "квартира" not in answer.body().decode("utf-8", "ignore")
        assert answer.body() != FILES[place][1]
    for place in range(2, len(FILES)):
        assert page.request.get(f"{page.url}/files/{place}/0").status == 404
    assert page.request.get(f"{page.url}/files/0/9").status == 404
    assert page.request.get(f"{page.url}/files/99").status == 404


def test_the_whole_letter_leaves_as_a_download(page: Page, desk: SmallDesk) -> None:
    opened(page, desk, "script")
    answer = page.request.get(f"{page.url}/raw")
    assert answer.headers["content-disposition"].startswith('attachment; filename="26-')
    assert answer.body().startswith(b"From:")
    seen = desk.rows("SELECT what, data FROM audit WHERE what = 'downloaded'")
    assert any('"view":"raw"' in data for _, data in seen)


def test_nobody_sees_a_letter_without_logging_in(desk: SmallDesk, browser: Browser) -> None:
    page = browser.new_page()
    for path in ("/letters/1", "/letters/1/html", "/letters/1/raw", "/letters/1/files/0", "/letters/1/files/0/0"):
        page.goto(f"{desk.at}{path}")
        assert "/login" in page.url
    page.close()
