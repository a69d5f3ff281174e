"""How the desk stands, for Prometheus and for whoever asks whether it is well: a listener of its own, on loopback.

Everything comes from the store, so that it holds for all daemons of the desk and survives a restart; what a daemon
itself counts is in its textfile (service/counted.py).
"""

import asyncio
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from service.errors import PriemnayaError
from service.settings import Settings
from service.settings_file import secret
from store.database import Store
from store.overview import STALE_POLLS, Overview, open_by_topic, overview
from triage.server import Listener, serve_pages


async def serve_metrics(settings: Settings, stop: asyncio.Event) -> None:
    """Serves [metrics] listen until the stop; ConfigError when the address cannot be used."""
    store = Store(settings.store.url, password=secret(settings.store.password_file, "store-password"))
    listener = Listener(setting="metrics.listen", address=str(settings.metrics.listen))
    try:
        await serve_pages(metrics_app(settings, store), listener, stop)
    finally:
        await asyncio.to_thread(store.close)


def metrics_app(settings: Settings, store: Store) -> Starlette:
    """/metrics, /healthz (the process answers), /readyz (the store answers and the mailbox is being fetched)."""

    async def metrics(_request: Request) -> Response:
        text = await asyncio.to_thread(exposed, store, poll_seconds=settings.mailbox.poll_seconds)
        return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    async def alive(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_request: Request) -> Response:
        faults = unready(await asyncio.to_thread(_overview, store), poll_seconds=settings.mailbox.poll_seconds)
        return PlainTextResponse("\n".join(faults or ["ready"]) + "\n", status_code=503 if faults else 200)

    async def away(_request: Request, fault: Exception) -> Response:
        return PlainTextResponse(f"the store does not answer: {fault}\n", status_code=503)

    return Starlette(
        routes=[Route("/metrics", metrics), Route("/healthz", alive), Route("/readyz", ready)],
        exception_handlers={PriemnayaError: away},
    )


def unready(now: Overview, *, poll_seconds: float) -> list[str]:
    """Why the desk is not at work, or nothing; names no mailbox."""
    if not now.mailboxes:
        return ["no mailbox was ever opened: is priemnaya.service running?"]
    late = poll_seconds * 1000 * STALE_POLLS
    stale = sum(one.polled_ms_ago is None or one.polled_ms_ago > late for one in now.mailboxes)
    return [f"{stale} of {len(now.mailboxes)} mailboxes not fetched for {STALE_POLLS} polls"] if stale else []


def exposed(store: Store, *, poll_seconds: float) -> bytes:
    """All metrics in Prometheus' text format."""
    with store.reading() as conn:
        now, topics = overview(conn), open_by_topic(conn)
    registry = CollectorRegistry()
    registry.register(_Stands(now, topics, poll_seconds))
    return generate_latest(registry)


class _Stands:
    """One moment of the desk as metrics."""

    def __init__(self, now: Overview, topics: Mapping[tuple[str, ...], float], poll_seconds: float) -> None:
        self._now, self._topics, self._poll_seconds = now, topics, poll_seconds

    def collect(self) -> Iterator[Metric]:
        """As prometheus_client asks."""
        now = self._now
        for name, told, value in (
            ("letters_waiting", "Letters taken in and not settled", now.waiting),
            ("letters_waiting_oldest_age_seconds", "How long the first of them waits", (now.waiting_ms or 0) / 1000),
            ("letters_parked", "Letters set aside after they broke the code", now.parked),
            ("tickets_doubtful", "Tickets whose topic a person has to confirm", now.doubtful),
            ("tickets_overdue", "Tickets whose first answer is late", now.overdue),
            ("mailbox_poll_seconds", "How often a mailbox is looked through", self._poll_seconds),
            ("outbox_oldest_age_seconds", "How long the oldest queued reply waits", (now.queued_ms or 0) / 1000),
        ):
            yield GaugeMetricFamily(f"priemnaya_{name}", told, value=value)
        unsent = {"queued": now.queued, "put_off": now.put_off, "held": now.held, "failed": now.failed}
        yield _by("outbox_replies", "Replies not sent", ("state",), {(one,): count for one, count in unsent.items()})
        yield _by("tickets_open", "Open tickets", ("topic", "state"), self._topics)
        if now.backup_ms_ago is not None:  # a desk that is backed up by other means has no line, and no alarm
            at, told = (now.now_ms - now.backup_ms_ago) / 1000, "When `priemnaya backup` last ended"
            yield GaugeMetricFamily("priemnaya_backup_last_timestamp_seconds", told, value=at)
        yield from self._mailboxes()
        yield from self._forwards()

    def _mailboxes(self) -> Iterator[Metric]:
        """Mailboxes by their place in `priemnaya status`: a label with an address would be personal data."""
        places = [(str(n),) for n, _ in enumerate(self._now.mailboxes)]
        both = list(zip(places, self._now.mailboxes, strict=True))
        polled: dict[tuple[str, ...], float] = {
            n: 0 if one.polled_ms_ago is None else (self._now.now_ms - one.polled_ms_ago) / 1000 for n, one in both
        }
        told = "When the mailbox was last looked through; 0: never"  # no line at all would raise no alarm
        yield _by("mailbox_last_poll_timestamp_seconds", told, ("mailbox",), polled)
        held: dict[tuple[str, ...], float] = {n: one.held for n, one in both}
        yield _by("mailbox_held", "Whether a daemon holds it", ("mailbox",), held)

    def _forwards(self) -> Iterator[Metric]:
        """By the names that the settings give."""
        all_of = self._now.forwards
        for name, told, values in (
            ("behind", "Lines of the history not told to a system elsewhere", [one.behind for one in all_of]),
            ("aside", "Events that it did not take", [one.aside for one in all_of]),
            ("failing_seconds", "For how long nothing got through", [(one.failing_ms or 0) / 1000 for one in all_of]),
        ):
            by_target: dict[tuple[str, ...], float] = {
                (one.name,): value for one, value in zip(all_of, values, strict=True)
            }
            yield _by(f"forward_{name}", told, ("target",), by_target)


def _by(name: str, told: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(f"priemnaya_{name}", told, labels=labels)
    for label, value in sorted(values.items()):
        family.add_metric(label, value)
    return family


def _overview(store: Store) -> Overview:
    with store.reading() as conn:
        return overview(conn)
