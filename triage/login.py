"""Logging in and out, and a person's own sessions."""

from urllib.parse import urlsplit

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from service.errors import ConfigError
from store import staff
from triage.access import Role, Seen, Who, cookie_name, hashed, new_token
from triage.guard import page
from triage.passwords import SHORTEST, Passwords, Throttle, password_hash
from triage.window import Window

WRONG = "Имя или пароль не подходят. Проверьте раскладку и Caps Lock."
PLAIN = "Вход открыт только по https: иначе пароль прочтут по дороге. Спросите адрес у администратора."

AFTER = ("next", "stay", "list")  # where a person goes after a decision


def routes(window: Window) -> list[Route]:
    """The login page and the person's own page; the way through the organisation's login when there is one."""
    door = Door(window)
    return [
        *_by_organisation(window, door),
        Route("/login", door.show, methods=["GET"]),
        Route("/login", door.enter, methods=["POST"]),
        page("/logout", door.leave, role=Role.READER, methods=["POST"]),
        page("/me", door.me, role=Role.READER),
        page("/me/habits", door.habits, role=Role.READER, methods=["POST"]),
        page("/me/password", door.password, role=Role.READER, methods=["POST"]),
        page("/me/sessions/{session:int}/end", door.end, role=Role.READER, methods=["POST"]),
    ]


class Door:
    """Who comes in."""

    def __init__(self, window: Window) -> None:
        self._window, self._passwords, self._throttle = window, Passwords(), Throttle()

    async def show(self, request: Request) -> Response:
        """The form."""
        return self.form(request, login=request.query_params.get("as", ""), onward=request.query_params.get("next"))

    async def enter(self, request: Request) -> Response:
        """A session, when name and password fit."""
        form = await request.form(max_files=0, max_fields=10)
        login, password = str(form.get("login", "")).strip().lower()[:100], str(form.get("password", ""))[:1000]
        onward = local(str(form.get("next", "")))
        cookie = cookie_name(request.url.scheme, request.url.hostname or "")
        if cookie is None:
            return self.form(request, login=login, onward=onward, error=PLAIN, status=403)
        names = (f"login:{login}", f"from:{request.client.host if request.client else ''}")
        if (wait := self._throttle.wait(*names)) > 0:
            error = f"Слишком много попыток. Подождите {round(wait) + 1} с и попробуйте снова."
            return self.form(request, login=login, onward=onward, error=error, status=429)
        person = await self._window.read(lambda conn: staff.person(conn, login))
        right = await self._passwords.right(person.password if person else None, password)
        if person is None or not right or not person.active:
            self._throttle.failed(*names)
            await self._note(person.login if person else "", Seen.LOGIN_FAILED)
            return self.form(request, login=login, onward=onward, error=WRONG, status=403)
        self._throttle.passed(*names)
        return await self.begun(request, person, onward)

    async def leave(self, request: Request) -> Response:
        """The session ends."""
        name = cookie_name(request.url.scheme, request.url.hostname or "") or ""
        token = hashed(request.cookies.get(name, ""))
        await self._window.write(lambda conn: staff.end_session(conn, token))
        await self._note(request.state.who.login, Seen.LOGGED_OUT)
        answer = RedirectResponse("/login", status_code=303)
        answer.delete_cookie(name, secure=name.startswith("__Host-"), httponly=True, samesite="lax")
        return answer

    async def me(self, request: Request) -> Response:
        """Name, role, habits, sessions."""
        return await self._me(request)

    async def habits(self, request: Request) -> Response:
        """Keys on or off, where to go after a decision."""
        who: Who = request.state.who
        form = await request.form(max_files=0, max_fields=10)
        after = str(form.get("after", ""))
        kept = {"keys": "on" if form.get("keys") == "on" else "off", "after": after if after in AFTER else AFTER[0]}
        await self._window.write(lambda conn: staff.change_person(conn, who.login, habits=kept))
        return RedirectResponse("/me", status_code=303)

    async def password(self, request: Request) -> Response:
        """A new password, when the old one is right; every other session of the person ends."""
        who: Who = request.state.who
        form = await request.form(max_files=0, max_fields=10)
        old, new = str(form.get("old", ""))[:1000], str(form.get("new", ""))[:1000]
        if len(new) < SHORTEST:
            return await self._me(request, error=f"Новый пароль короче {SHORTEST} знаков.", status=422)
        person = await self._window.read(lambda conn: staff.person(conn, who.login))
        if person is None or not await self._passwords.right(person.password, old):
            return await self._me(request, error="Нынешний пароль не подходит.", status=403)
        kept = await run_in_threadpool(password_hash, new)
        await self._window.write(
            lambda conn: staff.change_person(conn, who.login, password=kept, but_session=who.session_id)
        )
        await self._note(who.login, Seen.ACCOUNT_CHANGED)
        return await self._me(request, changed=True)

    async def end(self, request: Request) -> Response:
        """Ends one of the person's own sessions."""
        who: Who = request.state.who
        ended = request.path_params["session"]
        await self._window.write(lambda conn: staff.end_one(conn, ended, staff_id=who.id))
        await self._note(who.login, Seen.SESSION_ENDED)
        return RedirectResponse("/me", status_code=303)

    async def _me(self, request: Request, *, error: str = "", changed: bool = False, status: int = 200) -> Response:
        who: Who = request.state.who

        def ask(conn: Connection) -> dict[str, object]:
            person = staff.person(conn, who.login)
            return {"sessions": staff.sessions_of(conn, who.id), "has_password": bool(person and person.password)}

        found = await self._window.read(ask)
        return self._window.page(request, "me.html", {**found, "error": error, "changed": changed}, status=status)

    async def begun(self, request: Request, person: staff.Person, onward: str) -> Response:
        """A session for a person who has shown who they are."""
        cookie = cookie_name(request.url.scheme, request.url.hostname or "")
        if cookie is None:
            return self.form(request, error=PLAIN, status=403)
        token = new_token()
        browser = request.headers.get("user-agent", "")
        await self._window.write(
            lambda conn: staff.begin_session(conn, token=hashed(token), staff_id=person.id, browser=browser)
        )
        await self._note(person.login, Seen.LOGGED_IN)
        answer = RedirectResponse(onward, status_code=303)
        answer.set_cookie(cookie, token, path="/", secure=cookie.startswith("__Host-"), httponly=True, samesite="lax")
        return answer

    def form(
        self, request: Request, *, login: str = "", onward: str | None = None, error: str = "", status: int = 200
    ) -> Response:
        """The login page."""
        data = {"login": login, "next": local(onward or ""), "error": error, "oidc": self._window.settings.oidc.issuer}
        return self._window.page(request, "login.html", data, status=status)

    async def _note(self, who: str, what: Seen) -> None:
        await self._window.write(lambda conn: staff.note(conn, who=who, what=what, ticket_id=None, data={}))


def _by_organisation(window: Window, door: Door) -> list[Route]:
    if window.settings.oidc.issuer is None:
        return []
    try:
        from triage import oidc  # noqa: PLC0415  # an option: its libraries need not be there
    except ImportError as error:
        raise ConfigError(f"oidc.issuer is set but {error.name} is missing: install priemnaya[oidc]") from error
    return oidc.routes(window, door)


def local(path: str) -> str:
    """A path on this site, else the queue: the login form must not send anybody elsewhere."""
    parts = urlsplit(path)
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return path if safe else "/"
