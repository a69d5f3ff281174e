"""Addresses that returned a letter of ours, for heads: seen and lifted here, whether they have a ticket or not.

The public form's question has no ticket: when it comes back, this page alone tells of it (rulings 19).
"""

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service import logs
from store import listing, rows, staff
from tickets.ticket import Event
from triage.access import Role, Seen, Who
from triage.guard import page
from triage.window import Window

MOST = 200  # shown; any other is lifted by typing it


def routes(window: Window) -> list[Route]:
    """The list, and lifting one of it."""
    pages = _Bounced(window)
    return [
        page("/bounced", pages.show, role=Role.HEAD),
        page("/bounced", pages.lift, role=Role.HEAD, methods=["POST"]),
    ]


class _Bounced:
    """All of them, newest first."""

    def __init__(self, window: Window) -> None:
        self._window = window

    async def show(self, request: Request) -> Response:
        """The list."""
        return await self._drawn(request)

    async def lift(self, request: Request) -> Response:
        """Robots write to that address again; who said so is written down, the address itself is not."""
        form = await request.form(max_files=0, max_fields=10)
        address, who = str(form.get("address", "")).strip(), request.state.who
        if not await self._window.write(lambda conn: lift(conn, who, address)):
            return await self._drawn(request, trouble="На этот адрес письма и так уходят.")
        return await self._drawn(request, lifted=address)

    async def _drawn(self, request: Request, *, lifted: str = "", trouble: str = "") -> Response:
        found = await self._window.read(lambda conn: rows.bounced_addresses(conn, most=MOST))
        data = {"bounced": found, "full": len(found) == MOST, "lifted": lifted, "trouble": trouble}
        return self._window.page(request, "bounced.html", data, status=422 if trouble else 200)


def lift(conn: Connection, who: Who, address: str, *, on: int | None = None) -> bool:
    """Robots write there again; False when they do. Written down in the audit without the address, and in the history
    of the address's tickets that are not closed, and of the one that it was lifted `on`: whoever reads why a letter
    left, or did not, reads it there.
    """
    if not (rows.lift_bounce(conn, address) or rows.lift_bounce(conn, address.lower())):
        return False
    told = {"address": logs.fingerprint(address.lower())}
    staff.note(conn, who=who.login, what=Seen.BOUNCE_LIFTED, ticket_id=None, data=told)
    for ticket_id in {*listing.not_closed(conn, address.lower()), *([] if on is None else [on])}:
        rows.add_history(conn, ticket_id, who=who.login, what=Event.BOUNCE_LIFTED, data={})
    return True
