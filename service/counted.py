"""Counting what the log says, for Prometheus: each metric stands here once, beside the event that it counts.

The loops know nothing of it. Written as a file that node_exporter's textfile collector reads (`[metrics] textfile`),
because the mail daemon serves no HTTP. Labels are closed lists, never an id or an address.
"""

import asyncio
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, write_to_textfile

from service import logs

WRITTEN_EVERY = 15.0  # seconds
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Counted:
    """The counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._received = self._counter("letters_received", "Letters taken in from the mailbox, known ones included")
        self._judged = self._counter("letters_judged", "Letters that found their end, or were put off", "became")
        self._seconds = Histogram(
            "priemnaya_letter_seconds", "From claim to outcome", buckets=SECONDS, registry=self.registry
        )
        self._sent = self._counter("replies_sent", "Replies that the mail server took", "kind")
        self._put_off = self._counter("replies_put_off", "Replies that the mail server did not take for now")
        self._failed = self._counter("replies_failed", "Replies that ended unsent", "kind")
        self._forwarded = self._counter("forwarded", "Events told to systems elsewhere, or not", "target", "became")
        self._mailbox = self._counter("mailbox_faults", "Faults of the connection to the mailbox")
        self._said = self._counter("log_events", "Warnings and errors by their code", "level", "event")

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"priemnaya_{name}", told, labels, registry=self.registry)

    def heard(self, level: str, event: str, facts: Mapping[str, object]) -> None:
        """One line of the log."""
        if level in ("warning", "error"):
            self._said.labels(level, event).inc()
        match event:
            case "received":
                self._received.inc(_number(facts.get("letters")))
            case "letter":
                self._judged.labels(str(facts.get("became", "")).partition(":")[0]).inc()
                self._seconds.observe(_number(facts.get("ms")) / 1000)
            case "reply-sent":
                self._sent.labels(str(facts.get("kind"))).inc()
            case "reply-put-off":
                self._put_off.inc()
            case "reply-failed" | "reply-overtaken":
                self._failed.labels(str(facts.get("kind"))).inc()
            case "forwarded" | "forward-put-off" | "forward-aside":
                self._forwarded.labels(str(facts.get("target")), event.removeprefix("forward-")).inc()
            case "mailbox-fault":
                self._mailbox.inc()

    async def written(self, path: Path, stop: asyncio.Event) -> None:
        """Writes the file aside and renames it, every WRITTEN_EVERY seconds and once more at the end."""
        while True:
            try:
                await asyncio.to_thread(write_to_textfile, str(path), self.registry)
            except OSError as error:
                logs.warning("metrics-unwritten", error=error.strerror, remedy="see metrics.textfile")
            if stop.is_set():
                return
            try:
                await asyncio.wait_for(stop.wait(), WRITTEN_EVERY)
            except TimeoutError:
                continue


@cache
def of_this_process() -> Counted:
    """The process's counters, which go on through a reading of the settings anew."""
    made = Counted()
    logs.listen(made.heard)
    return made


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
