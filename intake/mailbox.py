"""What intake asks of a mailbox, the same for IMAP and for a Maildir.

A mailbox is used by one task at a time. After any error it is closed by itself; `open` begins anew.
Errors: `Temporary` may pass by itself; `Permanent` needs a person (wrong password, certificate, folder),
and the daemon goes on trying, slowly, with an alarm (rulings 29).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

HEADERS_MOST = 256 * 1024  # bytes of a too large letter's header block that are ever read


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A letter that lies in the folder, as the server describes it."""

    uid: int  # not given to another letter under the same UIDVALIDITY, but by a server put back from its backup
    size: int  # bytes, as the server counts; servers are known to be wrong by a few per cent
    arrived: datetime  # aware: IMAP INTERNALDATE, or the Maildir file's time


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A letter's bytes, exactly as the mailbox keeps them."""

    uid: int
    raw: bytes
    arrived: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """Under which UIDs moved letters lie in the other folder (RFC 4315 §3)."""

    validity: int  # its UIDVALIDITY
    uids: Mapping[int, int]  # by the UID each had before


class Mailbox(Protocol):
    """One folder of one account."""

    @property
    def identity(self) -> str:
        """Host, login and folder, normalised; no password (rulings 7). The same for the life of the mailbox."""

    @property
    def abilities(self) -> frozenset[str]:
        """What the server says it can do, in its own words, upper case; empty before `open`."""

    async def open(self) -> int:
        """Connect, log in, select the folder; its UIDVALIDITY. An open mailbox is closed first."""

    async def waiting(self, since: date | None = None) -> list[Waiting]:
        """All letters in the folder, seen or unseen, in the order of arrival there; those that arrived on that day or
        later, when one is given.
        """

    async def newer(self) -> list[Waiting]:
        """Letters that came since these or all were last listed, in order of arrival; asked for during a long look.

        What is told here does not count as seen by `wait`.
        """

    async def senders(self, uids: Sequence[int]) -> Mapping[int, bytes]:
        """The From line of each letter, and perhaps other lines of its head; a letter that is gone has none."""

    def fetch(self, batch: Sequence[Waiting]) -> AsyncIterator[Fetched]:
        """The whole letters, in any order; one that is gone meanwhile does not come."""

    async def fetch_headers(self, uid: int) -> bytes:
        """The header block with its empty line, at most HEADERS_MOST bytes; empty when the letter is gone."""

    async def move(self, uids: Sequence[int], folder: str) -> Landed | None:
        """Move letters into another folder of the account, which is made when missing; unknown UIDs are passed over.
        Returns where they landed, when the server tells.
        """

    async def sibling(self, folder: str) -> "Mailbox | None":
        """Another folder of the same account, not yet opened; null when there is none. Of an open mailbox."""

    async def delete(self, uids: Sequence[int]) -> bool:
        """Delete letters for good; False when the server can only flag them as deleted (no UIDPLUS, rulings 6)."""

    async def wait(self, seconds: float) -> bool:
        """Return True as soon as something may have arrived, False after `seconds`; may be cancelled without harm."""

    async def close(self) -> None:
        """Take leave; never raises, never takes more than a few seconds."""
