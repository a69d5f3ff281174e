"""The intake API: other programs (chat bot, portal, app) hand over what people told them; it goes the letter's way.

Off by default; each program has a key, made by `staff add-key` and known here by its hash. The same Idempotency-Key
again is the same request. Whoever holds a key vouches for the addresses it names: letters go there at once.
The schema is the models' own and is served at /api/v1/openapi.json; errors are RFC 9457 problem details.
"""

import hashlib
import json
from base64 import b64decode
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from intake.entered import SUBJECT_MOST, VALUE_MOST, Entered, EnteredFile
from intake.file_names import safe_name
from store import entered as kept
from store.entered import Channel, Handed
from store.records import LetterState
from triage.access import hashed
from triage.entering import new_token
from triage.public_form import WaysIn
from triage.public_limits import Limits
from triage.telling import FILE_MOST, FILES_BYTES, FILES_MOST, address_of, subject_of

BODY_MOST = FILES_BYTES * 4 // 3 + 1024 * 1024  # files come as base64
TEXT_MOST = 20_000
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
Value = Annotated[str, Field(max_length=VALUE_MOST)]


class _Record(BaseModel):
    """Nothing unknown is taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class GivenFile(_Record):
    """A file."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    content: Annotated[str, Field(max_length=FILE_MOST * 4 // 3 + 4, description="base64")]

    @field_validator("content")
    @classmethod
    def _is_base64(cls, value: str) -> str:
        b64decode(value, validate=True)  # binascii.Error is a ValueError
        return value


class GivenFields(_Record):
    """What the person named, as typed; what is not named is looked for in the text."""

    fio: Value | None = None
    inn: Value | None = None
    account: Value | None = None
    snils: Value | None = None
    ogrn: Value | None = None
    phone: Value | None = None
    date: Value | None = None
    ticket: Value | None = None
    application: Value | None = None


class GivenRequest(_Record):
    """What a person told another program."""

    text: Annotated[str, Field(min_length=1, max_length=TEXT_MOST, description="in the person's own words")]
    email: Annotated[str, Field(max_length=254)] | None = Field(
        None, description="proved to be the person's; answers go there"
    )
    subject: Annotated[str, Field(max_length=SUBJECT_MOST)] | None = None
    fields: GivenFields = GivenFields()
    files: Annotated[tuple[GivenFile, ...], Field(max_length=FILES_MOST)] = ()

    @field_validator("text")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("says nothing")
        return value

    @field_validator("email")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None and address_of(value) is None:
            raise ValueError("is no plain mail address")
        return value


class ToldRequest(_Record):
    """How a request stands."""

    id: str = Field(description="asks about it later: GET /api/v1/requests/{id}")
    state: str = Field(description="received, settled, automatic, duplicate, parked")
    number: str | None = Field(description="of its ticket, once there is one")
    topic: str | None
    missing: tuple[str, ...] = Field(description="what is still to be asked for")


def api_routes(ways: WaysIn) -> list[Route]:
    """Handing over, asking, the description."""
    api = _Api(ways)
    return [
        Route("/api/v1/requests", api.take, methods=["POST"], max_body_size=BODY_MOST),
        Route("/api/v1/requests/{token:str}", api.tell, methods=["GET"]),
        Route("/api/v1/openapi.json", api.describe, methods=["GET"]),
    ]


