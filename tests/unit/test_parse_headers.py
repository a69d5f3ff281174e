"""Header fields as mailers write them: addresses, dates, message ids, encoded words, parameters."""

from email.utils import getaddresses

import pytest

from intake import headers
from intake.headers import addresses, decoded, message_ids, parameters, sent_at
from intake.parse import parse


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("a@b.example", [("", "a@b.example")]),
        ("<A.B@MAIL.Example>", [("", "A.B@mail.example")]),
        ('"Иванова, Анна" <a@b.example>', [("Иванова, Анна", "a@b.example")]),
        ("=?utf-8?B?0JDQvdC90LA=?= <a@b.example>", [("Анна", "a@b.example")]),
        ('"=?utf-8?B?0JDQvdC90LA=?=" <a@b.example>', [("Анна", "a@b.example")]),
        ("=?utf-8?B?0JDQvdC90LAgPGFAYi5leGFtcGxlPg==?=", [("Анна", "a@b.example")]),
        ("a@b.example (Анна)", [("Анна", "a@b.example")]),
        ("Анна <a@b.example>, b@c.example", [("Анна", "a@b.example"), ("", "b@c.example")]),
        ("undisclosed-recipients:;", []),
        ("Анна", []),
        ("<>", []),
        ("", []),
        ("a@", []),
        ("@b.example", []),
        ("a@b.example.", [("", "a@b.example")]),
        ("a@почта.рф", [("", "a@xn--80a1acny.xn--p1ai")]),
        ("Анна <a@Почта.РФ>", [("Анна", "a@xn--80a1acny.xn--p1ai")]),
        ("a@XN--80a1acny.xn--p1ai", [("", "a@xn--80a1acny.xn--p1ai")]),
        ("a@straße.example", [("", "a@straße.example")]),
        (f"a@{'я' * 64}.рф", [("", f"a@{'я' * 64}.рф")]),
        ("Анна <a@b.example", [("Анна", "a@b.example")]),
        ('"Анна <a@b.example>', [("Анна", "a@b.example")]),
        ("(" * 10_000 + " a@b.example", [("", "a@b.example")]),
        ("a\r\nBcc: c@d.example <a@b.example>", [("a Bcc: c@d.example", "a@b.example")]),
    ],
)
def test_addresses(header: str, found: list[tuple[str, str]]) -> None:
    if "Bcc" in header:  # whatever the name becomes, no line end stays in it, and the address is one
        assert all("\n" not in a.name + a.email and "@" in a.email for a in addresses(header))
    else:
        assert [(a.name, a.email) for a in addresses(header)] == found


