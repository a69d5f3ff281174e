"""Asking an ASGI application without a server."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.applications import Starlette


@dataclass(frozen=True, kw_only=True)
class Page:
    """An answer."""

    status: int
    headers: dict[str, str]  # lower-case names
    text: str


def get(pages: Starlette, url: str, *, client: str = "192.0.2.7") -> Page:
    """GET of that path or URL, from that address."""
    return ask(pages, "GET", urlsplit(url).path, client=client)


def ask(
    pages: Starlette,
    method: str,
    path: str,
    body: bytes = b"",
    headers: Sequence[tuple[bytes, bytes]] = (),
    *,
    client: str = "192.0.2.7",
) -> Page:
    """One request from that address, with these headers as they are."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "https",
        "path": path, "raw_path": quote(path).encode(), "query_string": b"", "root_path": "",
        "headers": [(b"host", b"desk.example"), *headers], "client": (client, 50000), "server": ("desk.example", 443),
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(pages(scope, receive, send))
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return Page(status=sent[0]["status"], headers=headers, text=b"".join(m.get("body", b"") for m in sent[1:]).decode())
