"""Targets of forwarding as the settings say."""

from outbox.target import Target
from outbox.webhook import Webhook, secrets_from
from service.errors import ConfigError
from service.http import Server
from service.settings import ForwardSettings
from service.settings_file import secret
from tickets.ticket import Event


def target_of(one: ForwardSettings) -> Target:
    """The target; ConfigError when its address, its secret or its events cannot be used. Nothing is connected."""
    known = [event.value for event in Event]
    if unknown := [event for event in one.events if event not in known]:
        raise ConfigError(f"no event is called {unknown[0]!r}; known: {', '.join(known)}")
    wanted = one.events or tuple(known)
    server = Server(one.url, ca_file=one.ca_file)
    text = secret(one.secret_file, f"forward-{one.name}")
    return Webhook(one.name, server, secrets=secrets_from(text), wanted=wanted, personal=one.personal)
