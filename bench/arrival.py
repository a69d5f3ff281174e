"""From arrival on the server to the reply accepted by SMTP, on an idle desk with IDLE working.

    python bench/arrival.py [--letters 20] [--seed 7] [--maker FILE]

Prints the median and the slowest, in seconds (bar: a median of 2 s, aim 0.8; Dovecot's push alone takes 0.5).
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from servers.certificates import Authority
from servers.dovecot import dovecot
from throughput import arguments, configured, letters, priemnaya, sink
from watched import STARTED, Counter, Watched

REST_SECONDS = 2.5  # between two letters, so that the desk is idle again


def main() -> None:
    """One letter after the other."""
    options = arguments(__doc__)
    options.set_defaults(letters=20)
    args = options.parse_args()
    took: list[float] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        raws = [path.read_bytes() for path in sorted((letters(folder, args) / "new").iterdir())]
        with dovecot(Authority(folder).issue("localhost"), tls_offered="no") as server:
            server.maildir(folder.name)
            port, count, taking = sink(folder)
            config = configured(folder, server, smtp=port)
            watched = Watched([str(priemnaya()), "run", "--config", str(config)], folder / "log")
            loading = Counter(watched)
            while loading.more(watched.said(STARTED), 1):
                pass
            for number, raw in enumerate(raws, 1):
                time.sleep(REST_SECONDS)
                began = time.monotonic()
                server.deliver(folder.name, raw)
                waiting = Counter(watched)
                while waiting.more(int(count.read_text() or 0), number):
                    pass
                took.append(time.monotonic() - began)
            watched.end()
            taking.terminate()
    print(f"\nload average {os.getloadavg()[0]:.1f}, {len(took)} letters, one each {REST_SECONDS} s")
    print(f"median {statistics.median(took):.2f} s, slowest {max(took):.2f} s   bar: median 2 s")


if __name__ == "__main__":
    main()
