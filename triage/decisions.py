"""Decisions by form: on one ticket, on many, and taking the last one back. After a decision comes the next ticket."""

import hashlib
import json
import re
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outbox.compose import Enclosed
from store import decided, listing
from tickets.decide import Decided, Refused
from triage.access import Role, Who
from triage.board import Context, context_back, next_number, place_of_ticket
from triage.deciding import Changed, Deciding, On, Twice, decide_on_many, new_batch
from triage.forms import FILES_MOST, Asking, decision_of, enclosed
from triage.guard import page
from triage.ticket_page import TicketPage
from triage.window import Window

MANY_MOST = 500  # tickets in one decision
ASK_FIRST = 50  # over this, or letters to more than MAIL_FIRST people, the page asks once
MAIL_FIRST = 5
STAYS = frozenset({Decided.NOTE, Decided.FIELDS, Decided.LINK, Decided.ASSIGN})  # the person goes on with this ticket
WRITES = frozenset({Decided.ASK, Decided.ANSWER, Decided.CLOSE, Decided.REOPEN})
ASKS_NOTHING = frozenset({"batch", "back", "sure"})  # fields of a form on many
BATCH = re.compile(r"[\w-]{1,40}", re.ASCII)  # as new_batch() makes them
TWICE = "Это решение уже записано: второй раз ничего не сделано, и второе письмо никому не уйдёт."
CHANGED = "Заявку только что изменили. Посмотрите, что нового, и повторите: набранное сохранено."


def routes(window: Window) -> list[Route]:
    """What changes tickets."""
    doing = _Doing(window)
    return [
        page("/t/{number:str}/decide", doing.one, role=Role.TRIAGE, methods=["POST"]),
        page("/t/{number:str}/preview", doing.preview, role=Role.TRIAGE, methods=["POST"]),
        page("/many", doing.many, role=Role.TRIAGE, methods=["POST"]),
        page("/undo", doing.undo, role=Role.TRIAGE, methods=["POST"]),
    ]


