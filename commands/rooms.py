"""Opening the rooms as the settings say: store, blobs, mailbox, sender. Nothing is connected before its first use."""

import getpass
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from classify.desk_topics import topics_of
from intake.filing import folder_below
from intake.mailbox import Mailbox
from intake.mailbox_url import mailbox_from_url
from outbox.send import Sender, sender_from_url
from service.errors import ConfigError
from service.settings import Settings
from service.settings_file import secret
from store.blobs import Blobs, open_blobs
from store.checks import bytes_expected
from store.database import Store
from store.staff import note
from store.upgrade import check_schema
from triage.access import Seen

TOKEN_SECONDS = 30


def open_store(settings: Settings) -> Store:
    """The store; ConfigError when the URL or the password cannot be used."""
    return Store(settings.store.url, password=secret(settings.store.password_file, "store-password"))


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """The store with this program's tables, closed at the end; ConfigError with the remedy when they are others."""
    store = open_store(settings)
    try:
        check_schema(store)
        yield store
    finally:
        store.close()


def who_runs() -> str:
    """The person at the command line, as logs of access name them."""
    return f"ops:{os.environ.get('SUDO_USER') or getpass.getuser()}"


def accessed(store: Store, *, what: Seen, letter_id: int | None, ticket_id: int | None) -> None:
    """Writes into the access log who looked at a citizen's words from the command line."""
    with store.writing() as conn:
        note(
            conn,
            who=who_runs(),
            what=what,
            ticket_id=ticket_id,
            data={} if letter_id is None else {"letter": letter_id},
        )


def backed_up(store: Store) -> None:
    """Writes into the access log that all of it was copied: that is how its age is known (store/overview.py)."""
    with store.writing() as conn:
        note(conn, who=who_runs(), what=Seen.BACKED_UP, ticket_id=None, data={})


def blobs_of(settings: Settings, store: Store | None = None) -> Blobs:
    """The blob store; sealed where a key is set. Who writes names the store, so that an empty mount point is told."""
    keys = secret(settings.store.blobs_key_file, "blobs-key")
    expected = (lambda: False) if store is None else partial(bytes_expected, store)
    return open_blobs(
        settings.store.blobs, credentials=settings.store.blobs_credentials_file, keys=keys, expected=expected
    )


def sealed_blobs_of(settings: Settings) -> Blobs:
    """The blob store as the bytes lie there, for backup and restore."""
    return open_blobs(settings.store.blobs, credentials=settings.store.blobs_credentials_file)


def mailbox_of(settings: Settings) -> Mailbox:
    """The mailbox, not yet opened; ConfigError without a URL."""
    mailbox = settings.mailbox
    if mailbox.url is None:
        raise ConfigError("mailbox.url is not set: say where letters come from, e.g. imaps://user%40host@server/INBOX")
    return mailbox_from_url(
        mailbox.url,
        password=None if mailbox.token_command else _password(mailbox.password_file, "imap-password"),
        token=_token(mailbox.token_command) if mailbox.token_command else None,
        ca_file=mailbox.ca_file,
    )


def folder_of(settings: Settings) -> Callable[[str], str]:
    """Where settled letters of a topic are filed."""
    topics = topics_of(settings.classify)
    return lambda topic: folder_below(settings.mailbox.processed, topics.title(topic))


def topic_folders(settings: Settings) -> tuple[str, ...]:
    """The folders of all topics; none when letters are not filed."""
    if not settings.mailbox.by_topic:
        return ()
    return tuple(dict.fromkeys(map(folder_of(settings), topics_of(settings.classify).ids)))


def sender_of(settings: Settings) -> Sender:
    """How replies leave."""
    smtp = settings.smtp
    return sender_from_url(
        smtp.url,
        login=smtp.login,
        password=lambda: secret(smtp.password_file, "smtp-password"),
        ca_file=smtp.ca_file,
    )


def since_ms(settings: Settings) -> int | None:
    """[mailbox] since as milliseconds; a bare date or time is the desk's own."""
    since = settings.mailbox.since
    if since is None:
        return None
    zone = ZoneInfo(settings.desk.timezone)
    if isinstance(since, datetime):
        moment = since if since.tzinfo else since.replace(tzinfo=zone)
    else:
        moment = _midnight(since, zone)
    return int(moment.timestamp() * 1000)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _password(file: Path | None, credential: str) -> Callable[[], str]:
    def ask() -> str:
        found = secret(file, credential)
        if found is None:
            raise ConfigError(f"no mailbox password: set mailbox.password_file, or LoadCredential={credential}:…")
        return found

    return ask


def _token(command: str) -> Callable[[], str]:
    def ask() -> str:
        done = subprocess.run(  # noqa: S602  # the operator's own command line, from the settings file
            command, shell=True, capture_output=True, text=True, timeout=TOKEN_SECONDS, check=False
        )
        if done.returncode != 0 or not done.stdout.strip():
            raise ConfigError(f"mailbox.token_command gave no token (exit status {done.returncode}); run it by hand")
        return done.stdout.strip()

    return ask
