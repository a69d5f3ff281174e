"""An IMAP folder as a mailbox. This file and its imap_* neighbours are the only ones that speak IMAP.

One connection, one task. After any fault the connection is thrown away and `open` makes a new one: a client that
goes on after an error cannot know what the next bytes belong to.
"""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from intake.imap_faults import explained, no_folder
from intake.imap_landing import landed, together
from intake.imap_login import Account, logged_in
from intake.imap_protocol import Answer, HardenedProtocol, Refused
from intake.imap_words import (
    Malformed,
    Token,
    body_of,
    fetch_facts,
    internal_date,
    number_of,
    number_sets,
    response_code,
    server_name,
    tokens,
)
from intake.mailbox import HEADERS_MOST, Fetched, Landed, Waiting
from service.errors import Permanent, Temporary
from service.fault_points import Step, pass_by

LISTED_AT_ONCE = 500  # letters named in one command
FETCHED_AT_ONCE = 8 * 1024 * 1024  # bytes of letters in one answer; it is held in memory whole
SENDER_MOST = 1000  # bytes of a From line that are ever read
SIZE_MARGIN = 16 * 1024 * 1024  # bytes that a letter may exceed twice its announced size; servers estimate
IDLE_SLICE = 35.0  # seconds; RFC 2177 would bear 29 minutes, but a connection that was dropped silently on the way
#                    is only noticed at the end of a slice, and a letter must not wait a minute for it
FAREWELL = 3.0  # seconds for LOGOUT
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MESSAGES = re.compile(rb"\(MESSAGES (\d{1,12})\)", re.IGNORECASE)


