"""Traces of OpenTelemetry: what a collector is told, and that one that is away costs nothing but its spans."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from service import logs, traces


class Collector:
    """Takes what is sent over OTLP, as a real one does."""

    def __init__(self) -> None:
        told: list[Span] = []

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = ExportTraceServiceRequest()
                asked.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
                told.extend(span for of in asked.resource_spans for scope in of.scope_spans for span in scope.spans)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_words: object) -> None:
                pass

        self.told, self.server = told, HTTPServer(("127.0.0.1", 0), Door)
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}/v1/traces"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    traces.to(None, store="")
    made.server.shutdown()
    made.server.server_close()


def test_the_steps_of_one_letter_are_one_trace_in_any_process(collector: Collector) -> None:
    for _process in range(2):
        traces.to(collector.endpoint, store="postgresql://desk")
        logs.info("letter", letter=7, became="open:new", ms=12)
        logs.info("reply-sent", letter=7, kind="acknowledgement", ms=30)
        logs.info("letter", letter=8, became="open:new", ms=5)
        traces.to(None, store="")
    of_seven = {span.trace_id for span in collector.told if _facts(span)["priemnaya.letter"] == "7"}
    assert len(of_seven) == 1
    assert len({span.trace_id for span in collector.told}) == 2
    sent = next(span for span in collector.told if span.name == "reply-sent")
    assert sent.end_time_unix_nano - sent.start_time_unix_nano == 30_000_000


def test_another_desks_letter_of_the_same_number_is_another_trace(collector: Collector) -> None:
    for store in ("postgresql://one", "postgresql://two"):
        traces.to(collector.endpoint, store=store)
        logs.info("letter", letter=7, became="open:new", ms=12)
        traces.to(None, store="")
    assert len({span.trace_id for span in collector.told}) == 2


def test_what_took_no_time_is_no_span_and_an_error_is_marked(collector: Collector) -> None:
    traces.to(collector.endpoint, store="s")
    logs.info("started", loops="desk")
    logs.error("reply-failed", letter=1, ms=3, error="the server refused it")
    traces.to(None, store="")
    (span,) = collector.told
    assert (span.name, span.status.code) == ("reply-failed", 2)


def test_a_collector_that_is_away_is_told_of_once_and_holds_nothing_up(capsys: pytest.CaptureFixture[str]) -> None:
    traces.to("http://127.0.0.1:9/v1/traces", store="s")
    logs.info("letter", letter=1, ms=3)
    traces.to(None, store="")
    logs.info("letter", letter=2, ms=3)
    assert capsys.readouterr().err.count("traces-unsent") == 1


def _facts(span: Span) -> dict[str, str]:
    return {one.key: one.value.string_value or str(one.value.int_value) for one in span.attributes}