class _Doing:
    """Records what forms ask for."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._deciding = Deciding(window.settings)
        self._ticket_page = TicketPage(window)

    async def one(self, request: Request) -> Response:
        """A decision on one ticket; refused or overtaken, the page comes back with what was typed."""
        who: Who = request.state.who
        number = request.path_params["number"]
        form = await request.form(max_files=FILES_MOST, max_fields=60)
        context = context_back(str(form.get("back", "")), who)
        typed = {key: value for key, value in form.items() if isinstance(value, str)}
        typed["missing"] = _words(form, "missing")  # type: ignore[assignment]  # the one list among the strings
        try:
            files = await _files(form)
            onward = await self._window.write(lambda conn: self._one(conn, who, number, form, context, files))
        except Refused as why:
            return await self._ticket_page.drawn(request, number, context, typed=typed, trouble=str(why), status=422)
        except Changed:
            return await self._ticket_page.drawn(request, number, context, typed=typed, trouble=CHANGED, status=409)
        return RedirectResponse(onward, status_code=303)

    def _one(
        self, conn: Connection, who: Who, number: str, form: FormData, context: Context, files: tuple[Enclosed, ...]
    ) -> str:  # the form and where it came from
        ticket = listing.ticket_by_number(conn, number)
        if ticket is None:
            raise Refused("Такой заявки нет.")
        decision = self._decision(conn, who, form)
        place = place_of_ticket(conn, context, ticket.id)
        version = str(form.get("version", ""))
        batch = new_batch()
        on = On(ticket_id=ticket.id, version=int(version) if version.isdigit() else None)
        self._deciding.record(conn, who, on, decision, batch=batch, files=files)
        after = who.habits.get("after", "next")
        if decision.what in STAYS or after == "stay":
            return f"/t/{number}?{_query(context, done=batch)}"
        onward = None if after == "list" else next_number(conn, context, place)
        return f"/t/{onward}?{_query(context, done=batch)}" if onward else f"/?{_query(context, done=batch)}"

    async def many(self, request: Request) -> Response:
        """The same decision on the ticked tickets; one undo takes all of it back."""
        who: Who = request.state.who
        form = await request.form(max_files=0, max_fields=MANY_MOST + 20)
        context = context_back(str(form.get("back", "")), who)
        ids = [int(one) for one in _words(form, "ticket") if one.isdigit()][:MANY_MOST]
        if not ids:
            return self._said(request, "Ничего не отмечено", "Отметьте строки слева и повторите.", status=422)
        what = str(form.get("what", ""))
        writes = what in WRITES
        if form.get("sure") != "yes" and (len(ids) > ASK_FIRST or (writes and len(ids) > MAIL_FIRST)):
            data = {"ids": ids, "form": dict(form), "writes": writes, "missing": _words(form, "missing")}
            return self._window.page(request, "sure.html", data)
        batch = _batch_of(form)
        try:
            refused = await self._window.write(
                lambda conn: decide_on_many(
                    self._deciding, conn, who, ids, self._decision(conn, who, form), batch=batch
                )[1]
            )
        except Refused as why:
            return self._said(request, "Не получилось", str(why), status=422)
        except Twice:
            return self._said(request, "Уже сделано", TWICE, status=409)
        if refused:
            data = {"done": len(ids) - len(refused), "refused": refused, "batch": batch, "context": context}
            return self._window.page(request, "partly.html", data)
        return RedirectResponse(f"/?{_query(context, done=batch)}", status_code=303)

    async def undo(self, request: Request) -> Response:
        """Takes a batch back, the person's last one when none is named."""
        who: Who = request.state.who
        form = await request.form(max_files=0, max_fields=10)
        context = context_back(str(form.get("back", "")), who)

        def take_back(conn: Connection) -> Any:
            batch = str(form.get("batch", "")) or decided.last_batch(conn, who.login)
            return self._deciding.undo(conn, who, batch) if batch else None

        undone = await self._window.write(take_back)
        if undone is None or not (undone.numbers or undone.kept):
            return self._said(request, "Отменять нечего", "За последние сутки нет решений, которые можно отменить.")
        if undone.kept:
            data = {"done": len(undone.numbers), "refused": undone.kept, "batch": "", "context": context}
            return self._window.page(request, "partly.html", data, status=409)
        query = _query(context, undone=str(len(undone.numbers)))
        number = undone.numbers[0]
        return RedirectResponse(f"/t/{number}?{query}" if len(undone.numbers) == 1 else f"/?{query}", status_code=303)

    async def preview(self, request: Request) -> Response:
        """The letter that «запросить» would send for the ticked fields."""
        form = await request.form(max_files=0, max_fields=40)
        missing = _words(form, "missing")

        def letter(conn: Connection) -> str:
            ticket = listing.ticket_by_number(conn, request.path_params["number"])
            return self._ticket_page.ask_preview(conn, ticket, missing) if ticket else ""

        text = await self._window.read(letter)
        return self._window.page(request, "preview.html", {"text": text, "number": request.path_params["number"]})

    def _decision(self, conn: Connection, who: Who, form: FormData) -> Any:
        plain = {key: value for key, value in form.items() if isinstance(value, str)}
        topics, working = self._window.topics.ids, self._deciding.working
        asking = Asking(me=who.login, zone=self._window.zone, topics=topics, working=working)
        return decision_of(plain, conn, asking, missing=_words(form, "missing"))

    def _said(self, request: Request, heading: str, text: str, *, status: int = 200) -> Response:
        return self._window.page(request, "plain.html", {"heading": heading, "text": text}, status=status)


def _batch_of(form: FormData) -> str:
    """The form's name for its decision, and a digest of all it asks for: the same form sent twice is one decision, and
    another one from the same drawn page, on other tickets or with other fields, is another. Being sure is no other.
    """
    given = str(form.get("batch", ""))
    if not BATCH.fullmatch(given):
        return new_batch()
    asked = sorted((key, str(value)) for key, value in form.multi_items() if key not in ASKS_NOTHING)
    return f"{given}-{hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:12]}"


def _words(form: FormData, name: str) -> list[str]:
    return [value for value in form.getlist(name) if isinstance(value, str)]


def _query(context: Context, **more: str) -> str:
    return f"{context.here}&{urlencode(more)}"


async def _files(form: FormData) -> tuple[Enclosed, ...]:
    found = [one for one in form.getlist("file") if isinstance(one, UploadFile) and one.filename]
    return tuple([enclosed(one.filename, await one.read()) for one in found])
