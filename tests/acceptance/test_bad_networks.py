"""A network that cuts, stalls, throttles and half-closes, at every step of IMAP and SMTP: back within a minute.

Between the installed daemon and real servers stands a proxy. While it does harm a letter comes; a minute after the
harm has ended at the latest the letter has its ticket, lies in Processed, and its reply is out: once.
"""

import shutil
import time
from collections.abc import Iterable, Iterator

import pytest
from servers.beside import Do, beside
from servers.certificates import Authority
from servers.daemon import Daemon
from servers.desk import Desk
from servers.dovecot import Dovecot, dovecot
from servers.exim import Exim
from servers.proxy import Fault, Kind, Proxy

GREETING, MOVED = b"* OK", b"COPYUID"  # by the server; after MOVED the letters lie elsewhere, and we are not told
IMAP_STEPS = (
    GREETING, b"CAPABILITY", b"LOGIN", b"NAMESPACE", b"SELECT", b"UID SEARCH", b"RFC822.SIZE", b"BODY.PEEK",
    b"UID MOVE", MOVED, b"IDLE", b"DONE",
)  # fmt: skip
OTHER_WAYS = (b"NOOP", b"CREATE", b"UID COPY", b"UID STORE", b"UID EXPUNGE")  # without IDLE and MOVE
READY, TAKEN = b"220 ", b"250 OK id="  # by the server; after TAKEN the reply is out, and we are not told
SMTP_STEPS = (READY, b"EHLO", b"MAIL FROM", b"RCPT TO", b"DATA", b"\r\n.\r\n", TAKEN)
HARMS = [Kind.CUT, Kind.RESET, Kind.STALL, Kind.HALF_CLOSE]
HANDSHAKE = 100  # bytes from the server, in the midst of its part of TLS


@pytest.fixture(scope="module")
def plain(authority: Authority) -> Iterator[Dovecot]:
    """A mail server whose conversation the proxy can read."""
    with dovecot(authority.issue("localhost"), tls_offered="no") as server:
        yield server


@pytest.fixture(scope="module")
def poor(authority: Authority) -> Iterator[Dovecot]:
    """The same without IDLE and MOVE."""
    with dovecot(authority.issue("localhost"), tls_offered="no", capability="IMAP4rev1 UIDPLUS NAMESPACE") as server:
        yield server


@pytest.fixture
def desk(plain: Dovecot, mta: Exim, authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Not started."""
    daemon = Daemon(tmp_path_factory.mktemp("desk"), plain, mta, authority)
    yield Desk.at(daemon)
    daemon.end()


def faults(kind: Kind, steps: Iterable[bytes], *, rate: int = 0) -> dict[str, Fault]:
    """One at each step, by its name."""
    return {
        f"{kind} {step.decode().strip()}": Fault(
            kind=kind,
            rate=rate,
            swallows=step in (MOVED, TAKEN),
            at_down=step if step in (GREETING, MOVED, READY, TAKEN) else None,
            at=None if step in (GREETING, MOVED, READY, TAKEN) else step,
        )
        for step in steps
    }


def harmed(desk: Desk, proxy: Proxy, do: Do, harm: dict[str, Fault]) -> None:
    """One harm after the other, from the next connection on, until it has struck."""
    for name, fault in harm.items():
        strikes = proxy.strikes

        def begin(fault: Fault = fault, name: str = name) -> None:
            if "CREATE" in name:  # which is said only where there is no folder yet
                shutil.rmtree(desk.daemon.mail_server.maildir(desk.daemon.user) / ".Processed")
            proxy.fault = fault
            do(proxy.drop_all)

        def end() -> None:
            proxy.fault = None

        desk.through(
            name,
            begin=begin,
            end=end,
            struck=lambda before=strikes: proxy.strikes > before,  # type: ignore[misc]  # bound at once
        )


def over_imap(desk: Desk, harm: dict[str, Fault]) -> None:
    with beside(Proxy(desk.daemon.mail_server.port)) as (proxy, do):
        desk.daemon.mailbox = f"imap://{desk.daemon.user}@127.0.0.1:{proxy.port}/INBOX"
        desk.daemon.settings("")
        desk.begins()
        harmed(desk, proxy, do, harm)
        desk.in_order()


def over_smtp(desk: Desk, harm: dict[str, Fault]) -> None:
    with beside(Proxy(desk.daemon.mta.port)) as (proxy, do):
        desk.daemon.smtp = f"smtp://127.0.0.1:{proxy.port}"
        desk.daemon.mailbox = f"imap://{desk.daemon.user}@127.0.0.1:{desk.daemon.mail_server.port}/INBOX"
        desk.daemon.settings("")
        desk.begins()
        harmed(desk, proxy, do, harm)
        desk.in_order(repeats=sum(fault.swallows for fault in harm.values()))


def test_a_cut_in_the_middle_of_each_conversation_is_got_over(desk: Desk) -> None:
    over_imap(desk, faults(Kind.CUT, (b"BODY.PEEK", b"UID MOVE")))


@pytest.mark.long
@pytest.mark.parametrize("kind", HARMS)
def test_imap_recovers_from_harm_at_every_step(desk: Desk, kind: Kind) -> None:
    over_imap(desk, faults(kind, IMAP_STEPS))


@pytest.mark.long
@pytest.mark.parametrize("kind", HARMS)
def test_imap_recovers_from_harm_at_the_steps_of_a_poorer_server(desk: Desk, poor: Dovecot, kind: Kind) -> None:
    desk.daemon.mail_server = poor
    over_imap(Desk.at(desk.daemon), faults(kind, OTHER_WAYS))


@pytest.mark.long
@pytest.mark.parametrize("kind", HARMS)
def test_smtp_recovers_from_harm_at_every_step(desk: Desk, kind: Kind) -> None:
    over_smtp(desk, faults(kind, SMTP_STEPS))


@pytest.mark.long
@pytest.mark.parametrize("kind", HARMS)
def test_both_recover_from_harm_in_the_handshake_of_tls(daemon: Daemon, kind: Kind) -> None:
    desk = Desk.at(daemon)
    imap, smtp = Proxy(daemon.mail_server.tls_port), Proxy(daemon.mta.tls_port)
    with beside(imap) as (_, do_imap), beside(smtp) as (_, do_smtp):
        daemon.mailbox = f"imaps://{daemon.user}@localhost:{imap.port}/INBOX"
        daemon.smtp = f"smtps://localhost:{smtp.port}"
        daemon.settings("")
        desk.begins()
        harmed(desk, imap, do_imap, {f"{kind} imaps": Fault(kind=kind, after=HANDSHAKE)})
        harmed(desk, smtp, do_smtp, {f"{kind} smtps": Fault(kind=kind, after=HANDSHAKE)})
        desk.in_order()


@pytest.mark.long
def test_a_slow_line_is_borne(desk: Desk) -> None:
    """From the first word on, that is at every step; and from the letter on."""
    over_imap(desk, faults(Kind.THROTTLE, (GREETING, b"BODY.PEEK"), rate=2_000))


@pytest.mark.long
def test_a_slow_line_to_the_mail_server_is_borne(desk: Desk) -> None:
    """The same."""
    over_smtp(desk, faults(Kind.THROTTLE, (READY, b"DATA"), rate=200))


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
