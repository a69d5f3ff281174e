"""A network that cuts, stalls, throttles and half-closes, at every step of IMAP and SMTP: back within a minute.

Between the installed daemon and real servers stands a proxy. While it does harm a letter comes; a minute after the
harm has ended at the latest the letter has its ticket, lies in Processed, and its reply is out: once.
"""

import time
from collections.abc import Iterator

import pytest
from servers.beside import beside
from servers.certificates import Authority
from servers.daemon import Daemon
from servers.desk import Desk
from servers.dovecot import Dovecot, dovecot
from servers.exim import Exim
from servers.proxy import Fault, Kind, Proxy

IMAP_STEPS = (
    b"CAPABILITY", b"LOGIN", b"SELECT", b"UID SEARCH", b"RFC822.SIZE", b"BODY.PEEK", b"UID MOVE", b"IDLE", b"DONE",
)  # fmt: skip
SMTP_STEPS = (b"EHLO", b"MAIL FROM", b"RCPT TO", b"DATA", b"\r\n.\r\n")
GREETING, TAKEN = b"* OK", b"250 OK id="


@pytest.fixture(scope="module")
def plain(authority: Authority) -> Iterator[Dovecot]:
    """A mail server whose conversation the proxy can read."""
    with dovecot(authority.issue("localhost"), tls_offered="no") as server:
        yield server


@pytest.fixture
def desk(plain: Dovecot, mta: Exim, authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Not started."""
    daemon = Daemon(tmp_path_factory.mktemp("desk"), plain, mta, authority)
    yield Desk.at(daemon)
    daemon.end()


def over_imap(desk: Desk, kind: Kind, steps: tuple[bytes, ...], *, rate: int = 0) -> None:
    with beside(Proxy(desk.daemon.mail_server.port)) as (proxy, do):
        desk.daemon.mailbox = f"imap://{desk.daemon.user}@127.0.0.1:{proxy.port}/INBOX"
        desk.daemon.settings("")
        desk.begins()
        for step in steps:
            strikes = proxy.strikes
            where = {"at_down" if step == GREETING else "at": step}
            fault = Fault(kind=kind, rate=rate, **where)  # type: ignore[arg-type]  # one of two names

            def begin(fault: Fault = fault) -> None:
                proxy.fault = fault
                do(proxy.drop_all)

            def end() -> None:
                proxy.fault = None

            desk.through(
                f"{kind} {step.decode()}",
                begin=begin,
                end=end,
                struck=lambda before=strikes: proxy.strikes > before,  # type: ignore[misc]  # bound at once
            )
        desk.in_order()


def over_smtp(desk: Desk, kind: Kind, steps: tuple[bytes, ...], *, rate: int = 0) -> None:
    with beside(Proxy(desk.daemon.mta.port)) as (proxy, do):
        desk.daemon.smtp = f"smtp://127.0.0.1:{proxy.port}"
        desk.daemon.mailbox = f"imap://{desk.daemon.user}@127.0.0.1:{desk.daemon.mail_server.port}/INBOX"
        desk.daemon.settings("")
        desk.begins()
        for step in steps:
            strikes = proxy.strikes
            where = {"at_down" if step[:1].isdigit() else "at": step}
            fault = Fault(kind=kind, rate=rate, swallows=step == TAKEN, **where)  # type: ignore[arg-type]  # likewise

            def begin(fault: Fault = fault) -> None:
                proxy.fault = fault
                do(proxy.drop_all)

            def end() -> None:
                proxy.fault = None

            desk.through(
                f"{kind} {step.decode().strip()}",
                begin=begin,
                end=end,
                struck=lambda before=strikes: proxy.strikes > before,  # type: ignore[misc]  # bound at once
            )
        desk.in_order(repeats=TAKEN in steps)


def test_a_cut_in_the_middle_of_each_conversation_is_got_over(desk: Desk) -> None:
    over_imap(desk, Kind.CUT, (b"BODY.PEEK", b"UID MOVE"))


@pytest.mark.long
@pytest.mark.parametrize("kind", [Kind.CUT, Kind.RESET, Kind.STALL, Kind.HALF_CLOSE])
def test_imap_recovers_from_harm_at_every_step(desk: Desk, kind: Kind) -> None:
    over_imap(desk, kind, (GREETING, *IMAP_STEPS))


@pytest.mark.long
@pytest.mark.parametrize("kind", [Kind.CUT, Kind.RESET, Kind.STALL, Kind.HALF_CLOSE])
def test_smtp_recovers_from_harm_at_every_step(desk: Desk, kind: Kind) -> None:
    over_smtp(desk, kind, (b"220 ", *SMTP_STEPS, TAKEN))


@pytest.mark.long
def test_a_slow_line_is_borne(desk: Desk) -> None:
    over_imap(desk, Kind.THROTTLE, (b"LOGIN", b"BODY.PEEK"), rate=2_000)


@pytest.mark.long
def test_a_slow_line_to_the_mail_server_is_borne(desk: Desk) -> None:
    over_smtp(desk, Kind.THROTTLE, (b"EHLO", b"DATA"), rate=200)


@pytest.mark.long
def test_a_connection_forgotten_in_idle_is_noticed_within_a_minute(desk: Desk) -> None:
    with beside(Proxy(desk.daemon.mail_server.port)) as (proxy, do):
        desk.daemon.mailbox = f"imap://{desk.daemon.user}@127.0.0.1:{proxy.port}/INBOX"
        desk.daemon.settings("")
        desk.daemon.config.write_text(desk.daemon.config.read_text().replace("poll_seconds = 2", "poll_seconds = 60"))
        desk.begins()
        time.sleep(1)  # it idles
        desk.through("idle", begin=lambda: do(proxy.forget_all), struck=lambda: True, end=lambda: None)
        desk.in_order()
