"""What nobody does by day: backups, the end of what is over its time, copies that a migration left behind."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from commands.finding import Finding, fine, warn
from commands.purge import DAY_MS, counted, days
from commands.rooms import open_store
from service.settings import Settings
from store.database import now
from store.entered import SUBMISSION_DAYS
from store.erasing import Erased
from store.overview import overview

BACKUP_DAYS = 7  # who backs up by other means, or weekly, is not told each day
LATE_DAYS = 3  # nights that a purge may have missed
COPY_DAYS = 30  # when [retention] backups_days says nothing


def backup(settings: Settings) -> Iterator[Finding]:
    """The desk is backed up."""
    with closing(open_store(settings)) as store, store.reading() as conn:
        ago = overview(conn).backup_ms_ago
    remedy = "systemctl enable --now priemnaya-backup.timer, with a disk at /var/backups/priemnaya"
    if ago is None:
        yield warn("backup", "none was ever taken by priemnaya backup", f"{remedy}; or be sure of your other means")
    elif ago > BACKUP_DAYS * DAY_MS:
        yield warn("backup", f"the last one is {ago // DAY_MS} days old", "systemctl status priemnaya-backup")
    else:
        yield fine("backup", f"the last one is {ago / 3_600_000:.0f} h old")


def erasing(settings: Settings) -> Iterator[Finding]:
    """What is over its time goes in time; words in copies beside the store too."""
    ages = {kind: number + LATE_DAYS for kind, number in days(settings).items()}
    with closing(open_store(settings)) as store:
        with store.reading() as conn:
            moment = now(conn)
        late = {kind: count for kind, count in counted(store, ages, moment) if count}
    for kind, count in late.items():
        term = f"{SUBMISSION_DAYS} days" if kind is Erased.FORM else f"[retention] {kind}"
        said = f"{count} of the class {kind} over their time ({term}) for {LATE_DAYS} days"
        yield warn("retention", said, "systemctl enable --now priemnaya-purge.timer, or priemnaya purge")
    yield from _copies(settings)
    if not late:
        yield fine("retention", "nothing is over its time")


def _copies(settings: Settings) -> Iterator[Finding]:
    """A migration leaves the old tables beside the store, with all the words that they had."""
    if not settings.store.url.startswith("sqlite"):
        return
    place = Path(settings.store.url.removeprefix("sqlite:///"))
    last = time.time() - (settings.retention.backups_days or COPY_DAYS) * DAY_MS / 1000
    for copy in sorted(place.parent.glob(f"{place.name}.before-*")):
        if copy.stat().st_mtime < last:
            yield warn("retention", f"{copy} has the words of before a migration", f"rm {copy}, once all is well")


LOOKS = {"backup": backup, "retention": erasing}
