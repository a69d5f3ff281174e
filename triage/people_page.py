"""Accounts, for admins: who may what, in which team; new accounts, new passwords, closing."""

import re
import secrets

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.errors import Permanent
from store import staff
from triage.access import Role, Seen, Who
from triage.guard import page
from triage.passwords import password_hash
from triage.window import Window

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}", re.ASCII)


def routes(window: Window) -> list[Route]:
    """The list and what may be done on it."""
    pages = _People(window)
    return [
        page("/people", pages.show, role=Role.ADMIN),
        page("/people", pages.add, role=Role.ADMIN, methods=["POST"]),
        page("/people/{login}", pages.change, role=Role.ADMIN, methods=["POST"]),
    ]


class _People:
    """All accounts."""

    def __init__(self, window: Window) -> None:
        self._window = window

    async def show(self, request: Request) -> Response:
        """The list."""
        return await self._drawn(request)

    async def add(self, request: Request) -> Response:
        """A new account; its password is made here and shown once."""
        form = await request.form(max_files=0, max_fields=10)
        login, name = str(form.get("login", "")).strip().lower(), str(form.get("name", "")).strip()[:100]
        if not LOGIN.fullmatch(login):
            return await self._drawn(request, trouble="Имя для входа: латинские буквы, цифры, точка, дефис.")
        password = secrets.token_urlsafe(12)
        kept = await run_in_threadpool(password_hash, password)
        role, team = _role(str(form.get("role", ""))), str(form.get("team", "")).strip()[:100] or None
        try:
            await self._window.write(
                lambda conn: staff.add_person(
                    conn, login=login, name=name or login, role=role, team=team, password=kept
                )
            )
        except Permanent:
            return await self._drawn(request, trouble=f"Имя {login} уже занято.")
        await self._note(request, login)
        return await self._drawn(request, made=(login, password))

    async def change(self, request: Request) -> Response:
        """Role, team, open or closed, or a new password."""
        who: Who = request.state.who
        login = request.path_params["login"]
        form = await request.form(max_files=0, max_fields=10)
        do, made = str(form.get("do", "")), None
        values: dict[str, object] = {}
        if do == "change":
            values = {"role": _role(str(form.get("role", ""))), "team": str(form.get("team", "")).strip()[:100] or None}
        elif do in ("close", "open"):
            values = {"active": do == "open"}
        elif do == "reset":
            password = secrets.token_urlsafe(12)
            values = {"password": await run_in_threadpool(password_hash, password)}
            made = (login, password)
        if login == who.login and do in ("change", "close"):
            return await self._drawn(request, trouble="Свою роль меняет другой администратор.")
        if values:
            await self._window.write(lambda conn: staff.change_person(conn, login, **values))  # type: ignore[arg-type]
            await self._note(request, login)
        return await self._drawn(request, made=made)

    async def _drawn(self, request: Request, *, made: tuple[str, str] | None = None, trouble: str = "") -> Response:
        people = await self._window.read(staff.people)
        data = {"people": people, "made": made, "trouble": trouble}
        return self._window.page(request, "people.html", data, status=422 if trouble else 200)

    async def _note(self, request: Request, login: str) -> None:
        who: Who = request.state.who
        await self._window.write(
            lambda conn: staff.note(
                conn, who=who.login, what=Seen.ACCOUNT_CHANGED, ticket_id=None, data={"login": login}
            )
        )


def _role(written: str) -> Role:
    return Role(written) if written in Role.__members__.values() else Role.READER
