"""Handing to the desk what came by another way than mail: bytes first, then the row, as intake does with letters."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from intake.entered import Entered, as_letter
from service.settings import Settings
from store import entered as ways
from store.blobs import Blobs
from store.database import Store
from store.entered import Channel
from store.records import NewLetter

Also = Callable[[Connection, int], None]  # what is written in the letter's own transaction, with its id


class Entering:
    """The ways in of one desk."""

    def __init__(self, settings: Settings, store: Store, blobs: Blobs) -> None:
        self._settings, self._store, self._blobs = settings, store, blobs
        self._zone = ZoneInfo(settings.desk.timezone)

    @property
    def vouching(self) -> str | None:
        """The name under which a proved address counts as proved, where the desk looks for such names at all."""
        return self._settings.mailbox.trusted_authserv_id

    def letter(self, entered: Entered) -> bytes:
        """The letter of what was told now."""
        return as_letter(entered, desk=self._settings.desk.address, now=datetime.now(self._zone))

    def take_in(self, channel: Channel, raw: bytes, *, sender: str | None, also: Also | None = None) -> int:
        """The letter's id, once it is as durable as one that came by mail. The same bytes again are the same letter.

        (1) the bytes, synced; (2) the row and `also`, one commit; (3) bytes that were here already are dropped.
        """
        name = self._blobs.write_all([raw])[0]
        new = NewLetter(
            uid=None,
            blob=name,
            sha256=hashlib.sha256(raw).hexdigest(),
            size=len(raw),
            arrived_ms=None,
            sender=sender.lower() if sender else None,
        )
        with self._store.writing() as conn:
            received = ways.take_in(conn, channel, new)
            if also is not None:
                also(conn, received.letter_id)
        if received.known:
            self._blobs.delete_all([name])
        return received.letter_id


def new_token() -> str:
    """Names one telling, in a Message-ID and in links; 160 random bits, letters and digits only."""
    return secrets.token_hex(20)
