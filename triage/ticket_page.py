"""One ticket beside the list: its letters with what was found in them, what may be decided, what was done."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from store import decided, listing, rows, staff, views
from store.records import Ticket
from tickets.ticket import ReplyKind
from triage.access import Role, Seen, Who
from triage.board import Context, board, context_back, context_of, next_number, place_of_ticket, toast_of
from triage.bounced_page import lift
from triage.deciding import Deciding, asked
from triage.guard import page
from triage.hiding import is_hidden
from triage.highlight import marked
from triage.window import Window
from validate.findings import Missing


def routes(window: Window) -> list[Route]:
    """The ticket and the full view of its masked numbers."""
    pages = TicketPage(window)
    return [
        page("/t/{number:str}", pages.show, role=Role.READER),
        page("/t/{number:str}/show", pages.unmask, role=Role.READER, methods=["POST"]),
        page("/t/{number:str}/write-again", pages.write_again, role=Role.TRIAGE, methods=["POST"]),
    ]


class TicketPage:
    """Draws a ticket; decisions draw it again when they are refused."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._deciding = Deciding(window.settings)

    async def show(self, request: Request) -> Response:
        """The ticket."""
        return await self.drawn(
            request, request.path_params["number"], context_of(request.query_params, request.state.who)
        )

    async def unmask(self, request: Request) -> Response:
        """The ticket with its numbers in full; who looked is written down."""
        form = await request.form(max_files=0, max_fields=10)
        context = context_back(str(form.get("back", "")), request.state.who)
        return await self.drawn(request, request.path_params["number"], context, unmasked=True)

    async def write_again(self, request: Request) -> Response:
        """Staff say that letters arrive at the ticket's address again: robots write there again too (rulings 19)."""
        number, who = request.path_params["number"], request.state.who
        if not await self._window.write(lambda conn: _lifted(conn, number, who)):
            raise HTTPException(404)
        form = await request.form(max_files=0, max_fields=10)
        context = context_back(str(form.get("back", "")), request.state.who)
        return RedirectResponse(f"/t/{number}?{context.here}", status_code=303)

    async def drawn(  # noqa: PLR0913  # what a refused decision hands back to its form
        self,
        request: Request,
        number: str,
        context: Context,
        *,
        typed: dict[str, Any] | None = None,
        trouble: str = "",
        status: int = 200,
        unmasked: bool = False,
    ) -> Response:
        """The whole page; `typed` is what the person had written, kept in its form."""
        who: Who = request.state.who
        done = request.query_params.get("done", "")
        data = await self._window.read(lambda conn: self._data(conn, number, context, who, done=done))
        if data is None:
            raise HTTPException(404)
        data["letters"] = [await self._letter(row) for row in data["letters"]]
        ticket_id = data["ticket"].id
        if unmasked:  # before anything is shown
            await self._window.write(
                lambda conn: staff.note(conn, who=who.login, what=Seen.SHOWED, ticket_id=ticket_id, data={})
            )
        data |= {"typed": typed or {}, "trouble": trouble, "unmasked": unmasked}
        answer = self._window.page(request, "work.html", data, status=status)
        answer.background = None if unmasked else self._window.noted(who, Seen.OPENED, ticket_id)
        if status >= 400:
            answer.headers["HX-Push-Url"] = "false"  # the address of a form is no page to come back to
        return answer

    def _data(self, conn: Connection, number: str, context: Context, who: Who, *, done: str) -> dict[str, Any] | None:
        ticket = listing.ticket_by_number(conn, number)
        if ticket is None:
            return None
        verdict = listing.first_verdict(conn, ticket.id) or {}
        place = place_of_ticket(conn, context, ticket.id)
        told = decided.told_before(conn, ticket.id)
        return {
            **board(conn, context, who),
            **listing.history_of(conn, ticket.id),
            "ticket": ticket,
            "letters": listing.letters_of(conn, ticket.id),
            "topics_said": dict(verdict.get("topics") or ()),
            "model": (verdict.get("clues") or {}).get("model"),
            "told": told,
            "veiled": is_hidden(ticket.number) and not told,
            "neighbours": listing.neighbours(conn, ticket.id, ticket.address),
            "related": listing.related(conn, ticket.id, ticket.linked_to),
            "bounced": bool(ticket.address and rows.bounced(conn, ticket.address)),
            "looked": staff.looked(conn, ticket.id) if who.may(Role.HEAD) else [],
            "people": [one for one in staff.people(conn) if one.active],
            "snippets": sorted(views.all_snippets(conn), key=lambda one: one.topic != ticket.topic),
            "skip": next_number(conn, context, place),
            "preview": self.ask_preview(conn, ticket),
            "toast": toast_of(conn, done, who),
            "now_ms": rows.now(conn),
        }

    def ask_preview(self, conn: Connection, ticket: Ticket, missing: list[str] | None = None) -> str:
        """The letter that «запросить» would send."""
        wanted = tuple(missing if missing is not None else ticket.missing) or ("inn_or_account",)
        case = replace(asked(ticket, self._deciding.around(conn)), missing=tuple(Missing(one) for one in wanted))
        return self._deciding.letters.preview(ReplyKind.MISSING_INFORMATION, case)

    async def _letter(self, row: Any) -> dict[str, Any]:
        verdict = row.verdict or {}
        clues = verdict.get("clues") or {}
        view = await self._window.reading.view("text", row.blob) if not row.too_large else None
        text = view["own"] if view else (verdict.get("fields") or {}).get("description") or ""
        return {
            "id": row.id,
            "at_ms": row.arrived_ms,
            "sender": row.sender,
            "view": view,
            "own": marked(text, clues.get("written") or {}, clues.get("why") or ()),
            "signature": marked(view["signature"], clues.get("written") or {}, ()) if view else [],
            "too_large": row.too_large,
            "ticket_id": row.ticket_id,
            "why": clues.get("why") or (),
            "problems": verdict.get("problems") or (),
        }


def _lifted(conn: Connection, number: str, who: Who) -> bool:
    """Whether there is such a ticket; its history says by whom, the first time."""
    ticket = listing.ticket_by_number(conn, number)
    if ticket is not None and ticket.address:
        lift(conn, who, ticket.address, on=ticket.id)
    return ticket is not None
