"""Mutational fuzzing of parse, own_words and screen: no crash, no hang, records as promised.

    python tests/fuzz/fuzz_reading.py --seconds 60 [--seed 1]

Starts from the letters in tests/letters and what breaks readers of mail; prints executions. A letter that fails is
written beside the others as fuzz-failed-….eml, and the exit status is 1.
"""

import argparse
import hashlib
import random
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from intake.letter import Desk
from intake.own_words import own_words
from intake.parse import MAX_TEXT, parse
from intake.screen import screen

LETTERS = ROOT / "tests" / "letters"
HANG_SECONDS = 5.0
MEMORY_MEGABYTES = 512
LONGEST = 300_000  # bytes of a mutated letter

TOKENS = [
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\n",
    b"Content-Type: message/rfc822\n\n",
    b"Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\neJ8+IgEAAQeQBgAIAAAA5AQAAAAAAADoAA==",
    b"Content-Type: text/html; charset=",
    b"Content-Transfer-Encoding: base64\n\n",
    b"Content-Transfer-Encoding: quoted-printable\n\n=",
    b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n#0V%T\n`\nend\n",
    b"Content-Disposition: attachment; filename*0*=utf-8''%D0; filename*1*=%AF",
    b"=?utf-8?B?0K8=?=",
    b"=?koi8-r?Q?=FF_?=",
    b"charset=utf-7\n\n+2AA-",
    b"charset=utf-16\n\n\xff\xfe\x00\xd8",
    b"<blockquote>",
    b"</blockquote>",
    b"<table><tr><td>",
    b"<div style='display:none'>",
    b"<img src=cid:a>",
    b"\n> ",
    b"\n-- \n",
    b"\n--\n",
    "\nОт: Иванов <a@b.example>\nОтправлено: 20 марта 2026 г. 12:05\nКому: c\nТема: d\n".encode(),
    "\n20.03.2026, 12:05, Иванов <a@b.example> написал:\n".encode(),
    "\nС уважением,\n".encode(),
    "\nОтправлено с iPhone\n".encode("cp1251"),
    b"\r",
    b"\r\n\r\n",
    b"\0",
    b"\xff\xfe",
    b"\xe2\x80\xa8",
    b'"',
    b";" * 50,
    b"(" * 50,
    b"Auto-Submitted: no\n",
    b"List-Id: <x>\n",
    b"Date: Mon, 23 Mar 99999 09:12:40 +9999\n",
]


def mutated(rng: random.Random, seeds: list[bytes]) -> bytes:
    """A seed with a few bytes, lines or tokens changed, doubled, dropped or taken from another seed."""
    raw = bytearray(rng.choice(seeds))
    for _ in range(rng.choice((1, 2, 3, 5, 9, 17))):
        at = rng.randrange(len(raw) + 1)
        length = min(rng.choice((1, 1, 2, 4, 16, 64, 512)), len(raw) - at)
        what = rng.randrange(8)
        if what == 0:
            raw[at : at + length] = rng.randbytes(length)
        elif what == 1:
            del raw[at : at + length]
        elif what == 2:
            raw[at:at] = rng.choice(TOKENS)
        elif what == 3:
            raw[at:at] = raw[at : at + length] * rng.choice((2, 3, 50))
        elif what == 4:
            other = rng.choice(seeds)
            start = rng.randrange(len(other) + 1)
            raw[at : at + length] = other[start : start + rng.choice((20, 200, 2000))]
        elif what == 5 and at < len(raw):
            raw[at] ^= 1 << rng.randrange(8)
        elif what == 6:
            raw[at:at] = rng.choice(TOKENS) * rng.choice((2, 20, 200))
        else:
            raw = raw[:at]
        raw = raw[:LONGEST]
    return bytes(raw)


def check(raw: bytes) -> None:
    """Reads one letter and holds the records to their promises."""
    letter = parse(raw)
    assert len(letter.text) <= MAX_TEXT
    assert "\n" not in letter.subject
    assert all(f.name is None or (f.name and len(f.name.encode()) <= 255 and "/" not in f.name) for f in letter.files)
    letter.text.encode()  # no half of a surrogate pair anywhere
    "".join(value for _, value in letter.headers).encode()
    words = own_words(letter)
    have = set(letter.text.split())
    for part in (words.own, words.signature, words.quoted):
        assert have.issuperset(part.split()), "words that are not in the letter"
    found = screen(letter, Desk(trusted_authserv_id="mx.desk.example", spam_header="x-spam-flag: yes"))
    assert (found.reason is not None) or not found.automatic


def seeds() -> list[bytes]:
    """The test letters; a few bare ones so that small mutations reach far."""
    return [path.read_bytes() for path in sorted(LETTERS.glob("*.eml"))] + [b"From: a@b.example\n\nx", b"", *TOKENS]


def run(seconds: float, seed: int) -> tuple[int, float, bytes | None]:
    """Executions, the slowest one's seconds, and the letter that failed, if one did (its traceback is printed)."""
    rng = random.Random(seed)  # noqa: S311 - to be repeated by its seed, no secret
    start, done, slowest = time.monotonic(), 0, 0.0
    begin = seeds()
    while time.monotonic() - start < seconds:
        raw = mutated(rng, begin)
        before = time.process_time()
        try:
            check(raw)
        except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
            sys.excepthook(*sys.exc_info())
            return done, slowest, raw
        slowest = max(slowest, time.process_time() - before)
        if slowest > HANG_SECONDS:
            return done, slowest, raw
        done += 1
    return done, slowest, None


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--seed", type=int, default=1)
    wanted = options.parse_args()
    done, slowest, failed = run(wanted.seconds, wanted.seed)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{done} executions in {wanted.seconds:.0f} s, slowest {slowest * 1000:.0f} ms, memory {memory} MB")
    if failed is not None:
        name = LETTERS / f"fuzz-failed-{hashlib.sha256(failed).hexdigest()[:12]}.eml"
        name.write_bytes(failed)
        print(f"failed: {name}")
    return 1 if failed is not None or memory > MEMORY_MEGABYTES else 0


if __name__ == "__main__":
    sys.exit(main())
