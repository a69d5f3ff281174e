"""What of FreeScout's API a front office meets, as a server of a test's own.

Written from the public reference of its module «API & Webhooks» (api-docs.freescout.net) and from a client that follows
it; the module's own source is sold and was not read, and no live FreeScout was asked.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from servers.receiver import Does, Heard

KEY = "freescout-key"
MAILBOX, USER = 4, 7


@dataclass(kw_only=True)
class FreeScoutContract:
    """Its conversations with their threads; `mails` counts what it would have sent."""

    conversations: list[dict[str, Any]] = field(default_factory=list)
    mails: int = 0

    def __call__(self, heard: Heard) -> Does:  # noqa: PLR0911  # a return for each path
        if heard.headers.get("x-freescout-api-key") != KEY:
            return _no(401, "Invalid API key")
        url = urlsplit(heard.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        told = json.loads(heard.body) if heard.body else {}
        match [heard.method, *url.path.removeprefix("/api/").split("/")]:
            case ["GET", "mailboxes"]:
                return _yes({"_embedded": {"mailboxes": [{"id": MAILBOX, "name": "Support"}]}})
            case ["GET", "conversations"]:
                return self._list(asked)
            case ["POST", "conversations"]:
                return self._make(told)
            case ["GET", "conversations", number]:
                found = self._one(int(number))
                return _yes(found) if found else _no(404, "Conversation not found")
            case ["POST", "conversations", number, "threads"]:
                return self._add(int(number), told)
        return _no(404, "Not found")

    def _list(self, asked: dict[str, str]) -> Does:
        found = [
            {name: value for name, value in one.items() if name != "_embedded"}
            for one in self.conversations
            if asked["subject"] in one["subject"] and int(asked["mailboxId"]) == one["mailboxId"]
        ]
        return _yes({"_embedded": {"conversations": found}, "page": {"size": 20, "totalElements": len(found)}})

    def _make(self, told: dict[str, Any]) -> Does:
        if told["mailboxId"] != MAILBOX or told["type"] not in ("email", "phone", "chat") or not told["threads"]:
            return _no(400, "Bad request")
        if "@" not in told["customer"]["email"]:
            return _no(400, "customer: invalid")
        number = 50 + len(self.conversations)
        made = {"id": number, "number": number + 1000, "subject": told["subject"], "status": told["status"]}
        made |= {"mailboxId": told["mailboxId"], "customer": told["customer"], "_embedded": {"threads": []}}
        self.conversations.append(made)
        for thread in told["threads"]:
            self._thread(made, thread)
        self.mails += int(not told.get("imported"))
        return Does(status=201, headers={"Resource-ID": str(number)}, body=b"")

    def _add(self, number: int, told: dict[str, Any]) -> Does:
        found = self._one(number)
        if found is None:
            return _no(404, "Conversation not found")
        if told["type"] == "note" and told.get("user") != USER:
            return _no(400, "user: unknown")
        if told["type"] == "customer" and "@" not in told["customer"]["email"]:
            return _no(400, "customer: invalid")
        self._thread(found, told)
        found["status"] = told.get("status", found["status"])
        self.mails += int(not told.get("imported"))
        return Does(status=201, headers={"Resource-ID": "1"}, body=b"")

    @staticmethod
    def _thread(on: dict[str, Any], told: dict[str, Any]) -> None:
        on["_embedded"]["threads"].append({"type": told["type"], "body": told["text"]})

    def _one(self, number: int) -> dict[str, Any] | None:
        return next((one for one in self.conversations if one["id"] == number), None)


def _yes(said: Any, *, status: int = 200) -> Does:
    return Does(status=status, body=json.dumps(said).encode())


def _no(status: int, said: str) -> Does:
    return _yes({"message": said}, status=status)