class ImapMailbox:
    """The mailbox of intake/mailbox.py over IMAP4rev1; uses MOVE, UIDPLUS, IDLE and NAMESPACE where they are."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._wire: HardenedProtocol | None = None
        self._abilities: frozenset[str] = frozenset()
        self._prefix, self._delimiter = "", "/"
        self._highest = 0  # the UID of the newest letter that was listed
        self._known: dict[int, Waiting] = {}  # a UID's size and date never change (RFC 3501 §2.3.1.1)

    @property
    def identity(self) -> str:
        """See Mailbox."""
        return self._account.identity

    @property
    def abilities(self) -> frozenset[str]:
        """See Mailbox."""
        return self._abilities

    @property
    def certificate_ends(self) -> datetime | None:
        """Until when the server's certificate holds; null without TLS or before `open`."""
        told = self._wire.transport.get_extra_info("peercert") if self._wire is not None else None
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(told["notAfter"]), UTC) if told else None

    async def count(self, folder: str) -> int | None:
        """How many letters lie in another folder; null when there is no such folder."""
        with self._guarded(f"count the letters of {folder!r}") as wire:
            try:
                answer = await wire.demand("STATUS", self._server_name(folder), "(MESSAGES)")
            except Refused:
                return None
            said = b" ".join(piece for pieces in answer.responses for piece in pieces)
            found = MESSAGES.search(said)
            return int(found[1]) if found else None

    # --- open and close

    async def open(self) -> int:
        """See Mailbox."""
        await self.close()
        with self._guarded("log in"):
            wire = self._wire = await logged_in(self._account)
            self._abilities = frozenset(wire.capabilities)
            await self._learn_namespace(wire)
            return await self._select(wire)

    async def close(self) -> None:
        """See Mailbox."""
        wire = self._drop()
        if wire is None:
            return
        with contextlib.suppress(Exception):  # whatever it is, we are leaving
            async with asyncio.timeout(FAREWELL):
                await wire.demand("LOGOUT")
        wire.abort()
        await asyncio.wait((wire.lost,), timeout=1)

    async def _learn_namespace(self, wire: HardenedProtocol) -> None:
        """The prefix and delimiter of our own folders (RFC 2342)."""
        if "NAMESPACE" not in wire.capabilities:
            return
        for pieces in (await wire.demand("NAMESPACE")).responses:
            if pieces[0].upper().startswith(b"NAMESPACE "):
                self._prefix, self._delimiter = _personal(tokens((pieces[0][10:], *pieces[1:])))

    async def _select(self, wire: HardenedProtocol) -> int:
        folder = self._account.folder
        try:
            answer = await wire.demand("SELECT", self._server_name(folder))
        except Refused as fault:
            raise no_folder(fault, place=self._account.place, folder=folder) from fault
        wire.news.clear()
        for pieces in answer.responses:
            words = pieces[0].upper().split()
            if words[:2] == [b"OK", b"[UIDVALIDITY"] and len(words) > 2:
                return int(words[2].rstrip(b"]"))
        raise Permanent(
            f"{self._account.place}: the folder {folder!r} has no UIDVALIDITY: its letters cannot be told apart"
        )

    def _server_name(self, folder: str) -> str:
        return server_name(folder, prefix=self._prefix, delimiter=self._delimiter)

    # --- reading

    async def waiting(self, since: date | None = None) -> list[Waiting]:
        """See Mailbox. Sizes and dates are asked for once per connection."""
        with self._guarded("list the letters") as wire:
            wire.news.clear()
            wanted = [] if since is None else ["SINCE", f"{since.day}-{MONTHS[since.month - 1]}-{since.year}"]
            uids = await self._search(wire, *wanted)
            await self._describe(wire, uids)
            self._known = {uid: self._known[uid] for uid in uids if uid in self._known}
            self._highest = max(uids, default=0)
            return list(self._known.values())

    async def newer(self) -> list[Waiting]:
        """See Mailbox."""
        with self._guarded("list new letters") as wire:
            # "n:*" names the last letter whatever its UID (RFC 3501 §6.4.8)
            found = await self._search(wire, "UID", f"{self._highest + 1}:*")
            uids = [uid for uid in found if uid > self._highest]
            await self._describe(wire, uids)
            self._highest = max(uids, default=self._highest)
            return [self._known[uid] for uid in uids if uid in self._known]

    async def senders(self, uids: Sequence[int]) -> Mapping[int, bytes]:
        """See Mailbox."""
        part = f"(UID BODY.PEEK[HEADER.FIELDS (FROM)]<0.{SENDER_MOST}>)"
        found: dict[int, bytes] = {}
        with self._guarded("read who sent the letters") as wire:
            for numbers in number_sets(uids, most=LISTED_AT_ONCE):
                most = LISTED_AT_ONCE * SENDER_MOST
                answer = await wire.demand("FETCH", numbers, part, by_uid=True, size=most)
                found.update(_bodies(answer, b"HEADER.FIELDS (FROM)"))
        return found

    async def _search(self, wire: HardenedProtocol, *wanted: str) -> list[int]:
        # Without UIDPLUS what we have moved stays here, flagged \Deleted (rulings 6).
        return _searched(await wire.demand("SEARCH", "ALL" if self._expunges else "UNDELETED", *wanted, by_uid=True))

    async def _describe(self, wire: HardenedProtocol, uids: Sequence[int]) -> None:
        for numbers in number_sets((uid for uid in uids if uid not in self._known), most=LISTED_AT_ONCE):
            answer = await wire.demand("FETCH", numbers, "(UID RFC822.SIZE INTERNALDATE)", by_uid=True)
            self._known.update((letter.uid, letter) for letter in map(_described, answer.responses) if letter)

    async def fetch(self, batch: Sequence[Waiting]) -> AsyncIterator[Fetched]:
        """See Mailbox. One FETCH for at most LISTED_AT_ONCE letters of FETCHED_AT_ONCE bytes together."""
        for part in by_bytes(batch):
            for letter in await self._fetched(part):
                yield letter

    async def _fetched(self, part: Sequence[Waiting]) -> list[Fetched]:
        arrived = {letter.uid: letter.arrived for letter in part}
        size = sum(letter.size for letter in part)
        (numbers,) = number_sets(arrived, most=LISTED_AT_ONCE)
        with self._guarded("read letters") as wire:
            answer = await wire.demand(
                "FETCH", numbers, "(UID BODY.PEEK[])", by_uid=True, most=2 * size + SIZE_MARGIN, size=size
            )
            letters: list[Fetched] = []
            for uid, raw in _bodies(answer, b""):
                if uid in arrived:
                    letters.append(Fetched(uid=uid, raw=raw, arrived=arrived.pop(uid)))
            return letters

    async def fetch_headers(self, uid: int) -> bytes:
        """See Mailbox."""
        part = f"(UID BODY.PEEK[HEADER]<0.{HEADERS_MOST}>)"
        with self._guarded("read a letter's headers") as wire:
            answer = await wire.demand("FETCH", str(uid), part, by_uid=True, size=HEADERS_MOST)
            return next((raw for found, raw in _bodies(answer, b"HEADER") if found == uid), b"")[:HEADERS_MOST]

    # --- moving

    @property
    def _expunges(self) -> bool:
        return not self._abilities.isdisjoint({"MOVE", "UIDPLUS"})

    async def move(self, uids: Sequence[int], folder: str) -> Landed | None:
        """See Mailbox. MOVE (RFC 6851), else COPY, \\Deleted and UID EXPUNGE (RFC 4315), else copied and flagged."""
        told: list[Landed | None] = []
        with self._guarded(f"move letters to {folder!r}") as wire:
            for numbers in number_sets(uids, most=LISTED_AT_ONCE):
                if "MOVE" in self._abilities:
                    told.append(await self._into(wire, "MOVE", numbers, folder))
                    continue
                told.append(await self._into(wire, "COPY", numbers, folder))
                pass_by(Step.INTAKE_COPIED)
                await wire.demand("STORE", numbers, "+FLAGS.SILENT", "(\\Deleted)", by_uid=True)
                pass_by(Step.INTAKE_FLAGGED)
                if "UIDPLUS" in self._abilities:
                    await wire.demand("EXPUNGE", numbers, by_uid=True)
            for uid in uids:
                self._known.pop(uid, None)
        return together(told)

    async def _into(self, wire: HardenedProtocol, name: str, numbers: str, folder: str) -> Landed | None:
        """MOVE or COPY; a folder that is missing is made, and shown to those who read it by hand."""
        target = self._server_name(folder)
        try:
            return landed(await wire.demand(name, numbers, target, by_uid=True))
        except Refused as fault:
            # RFC 3501 §6.4.7 promises TRYCREATE; some servers say NONEXISTENT (RFC 5530), some nothing.
            if response_code(fault.text) not in {"TRYCREATE", "NONEXISTENT", ""}:
                raise
            with contextlib.suppress(Refused):  # it is there: then the second try tells the true reason
                await wire.demand("CREATE", target)
                await wire.demand("SUBSCRIBE", target)
            return landed(await wire.demand(name, numbers, target, by_uid=True))

    async def sibling(self, folder: str) -> "ImapMailbox | None":
        """See Mailbox."""
        if await self.count(folder) is None:
            return None
        return ImapMailbox(replace(self._account, folder=folder))

    async def delete(self, uids: Sequence[int]) -> bool:
        """See Mailbox."""
        with self._guarded("delete letters") as wire:
            for numbers in number_sets(uids, most=LISTED_AT_ONCE):
                await wire.demand("STORE", numbers, "+FLAGS.SILENT", "(\\Deleted)", by_uid=True)
                if "UIDPLUS" in self._abilities:
                    await wire.demand("EXPUNGE", numbers, by_uid=True)
            return "UIDPLUS" in self._abilities

    # --- waiting

    async def wait(self, seconds: float) -> bool:
        """See Mailbox. Each slice ends with an answer from the server, so a dead connection is noticed."""
        with self._guarded("wait for letters") as wire:
            ends = wire.loop.time() + seconds
            while (left := ends - wire.loop.time()) > 0 and not wire.news.is_set():
                slice_seconds = min(left, IDLE_SLICE)
                if "IDLE" in self._abilities:
                    async with wire.idle_turn():
                        await wire.rest(slice_seconds)
                else:
                    await wire.rest(slice_seconds)
                    await wire.demand("NOOP")
            return wire.news.is_set()

    # --- faults

    @contextlib.contextmanager
    def _guarded(self, doing: str) -> Iterator[HardenedProtocol]:
        """Any fault inside drops the connection and comes out as Temporary or Permanent, in plain words."""
        place = self._account.place
        wire = self._wire
        if wire is None and doing != "log in":
            raise Temporary(f"{place}: could not {doing}: not connected")
        try:
            yield wire  # type: ignore[misc]  # null only in `open`, which makes its own
        except Exception as fault:
            self._abort()
            raise explained(fault, place=place, doing=doing) from fault

    def _abort(self) -> None:
        wire = self._drop()
        if wire is not None:
            wire.abort()

    def _drop(self) -> HardenedProtocol | None:
        wire, self._wire = self._wire, None
        self._known = {}
        return wire


