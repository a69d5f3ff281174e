"""Zammad's REST API, as far as a front office needs it; written from its sources (releases 5.2 to 7), never copied.

Articles are of the type «note»: its shipped triggers answer mail, phone and web, and only we write to the citizen. A
new ticket, its article and tags are one transaction there, so are a change and its article. The search goes by
condition and without a query: then it asks the database, and not an index that lags behind.
"""

import json
from typing import Any

from outbox.help_desk import NewThere
from outbox.notes import Note
from outbox.target import TargetRefuses, accepted
from service.errors import Permanent
from service.http import Answer, Request, Server
from store.forwarding import Elsewhere

TAG = "priemnaya"


class Zammad:
    """See Api in outbox/help_desk.py."""

    def __init__(self, server: Server, *, token: str, group: str) -> None:
        self._server, self._group = server, group
        self._headers = {"Authorization": f"Token token={token}", "Content-Type": "application/json"}

    async def find(self, number: str) -> Elsewhere | None:
        """The eldest, should there be more."""
        wanted = {"ticket.title": {"operator": "contains", "value": f"[{number}]"}}
        found = _tickets(await self._asked("POST", "/tickets/search?expand=true&limit=20", {"condition": wanted}))
        fitting = [one for one in found if f"[{number}]" in str(one.get("title"))]
        return _elsewhere(min(fitting, key=lambda one: int(one["id"]))) if fitting else None

    async def make(self, new: NewThere) -> Elsewhere:
        """The customer is made there when the address is unknown."""
        told = {
            "title": new.title,
            "group": self._group,
            "customer_id": f"guess:{new.customer}",
            "state": "closed" if new.closed else "new",
            "tags": TAG,
            "article": _article(new.title, new.text, by_citizen=True),
        }
        return _elsewhere(await self._asked("POST", "/tickets", told))

    async def noted(self, there: Elsewhere, mark: str) -> bool:
        """In any article of the ticket."""
        articles = await self._asked("GET", f"/ticket_articles/by_ticket/{there.their_id}", missing=True)
        return any(mark in str(one.get("body")) for one in articles if isinstance(one, dict))

    async def note(self, there: Elsewhere, note: Note, *, customer: str) -> None:
        """The ticket knows its customer."""
        told: dict[str, Any] = {"article": _article("", note.text, by_citizen=note.by_citizen)}
        if note.closed is not None:
            told["state"] = "closed" if note.closed else "open"
        await self._asked("PUT", f"/tickets/{there.their_id}", told, missing=True)

    async def look(self) -> str:
        """The token is somebody's."""
        me = await self._asked("GET", "/users/me")
        if not isinstance(me, dict) or "id" not in me:
            raise TargetRefuses(f"{self._server.place}: answers, and is no Zammad: is url right?")
        return f"Zammad lets us in as user {me['id']}"

    async def _asked(self, method: str, path: str, told: Any = None, *, missing: bool = False) -> Any:
        body = b"" if told is None else json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
        request = Request(method=method, path=f"/api/v1{path}", headers=self._headers, body=body)
        return parsed(
            accepted(await self._server.ask(request), place=self._server.place, missing=missing), self._server
        )


def parsed(answer: Answer, server: Server) -> Any:
    """Its JSON. TargetRefuses when it is none: something else listens there."""
    try:
        return json.loads(answer.body)
    except ValueError:
        raise TargetRefuses(f"{server.place}: answers {answer.status} without JSON: is url right?") from None


def _article(subject: str, text: str, *, by_citizen: bool) -> dict[str, Any]:
    return {
        "subject": subject,
        "body": text,
        "content_type": "text/plain",
        "type": "note",
        "sender": "Customer" if by_citizen else "Agent",
        "internal": not by_citizen,
    }


def _tickets(found: Any) -> list[dict[str, Any]]:
    """A list, or ids beside their rows: both are in its sources."""
    if isinstance(found, dict):
        found = list(((found.get("assets") or {}).get("Ticket") or {}).values())
    return [one for one in found if isinstance(one, dict) and "id" in one]


def _elsewhere(row: Any) -> Elsewhere:
    if not isinstance(row, dict) or "id" not in row:
        raise Permanent("Zammad took the ticket and did not say its id")
    return Elsewhere(their_id=str(row["id"]), their_number=str(row.get("number", row["id"])))
