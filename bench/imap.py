#!/usr/bin/env python3
"""How fast a mailbox is read: our adapter beside imaplib and, where it is installed, mbsync, on one Dovecot.

    bench/imap.py MAILDIR [--runs 5] [--tls] [--largest BYTES]

MAILDIR holds the letters (its new/ is copied into a fresh Dovecot mailbox). Each reader lists all letters with size
and date, then fetches every one whole. All run in turn, the order changing, so the machine's other load meets all;
the medians are printed. CPU is that of the reading process alone, without Dovecot.
"""

import argparse
import asyncio
import imaplib
import resource
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from servers.certificates import Authority
from servers.dovecot import PASSWORD, Dovecot, dovecot

from intake.imap import FETCHED_AT_ONCE, ImapMailbox
from intake.imap_login import Account, Tls

USER = "bench"
Reader = Callable[[Dovecot, Authority, bool], tuple[int, int]]


def adapter(server: Dovecot, authority: Authority, tls: bool) -> tuple[int, int]:
    """Ours."""

    async def run() -> tuple[int, int]:
        mailbox = ImapMailbox(
            Account(
                host="localhost",
                port=server.tls_port if tls else server.port,
                tls=Tls.IMPLICIT if tls else Tls.STARTTLS,
                login=USER,
                password=lambda: PASSWORD,
                ca_file=authority.ca_file,
            )
        )
        await mailbox.open()
        sizes = [len(letter.raw) async for letter in mailbox.fetch(await mailbox.waiting())]
        await mailbox.close()
        return len(sizes), sum(sizes)

    return asyncio.run(run())


def standard_library(server: Dovecot, authority: Authority, tls: bool) -> tuple[int, int]:
    """imaplib, with the same commands in the same batches; it does not parse the date."""
    context = ssl.create_default_context(cafile=str(authority.ca_file))
    client = imaplib.IMAP4_SSL("localhost", server.tls_port, ssl_context=context) if tls else imaplib.IMAP4(
        "localhost", server.port
    )  # fmt: skip
    client.login(USER, PASSWORD)
    client.select()
    uids = client.uid("SEARCH", "ALL")[1][0].split()
    sizes: dict[int, int] = {}
    for start in range(0, len(uids), 500):
        lines = client.uid("FETCH", b",".join(uids[start : start + 500]).decode(), "(UID RFC822.SIZE INTERNALDATE)")[1]
        for line in lines:
            words = line.replace(b"(", b" ").replace(b")", b" ").split()
            sizes[int(words[words.index(b"UID") + 1])] = int(words[words.index(b"RFC822.SIZE") + 1])
    count = total = 0
    part: list[int] = []
    for uid in [*sizes, 0]:
        if part and (not uid or sum(sizes[one] for one in part) + sizes[uid] > FETCHED_AT_ONCE or len(part) == 500):
            for piece in client.uid("FETCH", ",".join(map(str, part)), "(UID BODY.PEEK[])")[1]:
                if isinstance(piece, tuple):
                    count += 1
                    total += len(piece[1])
            part = []
        part.append(uid)
    client.logout()
    return count, total


def mbsync(server: Dovecot, authority: Authority, tls: bool) -> tuple[int, int]:
    """isync into a fresh Maildir, with FSync on: what it reads it also makes durable."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        secret = folder / "secret"
        secret.write_text(PASSWORD)
        (folder / "rc").write_text(
            f"FSync yes\nIMAPStore far\nHost localhost\nPort {server.tls_port if tls else server.port}\nUser {USER}\n"
            f'PassCmd "cat {secret}"\nSSLType {"IMAPS" if tls else "None"}\nCertificateFile {authority.ca_file}\n'
            f"AuthMechs LOGIN\n\nMaildirStore near\nInbox {folder}/inbox\nPath {folder}/\n\n"
            f"Channel one\nFar :far:\nNear :near:\nCreate Near\nSync Pull New\nSyncState {folder}/state-\n"
        )
        subprocess.run(["mbsync", "-q", "-c", str(folder / "rc"), "one"], check=True)
        sizes = [path.stat().st_size for path in (folder / "inbox/new").iterdir()]
        return len(sizes), sum(sizes)


def main() -> None:
    """Run the readers in turn and print the medians."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("maildir", type=Path)
    args.add_argument("--runs", type=int, default=5)
    args.add_argument("--tls", action="store_true")
    args.add_argument("--largest", type=int, default=10**9, help="leave out letters of more bytes")
    told = args.parse_args()
    readers: dict[str, Reader] = {"adapter": adapter, "imaplib": standard_library}
    if shutil.which("mbsync"):
        readers["mbsync, FSync"] = mbsync
    walls: dict[str, list[float]] = {name: [] for name in readers}
    cpus: dict[str, list[float]] = {name: [] for name in readers}
    found: dict[str, tuple[int, int]] = {}
    with tempfile.TemporaryDirectory() as name:
        authority = Authority(Path(name))
        with dovecot(authority.issue("localhost"), tls_offered="yes" if told.tls else "no") as server:
            paths = sorted((told.maildir / "new").iterdir())
            server.deliver(USER, *(path.read_bytes() for path in paths if path.stat().st_size <= told.largest))
            adapter(server, authority, told.tls)  # Dovecot writes its index
            for run in range(told.runs):
                for reader in list(readers) if run % 2 else list(reversed(readers)):
                    wall, cpu = time.monotonic(), _cpu()
                    found[reader] = readers[reader](server, authority, told.tls)
                    walls[reader].append(time.monotonic() - wall)
                    cpus[reader].append(_cpu() - cpu)
    print("reader          letters      MB   wall s    min    max  letters/s  CPU ms/letter")
    for reader, (count, total) in found.items():
        wall = statistics.median(walls[reader])
        cpu = statistics.median(cpus[reader])
        print(
            f"{reader:14} {count:8} {total / 1e6:7.1f} {wall:8.3f} {min(walls[reader]):6.3f} {max(walls[reader]):6.3f}"
            f" {count / wall:10.0f} {cpu / count * 1000:14.3f}"
        )


def _cpu() -> float:
    """User and system seconds of this process and of the children it has waited for; Dovecot is still running."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


if __name__ == "__main__":
    main()
