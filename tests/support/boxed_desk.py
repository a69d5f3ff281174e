"""A whole desk under an injected clock: letters in as bytes, letters out as bytes, no waiting and no network.

Reading is the real one; everything happens in this process, one letter after the other.
"""

import email
import email.policy
import hashlib
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import text
from store_rows import VALIDITY, Clock

from outbox.answer import Answers
from outbox.by_the_clock import ByTheClock
from outbox.record import Recorder
from pipeline import judge, rules_of
from service.daemon import Progress
from service.settings import Settings
from service.settings_file import parse
from store import rows
from store.database import Store
from store.records import NewLetter
from store.upgrade import migrate
from tickets.verdict import Judged

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
START = 1_772_442_000_000  # Monday, 2 March 2026, 12:00 in Moscow


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A letter of ours that left."""

    to: str
    kind: str
    raw: bytes
    envelope_from: str
    at_ms: int

    @property
    def message(self) -> EmailMessage:
        """As a mail program reads it."""
        return email.message_from_bytes(self.raw, _class=EmailMessage, policy=email.policy.default)

    @property
    def text(self) -> str:
        """What the citizen reads."""
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    @property
    def number(self) -> str:
        """The ticket's."""
        return str(self.message["Subject"]).partition("№ ")[2].partition("]")[0]


@cache
def _rules(text_of_settings: str) -> Any:
    return rules_of(parse(text_of_settings, where="test"))


class BoxedDesk:
    """One desk; `tell` is its settings file, `url` its store's if that has its tables already."""

    def __init__(self, folder: Path, tell: str = "", *, start_ms: int = START, url: str | None = None) -> None:
        self.clock = Clock()
        self.clock.ms = start_ms
        self._tell = tell
        self.settings: Settings = parse(tell, where="test")
        self.store = Store(url or f"sqlite:///{folder}/desk.db", clock=self.clock)
        if url is None:
            migrate(self.store)
        self.answers = Answers(self.settings)
        self._recorder = Recorder(self.settings, self.answers)
        self._timed = ByTheClock(
            self.store, self.settings, answers=self.answers, queued=lambda: None, progress=Progress()
        )
        self.sent: list[Sent] = []
        self._uid = 0
        with self.store.writing() as conn:
            hold = rows.hold(conn, "test", holder="test", lease_ms=60_000, since_ms=0)
        assert hold is not None
        self._hold = hold

    def judge(self, raw: bytes) -> Judged:
        """As a worker does."""
        return judge(raw, _rules(self._tell))

    def take(self, raw: bytes, *, too_large: bool = False) -> str:
        """A letter arrives and is settled; what became of it, for the log."""
        self._uid += 1
        new = NewLetter(
            uid=self._uid, blob=f"b/{self._uid}", sha256=hashlib.sha256(raw).hexdigest(), size=len(raw),
            arrived_ms=self.clock.ms, sender=None, too_large=too_large,
        )  # fmt: skip
        judged = self.judge(raw)
        with self.store.writing() as conn:
            (received,) = rows.receive(conn, self._hold.mailbox_id, VALIDITY, [new])
            if received.known:
                return "known"
            (claim,) = rows.claim_letters(conn, lease_ms=1000, most=1)
            return self._recorder.record(conn, claim, judged)

    def pass_time(self, ms: int, *, mail_server_away: bool = False) -> None:
        """The clock goes on, and what is due by then is done; the caller chooses steps that are small enough."""
        self.clock.ms += ms
        if not mail_server_away:
            with self.store.writing() as conn:
                rows.note_poll(conn, self._hold, uidvalidity=VALIDITY, older=None)
        while self._timed.turn():
            pass

    def post(self) -> list[Sent]:
        """Everything that is due leaves; what left now."""
        left: list[Sent] = []
        while True:
            with self.store.writing() as conn:
                claim = rows.claim_reply(conn, lease_ms=1000)
                if claim is None:
                    break
                if claim.overtaken:
                    rows.drop_overtaken(conn, claim)
                    continue
                rows.sent(conn, claim)
            left.append(
                Sent(
                    to=claim.recipient, kind=claim.kind, raw=claim.raw, envelope_from=claim.envelope_from,
                    at_ms=self.clock.ms,
                )
            )  # fmt: skip
        self.sent += left
        return left

    def one(self, query: str, **values: Any) -> Any:
        """One value of the store."""
        with self.store.reading() as conn:
            return conn.execute(text(query), values).scalar()

    def column(self, query: str, **values: Any) -> list[Any]:
        """The first column of all rows."""
        with self.store.reading() as conn:
            return list(conn.execute(text(query), values).scalars())

    def history(self, number: str) -> list[str]:
        """What the ticket's history says, oldest first."""
        return self.column(
            "SELECT what FROM history JOIN tickets ON tickets.id = ticket_id WHERE number = :number ORDER BY history.id",
            number=number,
        )

    def close(self) -> None:
        """Lets the store go."""
        self.answers.close()
        self.store.close()
