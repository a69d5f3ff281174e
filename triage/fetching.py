"""What the page says when mail is not being fetched: letters that did not come are what no queue shows."""

from collections.abc import Callable

from service.settings import Settings
from store.listing import Fetching
from store.overview import STALE_POLLS
from triage.moments import Moments

WAITING = "Новые письма ждут на сервере и не пропадут. Скажите дежурному администратору."


def told_by(settings: Settings, moments: Moments) -> Callable[[Fetching], str]:
    """How the page says it, by this desk's poll and in its zone; nothing while mail comes."""
    late_ms = STALE_POLLS * settings.mailbox.poll_seconds * 1000

    def unfetched(now: Fetching) -> str:
        if not now.mailboxes or (now.polled_ms is not None and now.now_ms - now.polled_ms <= late_ms):
            return ""
        since = f"с {moments.when(now.polled_ms)}" if now.polled_ms is not None else "ещё ни разу с установки"
        return f"Почта не забирается {since}. {WAITING}"

    return unfetched