@pytest.mark.parametrize(
    ("header", "emails"),
    [
        ("a@b.example <a@b.example>", ["a@b.example"]),
        ('"a@b.example" <a@b.example>', ["a@b.example"]),
        ("info@b.example <noreply@b.example>", ["noreply@b.example"]),
        ("maria@mail.example <m@evil.example>", ["m@evil.example"]),
        ("maria@mail.example via Forms <forms@b.example>", ["forms@b.example"]),
        ("'maria@mail.example' via Группа <group@b.example>", ["group@b.example"]),
        ("maria@mail.example (Мария) <m@evil.example>", ["m@evil.example"]),
        ("Мария <maria@mail.example> <m@evil.example>", ["m@evil.example"]),
        ('ООО "Рога", info@b.example <noreply@b.example>', ["noreply@b.example"]),
        ("info@b.example <noreply@b.example", ["noreply@b.example"]),
        (":-( info@b.example <noreply@b.example>", ["noreply@b.example"]),
        ('12" info@b.example <noreply@b.example>', ["noreply@b.example"]),
        (r"\"info@b.example\" <noreply@b.example>", ["noreply@b.example"]),
        ("=?utf-8?Q?info=40b.example_=3Cnoreply=40b.example=3E?=", ["noreply@b.example"]),
        (r"maria@mail.example \<m@evil.example>", ["m@evil.example"]),
        ("maria@mail.example <>", ["maria@mail.example"]),
        ("maria@mail.example <дом>", ["maria@mail.example"]),
        ("maria@mail.example via Forms", ["maria@mail.example"]),
        ("a@b.example, c@d.example <e@f.example>, g@h.example", ["a@b.example", "e@f.example", "g@h.example"]),
        ("Петрова, Анна <a@b.example>", ["a@b.example"]),
        (r'"Анна \"a@x.example\" <b@x.example>, c" <a@b.example>', ["a@b.example"]),
        ("(a@x.example (b) <c@x.example>, d) a@b.example", ["a@b.example"]),
        ("a@b.example (<c@x.example>)", ["a@b.example"]),
        ("Отдел: a@b.example, Анна <c@d.example>; e@f.example", ["a@b.example", "c@d.example", "e@f.example"]),
        ("<@relay.example,@r2.example:a@b.example>", ["a@b.example"]),
        ("<mailto:a@b.example>", ["a@b.example"]),
        ("a @ b.example", ["a@b.example"]),
        ("< a@b.example >", ["a@b.example"]),
        ("a@b.example>", ["a@b.example"]),
        ('"a b"@c.example', []),
    ],
)
def test_an_address_in_a_display_name_is_no_address(header: str, emails: list[str]) -> None:
    assert [found.email for found in addresses(header)] == emails


@pytest.mark.parametrize(
    "sign", ["<", ">", "(", ")", "()", '"', "\\", '"\\', '("', "(<", ",", "a@", "@", " ", "a@b.example "]
)
def test_an_address_is_found_behind_any_signs_in_any_number(sign: str) -> None:
    assert addresses(f"{sign * 5_000}, Анна <c@d.example>")[-1].email == "c@d.example"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("=?utf-8?Q?=D0=AF_=D0=B8?= =?utf-8?Q?_=D1=82=D1=8B?=", "Я и ты"),
        ("=?utf-8?B?0K8=?= and =?koi8-r?B?8Q==?=", "Я and Я"),
        ("=?utf-8?B?0A==?=\n =?utf-8?B?rw==?=", "Я"),
        ("=?utf-8*ru?B?0K8=?=", "Я"),
        ("=?utf-8?Q?Где ответ??=", "Где ответ?"),
        ("=?utf-8?B?0K8", "=?utf-8?B?0K8"),
        ("=?=?=?", "=?=?=?"),
        ("a=?utf-8?B?0K8=?=b", "aЯb"),
        ("=?x-unknown?B?0K8=?=", "Я"),
        ("=?utf-8?X?0K8=?=", "=?utf-8?X?0K8=?="),
        ("=?utf-8?B?DQpCY2M6IHhAeS5leGFtcGxl?=", "Bcc: x@y.example"),
    ],
)
def test_encoded_words(value: str, text: str) -> None:
    assert decoded(value) == text


@pytest.mark.parametrize(
    ("value", "kind", "found"),
    [
        ("Text/HTML; Charset=UTF-8", "text/html", {"charset": "UTF-8"}),
        ('a/b; x="1;2"; y=3', "a/b", {"x": "1;2", "y": "3"}),
        ("a/b; x*=utf-8'ru'%D1%8F", "a/b", {"x": "я"}),
        ("a/b; x*0=a; x*2=c; x*1=b", "a/b", {"x": "abc"}),
        ("a/b;;; =; x; x*y*z=1", "a/b", {}),
        ('a/b; x="unclosed', "a/b", {"x": "unclosed"}),
    ],
)
def test_parameters(value: str, kind: str, found: dict[str, str]) -> None:
    assert parameters(value) == (kind, found)


@pytest.mark.parametrize(
    ("date", "received", "moment"),
    [
        ("Mon, 23 Mar 2026 09:12:40 +0700", None, "2026-03-23T09:12:40+07:00"),
        ("23 Mar 2026 09:12 MSK", None, None),
        ("Mon, 23 Mar 2026 09:12:40 -0000", None, "2026-03-23T09:12:40+00:00"),
        (None, "from a by b; Mon, 23 Mar 2026 09:12:40 +0300", "2026-03-23T09:12:40+03:00"),
        ("Thu, 01 Jan 1970 00:00:00 +0000", "by b; Mon, 23 Mar 2026 09:12:40 +0300", "2026-03-23T09:12:40+03:00"),
        ("yesterday", "by b", None),
        ("Mon, 99 Mar 2026 99:12:40 +9999", None, None),
        (None, None, None),
    ],
)
def test_when_a_letter_was_sent(date: str | None, received: str | None, moment: str | None) -> None:
    found = sent_at(date, received)
    if date and "MSK" in date:
        assert found is not None  # an unknown zone name is taken for UTC
    else:
        assert (found.isoformat() if found else None) == moment


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@b>", ("a@b",)),
        ("<a@b> <c@d>\n <e@f>", ("a@b", "c@d", "e@f")),
        ("a@b", ("a@b",)),
        ("Your message of Monday", ()),
        ("<[a]@b>", ("[a]@b",)),
        ("<>", ()),
        (None, ()),
    ],
)
def test_message_ids(value: str | None, ids: tuple[str, ...]) -> None:
    assert message_ids(value) == ids


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("a.b+c@d-e.example", True),
        ("<a@b.example>", True),
        ('"Иванова, А. (Анна)" <a@b.example>', True),
        ("=?utf-8?B?0JDQvdC90LA=?= =?utf-8?Q?x?= <a@b.example>", True),
        ("Анна<a@b.example>", True),
        ("a@b.example, c@d.example", False),
        ("Анна Б. <a@b.example>", False),
        (r'"Анна \"А\"" <a@b.example>', False),
        ("a@b.example (Анна)", False),
        ("Анна <a@b@c.example>", False),
        ("Группа: a@b.example;", False),
    ],
)
def test_one_plain_address_is_read_as_the_standard_library_reads_it(value: str, plain: bool) -> None:
    assert headers._one_address(value) == (getaddresses([value]) if plain else [])


def test_a_letter_s_record_has_its_headers_decoded_and_in_order() -> None:
    letter = parse(
        b"Return-Path: <>\nReceived: by b; Mon, 23 Mar 2026 09:12:40 +0300\nReceived: by a\n"
        b"From: =?utf-8?B?0JDQvdC90LA=?= <a@B.example>\nTo: x@y.example, Z@Y.example\nCc: c@d.example\nDelivered-To: e@f.example\n"
        b"Subject: =?utf-8?B?0K8=?=\n  =?utf-8?B?0LggINGC0Ys=?=\nReply-To: r@b.example\nMessage-Id: <1@b.example>\n"
        b"In-Reply-To: <0@b.example>\nReferences: <9@b.example>\n <0@b.example>\n"
        b"Content-Type: multipart/report; report-type=Delivery-Status; boundary=x\n\n--x\n\nwords\n--x--"
    )
    assert letter.return_path == ""
    assert letter.all_headers("received") == ("by b; Mon, 23 Mar 2026 09:12:40 +0300", "by a")
    assert letter.recipients == ("x@y.example", "Z@y.example", "c@d.example", "e@f.example")
    assert (letter.subject, letter.message_id) == ("Яи ты", "1@b.example")
    assert (letter.in_reply_to, letter.references) == (("0@b.example",), ("9@b.example", "0@b.example"))
    assert (letter.content_type, letter.report_type) == ("multipart/report", "delivery-status")
    assert letter.reply_to is not None
    assert letter.sent is not None
    assert letter.sent.isoformat() == "2026-03-23T09:12:40+03:00"


def test_a_letter_without_return_path_is_told_from_the_null_path() -> None:
    assert parse(b"From: a@b.example\n\nx").return_path is None
    assert parse(b"Return-Path: <a@b.example>\n\nx").return_path == "a@b.example"
