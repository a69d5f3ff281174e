"""What of Zammad's API a front office meets, as a server of a test's own: written from Zammad's sources, not its code.

Read: app/controllers/{tickets,ticket_articles}_controller.rb, concerns/creates_ticket_articles.rb, concerns/can_search.rb,
application_controller/{authenticates,handles_errors}.rb, db/seeds/triggers.rb (releases 5.2 to 7). No live Zammad was asked.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from servers.receiver import Does, Heard

TOKEN = "zammad-token"
GROUPS = ("Users", "Обращения")
TYPES = ("note", "email", "phone", "web")
STATES = ("new", "open", "closed")


@dataclass(kw_only=True)
class ZammadContract:
    """Its tickets, articles and users; `mails` counts what its shipped trigger would have written to citizens."""

    tickets: list[dict[str, Any]] = field(default_factory=list)
    articles: list[dict[str, Any]] = field(default_factory=list)
    customers: list[str] = field(default_factory=list)
    mails: int = 0
    listed: bool = True  # expand gives a list; otherwise ids beside their rows

    def __call__(self, heard: Heard) -> Does:  # noqa: PLR0911  # a return for each path
        if heard.headers.get("authorization") != f"Token token={TOKEN}":
            return _no(403, "Authentication required")
        path = urlsplit(heard.path).path.removeprefix("/api/v1")
        told = json.loads(heard.body) if heard.body else {}
        match [heard.method, *path.strip("/").split("/")]:
            case ["GET", "users", "me"]:
                return _yes({"id": 3, "login": "front@desk.example"})
            case ["POST", "tickets"]:
                return self._make(told)
            case ["POST", "tickets", "search"]:
                return self._search(told)
            case ["PUT", "tickets", number]:
                return self._change(int(number), told)
            case ["GET", "ticket_articles", "by_ticket", number]:
                if not self._has(int(number)):
                    return _no(404, f"Couldn't find Ticket with 'id'={number}")
                return _yes([one for one in self.articles if one["ticket_id"] == int(number)])
        return _no(404, "No route matches")

    def _make(self, told: dict[str, Any]) -> Does:
        if told.get("group") not in GROUPS:
            return _no(422, "No value found for 'group' with id")
        customer = re.fullmatch(r"guess:(\S+@\S+\.\S+)", told.get("customer_id", ""))
        if customer is None or not told.get("title"):
            return _no(422, f"Invalid email '{told.get('customer_id')}' of customer")
        ticket = {"id": 100 + len(self.tickets), "number": f"8{len(self.tickets):04}", "title": told["title"]}
        ticket |= {"state": told.get("state", "new"), "customer": customer[1].lower(), "tags": told["tags"].split(",")}
        if (fault := self._article(ticket["id"], told.get("article"), created=True)) is not None:
            return fault
        self.tickets.append(ticket)
        if ticket["customer"] not in self.customers:
            self.customers.append(ticket["customer"])
        return _yes(ticket, status=201)

    def _search(self, told: dict[str, Any]) -> Does:
        assert "query" not in told, "with a query the search index is asked, which lags behind"
        ((name, wanted),) = told["condition"].items()
        assert (name, wanted["operator"]) == ("ticket.title", "contains")
        found = [one for one in self.tickets if wanted["value"].lower() in one["title"].lower()]
        if self.listed:
            return _yes(found)
        rows = {str(one["id"]): one for one in found}
        return _yes({"record_ids": [one["id"] for one in found], "assets": {"Ticket": rows}})

    def _change(self, number: int, told: dict[str, Any]) -> Does:
        if not self._has(number):
            return _no(404, f"Couldn't find Ticket with 'id'={number}")
        if told.get("state", "open") not in STATES:
            return _no(422, "No value found for 'state'")
        if (fault := self._article(number, told.get("article"), created=False)) is not None:
            return fault
        (ticket,) = [one for one in self.tickets if one["id"] == number]
        ticket["state"] = told.get("state", ticket["state"])
        return _yes(ticket)

    def _article(self, number: int, told: dict[str, Any] | None, *, created: bool) -> Does | None:
        if told is None or told.get("body") is None:
            return _no(422, "Need at least an 'article body' field.")
        if told["type"] not in TYPES or told["sender"] not in ("Agent", "Customer"):
            return _no(422, "No value found for 'type'")
        self.articles.append(told | {"ticket_id": number, "id": len(self.articles) + 1})
        self.mails += int(created and told["sender"] == "Customer" and told["type"] != "note")
        return None

    def _has(self, number: int) -> bool:
        return any(one["id"] == number for one in self.tickets)


def _yes(said: Any, *, status: int = 200) -> Does:
    return Does(status=status, body=json.dumps(said).encode())


def _no(status: int, said: str) -> Does:
    return _yes({"error": said, "error_human": said}, status=status)
