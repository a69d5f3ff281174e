"""Targets of forwarding as the settings say."""

from classify.desk_topics import topics_of
from outbox.freescout import FreeScout
from outbox.help_desk import Api, HelpDesk
from outbox.notes import WANTED
from outbox.target import Target
from outbox.webhook import Webhook, secrets_from
from outbox.zammad import Zammad
from service.errors import ConfigError
from service.http import Server
from service.settings import ForwardSettings, Settings
from service.settings_file import secret
from tickets.ticket import Event


def target_of(one: ForwardSettings, settings: Settings) -> Target:
    """The target; ConfigError when its address, its secret or its events cannot be used. Nothing is connected."""
    known = tuple(event.value for event in Event)
    if unknown := [event for event in one.events if event not in known]:
        raise ConfigError(f"no event is called {unknown[0]!r}; known: {', '.join(known)}")
    server = Server(one.url, ca_file=one.ca_file)
    text = secret(one.secret_file, f"forward-{one.name}")
    if one.kind == "webhook":
        wanted = one.events or known
        return Webhook(one.name, server, secrets=secrets_from(text), wanted=wanted, personal=one.personal)
    return HelpDesk(
        one.name,
        _api(one, server, text),
        wanted=one.events or WANTED,
        topics=topics_of(settings.classify),
        nobody=settings.desk.address,
    )


def _api(one: ForwardSettings, server: Server, token: str | None) -> Api:
    if not token or len(token.split()) != 1:
        raise ConfigError("a help desk needs its API token, one line, in secret_file, mode 0600")
    if one.kind == "zammad":
        return Zammad(server, token=token, group=one.group)
    if one.mailbox is None or one.user is None:
        raise ConfigError("FreeScout needs mailbox and user")
    return FreeScout(server, key=token, mailbox=one.mailbox, user=one.user)
