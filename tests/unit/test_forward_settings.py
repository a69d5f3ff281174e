"""[[forward]]: its faults are told with their lines, its secrets are fit, its address may be spoken to."""

import base64

import pytest

from outbox.webhook import secrets_from, signed
from service.errors import ConfigError
from service.http import url_of
from service.settings_file import line_of, parse

ONE = '[[forward]]\nname = "crm"\nkind = "webhook"\nurl = "https://crm.example/hook"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ONE + ONE.replace("crm", "erp") + "secret = 1", "x.toml:9: forward.1.secret: no such key. Did you mean"),
        (ONE + ONE, "two [[forward]] have the same name"),
        ('[[forward]]\nname = "A b"\nkind = "webhook"\nurl = "x"', "x.toml:2: forward.0.name"),
        ('[[forward]]\nname = "a"\nkind = "fax"\nurl = "x"', "x.toml:3: forward.0.kind"),
        ('[[forward]]\nname = "a"\n', "x.toml:1: forward.0.kind: is required"),
        ("[forward]\n", "x.toml:1: forward"),
    ],
)
def test_a_fault_names_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as fault:
        parse(text, where="x.toml")
    assert said in str(fault.value)


def test_the_line_of_the_second_table_is_the_seconds() -> None:
    text = ONE + "[desk]\n" + ONE
    assert line_of(text, ("forward", "0", "url")) == 4
    assert line_of(text, ("forward", "1", "url")) == 9
    assert line_of(text, ("forward", "1", "secret_file")) == 6
    assert line_of(text, ("desk", "address")) == 5


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://crm.example/hook", "this machine only"),
        ("ftp://crm.example", "not a URL"),
        ("https:///hook", "not a URL"),
        ("crm.example", "not a URL"),
        ("https://crm.example:99999/", "not a URL"),
        ("https://[crm.example/", "not a URL"),
        ("https://us:er@crm.example/", "does not belong into it"),
        ("https://crm.example/#x", "does not belong into it"),
    ],
)
def test_an_address_that_may_not_be_spoken_to_is_refused(url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        url_of(url)


@pytest.mark.parametrize("url", ["https://crm.example/hook?x=1", "http://localhost:8080/", "http://[::1]:8080/"])
def test_an_address_that_may_be_is_taken(url: str) -> None:
    assert url_of(url).geturl() == url


def test_each_secret_signs_so_that_one_can_be_changed_for_another() -> None:
    key = base64.b64encode(b"k" * 32).decode()
    secrets = secrets_from(f"whsec_{key}\n\nthe old one, of 24 bytes or more\n")
    assert secrets == (b"k" * 32, b"the old one, of 24 bytes or more")
    headers = signed("1-2", b"{}", secrets, now=5)
    assert headers["Webhook-Signature"].count("v1,") == 2
    assert headers["Webhook-Signature"].split()[0] == signed("1-2", b"{}", secrets[:1], now=5)["Webhook-Signature"]


def test_the_signature_is_of_the_id_the_time_and_the_body() -> None:
    """Known value, by another program: printf 'msg.1614265330.{"test": 1}' | openssl dgst -sha256 -hmac KEY -binary"""
    headers = signed("msg", b'{"test": 1}', (b"k" * 24,), now=1_614_265_330)
    assert headers == {
        "Webhook-Id": "msg",
        "Webhook-Timestamp": "1614265330",
        "Webhook-Signature": "v1,TLMB6Z1qxodOsT1DEYwrMKzLnFq6ca9fYV8nyqDtfpk=",
    }


@pytest.mark.parametrize("text", [None, "", "\n\n", "short", "whsec_!!!", "whsec_c2hvcnQ="])
def test_an_unfit_secret_is_refused(text: str | None) -> None:
    with pytest.raises(ConfigError):
        secrets_from(text)
