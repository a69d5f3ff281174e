"""HTML of letters: what is left of it, and what is refused before it is cleaned."""

import time

import pytest

from triage.letter_clean import Refused, clean, host_of, refusal

LEFT = {
    "words and their weight": ("<p>Не <b>приходит</b> код", "<p>Не <b>приходит</b> код</p>"),
    "script": ("<script>alert(1)</script>текст", "текст"),
    "handlers": ('<p onclick="x()" style="color:red" class="a" id="b">текст</p>', "<p>текст</p>"),
    "titles": ('<b title="x">текст</b>', "<b>текст</b>"),
    "a table": ("<table width=9><tr><td colspan=2>а", '<table><tbody><tr><td colspan="2">а</td></tr></tbody></table>'),
    "a form": ("<form action=http://e><input><button>Войти</button></form>", "Войти"),
    "a remote picture": ('<img src="http://e/x.gif" alt="схема">', '<img alt="схема">'),
    "a data picture": ('<img src="data:image/svg+xml,x">', "<img>"),
    "an unknown picture": ('<img src="cid:other">', "<img>"),
    "its own picture": ('<img src="cid:own">', '<img src="data:image/png;base64,AA">'),
    "comments": ("<!-- тайна -->текст", "текст"),
    "drawings": ("<svg><a href='http://e'><text>x</text></a></svg>текст", "текст"),
}


@pytest.mark.parametrize("case", LEFT)
def test_only_listed_tags_and_attributes_are_left(case: str) -> None:
    given, left = LEFT[case]
    assert clean(given, {"own": "data:image/png;base64,AA"}.get).html == left


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "jav\tascript:x",
        "JaVaScRiPt:x",
        "data:text/html,x",
        "vbscript:x",
        "/t/1",
        "//host/x",
        "file:///etc",
        "x",
    ],
)
def test_a_link_that_is_no_web_mail_or_phone_address_leads_nowhere(address: str) -> None:
    assert "href" not in clean(f"<a href='{address}'>x</a>", {}.get).html


def test_links_open_apart_and_say_their_host() -> None:
    made = clean("<a title='z' href='https://user@real.example:99/p?a=1&b=2'>bank.ru</a>", {}.get).html
    assert 'href="https://user@real.example:99/p?a=1&amp;b=2" data-host="real.example" target="_blank"' in made


def test_pictures_of_other_servers_are_counted() -> None:
    assert clean('<img src="http://a/1"><img src="//b/2"><img src="cid:own">', {}.get).withheld == 2


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://банк.рф/вход", "xn--80ab2al.xn--p1ai"),
        ("https://gоsuslugi.ru/", "xn--gsuslugi-nbh.ru"),  # the second letter is Cyrillic
        ("https://good.example@evil.example/", "evil.example"),
        ("mailto:a@b.example", "a@b.example"),
        ("https://[bad", "адрес не прочитать"),
    ],
)
def test_a_host_is_told_as_the_wire_has_it(address: str, host: str) -> None:
    assert host_of(address) == host


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("", Refused.NONE),
        ("  \n", Refused.NONE),
        ("а" * 600_000, Refused.SIZE),
        ("<br>" * 20_001, Refused.TAGS),
        ("<div>" * 257, Refused.DEPTH),
        ("<div></span>" * 257, Refused.DEPTH),
        ("<DIV\n>" * 257, Refused.DEPTH),
        ("<div>" * 256, None),
        ("<p>строка" * 9_000, None),
        ("<table><tr><td>" * 80 + "<tr><td>" * 4_000, None),
        ("<div>x</div>" * 9_000, None),
    ],
)
def test_html_over_the_limits_is_refused(html: str, why: Refused | None) -> None:
    assert refusal(html) is why


def test_measuring_is_linear() -> None:
    began = time.process_time()
    assert refusal("<div></b>" * 10_000) is Refused.DEPTH
    assert refusal("<" * 500_000) is Refused.TAGS
    assert time.process_time() - began < 2
