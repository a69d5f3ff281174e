"""Traces of OpenTelemetry, when [traces] endpoint names a collector; needs the extra `priemnaya[traces]`.

Like the counters (counted.py) they are made of the log: an event that says how long it took is a span. So a span tells
what its log line tells, by numbers of ours alone, and never a name, an address or a word of a letter. All spans of one
letter are in one trace, whatever host and process its steps fell to: the trace's number is made of the letter's.
A collector that is away costs its spans and nothing else: they leave in a thread of their own.
"""

import hashlib
import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from service import logs
from service.errors import ConfigError

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import SpanProcessor

LONGEST_SECONDS = 2.0  # of one export: the daemon's end waits for the last
_now: "Traces | None" = None


def to(endpoint: str | None, *, store: str) -> None:
    """From now on spans go to that address of OTLP over HTTP, or nowhere; the same address again changes nothing.

    `store`: its URL without the password, so that letters of two desks with one number are two traces. Raises
    ConfigError when the extra is not installed.
    """
    global _now  # noqa: PLW0603  # like the log, one for a process
    if endpoint == (_now.endpoint if _now else None):
        return
    made = Traces(endpoint, store=store, leaving=_exporting(endpoint)) if endpoint else None
    if _now:
        _now.end()
    _now = made


class Traces:
    """Makes spans of what the log hears, until the end."""

    def __init__(self, endpoint: str, *, store: str, leaving: "SpanProcessor") -> None:
        from opentelemetry import trace  # noqa: PLC0415  # only with the extra
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  # only with the extra
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  # only with the extra

        self.endpoint, self._store, self._otel = endpoint, store, trace
        self._provider = TracerProvider(resource=Resource.create({"service.name": "priemnaya"}))
        self._provider.add_span_processor(leaving)
        self._tracer = self._provider.get_tracer("priemnaya")
        logs.listen(self.heard)

    def heard(self, level: str, event: str, facts: Mapping[str, object]) -> None:
        """An event of the log; one that took no time is no span."""
        took = facts.get("ms")
        if not isinstance(took, int | float):
            return
        ended = time.time_ns()
        letter = facts.get("letter")
        context = self._of_letter(letter) if isinstance(letter, int) else None
        span = self._tracer.start_span(event, context=context, start_time=ended - int(took * 1_000_000))
        told = {key: value for key, value in facts.items() if isinstance(value, str | int | float)}
        span.set_attributes({f"priemnaya.{key}": value for key, value in told.items()})
        if level == "error":
            span.set_status(self._otel.StatusCode.ERROR)
        span.end(ended)

    def _of_letter(self, letter: int) -> "Context":
        """The trace of that letter, the same for every process that has to do with it."""
        digest = hashlib.sha256(f"{self._store} {letter}".encode()).digest()
        above = self._otel.SpanContext(
            trace_id=int.from_bytes(digest[:16]),
            span_id=int.from_bytes(digest[16:24]),
            is_remote=True,
            trace_flags=self._otel.TraceFlags(self._otel.TraceFlags.SAMPLED),
        )
        return self._otel.set_span_in_context(self._otel.NonRecordingSpan(above))

    def end(self) -> None:
        """Sends what is left and hears nothing more."""
        logs.unlisten(self.heard)
        self._provider.shutdown()


def _exporting(endpoint: str) -> "SpanProcessor":
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  # the extra
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  # the extra
    except ModuleNotFoundError as error:
        raise ConfigError(f"traces.endpoint is set but {error.name} is missing: install priemnaya[traces]") from error
    theirs = logging.getLogger("opentelemetry")
    theirs.handlers, theirs.propagate = [_Ours()], False
    return BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=LONGEST_SECONDS))


class _Ours(logging.Handler):
    """What the library complains of, once a minute, as a line of our log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._next = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Says that spans are lost, not what the collector answered: its words are not ours to keep."""
        if record.created >= self._next:
            self._next = record.created + 60
            logs.warning("traces-unsent", remedy="is the collector at traces.endpoint up? Letters are not affected")
