"""Who comes in and who does not: login, throttle, sessions, roles, forged requests, headers. Over real HTTP."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk_door import PASSWORD, Door, open_door
from sqlalchemy import select, text, update
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from store import entered, staff
from store.schema import audit, sessions
from triage.access import cookie_name
from triage.app import app
from triage.guard import session_terms
from triage.login import local
from triage.passwords import Throttle
from triage.tidying import tidy

HOUR_MS = 3_600_000


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as made:
        yield made


def test_nothing_is_shown_to_a_stranger(door: Door) -> None:
    for path in ("/", "/t/26-0000001-8", "/me", "/?tab=done", "/nonsense"):
        said = door.ask("GET", path)
        assert (said.status, said.headers["location"].partition("?")[0]) == (303, "/login"), path
    assert door.ask("GET", "/t/x?tab=new").headers["location"] == "/login?next=%2Ft%2Fx%3Ftab%3Dnew"
    assert door.ask("GET", "/news").status == 401
    assert door.ask("GET", "/", hx_request="true").headers["hx-redirect"] == "/login"
    assert door.ask("POST", "/undo", {}).status == 303
    assert door.ask("GET", "/", cookie="made-up").status == 303


def test_a_password_opens_and_the_cookie_is_kept_from_scripts(door: Door) -> None:
    said = door.ask("POST", "/login", {"login": "Triage ", "password": PASSWORD, "next": "/?tab=done"})
    assert (said.status, said.headers["location"]) == (303, "/?tab=done")
    parts = {one.strip().lower() for one in said.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= parts
    token = said.headers["set-cookie"].partition(";")[0].partition("=")[2]
    assert door.ask("GET", "/", cookie=token).status == 200
    with door.store.reading() as conn:
        kept = conn.execute(select(sessions.c.token)).scalars().all()
        assert token not in kept, "the store knows the cookie by its hash alone"
        assert [row.what for row in conn.execute(select(audit))] == ["logged-in"]


def test_failures_take_longer_and_longer(door: Door) -> None:
    said = [door.ask("POST", "/login", {"login": "triage", "password": "wrong"}).status for _ in range(6)]
    assert said == [403] * 5 + [429]
    assert door.ask("POST", "/login", {"login": "triage", "password": PASSWORD}).status == 429
    throttle = Throttle()
    for _ in range(40):
        throttle.failed("a")
    assert 800 < throttle.wait("a") <= 900
    assert throttle.wait("b") == 0
    throttle.passed("a")
    assert throttle.wait("a") == 0


@pytest.mark.parametrize(("column", "age_ms"), [("seen_ms", HOUR_MS // 2 + 1000), ("begun_ms", 12 * HOUR_MS + 1000)])
def test_a_session_ends_by_itself(door: Door, column: str, age_ms: int) -> None:
    token = door.log_in()
    with door.store.writing() as conn:
        conn.execute(update(sessions).values({column: sessions.c[column] - age_ms}))
    assert door.ask("GET", "/", cookie=token).status == 303


def test_what_ended_by_itself_is_not_kept(door: Door) -> None:
    """Sessions, and forms nobody confirmed: without anybody's asking for them."""
    cookie = door.log_in()
    with door.store.writing() as conn:
        for made in ("old", "new"):
            entered.keep_submission(conn, token=made, address=f"{made}@post.example", raw=b"words")
        conn.execute(text("UPDATE submissions SET made_ms = 1 WHERE token = 'old'"))
    tidy(door.store, session_terms(door.settings.web))
    assert door.ask("GET", "/", cookie=cookie).status == 200
    with door.store.writing() as conn:
        assert conn.execute(text("SELECT token FROM submissions")).scalars().all() == ["new"]
        conn.execute(text("UPDATE sessions SET seen_ms = 1"))
    tidy(door.store, session_terms(door.settings.web))
    with door.store.reading() as conn:
        assert conn.execute(text("SELECT count(*) FROM sessions")).scalar() == 0


def test_a_session_can_be_ended(door: Door) -> None:
    first, second = door.log_in(), door.log_in()
    with door.store.reading() as conn:
        other = conn.execute(select(sessions.c.id).order_by(sessions.c.id)).scalars().first()
    assert door.ask("POST", f"/me/sessions/{other}/end", {}, cookie=second).status == 303
    assert door.ask("GET", "/", cookie=first).status == 303
    assert door.ask("POST", "/logout", {}, cookie=second).status == 303
    assert door.ask("GET", "/", cookie=second).status == 303


