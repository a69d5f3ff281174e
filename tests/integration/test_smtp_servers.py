"""Sending through real mail servers, Exim, Postfix and OpenSMTPD: taken, put off, refused; TLS verified; one connection for many letters."""

import asyncio
from collections.abc import Iterator

import pytest
from servers.certificates import Authority
from servers.exim import Exim, exim
from servers.mail_servers import opensmtpd, postfix

from outbox.send import RecipientRefused, Relay, Sender, SmtpSender, Tls, relay_from_url, sender_from_url
from service.errors import ConfigError, Temporary

LETTER = b"From: support@desk.example\r\nSubject: hi\r\n\r\nhello\r\n"


@pytest.fixture(scope="module", params=[exim, pytest.param(postfix, marks=pytest.mark.long)])
def server(request: pytest.FixtureRequest, authority: Authority) -> Iterator[Exim]:
    with request.param(authority.issue("localhost")) as running:
        yield running


def send(sender: Sender, recipient: str, *, times: int = 1) -> None:
    async def run() -> None:
        try:
            for _ in range(times):
                await sender.send(LETTER, envelope_from="support@desk.example", recipient=recipient)
        finally:
            await sender.close()
            await asyncio.sleep(0.05)  # asyncio closes the socket of a failed handshake in a turn of its own

    asyncio.run(run())


def relay(server: Exim, authority: Authority, *, host: str = "localhost", tls: Tls) -> SmtpSender:
    port = server.tls_port if tls is Tls.IMPLICIT else server.port
    return SmtpSender(Relay(host=host, port=port, tls=tls, ca_file=authority.ca_file))


@pytest.mark.parametrize("tls", list(Tls))
def test_letters_arrive_over_each_kind_of_connection(server: Exim, authority: Authority, tls: Tls) -> None:
    before = len(server.delivered())
    send(relay(server, authority, tls=tls), "ivan@post.example", times=5)
    assert len(server.wait(before + 5)) == before + 5


def test_a_recipient_put_off_is_temporary_and_a_refused_one_is_for_good(server: Exim, authority: Authority) -> None:
    with pytest.raises(Temporary, match="451"):
        send(relay(server, authority, tls=Tls.PLAIN), "busy@post.example")
    with pytest.raises(RecipientRefused, match="550"):
        send(relay(server, authority, tls=Tls.PLAIN), "nobody@post.example")


def test_an_address_that_no_command_can_carry_holds_up_no_other_letter(server: Exim, authority: Authority) -> None:
    """From may have any letters before the sign: whoever writes so must not end the sending of all others."""
    before = len(server.delivered())
    sender = relay(server, authority, tls=Tls.PLAIN)

    async def run() -> None:
        with pytest.raises(RecipientRefused, match="cannot be said"):
            await sender.send(LETTER, envelope_from="support@desk.example", recipient="иван@post.example")
        await sender.send(LETTER, envelope_from="support@desk.example", recipient="ivan@post.example")
        await sender.close()

    asyncio.run(run())
    assert len(server.wait(before + 1)) == before + 1


@pytest.mark.long
def test_opensmtpd_takes_puts_off_and_refuses(authority: Authority) -> None:
    """Without TLS: Debian 12's OpenSMTPD 6.8.0p2 cannot use any private key with OpenSSL 3 (its issue 1171)."""
    with opensmtpd(authority.issue("localhost")) as server:
        send(relay(server, authority, tls=Tls.PLAIN), "ivan@post.example", times=5)
        assert len(server.wait(5)) == 5
        test_a_recipient_put_off_is_temporary_and_a_refused_one_is_for_good(server, authority)


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_a_certificate_for_another_name_is_not_accepted(server: Exim, authority: Authority, tls: Tls) -> None:
    with pytest.raises(Temporary, match="certificate not accepted"):
        send(relay(server, authority, host="127.0.0.1", tls=tls), "ivan@post.example")


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_a_certificate_of_an_unknown_authority_is_not_accepted(server: Exim, tls: Tls) -> None:
    port = server.tls_port if tls is Tls.IMPLICIT else server.port
    with pytest.raises(Temporary, match="certificate not accepted"):
        send(SmtpSender(Relay(host="localhost", port=port, tls=tls)), "ivan@post.example")


def test_tls_to_a_port_that_begins_without_it_names_the_remedy(server: Exim, authority: Authority) -> None:
    wrong = SmtpSender(Relay(host="localhost", port=server.port, tls=Tls.IMPLICIT, ca_file=authority.ca_file))
    with pytest.raises(Temporary, match=r"TLS failed .*write smtp://"):
        send(wrong, "ivan@post.example")


def test_a_server_that_is_not_there_is_temporary_and_names_the_remedy() -> None:
    with pytest.raises(Temporary, match=r"smtp\.url"):
        send(SmtpSender(Relay(host="127.0.0.1", port=1, tls=Tls.PLAIN)), "ivan@post.example")


@pytest.mark.parametrize(
    "url",
    ["http://host", "smtp://", "smtp://user:secret@host:25", "smtp://host:99999", "smtp://[host", "smtps://a..b:465"],
)
def test_a_url_that_cannot_be_used_is_refused_without_its_secret(url: str) -> None:
    with pytest.raises(ConfigError) as fault:
        sender_from_url(url, login=None, password=lambda: None)
    assert "secret" not in str(fault.value)


def test_starttls_is_required_from_any_host_but_this_one() -> None:

    assert relay_from_url("smtp://mx.desk.example", login=None, password=lambda: None).tls is Tls.STARTTLS
    assert relay_from_url("smtp://127.0.0.1:25", login=None, password=lambda: None).tls is Tls.PLAIN
