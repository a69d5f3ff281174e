"""A flood: thousands of letters waiting, big ones among them, or one mailer that answers each answer.

    python bench/flood.py [people|loop] [--letters 10000] [--fresh 10] [--young] [--seed 7] [--maker FILE]

people: letters of as many senders, two in a hundred with a file of 4 to 6 MB, who wrote long ago or (--young) in the
minutes before. loop: letters of one sender that nothing shows to be a robot. While the flood is worked, a fresh person
writes every ten seconds (--fresh); printed are how long each waited for the reply and where the slowest of them waited,
what the memory did (sum of PSS in each quarter of the run), how long the staff's page took to answer, and how many
replies the flood itself got. The desk's own limits hold, but for the breaker in `people`.
"""

import argparse
import email.policy
import email.utils
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from servers.certificates import Authority
from servers.dovecot import Dovecot, dovecot, free_ports
from throughput import NO_LIMITS, arguments, configured, fill, letters, priemnaya, sink
from watched import STARTED, Counter, Watched, family, pss, started

LOOP = "robot@loop.example"
FRESH = "fresh{number}@person.example"
LEASE = 30.0  # tickets/desk.py: a claimed letter is due so much later
WAY = """
    SELECT letters.received_ms, letters.due, letters.settled_ms, max(outbox.sent_ms)
    FROM letters JOIN outbox ON outbox.letter_id = letters.id WHERE letters.sender = ?
"""
TEXT = "Спасибо, ваше письмо получено и будет рассмотрено. Номер {number}.\n"


@dataclass(slots=True)
class Seen:
    """What was seen while the flood was worked."""

    memory: list[float] = field(default_factory=list)  # MB, in the order of time
    page: list[float] = field(default_factory=list)  # seconds an answer
    fresh: dict[str, float] = field(default_factory=dict)  # address: when it wrote
    ways: dict[str, list[float]] = field(default_factory=dict)  # address: s until here, claimed, settled, sent


def main() -> None:
    """One flood."""
    options = arguments(__doc__)
    options.add_argument("kind", choices=("people", "loop"), nargs="?", default="people")
    options.add_argument("--fresh", type=float, default=10.0, help="seconds between two fresh persons")
    options.add_argument("--young", action="store_true", help="the people wrote just now")
    options.set_defaults(letters=10_000)
    args = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with dovecot(Authority(folder).issue("localhost"), tls_offered="no") as server:
            if args.kind == "people":
                made = letters(folder, args, "--big-share", "0.02")
                for path in (made / "new").iterdir() if args.young else ():
                    os.utime(path)
                fill(server, folder.name, made)
            else:
                server.deliver(folder.name, *(letter(LOOP, number) for number in range(args.letters)))
            smtp, _, taking = sink(folder)
            (listen,) = free_ports(1)
            more = f'[web]\nlisten = "127.0.0.1:{listen}"\n' + (NO_LIMITS if args.kind == "people" else "")
            config = str(configured(folder, server, smtp=smtp, more=more))
            subprocess.run([str(priemnaya()), "migrate", "--config", config], check=True, stdout=subprocess.DEVNULL)
            web = started([str(priemnaya()), "web", "--config", config], folder / "web.log")
            wait_for_page(folder / "web.log")
            watched = Watched([str(priemnaya()), "run", "--config", config], folder / "log")
            with watched:
                loading = Counter(watched)
                while loading.more(watched.said(STARTED), 1):
                    pass
                seen = watch(server, folder, watched, args, f"http://127.0.0.1:{listen}/login")
                report(seen, folder, args.letters)
                watched.end()
            web.terminate()
            web.wait(30)
            taking.terminate()


def wait_for_page(log: Path) -> None:
    """Until it serves."""
    ends = time.monotonic() + 60
    while "serving" not in log.read_text():
        if time.monotonic() > ends:
            raise SystemExit(log.read_text())
        time.sleep(0.1)


