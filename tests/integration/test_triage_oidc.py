"""Logging in by the organisation's own login, against a provider of the test's that lies when it is told to."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from desk_door import Door, open_door
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import select

from store.schema import staff


class Provider:
    """Tells of itself, hands out tokens; `lies` replaces claims of the next one."""

    def __init__(self) -> None:
        self.key, self.other = (RSAKey.generate_key(2048, {"kid": "k1"}) for _ in range(2))
        self.signs = self.key
        self.lies: dict[str, Any] = {}
        self.nonce = ""
        self.challenge = ""
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._tell(provider.known() if "well-known" in self.path else {"keys": [provider.key.as_dict()]})

            def do_POST(self) -> None:
                asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                made = hashlib.sha256(asked["code_verifier"][0].encode()).digest()
                if base64.urlsafe_b64encode(made).rstrip(b"=").decode() != provider.challenge:
                    self.send_error(400)
                    return
                self._tell({"access_token": "a", "token_type": "Bearer", "id_token": provider.token()})

            def _tell(self, said: dict[str, Any]) -> None:
                body = json.dumps(said).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def known(self) -> dict[str, str]:
        """The discovery document."""
        at = self.issuer
        return {
            "issuer": at,
            "authorization_endpoint": f"{at}/go",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/keys",
        }

    def token(self) -> str:
        """An ID token for Olga."""
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": "desk", "sub": "1", "exp": now + 60, "iat": now, "nonce": self.nonce,
            "preferred_username": "Olga", "name": "Ольга Рябова", "groups": ["mail", "desk-triage"],
        }  # fmt: skip
        return jwt.encode({"alg": "RS256", "kid": "k1"}, {**claims, **self.lies}, self.signs)

    def close(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.close()


@pytest.fixture
def door(tmp_path: Path, provider: Provider) -> Iterator[Door]:
    told = {"issuer": provider.issuer, "client_id": "desk", "roles": ["desk-triage=triage", "desk-heads=head"]}
    with open_door(tmp_path, oidc=told) as made:
        yield made


def go(door: Door, provider: Provider) -> tuple[str, str]:
    """Leaves for the provider; the state and the cookie to come back with."""
    said = door.ask("GET", "/login/oidc?next=/%3Ftab%3Ddone")
    assert said.status == 303, said.body
    asked = {name: values[0] for name, values in parse_qs(urlsplit(said.headers["location"]).query).items()}
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    provider.nonce, provider.challenge = asked["nonce"], asked["code_challenge"]
    return asked["state"], said.headers["set-cookie"].partition(";")[0]


def back(door: Door, state: str, cookie: str) -> Any:
    return door.ask("GET", f"/login/oidc/back?code=c&state={state}", Cookie=cookie)


def test_a_person_of_the_right_group_comes_in_without_a_password(door: Door, provider: Provider) -> None:
    assert "Войти через организацию" in door.ask("GET", "/login").body
    said = back(door, *go(door, provider))
    assert (said.status, said.headers["location"]) == (303, "/?tab=done")
    token = said.headers["set-cookie"].partition(";")[0].partition("=")[2]
    assert "Ольга Рябова" in door.ask("GET", "/", cookie=token).body
    with door.store.reading() as conn:
        row = conn.execute(select(staff).where(staff.c.login == "olga")).one()
        assert (row.role, row.password) == ("triage", None)
    provider.lies = {"groups": ["desk-triage", "desk-heads"]}
    assert back(door, *go(door, provider)).status == 303
    with door.store.reading() as conn:
        assert conn.execute(select(staff.c.role).where(staff.c.login == "olga")).scalar_one() == "head"


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["desk", "another"]},
        {"nonce": "old"},
        {"exp": 5},
        {"groups": ["mail"]},
        {"groups": None},
        {"preferred_username": ""},
        {"preferred_username": "admin"},  # a local account with a password
    ],
)
def test_what_the_provider_says_is_believed_only_when_all_of_it_fits(
    door: Door, provider: Provider, lies: dict[str, Any]
) -> None:
    provider.lies = lies
    said = back(door, *go(door, provider))
    assert said.status == 403
    assert "set-cookie" not in said.headers


def test_another_key_a_strange_browser_and_a_used_state_are_refused(door: Door, provider: Provider) -> None:
    state, cookie = go(door, provider)
    assert back(door, state, "oidc-login=somebody-elses").status == 403
    assert back(door, state, cookie).status == 403, "a state is good once"
    provider.signs = provider.other
    assert back(door, *go(door, provider)).status == 403
    provider.signs = provider.key
    state, cookie = go(door, provider)
    provider.challenge = "not-the-one-that-was-sent"
    assert back(door, state, cookie).status == 403
