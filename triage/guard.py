"""What stands before every page: headers, the check against forged requests, the session, the role.

Forged requests are told by Sec-Fetch-Site, else by Origin against Host (the way of Go 1.25's CrossOriginProtection),
so forms need no tokens. Nothing changes state on GET.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import PriemnayaError
from service.settings import WebSettings
from store import staff
from store.database import Store
from triage.access import Role, Who, cookie_name, hashed, who_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN = ("/login", "/static/", "/healthz")  # the only paths without a session
MINUTE_MS = 60_000
BODY_MOST = 32 * 1024 * 1024
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # personal data on a shared computer
}

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTerms:
    """When a session ends by itself."""

    idle_ms: int
    whole_ms: int


def session_terms(web: WebSettings) -> SessionTerms:
    """As the settings say."""
    return SessionTerms(idle_ms=web.idle_minutes * MINUTE_MS, whole_ms=web.session_hours * 60 * MINUTE_MS)


def page(path: str, endpoint: Endpoint, *, role: Role, methods: Sequence[str] = ("GET",)) -> Route:
    """A route that only people of that role reach. Every route of this room but the login is made here."""

    async def guarded(request: Request) -> Response:
        who: Who = request.state.who
        if not who.may(role):
            raise HTTPException(403)
        return await endpoint(request)

    return Route(path, guarded, methods=list(methods))


class Guard:
    """The middleware around all pages."""

    def __init__(
        self, app: ASGIApp, *, store: Store, terms: SessionTerms, fault: Callable[[Request, Exception], Response]
    ) -> None:
        self._app, self._store, self._terms, self._fault = app, store, terms, fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the request through, or answers it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        answer = refused(request) or await self._entered(request)
        await (answer or self._app)(scope, receive, _with_headers(send))

    async def _entered(self, request: Request) -> Response | None:
        """None when the person may go on; `request.state.who` is set then."""
        path = request.url.path
        if path.startswith(OPEN):
            return None
        try:
            who = await run_in_threadpool(self._who, request)
        except PriemnayaError as error:  # the store is away: say so instead of sending everybody to the login
            return self._fault(request, error)
        if who is None:
            return _to_login(request)
        request.state.who = who
        return None

    def _who(self, request: Request) -> Who | None:
        name = cookie_name(request.url.scheme, request.url.hostname or "")
        token = request.cookies.get(name) if name else None
        if not token:
            return None
        with self._store.reading() as conn:
            found = staff.session(conn, hashed(token), idle_ms=self._terms.idle_ms, whole_ms=self._terms.whole_ms)
        if found is None:
            return None
        if found.stale and request.url.path != "/news":  # an open page alone does not keep a session alive
            with self._store.writing() as conn:
                staff.touch(conn, found.id)
        return who_of(found)


def refused(request: Request) -> Response | None:
    """The answer to a request that another site made, or that is too large; None: it is our own."""
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > BODY_MOST:
        return Response("Слишком большой запрос", status_code=413)
    if request.method in SAFE or _same_origin(request):
        return None
    return Response("Запрос пришёл с другого сайта и не выполнен", status_code=403)


def _same_origin(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _to_login(request: Request) -> Response:
    if request.headers.get("hx-request") or request.url.path == "/news":
        return Response(status_code=401, headers={"HX-Redirect": "/login"})
    if request.method not in SAFE:
        return RedirectResponse("/login", status_code=303)
    onward = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse("/login" if onward == "/" else f"/login?next={quote(onward, safe='')}", status_code=303)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
