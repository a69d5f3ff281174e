"""What the desk stands on, on this machine: files and their rights, disk, clock, store, blobs."""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import time
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

from commands.finding import Finding, fail, fine, warn
from commands.rooms import blobs_of, mailbox_of, open_store, since_ms
from commands.secret_files import secret_files
from commands.telling import moment
from service.settings import Settings
from store.checks import damages
from store.database import now
from store.overview import STALE_POLLS, Overview, overview
from store.upgrade import check_schema, revision

TIGHT, FULL = 2_000_000_000, 200_000_000  # free bytes under which we warn, under which the desk may stop any moment
SERVICES = ("priemnaya", "priemnaya-web")  # users of the units
CLOCKS_APART_MS = 5_000  # rulings 10


def secrets(settings: Settings) -> Iterator[Finding]:
    """Every file with a secret is there, and ours alone; the keys of an S3 store may be our group's."""
    named = secret_files(settings)
    for one in named.values():
        one.look()  # ConfigError names the file and the remedy
    shared = settings.store.blobs_credentials_file
    if shared is not None and shared.stat().st_mode & stat.S_IRWXO:
        yield warn("secrets", f"{shared}: every user of this machine may read it", f"chmod o-rwx {shared}")
    found = [key for key, one in named.items() if one.path is not None]
    yield fine("secrets", f"{len(found)} files, closed to others" if found else "from the credentials folder, or none")


def rights(settings: Settings) -> Iterator[Finding]:
    """Nobody else may read what citizens wrote, or write the texts that go out in the desk's name."""
    if os.geteuid() == 0 and "CREDENTIALS_DIRECTORY" not in os.environ:  # the package's own command is for root
        yield warn("rights", "running as root", "run it as the service's user: sudo -u priemnaya priemnaya doctor …")
    for path in _kept(settings):
        mode = path.stat().st_mode
        if mode & stat.S_IRWXO:
            yield warn("rights", f"{path} is open to every user of this machine", f"chmod o-rwx {path}")
    templates, (users, groups) = settings.replies.templates, _service(settings)
    for path in [templates, *sorted(templates.iterdir())] if templates is not None else []:
        if writable(path.stat(), users=users, groups=groups):
            remedy = f"chown -R root:root {templates} && chmod -R go-w {templates}"
            yield warn("rights", f"{path} can be written by the service itself", remedy)
            break
    yield fine("rights", "looked at")


def writable(found: os.stat_result, *, users: Collection[int], groups: Collection[int]) -> bool:
    """Whether one of these could change what lies there, now or after a chmod of its own (rulings 34)."""
    by_group = bool(found.st_mode & stat.S_IWGRP) and found.st_gid in groups
    return found.st_uid in users or by_group or bool(found.st_mode & stat.S_IWOTH)


def disk(settings: Settings) -> Iterator[Finding]:
    """There is room for letters."""
    for path in _kept(settings):
        free = shutil.disk_usage(path).free
        said = f"{free / 1e9:.1f} GB free at {path}"
        if free < FULL:
            yield fail("disk", said, "free some space: letters stay on the server meanwhile and nothing is lost")
        elif free < TIGHT:
            yield warn("disk", said, "free some space, or shorten [retention]")
        else:
            yield fine("disk", said)


def clock(settings: Settings) -> Iterator[Finding]:
    """This machine's clock is right, and agrees with the store's."""
    store = open_store(settings)
    try:
        with store.reading() as conn:
            apart = abs(now(conn) - time.time() * 1000)
    finally:
        store.close()
    if apart > CLOCKS_APART_MS:
        yield fail("clock", f"{apart / 1000:.0f} s apart from the store's", "start a time service on both machines")
    synced = _synchronised()
    if synced is False:
        yield warn("clock", "not synchronised", "start systemd-timesyncd or chrony: terms are counted by it")
    else:
        yield fine("clock", "synchronised" if synced else "agrees with the store's; no time service known here")


def store(settings: Settings) -> Iterator[Finding]:
    """The store answers, has our tables, and is whole."""
    opened = open_store(settings)
    try:
        check_schema(opened)
        broken = damages(opened)
        with opened.reading() as conn:
            stands = overview(conn)
        yield (
            fail("store", f"damaged: {broken[0]}", "stop the daemon and restore the last backup")
            if broken
            else fine("store", f"{opened.dialect}, revision {revision(opened)}, whole")
        )
    finally:
        opened.close()
    yield from _standing(stands, settings)


