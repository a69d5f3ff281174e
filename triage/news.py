"""News for open pages by server-sent events: what changed, how many wait, who else looks at the same ticket.

One reader asks the store once a second while anybody listens. Presence is kept in this process: staff are expected to
share one. A stream ends after five minutes and the browser comes again, so a session that was ended hears no more.
A page says up to which line of the history it was drawn or has heard, and is first told what came since: nothing falls
between a page and its stream, or between two streams.
"""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from service import logs
from service.errors import PriemnayaError
from store.listing import Fetching, fetching
from store.news import OVERLAP, Happened, happened_since, newest
from store.queue import COUNT_MOST, Filter, Tab, counts
from triage.access import Role, Who
from triage.fetching import told_by
from triage.guard import page
from triage.moments import Moments
from triage.window import Window
from triage.words import EVENTS, WHO

EVERY_SECONDS, PING_SECONDS, STREAM_SECONDS = 1.0, 15.0, 300.0
STREAMS_MOST = 6  # a person's at once: the oldest is closed for the next
NUMBER = re.compile("[0-9]{1,18}")  # as many digits as a row's id may have
WAITING_MOST = 100  # messages a slow browser may be behind before its stream is closed


class _Listener:
    """One open page."""

    def __init__(self, who: Who, ticket: int | None, *, typing: bool, heard: int | None) -> None:
        self.who, self.ticket, self.typing, self.heard = who, ticket, typing, heard
        self.unfetched: str | None = None  # what the page was told of mail that does not come
        self.queue: asyncio.Queue[str | None] = asyncio.Queue(WAITING_MOST)

    def tell(self, event: str, data: Any, *, heard: int | None = None) -> None:
        """Puts a message on its way; a page that takes none is let go. `heard`: up to which line of the history."""
        mark = "" if heard is None else f"id: {heard}\n"
        message = f"{mark}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """The stream ends after what it holds, or at once when it holds too much."""
        while self.queue.full():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Hub:
    """All open pages of this process."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._unfetched = told_by(window.settings, Moments(window.zone))
        self._listeners: list[_Listener] = []
        self._reader: asyncio.Task[None] | None = None

    async def stream(self, request: Request) -> Response:
        """One page's news."""
        asked = request.query_params
        listener = _Listener(
            request.state.who,
            _number(asked.get("ticket")),
            typing=asked.get("typing") == "1",
            heard=_number(request.headers.get("Last-Event-ID") or asked.get("heard")),
        )
        headers = {"X-Accel-Buffering": "no"}
        return StreamingResponse(self._told(listener), media_type="text/event-stream", headers=headers)

    def close(self) -> None:
        """Ends all streams, so that the server can stop."""
        for one in self._listeners:
            one.end()

    async def _told(self, listener: _Listener) -> AsyncIterator[str]:
        self._come(listener)
        ends = time.monotonic() + STREAM_SECONDS
        try:
            yield "retry: 3000\n\n"
            await self._tell_missed(listener)
            while (left := ends - time.monotonic()) > 0:
                try:
                    message = await asyncio.wait_for(listener.queue.get(), min(PING_SECONDS, left))
                except TimeoutError:
                    yield ": ping\n\n"
                    continue
                if message is None:
                    return
                yield message
        finally:
            self._go(listener)

    def _come(self, listener: _Listener) -> None:
        own = [one for one in self._listeners if one.who.id == listener.who.id]
        if len(own) >= STREAMS_MOST:
            own[0].end()
        self._listeners.append(listener)
        self._tell_presence(listener.ticket)
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read(), name="news")

    async def _tell_missed(self, listener: _Listener) -> None:
        """What happened since the page was drawn or its last stream ended. What the reader tells too is told twice,
        which changes nothing on a page."""
        if listener.heard is None:
            return
        try:
            found = await self._window.read(partial(_since, listener.heard))
            if missed := [one for one in found if one.id > listener.heard]:
                await self._tell(missed, [listener])
        except PriemnayaError as fault:
            logs.warning("news-fault", error=str(fault))

    def _go(self, listener: _Listener) -> None:
        with contextlib.suppress(ValueError):
            self._listeners.remove(listener)
        self._tell_presence(listener.ticket)

    def _tell_presence(self, ticket: int | None) -> None:
        if ticket is None:
            return
        here = [one for one in self._listeners if one.ticket == ticket]
        for one in here:
            others = {each.who.login: each for each in sorted(here, key=lambda each: each.typing)}
            one.tell(
                "present",
                [
                    {"name": each.who.name, "typing": each.typing}
                    for login, each in others.items()
                    if login != one.who.login
                ],
            )

    async def _read(self) -> None:
        """Asks while anybody listens."""
        seen: set[int] = set()
        last: int | None = None
        while self._listeners:
            try:
                self._tell_fetching(await self._window.read(fetching))
                if last is None:
                    last = await self._window.read(newest)
                    seen = set(range(max(0, last - OVERLAP), last + 1))
                found = await self._window.read(partial(_since, last))
                new = [one for one in found if one.id not in seen]
                if new:
                    last = max(last, new[-1].id)
                    seen = {one for one in seen | {each.id for each in new} if one > last - 2 * OVERLAP}
                    await self._tell(new, list(self._listeners))
            except PriemnayaError as fault:
                logs.warning("news-fault", error=str(fault))
            await asyncio.sleep(EVERY_SECONDS)

    def _tell_fetching(self, now: Fetching) -> None:
        """Each page once, and again when it changes."""
        said = self._unfetched(now)
        for one in self._listeners:
            if one.unfetched != said:
                one.unfetched = said
                one.tell("fetching", said)

    async def _tell(self, new: list[Happened], listeners: list[_Listener]) -> None:
        news = list({one.ticket_id: _said(one, new) for one in new}.values())
        numbers: dict[tuple[str, str | None], dict[str, str]] = {}
        for one in listeners:
            whose = (one.who.login, one.who.team)
            if whose not in numbers:
                numbers[whose] = await self._counts(one.who)
            one.tell("changed", news, heard=new[-1].id)
            one.tell("counts", numbers[whose])

    async def _counts(self, who: Who) -> dict[str, str]:
        wanted = Filter(tab=Tab.NEW, me=who.login, team=who.team)
        found = await self._window.read(lambda conn: counts(conn, wanted))
        return {tab: f"{COUNT_MOST}+" if number >= COUNT_MOST else str(number) for tab, number in found.items()}


def _since(last: int, conn: Connection) -> tuple[Happened, ...]:
    return happened_since(conn, last)


def _number(text: str | None) -> int | None:
    """A number out of an address or a header; None where there is none."""
    return int(text) if text and NUMBER.fullmatch(text) else None


def routes(hub: Hub) -> list[Route]:
    """The stream."""
    return [page("/news", hub.stream, role=Role.READER)]


def _said(one: Happened, new: list[Happened]) -> dict[str, Any]:
    """A ticket's news; no word of what it says."""
    opened = any(each.what in ("opened", "reopened") for each in new if each.ticket_id == one.ticket_id)
    tabs = [
        tab
        for tab, belongs in (
            ("new", one.state in ("new", "open")),
            ("doubtful", one.needs_review and one.state != "closed"),
            ("waiting", one.state == "waiting"),
        )
        if belongs
    ]
    return {
        "ticket": one.ticket_id,
        "version": one.version,
        "said": f"{WHO.get(one.who, one.who)} — {EVENTS.get(one.what, one.what)}",
        "opened": opened,
        "tabs": tabs,
    }
