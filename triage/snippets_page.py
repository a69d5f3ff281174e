"""Ready answers, for heads: what staff may put into an answer with one choice."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from store import views
from triage.access import Role
from triage.guard import page
from triage.window import Window


def routes(window: Window) -> list[Route]:
    """The list, adding, dropping."""

    async def show(request: Request) -> Response:
        found = await window.read(views.all_snippets)
        return window.page(request, "snippets.html", {"snippets": found})

    async def add(request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=10)
        name, words = str(form.get("name", "")).strip(), str(form.get("text", "")).replace("\r\n", "\n").strip()
        topic = str(form.get("topic", ""))
        if name and words:
            await window.write(
                lambda conn: views.add_snippet(
                    conn, topic=topic if topic in window.topics.ids else None, name=name, words=words
                )
            )
        return RedirectResponse("/snippets", status_code=303)

    async def drop(request: Request) -> Response:
        snippet = request.path_params["snippet"]
        await window.write(lambda conn: views.drop_snippet(conn, snippet))
        return RedirectResponse("/snippets", status_code=303)

    return [
        page("/snippets", show, role=Role.HEAD),
        page("/snippets", add, role=Role.HEAD, methods=["POST"]),
        page("/snippets/{snippet:int}/drop", drop, role=Role.HEAD, methods=["POST"]),
    ]