def test_a_new_password_or_a_closed_account_ends_all_other_sessions(door: Door) -> None:
    first, second = door.log_in(), door.log_in()
    form = {"old": PASSWORD, "new": "another long password"}
    assert door.ask("POST", "/me/password", {**form, "old": "wrong"}, cookie=second).status == 403
    assert door.ask("POST", "/me/password", {**form, "new": "short"}, cookie=second).status == 422
    assert door.ask("POST", "/me/password", form, cookie=second).status == 200
    assert door.ask("GET", "/", cookie=second).status == 200
    assert door.ask("GET", "/", cookie=first).status == 303
    with door.store.writing() as conn:
        staff.change_person(conn, "triage", active=False)
    assert door.ask("GET", "/", cookie=second).status == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"sec_fetch_site": "same-origin"}, 303),
        ({"sec_fetch_site": "none"}, 303),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec_fetch_site": "same-origin", "origin": "https://evil.example"}, 303),
        ({}, 303),
    ],
)
def test_another_site_cannot_act_in_a_persons_name(door: Door, headers: dict[str, str], status: int) -> None:
    token = door.log_in()
    assert door.ask("POST", "/logout", {}, cookie=token, **headers).status == status


def test_each_role_may_what_it_may(door: Door) -> None:
    reader, triage = door.log_in("reader"), door.log_in("triage")
    assert door.ask("GET", "/", cookie=reader).status == 200
    for path in ("/t/26-0000001-8/decide", "/many", "/undo"):
        assert door.ask("POST", path, {}, cookie=reader).status == 403, path
    assert door.ask("POST", "/undo", {}, cookie=triage).status == 200
    assert door.ask("POST", "/many", {}, cookie=triage).status == 422


def test_every_page_forbids_what_it_does_not_need(door: Door) -> None:
    token = door.log_in()
    for path in ("/", "/login", "/t/none", "/me", "/static/style.css"):
        headers = door.ask("GET", path, cookie=token).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    assert door.ask("GET", "/", cookie=token).headers["cache-control"] == "no-store"


def test_a_store_that_is_away_is_said_to_be_and_a_fault_of_ours_too(door: Door) -> None:
    token = door.log_in()
    with door.store.writing() as conn:
        conn.exec_driver_sql("ALTER TABLE tickets RENAME TO elsewhere")
    said = door.ask("GET", "/", cookie=token)
    assert (said.status, "Хранилище не отвечает" in said.body) == (503, True)
    with door.store.writing() as conn:
        conn.exec_driver_sql("ALTER TABLE sessions RENAME TO nowhere")
    said = door.ask("GET", "/", cookie=token)
    assert (said.status, "Хранилище не отвечает" in said.body) == (503, True)
    assert said.headers["content-security-policy"]


def test_a_broken_page_says_so_and_keeps_its_headers(door: Door) -> None:
    pages = app(door.settings, door.store)

    async def broken(_request: Request) -> Response:
        raise ZeroDivisionError

    pages.router.routes.append(Route("/login/broken", broken))
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": "/login/broken", "query_string": b"", "headers": [], "scheme": "http",
        "server": ("127.0.0.1", 80), "http_version": "1.1", "root_path": "", "raw_path": b"/login/broken",
    }  # fmt: skip
    with pytest.raises(ZeroDivisionError):
        asyncio.run(pages(scope, receive, send))
    assert sent[0]["status"] == 500
    assert b"default-src 'none'" in dict(sent[0]["headers"])[b"content-security-policy"]
    assert "Сбой" in sent[1]["body"].decode()


def test_too_much_is_refused_unread(door: Door) -> None:
    assert door.ask("POST", "/login", {}, content_length="99999999").status == 413


@pytest.mark.parametrize(
    ("scheme", "host", "cookie"),
    [
        ("https", "desk.example", "__Host-desk"),
        ("http", "127.0.0.1", "desk"),
        ("http", "localhost", "desk"),
        ("http", "desk.example", None),
    ],
)
def test_nobody_logs_in_over_plain_http_from_elsewhere(scheme: str, host: str, cookie: str | None) -> None:
    assert cookie_name(scheme, host) == cookie


@pytest.mark.parametrize(
    ("asked", "leads"),
    [
        ("/t/1?tab=new", "/t/1?tab=new"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_the_login_leads_nowhere_else(asked: str, leads: str) -> None:
    assert local(asked) == leads
