"""The intake API against its own description: bodies made from the schema, whole and broken, and requests of any form.

Held for each: no 5xx; a body that does not fit the schema is not taken; what is not taken leaves no row and no bytes;
what is taken leaves exactly one of each; and every answer is of a status and a form that the description has.
"""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from asgi_client import Page, ask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schema_bodies import broken, fitting
from sqlalchemy import func, select

from service.settings import Settings
from service.signing import keys_from
from store import entered
from store.database import Store
from store.schema import letters
from store.schema_ways import api_requests
from store.upgrade import migrate
from triage.access import hashed
from triage.intake_api import description
from triage.public_app import public_app

SAID = description()
POST = SAID["paths"]["/api/v1/requests"]["post"]
ASKED = SAID["components"]["schemas"]["GivenRequest"]
PATH = "/api/v1/requests"
KEY_LASTS = 100  # requests, under its limit of 120 at once
FUZZ = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
PLAIN = {"text": "Не приходит код, не могу войти в кабинет."}


def fits(schema: str, value: Any) -> bool:
    whole = {"$ref": f"#/components/schemas/{schema}", "components": SAID["components"]}
    return bool(Draft202012Validator(whole).is_valid(value))


class Door:
    """The public pages in this process, and what they keep."""

    def __init__(self, folder: Path) -> None:
        key = folder / "key"
        key.write_text("k" * 40)
        key.chmod(0o600)
        made = Settings.model_validate(
            {
                "desk": {"signing_key_file": str(key)},
                "store": {"url": f"sqlite:///{folder}/store.db", "blobs": f"file://{folder}/blobs"},
                "public": {"base_url": "https://desk.example", "api": True},
            }
        )
        self.blobs = folder / "blobs"
        self.blobs.mkdir()
        self.store = Store(made.store.url)
        migrate(self.store)
        keys = keys_from(key)
        assert keys is not None
        self._pages = public_app(made, self.store, keys)
        self._asked = count()
        self.take(json.dumps(PLAIN).encode())  # the first bytes bring the blob store's own mark with them

    def take(
        self, body: bytes, *, method: str = "POST", path: str = PATH, headers: list[tuple[bytes, bytes]] | None = None
    ) -> Page:
        """Hands over under a new Idempotency-Key, or with just those headers."""
        number = next(self._asked)
        name = f"program {number // KEY_LASTS}"
        if number % KEY_LASTS == 0:
            with self.store.writing() as conn:
                entered.add_key(conn, name, hashed(name.replace(" ", "-")))
        own = [
            (b"authorization", f"Bearer {name.replace(' ', '-')}".encode()),
            (b"idempotency-key", f"request {number}".encode()),
            (b"content-length", str(len(body)).encode()),
        ]
        return ask(
            self._pages, method, path, body, own if headers is None else headers, client=f"192.0.2.{number % 250}"
        )

    def kept(self) -> tuple[int, int, int]:
        """Letters, requests, blobs."""
        with self.store.reading() as conn:
            rows = [conn.execute(select(func.count()).select_from(one)).scalar_one() for one in (letters, api_requests)]
        return rows[0], rows[1], sum(one.is_file() for one in self.blobs.rglob("*"))

    def held_to_its_word(self, body: bytes) -> Page:
        """Sends it, and holds the answer against the description and the store."""
        before = self.kept()
        answer = self.take(body)
        new = tuple(now - was for now, was in zip(self.kept(), before, strict=True))
        assert str(answer.status) in POST["responses"], answer
        said = json.loads(answer.text)
        if answer.status == 202:
            assert new == (1, 1, 1)
            assert fits("ToldRequest", said)
        else:
            assert new == (0, 0, 0)
            assert answer.headers["content-type"] == "application/problem+json"
            assert said["status"] == answer.status
        return answer


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    made = Door(tmp_path)
    yield made
    made.store.close()


@FUZZ
@given(body=fitting(ASKED, SAID))
def test_what_fits_the_schema_is_taken_or_refused_for_a_reason_that_the_description_gives(
    door: Door, body: Any
) -> None:
    door.held_to_its_word(json.dumps(body).encode())


@FUZZ
@given(body=broken(ASKED, SAID))
def test_what_does_not_fit_the_schema_is_never_taken(door: Door, body: Any) -> None:
    answer = door.held_to_its_word(json.dumps(body).encode())
    assert fits("GivenRequest", body) or answer.status == 422


@FUZZ
@given(body=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode), st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)).map(lambda one: json.dumps(one).encode())))  # fmt: skip
def test_any_bytes_at_all_are_answered(door: Door, body: bytes) -> None:
    door.held_to_its_word(body)


@FUZZ
@given(text=st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=300).filter(str.strip), subject=st.none() | st.text(st.characters(exclude_categories=("Cs",)), max_size=200))  # fmt: skip
def test_what_a_person_may_say_is_taken(door: Door, text: str, subject: str | None) -> None:
    body = {"text": text, "subject": subject, "email": "maria@citizen.example"}
    assert door.held_to_its_word(json.dumps(body).encode()).status == 202


HEADER = st.sampled_from(
    [b"authorization", b"idempotency-key", b"content-type", b"content-length", b"content-encoding", b"expect"]
)


@FUZZ
@given(
    method=st.sampled_from(["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "GET"]),
    path=st.sampled_from([PATH, f"{PATH}/", f"{PATH}/x", f"{PATH}/../x", f"{PATH}/\x00", f"{PATH}/{'a' * 5000}", "/api/v1/openapi.json", "/api"]),
    headers=st.lists(st.tuples(HEADER, st.binary(max_size=40) | st.sampled_from([b"Bearer program-0", b"bearer", b"-1", b"9" * 30, b"gzip"])), max_size=5),
)  # fmt: skip
def test_no_method_path_or_header_breaks_it_and_nobody_without_a_key_leaves_anything(
    door: Door, method: str, path: str, headers: list[tuple[bytes, bytes]]
) -> None:
    before = door.kept()
    answer = door.take(json.dumps(PLAIN).encode(), method=method, path=path, headers=headers)
    assert answer.status < 500, answer
    if answer.status != 202:
        assert door.kept() == before


def test_the_same_key_with_another_body_leaves_the_first_as_it_was(door: Door) -> None:
    headers = [(b"authorization", b"Bearer program-0"), (b"idempotency-key", b"one")]
    bodies = [json.dumps(one).encode() for one in (PLAIN, {**PLAIN, "subject": "другая"}, PLAIN)]
    before = door.kept()
    assert [door.take(body, headers=headers).status for body in bodies] == [202, 409, 202]
    assert [now - was for now, was in zip(door.kept(), before, strict=True)] == [1, 1, 1]
