"""Registering by hand: a call or a visit becomes a letter and goes the letter's way, with the same answers."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from intake.entered import Entered
from store import entered as ways
from store import staff
from store.entered import Channel
from store.records import LetterState
from triage.access import Role, Seen, Who
from triage.entering import Entering, new_token
from triage.guard import page
from triage.telling import FIELDS, FILES_MOST, Told, TooMuch, address_of, entered_of, told_of
from triage.window import Window, blobs_of
from validate import requirements

HOW = {"call": "Звонок", "visit": "Визит"}
WRONG_ADDRESS = "Адрес почты написан с ошибкой. Исправьте его или оставьте пустым."
NOTHING_TOLD = "Запишите, что случилось: без этого заявку не разобрать."


def routes(window: Window) -> list[Route]:
    """The form, its live check, its end, and where to wait for the number."""
    pages = _Registering(window)
    return [
        page("/register", pages.form, role=Role.TRIAGE),
        page("/register", pages.record, role=Role.TRIAGE, methods=["POST"]),
        page("/register/look", pages.look, role=Role.TRIAGE, methods=["POST"]),
        page("/register/{letter:int}", pages.wait, role=Role.TRIAGE),
    ]


class _Registering:
    """Takes in what staff write down."""

    def __init__(self, window: Window) -> None:
        self._window = window
        settings = window.settings
        self._entering = Entering(settings, window.store, blobs_of(settings, window.store))
        self._requirements = requirements.load(settings.reading.requirements)

    async def form(self, request: Request) -> Response:
        """The empty form."""
        return self._drawn(request, {"token": new_token(), "how": "call"})

    async def look(self, request: Request) -> Response:
        """What is still missing in what is typed so far."""
        form = await request.form(max_files=0, max_fields=20)
        told = await self._told(await entered_of(form, address=None))
        return self._window.page(request, "register_told.html", {"told": told, "begun": _begun(form)})

    async def record(self, request: Request) -> Response:
        """Takes it in; with «Проверить» only says what is missing, for who has no JavaScript."""
        form = await request.form(max_files=FILES_MOST, max_fields=20)
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
        written = typed.get("address", "").strip()
        address = address_of(written) if written else None
        how = HOW.get(typed.get("how", ""), HOW["call"])
        try:
            entered = await entered_of(form, address=address, before=f"{how}: ")
        except TooMuch as fault:
            return self._drawn(request, typed, trouble=str(fault), status=422)
        told = await self._told(entered)
        trouble = WRONG_ADDRESS if written and address is None else "" if entered.text.strip() else NOTHING_TOLD
        if trouble or typed.get("only") == "look":
            return self._drawn(request, typed, told=told, trouble=trouble, status=422 if trouble else 200)
        letter_id = await self._take_in(request, entered, typed.get("how", "call"))
        return RedirectResponse(f"/register/{letter_id}", status_code=303)

    async def wait(self, request: Request) -> Response:
        """The ticket as soon as the desk has opened it; until then a page that looks again by itself."""
        found = await self._window.read(lambda conn: ways.became(conn, request.path_params["letter"]))
        if found is None:
            raise HTTPException(404)
        if found.number:
            return RedirectResponse(f"/t/{found.number}", status_code=303)
        waits = found.state is LetterState.RECEIVED
        answer = self._window.page(request, "register_wait.html", {"waits": waits, "reason": found.reason})
        if waits:
            answer.headers["Refresh"] = "1"
        return answer

    async def _take_in(self, request: Request, entered: Entered, how: str) -> int:
        who: Who = request.state.who
        raw = self._entering.letter(entered)
        return await run_in_threadpool(
            lambda: self._entering.take_in(
                Channel.STAFF,
                raw,
                sender=entered.address,
                also=lambda conn, letter: staff.note(
                    conn, who=who.login, what=Seen.REGISTERED, ticket_id=None, data={"letter": letter, "how": how}
                ),
            )
        )

    async def _told(self, entered: Entered) -> Told | None:
        return await told_of(self._entering.letter(entered), self._window.reading, self._requirements)

    def _drawn(
        self, request: Request, typed: dict[str, str], *, told: Told | None = None, trouble: str = "", status: int = 200
    ) -> Response:
        data: dict[str, Any] = {"typed": typed, "told": told, "trouble": trouble, "begun": told is not None, "how": HOW}
        return self._window.page(request, "register.html", data, status=status)


def _begun(form: FormData) -> bool:
    return any(str(form.get(name, "")).strip() for name in (*FIELDS, "text"))