class _Api:
    """Answers programs."""

    def __init__(self, ways: WaysIn) -> None:
        self._ways = ways
        self._each = Limits(burst=120, a_second=2)
        self._wrong = Limits(burst=10, a_second=1 / 30)  # keys that are none, by place

    async def take(self, request: Request) -> Response:
        """Takes a request in: 202, with the same answer for the same Idempotency-Key."""
        key_id = await self._key(request)
        if isinstance(key_id, Response):
            return key_id
        given = request.headers.get("idempotency-key", "")
        if not 1 <= len(given) <= 128 or not given.isascii() or not given.isprintable():
            return problem(400, "Idempotency-Key: 1 to 128 printable ASCII characters, different for every request")
        body = await request.body()
        try:
            asked = GivenRequest.model_validate_json(body)
        except ValidationError as error:
            return problem(422, "the request is not as described", errors=_faults(error))
        handed = await run_in_threadpool(self._hand_over, key_id, given, hashlib.sha256(body).hexdigest(), asked)
        if handed is None:
            return problem(409, "this Idempotency-Key was used for another request")
        return await self._told(handed, status=202)

    async def tell(self, request: Request) -> Response:
        """How a request of this key stands."""
        key_id = await self._key(request)
        if isinstance(key_id, Response):
            return key_id
        token = request.path_params["token"][:100]
        handed = await run_in_threadpool(self._handed, key_id, token)
        return problem(404, "no such request") if handed is None else await self._told(handed, status=200)

    async def describe(self, _request: Request) -> Response:
        """The OpenAPI description."""
        return JSONResponse(description(), headers=HEADERS)

    async def _key(self, request: Request) -> int | Response:
        place = request.client.host if request.client else ""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        found = await run_in_threadpool(self._known, key) if scheme.lower() == "bearer" and key else None
        if found is None:
            if not self._wrong.take(place):
                return problem(429, "too many wrong keys", retry=60)
            return problem(401, "name a key: Authorization: Bearer KEY")
        return found if self._each.take(f"key {found}") else problem(429, "two requests a second at most", retry=60)

    def _known(self, key: str) -> int | None:
        with self._ways.store.reading() as conn:
            return kept.key(conn, hashed(key))

    def _handed(self, key_id: int, token: str) -> Handed | None:
        with self._ways.store.reading() as conn:
            return kept.handed(conn, key_id, token)

    def _hand_over(self, key_id: int, given: str, body: str, asked: GivenRequest) -> Handed | None:
        """(1) The request's row under its Idempotency-Key; (2) the letter, whose Message-ID is the row's token, and
        that they belong together, in one commit. A crash between leaves a row without a letter: the same request
        again makes it.
        """
        with self._ways.store.writing() as conn:
            handed = kept.hand_over(conn, key_id, given, body=body, token=new_token())
        if handed.body != body:
            return None
        if handed.letter_id is not None:
            return handed
        entered = entered_of(asked, handed.token)
        raw = self._ways.entering.letter(entered)
        letter_id = self._ways.entering.take_in(
            Channel.API,
            raw,
            sender=entered.address,
            also=lambda conn, letter: kept.handed_in(conn, handed.token, letter),
        )
        return Handed(token=handed.token, body=body, letter_id=letter_id)

    async def _told(self, handed: Handed, *, status: int) -> Response:
        found = await run_in_threadpool(self._became, handed.letter_id) if handed.letter_id is not None else None
        verdict = found.verdict if found else {}
        told = ToldRequest(
            id=handed.token,
            state=(found.state if found else LetterState.RECEIVED).value,
            number=found.number if found else None,
            topic=verdict.get("topic"),
            missing=tuple(verdict.get("missing") or ()),
        )
        return JSONResponse(told.model_dump(), status_code=status, headers=HEADERS)

    def _became(self, letter_id: int) -> kept.Became | None:
        with self._ways.store.reading() as conn:
            return kept.became(conn, letter_id)


def entered_of(asked: GivenRequest, token: str) -> Entered:
    """What was handed over, as entered."""
    return Entered(
        token=token,
        address=address_of(asked.email) if asked.email else None,
        subject=asked.subject or subject_of(asked.text),
        text=asked.text,
        fields={name: value for name, value in asked.fields if value},
        files=tuple(
            EnteredFile(name=safe_name(one.name) or "file", data=b64decode(one.content)) for one in asked.files
        ),
    )


def problem(
    status: int, detail: str, *, errors: list[dict[str, str]] | None = None, retry: int | None = None
) -> Response:
    """RFC 9457: problem details. Nothing of what was sent is repeated."""
    said: dict[str, Any] = {"type": "about:blank", "status": status, "detail": detail}
    if errors:
        said["errors"] = errors
    headers = HEADERS | ({"Retry-After": str(retry)} if retry else {})
    if status == 401:
        headers |= {"WWW-Authenticate": "Bearer"}
    return Response(json.dumps(said), status_code=status, media_type="application/problem+json", headers=headers)


def _faults(error: ValidationError) -> list[dict[str, str]]:
    return [
        {"at": ".".join(map(str, one["loc"]))[:200], "fault": one["msg"]}
        for one in error.errors(include_input=False, include_url=False)[:20]
    ]


def description() -> dict[str, Any]:
    """OpenAPI 3.1, made from the models."""

    def body(model: type[BaseModel]) -> dict[str, Any]:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
        return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}}

    schemas: dict[str, Any] = {}
    told = {"description": "how it stands", **body(ToldRequest)}
    faults = {str(status): {"description": "a problem (RFC 9457)"} for status in (400, 401, 409, 413, 422, 429)}
    idempotency = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "schema": {"type": "string", "maxLength": 128},
    }
    asked = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    paths = {
        "/api/v1/requests": {
            "post": {
                "summary": "Hand over what a person told",
                "parameters": [idempotency],
                "requestBody": {"required": True, **body(GivenRequest)},
                "responses": {"202": told, **faults},
            }
        },
        "/api/v1/requests/{id}": {
            "get": {
                "summary": "How a request stands",
                "parameters": [asked],
                "responses": {
                    "200": told,
                    "401": faults["401"],
                    "404": {"description": "no such request"},
                    "429": faults["429"],
                },
            }
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Priemnaya: intake", "version": "1"},
        "security": [{"key": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }
