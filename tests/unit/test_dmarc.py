"""DMARC by the trusted server's word only, whatever a sender writes into his envelope, his headers or his name."""

import time

import pytest

from intake.dmarc import dmarc
from intake.letter import Desk
from intake.parse import parse

DESK = Desk(trusted_authserv_id="mx.desk.example")
RECEIVED = "Received: from a.example by mx.desk.example; Mon, 23 Mar 2026 09:12:40 +0300\n"
FROM = "From: maria@mail.example\n"


def results(said: str) -> str:
    return f"Authentication-Results: mx.desk.example; {said}\n"


def verdict(head: str, desk: Desk = DESK) -> str:
    return dmarc(parse(f"{head}Subject: x\n\ntext".encode()), desk)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("dmarc=pass header.from=mail.example", "pass"),
        ("dmarc=pass", "pass"),
        ("DMARC = Pass (p=reject) header.from=MAIL.example.", "pass"),
        ("spf=pass smtp.mailfrom=maria@mail.example;\n\tdmarc=fail (p=reject) header.from=mail.example", "fail"),
        ("(p=none; dmarc=pass (dmarc=pass)) dmarc (really) = fail", "fail"),
        ("spf=pass smtp.mailfrom=dmarc=pass@evil.example; dmarc=fail header.from=mail.example", "fail"),
        ('spf=pass smtp.mailfrom="dmarc=pass"@evil.example; dmarc=fail header.from=mail.example', "fail"),
        ('spf=pass smtp.mailfrom="; dmarc=pass"@evil.example; dmarc=none', ""),
        ("spf=pass smtp.mailfrom=dmarc=pass@evil.example", ""),
        ("spf=pass (dmarc=none) smtp.mailfrom=x@evil.example; dmarc=fail", "fail"),
        ("spf=pass (; dmarc=pass) smtp.mailfrom=x@evil.example", ""),
        ("spf=pass smtp.mailfrom==?utf-8?q?x=3Bdmarc=3Dpass=3B?=@evil.example", ""),
        ("spf=pass smtp.mailfrom=a(b@evil.example; dmarc=fail; dkim=none (no key))", "fail"),
        ('spf=pass smtp.mailfrom=a"b@evil.example; dmarc=fail; dkim=pass header.d="x"', "fail"),
        ("dmarc=pass header.from=a.example; dmarc=fail header.from=mail.example", "fail"),
        ("dmarc=pass header.from=evil.example", ""),
        ("dmarc=pass header.from=ail.example", ""),
        ("dmarc=pass header.from=sub.mail.example", ""),
        ("dmarc=temperror", ""),
        ("none", ""),
        ("(" * 5_000 + "; dmarc=fail", "fail"),
        ('"' * 5_000 + "; dmarc=fail", "fail"),
    ],
)
def test_only_a_result_named_dmarc_counts(said: str, word: str) -> None:
    assert verdict(results(said) + FROM) == word


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (results("dkim=none") + results("dmarc=fail") + RECEIVED, "fail"),
        (results("dkim=pass") + results("dmarc=pass") + RECEIVED, "pass"),
        (results("dmarc=pass") + results("dmarc=fail") + RECEIVED, "fail"),
        (results("dmarc=pass") + results("dmarc=none") + RECEIVED, ""),
        (results("dkim=pass") + RECEIVED + results("dmarc=pass"), ""),
        (results("dmarc=pass") + RECEIVED + results("dmarc=fail"), "pass"),
        (RECEIVED + results("dmarc=pass") + RECEIVED + results("dmarc=fail"), "pass"),
        (RECEIVED + results("dkim=pass") + results("dmarc=fail"), "fail"),
        (RECEIVED + results("dkim=pass") + results("dmarc=pass"), ""),
        ("Authentication-Results: evil.example; dmarc=fail\n" + results("dmarc=pass") + RECEIVED, "pass"),
        ("Authentication-Results: (mine) MX.desk.example 1; dmarc=fail\n", "fail"),
        ("Authentication-Results: evil.example; x=mx.desk.example; dmarc=pass\n", ""),
        ("", ""),
    ],
)
def test_the_trusted_server_s_fields_are_those_above_what_came_with_the_letter(head: str, word: str) -> None:
    assert verdict(head + FROM) == word


@pytest.mark.parametrize(
    ("sender", "named", "word"),
    [
        ("maria@news.mail.example", "mail.example", "pass"),
        ("maria@mail.example <m@evil.example>", "evil.example", "pass"),
        ("maria@mail.example, m@evil.example", "evil.example", ""),
        ("мария@почта.рф", "xn--80a1acny.xn--p1ai", "pass"),
        ("nobody", "mail.example", ""),
    ],
)
def test_a_pass_is_for_the_sender_we_take(sender: str, named: str, word: str) -> None:
    assert verdict(f"{results(f'dmarc=pass header.from={named}')}From: {sender}\n") == word


def test_quotes_that_nobody_closes_take_no_square_time() -> None:
    hostile = 'Authentication-Results: evil.example; "' + '\\"' * 10_000 + "\n"
    start = time.process_time()
    assert verdict(hostile * 12 + results("dmarc=fail") + FROM) == "fail"
    assert time.process_time() - start < 2.0  # it takes 0.1 s; square time takes ten times the bound


def test_nobody_is_asked_when_no_server_is_trusted() -> None:
    assert verdict(results("dmarc=fail") + FROM, Desk()) == ""