def blobs(settings: Settings) -> Iterator[Finding]:
    """Bytes can be written, read back and deleted."""
    with closing(open_store(settings)) as store:
        kept = blobs_of(settings, store)
        probe = hashlib.sha256(str(time.time()).encode()).digest()
        (name,) = kept.write_all([probe])
    try:
        right = kept.read(name) == probe
    finally:
        kept.delete_all([name])
    yield (
        fine("blobs", "written, read back, deleted")
        if right
        else fail("blobs", "what is read is not what was written", "look at the disk, or at the S3 service")
    )


def _standing(stands: Overview, settings: Settings) -> Iterator[Finding]:
    """What stands still and waits for a person."""
    if stands.parked:
        yield warn("letters", f"{stands.parked} set aside", "priemnaya parked list")
    if stands.held:
        yield warn("replies", f"{stands.held} held back", "priemnaya queue list --state held, then queue release")
    if stands.failed:
        yield warn("replies", f"{stands.failed} given up within a week", "priemnaya queue list --state failed")
    if stands.put_off:
        yield warn("replies", f"{stands.put_off} not taken by the mail server yet", "priemnaya queue list")
    yield from _forwarding(stands, settings)
    if not stands.mailboxes:
        yield warn("fetching", "no mailbox was ever looked at", "start the daemon: priemnaya run")
    for one in stands.mailboxes:
        stale = one.polled_ms_ago is None or one.polled_ms_ago > STALE_POLLS * settings.mailbox.poll_seconds * 1000
        ago = "never" if one.polled_ms_ago is None else f"{one.polled_ms_ago / 1000:.0f} s ago"
        said = f"{one.identity}: last looked through {ago}" + (f"; {one.last_error}" if one.last_error else "")
        if not one.held or stale:
            yield fail(
                "fetching", said, "is the daemon running? journalctl -u priemnaya" if not one.held else "see there"
            )
        else:
            yield fine("fetching", said)
    yield from _since(stands, settings)


def _since(stands: Overview, settings: Settings) -> Iterator[Finding]:
    """[mailbox] since was changed after the first start, and nothing came of it."""
    wanted = since_ms(settings)
    if wanted is None or settings.mailbox.url is None:
        return
    mine = mailbox_of(settings).identity
    for one in stands.mailboxes:
        if one.identity == mine and one.since_ms != wanted:
            said = f"[mailbox] since says {moment(wanted, settings)}, in force is {moment(one.since_ms, settings)}"
            remedy = (
                "it was read at the first start alone: write that there, or take older letters once by run --take-old"
            )
            yield warn("fetching", said, remedy)


def _forwarding(stands: Overview, settings: Settings) -> Iterator[Finding]:
    """Systems elsewhere that are not told what they should be."""
    named = {one.name for one in settings.forward}
    for one in stands.forwards:
        if one.name not in named:
            remedy = f"priemnaya forward forget {one.name}, or name it in [[forward]] again"
            yield warn("forward", f"{one.name} is in no [[forward]] any more", remedy)
            continue
        if one.failing_ms is not None:
            yield fail("forward", f"{one.name}: for {one.failing_ms // 60_000} min: {one.last_error}", "see there")
        if one.aside:
            yield warn("forward", f"{one.name}: {one.aside} events set aside", "priemnaya forward list")


def _service(settings: Settings) -> tuple[set[int], set[int]]:
    """Users and groups of the service: our own, and for root those of the package and whoever owns the letters."""
    if os.geteuid() != 0:
        return {os.geteuid()}, {os.getegid(), *os.getgroups()}
    ours = [one for one in pwd.getpwall() if one.pw_name in SERVICES]
    kept = [path.stat() for path in _kept(settings)]
    users = {one.pw_uid for one in ours} | {one.st_uid for one in kept}
    return users - {0}, ({one.pw_gid for one in ours} | {one.st_gid for one in kept}) - {0}


def _kept(settings: Settings) -> list[Path]:
    """The folders of this machine that hold letters."""
    found = [Path(settings.store.url.removeprefix("sqlite:///")).parent] if "sqlite" in settings.store.url else []
    blobs = urlsplit(settings.store.blobs)
    folder = Path(unquote(blobs.path))
    return [*found, *([folder] if blobs.scheme == "file" and folder.exists() else [])]


def _synchronised() -> bool | None:
    """Whether systemd says that the clock is synchronised; null when there is no systemd to ask."""
    try:
        asked = ["/usr/bin/timedatectl", "show", "--property=NTPSynchronized", "--value"]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() == "yes" if done.returncode == 0 else None


LOOKS = {"secrets": secrets, "rights": rights, "disk": disk, "clock": clock, "store": store, "blobs": blobs}
