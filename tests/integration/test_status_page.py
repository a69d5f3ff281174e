"""The status page: state and dates for who has the link, nothing for anybody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from asgi_client import get
from boxed_desk import DAY, BoxedDesk
from citizens import INN, NAME, TROUBLE, write
from starlette.applications import Starlette

from service.errors import ConfigError
from service.signing import Keys, keys_from
from triage.public_app import public_app
from triage.public_limits import ADDRESSES_MOST, Bucket, Limits

SETTINGS = '[desk]\nsigning_key_file = "{key}"\n[public]\nbase_url = "https://desk.example"\n'


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text("first " + "k" * 40 + "\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def desk(tmp_path: Path, key: Path) -> Iterator[BoxedDesk]:
    desk = BoxedDesk(tmp_path, SETTINGS.replace("{key}", str(key)))
    yield desk
    desk.close()


def pages_of(desk: BoxedDesk, keys: Keys | None = None) -> Starlette:
    keys = keys or desk.answers.keys
    assert keys is not None
    return public_app(desk.settings, desk.store, keys)


def link_in(desk: BoxedDesk, body: str) -> str:
    desk.take(write("m@post.example", body, at_ms=desk.clock.ms, message_id="1@post.example"))
    (letter,) = desk.post()
    number = letter.number
    return desk.answers.status_link(number)


def test_the_acknowledgement_carries_the_link_and_the_page_tells_state_and_dates_only(desk: BoxedDesk) -> None:
    link = link_in(desk, f"{NAME}, ИНН {INN}, 1 марта 2026 года. {TROUBLE}")
    assert link in desk.sent[0].text
    page = get(pages_of(desk), link)
    assert page.status == 200
    assert "Заявка принята и ждёт сотрудника." in page.text
    assert "2 марта 2026 г." in page.text
    assert "3 марта 2026 г." in page.text
    assert not any(private in page.text for private in ("Соколова", INN, INN[-4:], "post.example", "Не приходит"))
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "noindex" in page.headers["x-robots-tag"]
    assert "<script" not in page.text


def test_what_is_missing_is_named_and_the_close_is_told(desk: BoxedDesk) -> None:
    link = link_in(desk, f"{NAME}. {TROUBLE}")
    pages = pages_of(desk)
    assert "ИНН или номера личного кабинета и даты" in get(pages, link).text
    for _ in range(16):
        desk.pass_time(DAY)
        desk.post()
    assert "Заявка закрыта." in get(pages, link).text


def test_no_link_is_written_without_a_page(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    desk = BoxedDesk(tmp_path / "plain")
    assert link_in(desk, f"{NAME}, ИНН {INN}, 1 марта 2026 года. {TROUBLE}") == ""
    assert "http" not in desk.sent[0].text
    desk.close()


@pytest.mark.parametrize("spoil", [lambda s: s[:-1] + ("a" if s[-1] != "a" else "b"), lambda s: s[:-1], lambda s: s + "a", lambda s: s.replace("26-", "27-", 1), lambda s: "x", lambda s: s.rpartition("-")[0] + "-"])  # fmt: skip
def test_a_wrong_link_shows_nothing(desk: BoxedDesk, spoil: object) -> None:
    link = link_in(desk, f"{NAME}. {TROUBLE}")
    base, _, name = link.rpartition("/")
    page = get(pages_of(desk), f"{base}/{spoil(name)}")  # type: ignore[operator]
    assert page.status == 404
    assert "Такой страницы нет" in page.text


def test_a_link_for_another_purpose_does_not_pass(desk: BoxedDesk) -> None:
    number = link_in(desk, f"{NAME}. {TROUBLE}").rpartition("/")[2].rpartition("-")[0]
    assert desk.answers.keys is not None
    forged = desk.answers.keys.sign("answer", number, bits=130)
    assert get(pages_of(desk), f"/s/{number}-{forged}").status == 404


def test_an_old_links_key_is_accepted_until_it_is_taken_away(desk: BoxedDesk, key: Path) -> None:
    link = link_in(desk, f"{NAME}. {TROUBLE}")
    key.write_text("second " + "n" * 40 + "\n" + key.read_text())
    assert get(pages_of(desk, keys_from(key)), link).status == 200
    key.write_text("second " + "n" * 40 + "\n")
    assert get(pages_of(desk, keys_from(key)), link).status == 404


@pytest.mark.parametrize("text", ["short", "k" * 40 + "\nshort"])
def test_a_key_that_is_too_short_is_refused(key: Path, text: str) -> None:
    key.write_text(text)
    with pytest.raises(ConfigError, match="at least 32"):
        keys_from(key)


def test_who_asks_too_often_is_put_off(desk: BoxedDesk) -> None:
    link = link_in(desk, f"{NAME}. {TROUBLE}")
    pages = pages_of(desk)
    answers = [get(pages, link).status for _ in range(25)]
    assert answers[:20] == [200] * 20
    assert answers[-1] == 429
    assert get(pages, link).headers["retry-after"] == "60"


def test_a_bucket_fills_again_with_time_and_addresses_are_forgotten() -> None:
    now = [0.0]
    bucket = Bucket(burst=2, a_second=1, now=lambda: now[0])
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    now[0] = 1.5
    assert [bucket.take() for _ in range(2)] == [True, False]
    limits = Limits(burst=1, a_second=0, now=lambda: now[0])
    assert limits.take("2001:db8::1")
    assert not limits.take("2001:db8::2")  # the same customer
    assert limits.take("2001:db8:0:1::1")
    for place in range(ADDRESSES_MOST):
        limits.take(f"10.{place >> 16}.{(place >> 8) % 256}.{place % 256}")
    assert limits.take("2001:db8::1")
