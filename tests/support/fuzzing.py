"""What all fuzzers share: a target is seeds, tokens and a check; the loop mutates, times and keeps what failed."""

import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

HANG_SECONDS = 5.0
MEMORY_MEGABYTES = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One reader under fuzz; texts are handed over as UTF-8 bytes."""

    name: str
    seeds: Sequence[bytes]
    tokens: Sequence[bytes]
    check: Callable[[bytes], None]  # raises on a broken promise
    longest: int = 300_000  # bytes of a mutated input


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run came to; `failed` holds the input that broke the reader, its traceback is printed."""

    executions: int
    slowest: float  # seconds of CPU
    failed: bytes | None


def mutated(rng: random.Random, target: Target) -> bytes:
    """A seed with a few bytes, lines or tokens changed, doubled, dropped or taken from another seed."""
    raw = bytearray(rng.choice(target.seeds))
    for _ in range(rng.choice((1, 2, 3, 5, 9, 17))):
        at = rng.randrange(len(raw) + 1)
        length = min(rng.choice((1, 1, 2, 4, 16, 64, 512)), len(raw) - at)
        what = rng.randrange(8)
        if what == 0:
            raw[at : at + length] = rng.randbytes(length)
        elif what == 1:
            del raw[at : at + length]
        elif what == 2:
            raw[at:at] = rng.choice(target.tokens)
        elif what == 3:
            raw[at:at] = raw[at : at + length] * rng.choice((2, 3, 50))
        elif what == 4:
            other = rng.choice(target.seeds)
            start = rng.randrange(len(other) + 1)
            raw[at : at + length] = other[start : start + rng.choice((20, 200, 2000))]
        elif what == 5 and at < len(raw):
            raw[at] ^= 1 << rng.randrange(8)
        elif what == 6:
            raw[at:at] = rng.choice(target.tokens) * rng.choice((2, 20, 200))
        else:
            raw = raw[:at]
        raw = raw[: target.longest]
    return bytes(raw)


def run(target: Target, *, seconds: float, seed: int) -> Outcome:
    """Mutates and checks until the time is over or something breaks."""
    rng = random.Random(seed)  # noqa: S311 - to be repeated by its seed, no secret
    start, done, slowest = time.monotonic(), 0, 0.0
    while time.monotonic() - start < seconds:
        raw = mutated(rng, target)
        before = time.process_time()
        try:
            target.check(raw)
        except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
            sys.excepthook(*sys.exc_info())
            return Outcome(executions=done, slowest=slowest, failed=raw)
        slowest = max(slowest, time.process_time() - before)
        if slowest > HANG_SECONDS:
            return Outcome(executions=done, slowest=slowest, failed=raw)
        done += 1
    return Outcome(executions=done, slowest=slowest, failed=None)
