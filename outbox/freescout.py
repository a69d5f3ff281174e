"""FreeScout's API (its module «API & Webhooks»), as far as a front office needs it; written from its public reference.

Everything is told as imported: then FreeScout sends no mail and no notification, and only we write to the citizen.
Texts are HTML there, so ours are escaped.
"""

import html
import json
from typing import Any
from urllib.parse import urlencode

from outbox.help_desk import NewThere
from outbox.notes import Note
from outbox.target import TargetRefuses, accepted
from outbox.zammad import parsed
from service.errors import Permanent
from service.http import Answer, Request, Server
from store.forwarding import Elsewhere


class FreeScout:
    """See Api in outbox/help_desk.py."""

    def __init__(self, server: Server, *, key: str, mailbox: int, user: int) -> None:
        self._server, self._mailbox, self._user = server, mailbox, user
        self._headers = {"X-FreeScout-API-Key": key, "Content-Type": "application/json"}

    async def find(self, number: str) -> Elsewhere | None:
        """The eldest, should there be more."""
        query = urlencode({"mailboxId": self._mailbox, "subject": f"[{number}]", "pageSize": 20})
        answer = parsed(await self._asked("GET", f"/conversations?{query}"), self._server)
        fitting = [one for one in _embedded(answer, "conversations") if f"[{number}]" in str(one.get("subject"))]
        if not fitting:
            return None
        first = min(fitting, key=lambda one: int(one["id"]))
        return Elsewhere(their_id=str(first["id"]), their_number=str(first.get("number", first["id"])))

    async def make(self, new: NewThere) -> Elsewhere:
        """The customer is made there when the address is unknown; the id comes in a header."""
        customer = {"email": new.customer}
        told = {
            "type": "email",
            "mailboxId": self._mailbox,
            "subject": new.title,
            "customer": customer,
            "status": "closed" if new.closed else "active",
            "imported": True,
            "threads": [{"type": "customer", "text": _html(new.text), "customer": customer, "imported": True}],
        }
        answer = await self._asked("POST", "/conversations", told)
        made = answer.headers.get("resource-id", "")
        if not made.isdigit():
            raise Permanent("FreeScout took the conversation and did not say its id")
        return Elsewhere(their_id=made, their_number=made)

    async def noted(self, there: Elsewhere, mark: str) -> bool:
        """In any thread of the conversation."""
        answer = await self._asked("GET", f"/conversations/{there.their_id}?embed=threads", missing=True)
        return any(mark in str(one.get("body")) for one in _embedded(parsed(answer, self._server), "threads"))

    async def note(self, there: Elsewhere, note: Note, *, customer: str) -> None:
        """The citizen's words are the customer's thread, ours a note of the user in the settings."""
        told: dict[str, Any] = {"text": _html(note.text), "imported": True}
        told |= {"type": "customer", "customer": {"email": customer}} if note.by_citizen else _ours(self._user)
        if note.closed is not None:
            told["status"] = "closed" if note.closed else "active"
        await self._asked("POST", f"/conversations/{there.their_id}/threads", told, missing=True)

    async def look(self) -> str:
        """The key is good, and the mailbox is there."""
        boxes = _embedded(parsed(await self._asked("GET", "/mailboxes?pageSize=200"), self._server), "mailboxes")
        if self._mailbox not in [one.get("id") for one in boxes]:
            raise TargetRefuses(f"{self._server.place}: lets us in, and has no mailbox {self._mailbox}: see mailbox")
        return f"FreeScout lets us in, mailbox {self._mailbox} is there"

    async def _asked(self, method: str, path: str, told: Any = None, *, missing: bool = False) -> Answer:
        body = b"" if told is None else json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
        request = Request(method=method, path=f"/api{path}", headers=self._headers, body=body)
        return accepted(await self._server.ask(request), place=self._server.place, missing=missing)


def _ours(user: int) -> dict[str, Any]:
    return {"type": "note", "user": user}


def _html(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br>")


def _embedded(answer: Any, name: str) -> list[dict[str, Any]]:
    rows = (answer.get("_embedded") or {}).get(name) if isinstance(answer, dict) else None
    return [one for one in rows or [] if isinstance(one, dict)]
