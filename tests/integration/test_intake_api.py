"""The intake API over HTTP: whatever is sent, the answer is one of its own, and nothing is kept but what it accepted."""

import base64
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_files import pdf
from servers.small_desk import SmallDesk, answers, free_port, until

TEXT = "Не приходит код подтверждения на телефон, не могу войти в личный кабинет."
FIELDS = {"fio": "Иванова Мария Петровна", "account": "12345678", "date": "23.11.2026 10:30"}
WHOLE = {"text": TEXT, "email": "maria@citizen.example", "fields": FIELDS}


class Api:
    """One program with its key."""

    def __init__(self, desk: SmallDesk, at: str) -> None:
        self.desk, self.at = desk, at
        self.key = desk.run("staff", "add-key", "portal").rsplit(" ", 1)[1].strip()

    def ask(self, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, Any]]:
        """Status and answer."""
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        named = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.at + path, data=raw, headers=named)  # noqa: S310  # our own loopback address
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  # the same
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                said = error.read()
            return error.code, json.loads(said) if said.startswith(b"{") else {}

    def take(self, body: Any, key: str = "k1") -> tuple[int, dict[str, Any]]:
        """Hands over."""
        return self.ask("/api/v1/requests", body, Idempotency_Key=key)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    key = tmp_path / "key"
    key.write_text("k" * 40)
    key.chmod(0o600)
    at = f"http://127.0.0.1:{free_port()}"
    listen = at.removeprefix("http://")
    desk = SmallDesk(
        tmp_path,
        more=f'[desk]\nsigning_key_file = "{key}"\n[public]\nlisten = "{listen}"\nbase_url = "{at}"\napi = true\n',
    )
    desk.run("migrate")
    with desk.running("web"):
        until(lambda: answers(f"{at}/robots.txt"), desk.log)
        yield Api(desk, at)


def test_a_request_becomes_a_ticket_and_is_answered_like_a_letter(api: Api) -> None:
    file = {"name": "скан.pdf", "content": base64.b64encode(pdf()).decode()}
    status, taken = api.take({**WHOLE, "files": [file]})
    assert (status, taken["state"], taken["number"]) == (202, "received", None)
    assert api.take({**WHOLE, "files": [file]}) == (202, taken)
    assert api.take(WHOLE)[0] == 409
    with api.desk.running("run"):
        until(lambda: len(api.desk.sent()) == 1, api.desk.log)
    status, told = api.ask(f"/api/v1/requests/{taken['id']}")
    assert (status, told["state"], told["missing"]) == (200, "settled", [])
    assert api.desk.rows("SELECT number, address FROM tickets") == [(told["number"], "maria@citizen.example")]
    assert api.desk.rows("SELECT name, accepted FROM files") == [("скан.pdf", 1)]
    assert api.take({**WHOLE, "files": [file]})[1]["number"] == told["number"]
    assert api.desk.number("SELECT count(*) FROM letters") == 1


