"""What all pages share: the store, the settings, how a page is drawn, who asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from importlib import resources
from typing import TypeVar
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Connection
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse

from classify.desk_topics import topics_of
from classify.topics import Topics
from service.settings import Settings
from service.settings_file import secret
from store import staff
from store.blobs import Blobs, open_blobs
from store.checks import bytes_expected
from store.database import Store
from triage import words
from triage.access import Role, Seen, Who
from triage.deciding import new_batch
from triage.fetching import told_by
from triage.hiding import is_hidden
from triage.keys import KEYS, topic_keys
from triage.moments import Moments
from triage.reading import Reading

Got = TypeVar("Got")
STATIC = ("style.css", "papers.css", "htmx.min.js", "desk.js", "icon.svg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Handed to every route file."""

    settings: Settings
    store: Store
    pages: Environment
    zone: ZoneInfo
    reading: Reading
    topics: Topics

    async def read(self, ask: Callable[[Connection], Got]) -> Got:
        """What `ask` finds, in one reading transaction, off the loop."""
        return await run_in_threadpool(self._read, ask)

    async def write(self, do: Callable[[Connection], Got]) -> Got:
        """What `do` does, in one writing transaction, off the loop."""
        return await run_in_threadpool(self._write, do)

    def noted(self, who: Who, what: Seen, ticket_id: int | None = None) -> BackgroundTask:
        """A line of the audit, written once the answer is on its way: looking must not wait for the disk."""

        async def write() -> None:
            await self.write(lambda conn: staff.note(conn, who=who.login, what=what, ticket_id=ticket_id, data={}))

        return BackgroundTask(write)

    def page(self, request: Request, name: str, data: Mapping[str, object], *, status: int = 200) -> HTMLResponse:
        """A template as an answer; it may use `who` (None on the login page), `role` and what `data` holds."""
        who: Who | None = getattr(request.state, "who", None)
        return HTMLResponse(self.pages.get_template(name).render(who=who, **data), status_code=status)

    def _read(self, ask: Callable[[Connection], Got]) -> Got:
        with self.store.reading() as conn:
            return ask(conn)

    def _write(self, do: Callable[[Connection], Got]) -> Got:
        with self.store.writing() as conn:
            return do(conn)


def opened(settings: Settings, store: Store) -> Window:
    """The window of one desk."""
    zone = ZoneInfo(settings.desk.timezone)
    blobs = blobs_of(settings, store)
    topics = topics_of(settings.classify)
    pages = _pages(settings, zone, topics)
    return Window(settings=settings, store=store, pages=pages, zone=zone, reading=Reading(blobs), topics=topics)


def blobs_of(settings: Settings, store: Store) -> Blobs:
    """Where letters' bytes lie, opened with the desk's keys."""
    keys, credentials = secret(settings.store.blobs_key_file, "blobs-key"), settings.store.blobs_credentials_file
    return open_blobs(settings.store.blobs, credentials=credentials, keys=keys, expected=partial(bytes_expected, store))


def static_bytes(name: str) -> bytes:
    """A file that pages refer to."""
    return resources.files("triage").joinpath("static", name).read_bytes()


def _pages(settings: Settings, zone: ZoneInfo, topics: Topics) -> Environment:
    pages = Environment(
        loader=PackageLoader("triage", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # shipped with the program: nobody changes them under it
    )
    moments = Moments(zone)
    pages.filters.update(
        when=moments.when, day=moments.day, ago=moments.ago, left=moments.left, topic=topics.title, masked=words.masked,
        size=words.size,
    )  # fmt: skip
    pages.globals.update(
        desk=settings.desk.name,
        unfetched=told_by(settings, moments),
        Role=Role,
        words=words,
        keys=KEYS,
        topics=topics.ids,
        is_hidden=is_hidden,
        new_batch=new_batch,
        topic_keys=topic_keys(topics.ids),
        static={name: f"/static/{name}?{sha256(static_bytes(name)).hexdigest()[:12]}" for name in STATIC},
    )
    return pages
