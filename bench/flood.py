"""A flood: thousands of letters waiting, big ones among them, or one mailer that answers each answer.

    python bench/flood.py [people|loop] [--letters 10000] [--seed 7] [--maker FILE]

people: letters of as many senders, two in a hundred with a file of 4 to 6 MB. loop: letters of one sender that nothing
shows to be a robot. While the flood is worked, a fresh person writes every ten seconds; printed are how long each waited
for the reply, what the memory did (sum of PSS in each quarter of the run), how long the staff's page took to answer,
and how many replies the flood itself got. The desk's own limits hold, but for the breaker in `people`.
"""

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

FRESH_SECONDS = 10.0
LOOP = "robot@loop.example"
FRESH = "fresh{number}@person.example"
TEXT = "Спасибо, ваше письмо получено и будет рассмотрено. Номер {number}.\n"


@dataclass(slots=True)
class Seen:
    """What was seen while the flood was worked."""

    memory: list[float] = field(default_factory=list)  # MB, in the order of time
    page: list[float] = field(default_factory=list)  # seconds an answer
    fresh: dict[str, float] = field(default_factory=dict)  # address: when it wrote
    waits: dict[str, float] = field(default_factory=dict)  # address: seconds until its reply was sent
    inbox: dict[str, float] = field(default_factory=dict)  # address: of them, seconds until its letter was here


def main() -> None:
    """One flood."""
    options = arguments(__doc__)
    options.add_argument("kind", choices=("people", "loop"), nargs="?", default="people")
    options.set_defaults(letters=10_000)
    args = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with dovecot(Authority(folder).issue("localhost"), tls_offered="no") as server:
            if args.kind == "people":
                fill(server, folder.name, letters(folder, args, "--big-share", "0.02"))
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
                seen = watch(server, folder, watched, args.letters, f"http://127.0.0.1:{listen}/login")
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


def watch(server: Dovecot, folder: Path, watched: Watched, wanted: int, page: str) -> Seen:
    """Until every letter, those of fresh persons too, has found its end and its reply."""
    seen, waiting, next_fresh = Seen(), Counter(watched), 0.0
    while True:
        done = ask(folder, "SELECT count(*) FROM letters WHERE state <> 'received'")
        flooded = done >= wanted
        if time.monotonic() >= next_fresh and not flooded:
            address = FRESH.format(number=len(seen.fresh))
            seen.fresh[address] = time.time()
            server.deliver(folder.name, letter(address, len(seen.fresh)))
            next_fresh = time.monotonic() + FRESH_SECONDS
        for address in seen.fresh.keys() - seen.waits.keys():
            if sent := ask(folder, "SELECT max(sent_ms) FROM outbox WHERE recipient = ?", address):
                seen.waits[address] = sent / 1000 - seen.fresh[address]
                here = ask(folder, "SELECT max(received_ms) FROM letters WHERE sender = ?", address)
                seen.inbox[address] = here / 1000 - seen.fresh[address]
        seen.memory.append(sum(pss(pid) for pid in family(watched.process.pid)))
        began = time.monotonic()
        with urllib.request.urlopen(page, timeout=30) as answer:  # noqa: S310  # loopback
            answer.read()
        seen.page.append(time.monotonic() - began)
        queued = ask(folder, "SELECT count(*) FROM outbox WHERE state = 'queued'")
        if not waiting.more(done + len(seen.waits) - queued, wanted + 2 * len(seen.fresh)):  # they are letters too
            return seen
        time.sleep(0.3)


def report(seen: Seen, folder: Path, wanted: int) -> None:
    """The lines."""
    quarter = max(1, len(seen.memory) // 4)
    peaks = [max(seen.memory[at : at + quarter]) for at in range(0, len(seen.memory) - quarter + 1, quarter)]
    waits, inbox = (sorted(one.values()) or [0.0] for one in (seen.waits, seen.inbox))
    states = "SELECT group_concat(state || ' ' || n, ', ') FROM (SELECT state, count(*) AS n FROM {} GROUP BY state)"
    to_loop = ask(folder, "SELECT count(*) FROM outbox WHERE recipient = ?", LOOP)
    print(f"\nload average {os.getloadavg()[0]:.1f}, {wanted} letters waiting, {len(seen.waits)} fresh ones meanwhile")
    print(f"memory, MB of PSS, the peak of each quarter: {', '.join(f'{one:.0f}' for one in peaks)}")
    print(f"fresh letters waited: median {statistics.median(waits):.1f} s, longest {waits[-1]:.1f} s")
    print(f"of that in the mailbox: median {statistics.median(inbox):.1f} s, longest {inbox[-1]:.1f} s")
    print(f"the page answered in: median {statistics.median(seen.page):.3f} s, longest {max(seen.page):.3f} s")
    print(f"letters: {ask(folder, states.format('letters'))}; replies: {ask(folder, states.format('outbox'))}")
    print(f"replies to the loop's address: {to_loop}")


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