def watch(server: Dovecot, folder: Path, watched: Watched, args: argparse.Namespace, page: str) -> Seen:
    """Until every letter, those of fresh persons too, has found its end and its reply."""
    seen, waiting, next_fresh, wanted = Seen(), Counter(watched), 0.0, args.letters
    while True:
        done = ask(folder, "SELECT count(*) FROM letters WHERE state <> 'received'")
        flooded = done >= wanted
        if time.monotonic() >= next_fresh and not flooded:
            address = FRESH.format(number=len(seen.fresh))
            seen.fresh[address] = time.time()
            server.deliver(folder.name, letter(address, len(seen.fresh)))
            next_fresh = time.monotonic() + args.fresh
        for address in seen.fresh.keys() - seen.ways.keys():
            if way := way_of(folder, address):
                seen.ways[address] = [moment - seen.fresh[address] for moment in way]
        seen.memory.append(sum(pss(pid) for pid in family(watched.process.pid)))
        began = time.monotonic()
        with urllib.request.urlopen(page, timeout=30) as answer:  # noqa: S310  # loopback
            answer.read()
        seen.page.append(time.monotonic() - began)
        queued = ask(folder, "SELECT count(*) FROM outbox WHERE state = 'queued'")
        if not waiting.more(done + len(seen.ways) - queued, wanted + 2 * len(seen.fresh)):  # they are letters too
            return seen
        time.sleep(0.3)


def report(seen: Seen, folder: Path, wanted: int) -> None:
    """The lines."""
    quarter = max(1, len(seen.memory) // 4)
    peaks = [max(seen.memory[at : at + quarter]) for at in range(0, len(seen.memory) - quarter + 1, quarter)]
    slowest = sorted(seen.ways.values(), key=lambda way: way[-1], reverse=True) or [[0.0] * 4]
    states = "SELECT group_concat(state || ' ' || n, ', ') FROM (SELECT state, count(*) AS n FROM {} GROUP BY state)"
    to_loop = ask(folder, "SELECT count(*) FROM outbox WHERE recipient = ?", LOOP)
    print(f"\nload average {os.getloadavg()[0]:.1f}, {wanted} letters waiting, {len(seen.ways)} fresh ones meanwhile")
    print(f"memory, MB of PSS, the peak of each quarter: {', '.join(f'{one:.0f}' for one in peaks)}")
    for at, name in enumerate(("here", "claimed", "settled", "replied to")):
        took = [way[at] for way in slowest]
        print(f"fresh letters were {name} after: median {statistics.median(took):.1f} s, longest {max(took):.1f} s")
    for way in slowest[:3]:
        print(f"  the slowest were here, claimed, settled, replied to after {', '.join(f'{one:.1f}' for one in way)} s")
    print(f"the page answered in: median {statistics.median(seen.page):.3f} s, longest {max(seen.page):.3f} s")
    print(f"letters: {ask(folder, states.format('letters'))}; replies: {ask(folder, states.format('outbox'))}")
    print(f"replies to the loop's address: {to_loop}")


def way_of(folder: Path, address: str) -> list[float]:
    """When a fresh person's letter was here, claimed, settled and replied to; empty before it was."""
    with sqlite3.connect(f"file:{folder}/store.db?mode=ro", uri=True, timeout=30) as store:
        here, due, settled, sent = store.execute(WAY, (address,)).fetchone()
    store.close()
    return [here / 1000, due / 1000 - LEASE, settled / 1000, sent / 1000] if sent else []


def ask(folder: Path, query: str, *values: str) -> int:
    """One value of the store, read beside the daemon."""
    with sqlite3.connect(f"file:{folder}/store.db?mode=ro", uri=True, timeout=30) as store:
        (found,) = store.execute(query, values).fetchone()
    store.close()
    return found or 0


def letter(sender: str, number: int) -> bytes:
    """A short letter."""
    made = EmailMessage(policy=email.policy.SMTP)
    made["From"], made["To"], made["Subject"] = sender, "support@desk.example", "Ваше письмо получено"
    made["Message-ID"] = f"<{number}.{sender}>"
    made["Date"] = email.utils.formatdate()
    made.set_content(TEXT.format(number=number))
    return made.as_bytes()


if __name__ == "__main__":
    main()
