"""The queue: the tabs, their rows."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from store.listing import TABS, counts, newest_poll_ms, queue_page
from triage.access import Role
from triage.guard import page
from triage.window import Window
from triage.words import TAB_TITLES

PAGE = 50


def routes(window: Window) -> list[Route]:
    """The queue."""

    async def queue(request: Request) -> Response:
        tab = request.query_params.get("tab", TABS[0])
        before = request.query_params.get("before", "")
        chosen = tab if tab in TABS else TABS[0]

        def data(conn):  # type: ignore[no-untyped-def]
            rows = queue_page(conn, chosen, before=int(before) if before.isdigit() else None, limit=PAGE)
            return {
                "rows": rows,
                "tab": chosen,
                "tabs": [(name, TAB_TITLES[name], number) for name, number in counts(conn).items()],
                "older": rows[-1].id if len(rows) == PAGE else None,
                "polled": newest_poll_ms(conn),
            }

        return window.page(request, "queue.html", await window.read(data))

    return [page("/", queue, role=Role.READER)]
