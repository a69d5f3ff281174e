"""A webhook: each event as a small JSON document, signed so that the receiver knows it is ours and new.

The headers and the signature are those of the Standard Webhooks specification (standardwebhooks.com), which receivers
have libraries for: HMAC-SHA256 over the id, the time and the body, base64, one signature for each secret in force.
"""

import hashlib
import hmac
import json
import re
import time
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from outbox.target import Telling, accepted
from service.errors import ConfigError
from service.http import Request, Server
from store.forwarding import Happening
from store.records import Ticket

SHORTEST = 24  # bytes of a secret, as the specification has it
ROBOTS = frozenset({"desk", "post", "letter", "clock", "ops"})  # of `who`; anything else is somebody's login
_WORD = r"[a-z_-]{1,40}"
# Of an event's own data: what says how, and the shape it must have. The rest is words, told only with `personal`
PLAIN = {
    "kind": _WORD, "reason": _WORD, "by": _WORD, "why": _WORD, "as": _WORD, "was": _WORD, "topic": _WORD,
    "decision": _WORD, "count": r"\d{1,6}", "fields": r"[a-z_, ]{1,200}", "number": r"\d\d-\d{7,10}-\d",
    "to": r"new|waiting|open|answered|closed|\d\d-\d{7,10}-\d",
}  # fmt: skip


class Webhook:
    """See outbox/target.py."""

    def __init__(
        self, name: str, server: Server, *, secrets: Sequence[bytes], wanted: Sequence[str], personal: bool
    ) -> None:
        self.name, self.wanted, self.personal = name, tuple(wanted), personal
        self._server, self._secrets = server, secrets

    async def tell(self, telling: Telling) -> None:
        """Any 2xx is a yes; the receiver knows by the id what it has had before."""
        body = document(telling.event, personal=self.personal)
        headers = {"Content-Type": "application/json"} | signed(telling.key, body, self._secrets, now=int(time.time()))
        answer = await self._server.ask(Request(method="POST", headers=headers, body=body))
        accepted(answer, place=self._server.place)

    async def look(self) -> str:
        """Connects and says nothing: a webhook has no question that changes nothing."""
        ends = await self._server.certificate_ends()
        return "answers, no TLS: on this machine only" if ends is None else f"certificate holds until {ends:%Y-%m-%d}"


def document(event: Happening, *, personal: bool) -> bytes:
    """What a receiver is told; docs/elsewhere.md has it in words."""
    ticket = event.ticket
    data: dict[str, Any] = {"who": event.who if personal or event.who in ROBOTS else "staff"}
    data |= event.data if personal else _without_persons(event.data)
    told: dict[str, Any] = {
        "type": f"ticket.{event.what}",
        "timestamp": _moment(event.at_ms),
        "data": {"event": data, "ticket": _ticket(ticket) | (_words(ticket) if personal else {})},
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def signed(key: str, body: bytes, secrets: Sequence[bytes], *, now: int) -> dict[str, str]:
    """The three headers."""
    content = f"{key}.{now}.".encode() + body
    signatures = (b64encode(hmac.new(one, content, hashlib.sha256).digest()).decode() for one in secrets)
    return {
        "Webhook-Id": key,
        "Webhook-Timestamp": str(now),
        "Webhook-Signature": " ".join(f"v1,{one}" for one in signatures),
    }


def secrets_from(text: str | None) -> tuple[bytes, ...]:
    """One secret a line: `whsec_` and base64, or any words of 24 bytes or more. ConfigError when one is unfit."""
    found = []
    for number, line in enumerate((text or "").split("\n"), 1):
        if not (written := line.strip()):
            continue
        try:
            made = b64decode(written.removeprefix("whsec_"), validate=True) if written.startswith("whsec_") else None
        except ValueError:
            raise ConfigError(f"line {number} of the secret: after whsec_ there is no base64") from None
        found.append(made if made is not None else written.encode())
        if len(found[-1]) < SHORTEST:
            raise ConfigError(f"line {number} of the secret is under {SHORTEST} bytes: openssl rand -base64 32")
    if not found:
        raise ConfigError("a webhook needs a secret: openssl rand -base64 32 into secret_file, mode 0600")
    return tuple(found)


def _ticket(ticket: Ticket) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "state": ticket.state,
        "kind": ticket.kind,
        "topic": ticket.topic,
        "needs_review": ticket.needs_review,
        "team": ticket.team,
        "missing": ticket.missing,
        "opened": _moment(ticket.opened_ms),
        "first_due": _moment(ticket.first_due_ms),
        "final_due": _moment(ticket.final_due_ms),
        "answered": _moment(ticket.answered_ms),
        "closed": _moment(ticket.closed_ms),
        "version": ticket.version,
    }


def _words(ticket: Ticket) -> dict[str, Any]:
    return {
        "address": ticket.address,
        "subject": ticket.subject,
        "fields": ticket.fields,
        "assignee": ticket.assignee,
    }


def _without_persons(data: dict[str, Any]) -> dict[str, Any]:
    """Only what is known to name nobody: `to` may be a colleague's login, `reason` a mail server's own words."""
    return {name: data[name] for name, fits in PLAIN.items() if name in data and re.fullmatch(fits, str(data[name]))}


def _moment(ms: int | None) -> str | None:
    if ms is None:
        return None
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
