"""Logging in by the organisation's own login: OpenID Connect, the code flow with PKCE (OpenID Connect Core 1.0 §3.1).

Off without `[oidc] issuer`; needs the extra `priemnaya[oidc]`. Who may come in, and as what, is said by groups that the
provider names; nobody comes in without one. Such accounts have no password here, and an account with a password is
never entered this way: the local admin stays the way in when the provider is away.
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]  # ships no annotations
from httpx import AsyncClient, HTTPError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from service import logs
from service.settings import OidcSettings
from service.settings_file import secret
from store import staff
from store.staff import Person
from triage.access import Role, rank
from triage.login import Door, local
from triage.window import Window

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]  # never none, never a shared secret
WAITS_SECONDS, WAITING_MOST = 600, 1000  # how long a begun login waits for its end, and how many may
TIMEOUT = 10.0
COOKIE = "oidc-login"  # binds the end to the browser that began: nobody is logged in as somebody else
FAILED = "Вход через организацию не удался. Попробуйте ещё раз; если не поможет, сообщите администратору."
NOBODY = "Вы вошли в организации, но доступа к очереди у вас нет. Его даёт администратор."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """A login on its way."""

    nonce: str
    verifier: str
    browser: str
    onward: str
    until: float


class Refused(Exception):
    """The provider's answer is not to be believed; the text names what is wrong, for the log."""


def routes(window: Window, door: Door) -> list[Route]:
    """The way out and the way back."""
    oidc = _Oidc(window, door, window.settings.oidc)
    return [Route("/login/oidc", oidc.leave), Route("/login/oidc/back", oidc.come)]


class _Oidc:
    """Logins by one provider."""

    def __init__(self, window: Window, door: Door, settings: OidcSettings) -> None:
        self._window, self._door, self._settings = window, door, settings
        self._roles = dict(pair.split("=", 1) for pair in settings.roles)
        self._begun: OrderedDict[str, _Begun] = OrderedDict()
        self._known: dict[str, Any] | None = None
        self._asking = asyncio.Lock()

    async def leave(self, request: Request) -> Response:
        """Sends the browser to the provider."""
        begun = _Begun(
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            browser=secrets.token_urlsafe(24),
            onward=local(request.query_params.get("next", "")),
            until=time.monotonic() + WAITS_SECONDS,
        )
        try:
            async with self._client() as client:
                address, state = client.create_authorization_url(
                    (await self._provider())["authorization_endpoint"],
                    nonce=begun.nonce,
                    code_verifier=begun.verifier,
                )
        except (HTTPError, ValueError, KeyError) as error:
            return self._failed(request, type(error).__name__)
        self._begun[state] = begun
        if len(self._begun) > WAITING_MOST:
            self._begun.popitem(last=False)
        answer = RedirectResponse(address, status_code=303)
        secure = request.url.scheme == "https"
        answer.set_cookie(
            COOKIE,
            begun.browser,
            max_age=WAITS_SECONDS,
            path="/login/oidc",
            secure=secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    async def come(self, request: Request) -> Response:
        """The provider sends the browser back: with a code that is good once, or with its refusal."""
        begun = self._begun.pop(request.query_params.get("state", ""), None)
        cookie = request.cookies.get(COOKIE, "")
        if begun is None or begun.until < time.monotonic() or not secrets.compare_digest(cookie, begun.browser):
            return self._failed(request, "state")
        try:
            claims = await self._claims(request.query_params["code"], begun)
            login, name, role = self._who(claims)
        except (HTTPError, JoseError, ValueError, KeyError, Refused) as error:
            return self._failed(request, str(error) if isinstance(error, Refused) else type(error).__name__)
        if role is None:
            return self._door.form(request, error=NOBODY, status=403)
        person = await self._person(login, name, role)
        if person is None or not person.active:
            return self._door.form(request, error=NOBODY, status=403)
        return await self._door.begun(request, person, begun.onward)

    async def _claims(self, code: str, begun: _Begun) -> dict[str, Any]:
        """The ID token's claims, checked as OpenID Connect Core 1.0 §3.1.3.7 asks."""
        provider = await self._provider()
        async with self._client() as client:
            token = await client.fetch_token(provider["token_endpoint"], code=code, code_verifier=begun.verifier)
        key_set = KeySet.import_key_set(await self._fetched(provider["jwks_uri"]))
        claims = dict(jwt.decode(token["id_token"], key_set, algorithms=ALGORITHMS).claims)
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        now = time.time()
        if claims["iss"] != self._settings.issuer:
            raise Refused("issuer")
        if self._settings.client_id not in audience or (
            len(audience) > 1 and claims.get("azp") != self._settings.client_id
        ):
            raise Refused("audience")
        if not secrets.compare_digest(str(claims.get("nonce", "")), begun.nonce):
            raise Refused("nonce")
        if claims["exp"] < now - 60 or claims["iat"] > now + 60:
            raise Refused("time")
        return claims

    def _who(self, claims: dict[str, Any]) -> tuple[str, str, Role | None]:
        """Login, name and the highest role of the person's groups."""
        login = str(claims[self._settings.login_claim]).strip().lower()[:64]
        if not login:
            raise Refused("login")
        groups = claims.get(self._settings.groups_claim) or []
        roles = [Role(self._roles[one]) for one in groups if one in self._roles]
        return login, str(claims.get("name") or login)[:100], max(roles, key=rank, default=None)

    async def _person(self, login: str, name: str, role: Role) -> Person | None:
        def known(conn: Any) -> Person | None:
            person = staff.person(conn, login)
            if person is None:
                staff.add_person(conn, login=login, name=name, role=role, team=None, password=None)
            elif person.password is not None:
                return None  # a local account is entered by its password alone
            elif person.role != role:
                staff.change_person(conn, login, role=role)
            return staff.person(conn, login)

        return await self._window.write(known)

    async def _provider(self) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0 §4), asked once."""
        async with self._asking:
            if self._known is None:
                issuer = self._settings.issuer or ""
                found = await self._fetched(issuer.rstrip("/") + "/.well-known/openid-configuration")
                if found.get("issuer") != issuer:
                    raise ValueError("issuer")
                self._known = found
        return self._known

    async def _fetched(self, address: str) -> Any:
        async with AsyncClient(timeout=TIMEOUT) as client:
            return (await client.get(address)).raise_for_status().json()

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=self._settings.client_id,
            client_secret=secret(self._settings.client_secret_file, "oidc-client-secret"),
            redirect_uri=self._settings.base_url.rstrip("/") + "/login/oidc/back",
            scope=self._settings.scope,
            code_challenge_method="S256",
            timeout=TIMEOUT,
        )

    def _failed(self, request: Request, why: str) -> Response:
        logs.warning("oidc-failed", why=why)
        return self._door.form(request, error=FAILED, status=403)
