"""The page of our letters: each kind with invented data, as a citizen would get it from this desk."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from reply_templates.limited import Letters
from reply_templates.render import Rendered
from reply_templates.samples import SAMPLES, sample
from service import logs
from triage.access import Role
from triage.guard import page
from triage.window import Window
from triage.words import REPLIES

FRAME_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def routes(window: Window) -> list[Route]:
    """The list with the texts, and one letter's HTML for its frame."""
    pages = _OurLetters(window)
    return [
        page("/letters", pages.show, role=Role.READER),
        page("/letters/{kind}/{case}", pages.html, role=Role.READER),
    ]


class _OurLetters:
    """Rendered anew at each visit: whoever mends a template wants to see it."""

    def __init__(self, window: Window) -> None:
        self._window = window

    async def show(self, request: Request) -> Response:
        """All kinds, each with its cases."""
        made, faults = await run_in_threadpool(self._rendered)
        kinds = [
            (kind, REPLIES[kind], [(case, made[kind, case].text) for case in cases]) for kind, cases in SAMPLES.items()
        ]
        return self._window.page(request, "our_letters.html", {"kinds": kinds, "faults": faults})

    async def html(self, request: Request) -> Response:
        """One letter as HTML, in a frame that may do nothing."""
        name = request.path_params["kind"], request.path_params["case"]
        made, _ = await run_in_threadpool(self._rendered)
        if name not in made:
            raise HTTPException(404)
        return HTMLResponse(made[name].html, headers={"Content-Security-Policy": FRAME_POLICY})

    def _rendered(self) -> tuple[dict[tuple[str, str], Rendered], list[str]]:
        settings, faults = self._window.settings, list[str]()
        letters = Letters(settings.replies.templates, tell=faults.append)
        try:
            made = {
                (kind, case): letters.render(kind, sample(said, settings.desk))
                for kind, cases in SAMPLES.items()
                for case, said in cases.items()
            }
        finally:
            letters.close()
        for fault in faults:
            logs.error("template-broken", what=fault, remedy="mend the file in replies.templates")
        return made, faults