HOSTILE: list[tuple[Any, int]] = [
    (b"", 422),
    (b"{", 422),
    (b"null", 422),
    (b"[]", 422),
    (b"\xff\xfe", 422),
    (b"[" * 100_000, 422),
    ({}, 422),
    ({"text": ""}, 422),
    ({"text": " \n"}, 422),
    ({"text": 5}, 422),
    ({"text": TEXT, "unknown": 1}, 422),
    ({"text": "x" * 20_001}, 422),
    ({"text": TEXT, "email": "a@b.example\r\nBcc: c@d.example"}, 422),
    ({"text": TEXT, "email": "a@b.example,c@d.example"}, 422),
    ({"text": TEXT, "email": "x@walk-in.invalid"}, 422),
    ({"text": TEXT, "fields": {"fio": "x" * 301}}, 422),
    ({"text": TEXT, "fields": {"password": "x"}}, 422),
    ({"text": TEXT, "subject": "x" * 201}, 422),
    ({"text": TEXT, "files": [{"name": "a.pdf", "content": "не base64"}]}, 422),
    ({"text": TEXT, "files": [{"name": "", "content": ""}]}, 422),
    ({"text": TEXT, "files": [{"name": "a", "content": ""}] * 11}, 422),
    ({"text": TEXT, "files": [{"name": "a.pdf", "content": "AAAA" * (5 * 1024 * 1024 // 3 + 2)}]}, 422),
]


def test_hostile_bodies_are_refused_and_nothing_of_them_is_repeated(api: Api) -> None:
    for place, (body, status) in enumerate(HOSTILE):
        found, said = api.take(body, key=f"hostile-{place}")
        assert found == status, (place, said)
        assert TEXT not in json.dumps(said, ensure_ascii=False)
    assert api.desk.number("SELECT count(*) FROM letters") == 0
    assert api.desk.number("SELECT count(*) FROM api_requests") == 0


def test_a_body_over_the_limit_is_refused_by_its_length_before_it_is_sent(api: Api) -> None:
    asked = http.client.HTTPConnection(api.at.removeprefix("http://"), timeout=20)
    asked.putrequest("POST", "/api/v1/requests")
    for name, value in {
        "Authorization": f"Bearer {api.key}",
        "Idempotency-Key": "k",
        "Content-Length": "30000000",
    }.items():
        asked.putheader(name, value)
    asked.endheaders()
    assert asked.getresponse().status == 413
    asked.close()


def test_odd_values_are_taken_and_become_no_headers(api: Api) -> None:
    odd = {"text": f"{TEXT}\x00\u202e\r\nBcc: c@d.example", "subject": "a\r\nBcc: c@d.example", "fields": {"fio": "\r\nX: y"},
           "files": [{"name": "../../a\r\n.pdf", "content": ""}]}  # fmt: skip
    assert api.take(odd)[0] == 202
    blob = next(path for path in (api.desk.folder / "blobs").rglob("*") if path.is_file())
    assert [line for line in blob.read_bytes().splitlines() if line.startswith((b"Bcc:", b"X:"))] == []


def test_only_a_key_in_use_opens_anything(api: Api) -> None:
    path = "/api/v1/requests"
    taken = api.take(WHOLE)[1]
    assert api.ask(path, WHOLE, Idempotency_Key="")[0] == 400
    assert api.ask(path, WHOLE, Idempotency_Key="x" * 129)[0] == 400
    for wrong in ("", "Bearer", "Bearer x", f"Basic {api.key}", f"Bearer {api.key}x"):
        assert api.ask(path, WHOLE, Authorization=wrong, Idempotency_Key="k2")[0] == 401
    other = api.desk.run("staff", "add-key", "bot").rsplit(" ", 1)[1].strip()
    assert api.ask(f"{path}/{taken['id']}", Authorization=f"Bearer {other}")[0] == 404
    assert api.ask(f"{path}/nothing")[0] == 404
    api.desk.run("staff", "revoke-key", "portal")
    assert api.take(WHOLE)[0] == 401
    assert "portal" in api.desk.run("staff", "keys")
    assert api.desk.number("SELECT count(*) FROM api_keys WHERE hashed LIKE ?", f"%{api.key}%") == 0
    for _ in range(12):
        status = api.ask(path, WHOLE, Authorization="Bearer guess", Idempotency_Key="k3")[0]
    assert status == 429


def test_the_description_names_every_field(api: Api) -> None:
    status, said = api.ask("/api/v1/openapi.json")
    assert status == 200
    schemas = said["components"]["schemas"]
    assert set(schemas) == {"GivenRequest", "GivenFields", "GivenFile", "ToldRequest"}
    assert set(schemas["GivenRequest"]["properties"]) == {"text", "email", "subject", "fields", "files"}
    assert schemas["GivenRequest"]["additionalProperties"] is False
