"""What the desk talks to: the mailbox, the mail server, and what the domain's records say of its letters."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import func, select

from commands.finding import Finding, fail, fine, warn
from commands.rooms import mailbox_of, open_store, sender_of
from intake.imap import ImapMailbox
from outbox.send import SmtpSender
from outbox.targets import target_of
from service import dns
from service.errors import PriemnayaError, Temporary
from service.settings import Settings
from store.schema import letters

WANTED = {
    "IDLE": "without it a letter is seen at the next poll",
    "MOVE": "without it letters are copied, flagged and expunged",
    "UIDPLUS": "without it nothing is expunged: copied letters stay flagged as deleted in the inbox",
}
RESERVED = frozenset({"example", "test", "invalid", "localhost"})  # RFC 2606 §2
SOON_DAYS = 14  # of a certificate's end


def mailbox(settings: Settings) -> Iterator[Finding]:
    """The mailbox lets us in, can do what we need, and is emptied by us alone."""
    yield from asyncio.run(_mailbox(settings))


def server(settings: Settings) -> Iterator[Finding]:
    """The mail server lets us in; nothing is sent."""
    yield from asyncio.run(_server(settings))


def records(settings: Settings) -> Iterator[Finding]:
    """What the domain says of who may send in its name; without it our letters land among spam."""
    domain = settings.desk.address.rpartition("@")[2]
    if domain.rpartition(".")[2] in RESERVED:
        yield warn("dns", f"{domain} is a domain for examples", "write your own address into [desk] address")
        return
    asked = dns.system_server()
    try:
        yield from _records(settings, domain, asked)
    except Temporary as fault:
        yield warn("dns", str(fault), "doctor could not look at MX, SPF and DMARC")


async def _mailbox(settings: Settings) -> list[Finding]:
    opened = mailbox_of(settings)
    try:
        validity = await opened.open()
        found = [fine("mailbox", f"{opened.identity}: let in, UIDVALIDITY {validity}")]
        if isinstance(opened, ImapMailbox):
            lacking = [name for name in WANTED if name not in opened.abilities]
            found += [warn("mailbox", f"no {name}", WANTED[name]) for name in lacking]
            found += _certificate("mailbox", opened.certificate_ends)
            found += _alone(settings, await opened.count(settings.mailbox.processed))
        return found
    finally:
        await opened.close()


def _alone(settings: Settings, lying: int | None) -> list[Finding]:
    """Processed holds what we moved there and no more; else somebody else empties the mailbox too (rulings 7)."""
    store = open_store(settings)
    try:
        with store.reading() as conn:
            moved = conn.execute(select(func.count()).where(letters.c.moved_ms.is_not(None))).scalar_one()
    finally:
        store.close()
    folder = settings.mailbox.processed
    if lying is not None and lying > moved:
        said = f"{folder} has {lying} letters, we moved {moved}"
        return [warn("mailbox", said, "does another daemon with another store, or a filter, empty this mailbox?")]
    return [fine("mailbox", f"{folder}: {lying or 0} letters")]


async def _server(settings: Settings) -> list[Finding]:
    sender = sender_of(settings)
    if not isinstance(sender, SmtpSender):
        return [warn("smtp", "replies go into a Maildir", "for a trial only: set smtp.url")]
    try:
        ends = await sender.greet()
    finally:
        await sender.close()
    return [fine("smtp", "lets us in; nothing was sent"), *_certificate("smtp", ends)]


def _certificate(what: str, ends: datetime | None) -> list[Finding]:
    if ends is None:
        return [fine(what, "no TLS: on this machine only")]
    days = (ends - datetime.now(UTC)).days
    said = f"certificate holds until {ends:%Y-%m-%d}"
    return [warn(what, said, "have it renewed before that day") if days < SOON_DAYS else fine(what, said)]


def _records(settings: Settings, domain: str, asked: dns.NameServer) -> Iterator[Finding]:
    hosts = dns.ask(domain, dns.Kind.MX, asked)
    if hosts:
        yield fine("dns", f"MX of {domain}: {', '.join(hosts)}")
    else:
        yield fail("dns", f"{domain} has no MX", "citizens' mail cannot arrive: publish one")
    envelope = settings.smtp.envelope_from
    sends = (envelope or settings.desk.address).rpartition("@")[2]
    spf = [text for text in dns.ask(sends, dns.Kind.TXT, asked) if text.lower().startswith("v=spf1")]
    if len(spf) == 1:
        yield fine("dns", f"SPF of {sends} is there")
    else:
        yield warn("dns", f"{sends} has {len(spf)} SPF records", f'publish one TXT of {sends}: "v=spf1 mx -all"')
    dmarc = [text for text in dns.ask(f"_dmarc.{domain}", dns.Kind.TXT, asked) if text.lower().startswith("v=dmarc1")]
    if dmarc:
        yield fine("dns", f"DMARC of {domain} is there")
    else:
        yield warn("dns", f"{domain} has no DMARC", f'publish TXT of _dmarc.{domain}: "v=DMARC1; p=quarantine"')
    if sends != domain and not sends.endswith(f".{domain}") and not domain.endswith(f".{sends}"):
        remedy = "SPF cannot align: sign with DKIM at the mail server, or send from the desk's domain"
        yield warn("dns", f"envelope sender is of {sends}, From of {domain}", remedy)


def elsewhere(settings: Settings) -> Iterator[Finding]:
    """Systems that are told of events answer, and let us in; nothing is told."""
    for one in settings.forward:
        try:
            yield fine("forward", f"{one.name}: {asyncio.run(target_of(one, settings).look())}")
        except PriemnayaError as fault:
            yield fail("forward", f"{one.name}: {fault}", "events wait meanwhile: priemnaya status")


LOOKS = {"mailbox": mailbox, "smtp": server, "dns": records, "forward": elsewhere}
