"""One ticket."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from store.listing import history_of, ticket_by_number
from triage.access import Role
from triage.guard import page
from triage.window import Window


def routes(window: Window) -> list[Route]:
    """The ticket."""

    async def ticket(request: Request) -> Response:
        number = request.path_params["number"]

        def data(conn):  # type: ignore[no-untyped-def]
            found = ticket_by_number(conn, number)
            return None if found is None else {"ticket": found, **history_of(conn, found.id)}

        found = await window.read(data)
        if found is None:
            raise HTTPException(404)
        return window.page(request, "ticket.html", found)

    return [page("/t/{number:str}", ticket, role=Role.READER)]
