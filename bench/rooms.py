"""What each room costs a letter: CPU milliseconds, one after the other in one process, without threads and sockets.

    python bench/rooms.py [--letters 1000] [--seed 7] [--maker FILE]

The bars: read 4 ms, topic 2, store 3, compose and send 2, beside what the files cost (rulings 38). The daemon adds what
passing between processes costs; bench/throughput.py measures the whole.
"""

import asyncio
import hashlib
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

from throughput import arguments, letters, sink

from intake.own_words import own_words
from intake.parse import parse
from intake.screen import screen
from outbox.answer import Answers, Written
from outbox.record import Recorder
from outbox.send import Sender, sender_from_url
from pipeline import Rules, rules_of
from service.settings import Settings
from store import rows
from store.blobs import Blobs, open_blobs
from store.database import Store
from store.records import NewLetter
from store.upgrade import migrate
from tickets.conclude import conclude
from tickets.verdict import Judged
from validate import attachments, examine, kinds, requirements
from validate.findings import Field, Findings

ROOMS = {
    "read": ("parse", "own words", "screen", "fields"),
    "files": ("files",),
    "topic": ("topic",),
    "store": ("receive", "claim", "record", "mark"),
    "compose and send": ("compose", "send"),
    "between": ("to JSON", "from JSON"),
}
BARS = {"read": 4.0, "topic": 2.0, "store": 3.0, "compose and send": 2.0}
SETTINGS = {"limits": {"replies_per_minute": 1_000_000}}


class Clock:
    """CPU seconds by step."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._within: list[float] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Counts the block, without the steps inside it."""
        self._within.append(0.0)
        began = time.process_time()
        try:
            yield
        finally:
            took = time.process_time() - began
            self.spent[name] += took - self._within.pop()
            if self._within:
                self._within[-1] += took


def main() -> None:
    """Every letter through every room."""
    args = arguments(__doc__).parse_args()
    clock = Clock()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        source = letters(folder, args)
        raws = [path.read_bytes().replace(b"\n", b"\r\n") for path in sorted((source / "new").iterdir())]
        settings = Settings.model_validate(SETTINGS)
        rules = rules_of(settings)
        for raw in raws[:5]:
            judged(raw, rules, Clock())  # dictionaries are loaded
        store = Store(f"sqlite:///{folder}/store.db")
        migrate(store)
        receive(store, open_blobs(f"file://{folder}/blobs"), raws, clock)
        recorder = timed_recorder(settings, clock)
        for raw in raws:
            record(store, recorder, judged(raw, rules, clock), clock)
        port, _, taking = sink(folder)
        asyncio.run(send(store, sender_from_url(f"smtp://127.0.0.1:{port}", login=None, password=lambda: None), clock))
        taking.terminate()
    report(clock, len(raws))


def judged(raw: bytes, rules: Rules, clock: Clock) -> Judged:
    """pipeline.judge, step by step, and the way of its answer from the worker to the daemon."""
    with clock.step("parse"):
        letter = parse(raw)
    with clock.step("own words"):
        words = own_words(letter)
    with clock.step("screen"):
        screened = screen(letter, rules.desk)
    with clock.step("fields"):
        found, problems = examine.read_fields(letter, words)
    with clock.step("topic"):
        account = found.get(Field.DESCRIPTION)
        prediction = rules.model.predict(letter.subject, account.value if account else words.own)
    with clock.step("files"):
        files = attachments.examine_files(letter.files, scan=None)
    with clock.step("fields"):
        kind = kinds.kind_of(letter, words, found, prediction.topic)
        missing = requirements.missing(kind, prediction.topic, found, rules.requirements)
        findings = Findings(kind=kind, found=found, problems=problems, files=files, missing=missing)
        thought = conclude(letter, screened, findings, prediction)
    with clock.step("to JSON"):
        said = thought.model_dump_json()
    with clock.step("from JSON"):
        return Judged.model_validate_json(said)


def receive(store: Store, blobs: Blobs, raws: list[bytes], clock: Clock) -> None:
    """As intake does it, a hundred a batch."""
    with store.writing() as conn:
        hold = rows.hold(conn, "bench", holder="bench", lease_ms=3_600_000, since_ms=0)
    if hold is None:
        raise SystemExit("the mailbox's row is taken")
    for start in range(0, len(raws), 100):
        batch = raws[start : start + 100]
        with clock.step("receive"):
            names = blobs.write_all(batch)
            new = [
                NewLetter(
                    uid=start + place, blob=name, sha256=hashlib.sha256(raw).hexdigest(), size=len(raw),
                    arrived_ms=start + place, sender=f"{start + place}@mail.example", too_large=False,
                )
                for place, (raw, name) in enumerate(zip(batch, names, strict=True))
            ]  # fmt: skip
            with store.writing() as conn:
                received = rows.receive(conn, hold.mailbox_id, 1, new)
            with store.writing() as conn:
                rows.moved(conn, [one.letter_id for one in received], folder="Processed")


def timed_recorder(settings: Settings, clock: Clock) -> Recorder:
    """A recorder whose composing is counted apart."""
    recorder = Recorder(settings, Answers(settings))
    write = recorder._answers.write  # to part composing from storing, which share a transaction

    def timed(*args: Any) -> Written:
        with clock.step("compose"):
            return write(*args)

    recorder._answers.write = timed  # type: ignore[method-assign]
    return recorder


def record(store: Store, recorder: Recorder, thought: Judged, clock: Clock) -> None:
    """One turn of the desk: the outcome and the next claim, one commit."""
    with clock.step("record"), store.writing() as conn:
        with clock.step("claim"):
            (claim,) = rows.claim_letters(conn, lease_ms=30_000, most=1)
        with rows.savepoint(conn):
            recorder.record(conn, claim, thought)


async def send(store: Store, sender: Sender, clock: Clock) -> None:
    """All replies, each marked and the next claimed in one commit."""
    claim = None
    while True:
        with clock.step("mark"), store.writing() as conn:
            if claim is not None and rows.sent(conn, claim):
                rows.add_history(conn, claim.ticket_id or 0, who="post", what="reply-sent", data={"kind": claim.kind})
            claim = rows.claim_reply(conn, lease_ms=180_000)
        if claim is None:
            break
        with clock.step("send"):
            await sender.send(claim.raw, envelope_from=claim.envelope_from, recipient=claim.recipient)
    await sender.close()


def report(clock: Clock, count: int) -> None:
    """The table."""
    print(f"\n{count} letters, CPU ms a letter, {datetime.now(UTC):%Y-%m-%d}")
    total = 0.0
    for room, steps in ROOMS.items():
        spent = {step: clock.spent[step] * 1000 / count for step in steps}
        total += sum(spent.values())
        bar = f"bar {BARS[room]:g}" if room in BARS else ""
        parts = ", ".join(f"{step} {ms:.2f}" for step, ms in spent.items()) if len(steps) > 1 else ""
        print(f"{room:18}{sum(spent.values()):7.2f}  {bar:7} {parts}")
    print(f"{'together':18}{total:7.2f}")


if __name__ == "__main__":
    main()