def by_bytes(batch: Sequence[Waiting]) -> Iterator[list[Waiting]]:
    """The batch in parts of at most FETCHED_AT_ONCE bytes and LISTED_AT_ONCE letters; a larger letter alone."""
    part: list[Waiting] = []
    size = 0
    for letter in batch:
        if part and (size + letter.size > FETCHED_AT_ONCE or len(part) == LISTED_AT_ONCE):
            yield part
            part, size = [], 0
        part.append(letter)
        size += letter.size
    if part:
        yield part


def _searched(answer: Answer) -> list[int]:
    """The UIDs of all SEARCH responses, ascending."""
    uids: set[int] = set()
    for pieces in answer.responses:
        words = pieces[0].split()
        if words and words[0].upper() == b"SEARCH":
            uids.update(int(word) for word in words[1:] if word.isdigit())
    return sorted(uids)


def _described(pieces: Sequence[bytes]) -> Waiting | None:
    """One FETCH response as a waiting letter; null for another response, or one that was not asked for."""
    facts = fetch_facts(pieces)
    if facts is None:
        return None
    uid, size = number_of(facts, b"UID"), number_of(facts, b"RFC822.SIZE")
    arrived = internal_date(facts.get(b"INTERNALDATE"))
    if uid is None or size is None or arrived is None:
        return None
    return Waiting(uid=uid, size=size, arrived=arrived)


def _bodies(answer: Answer, section: bytes) -> Iterator[tuple[int, bytes]]:
    """UID and bytes of each FETCH response that brings the section; unsolicited ones bring only flags."""
    for pieces in answer.responses:
        facts = fetch_facts(pieces)
        if facts is None:
            continue
        uid, raw = number_of(facts, b"UID"), body_of(facts, section)
        if uid is not None and raw is not None:
            yield uid, raw


def _personal(namespaces: list[Token]) -> tuple[str, str]:
    """Prefix and delimiter of the first personal namespace; ("", "/") when there is none."""
    personal = namespaces[0] if namespaces else None
    first = personal[0] if isinstance(personal, list) and personal else None
    if not isinstance(first, list) or len(first) < 2:
        return "", "/"
    prefix, delimiter = first[:2]
    if not isinstance(prefix, bytes):
        raise Malformed("NAMESPACE without a prefix")
    return prefix.decode("ascii"), delimiter.decode("ascii") if isinstance(delimiter, bytes) else ""
