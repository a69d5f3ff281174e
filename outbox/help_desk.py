"""A help desk elsewhere as a target: a ticket there for each of ours, and a note there for what happens to it here.

What a try that may have got through has done is looked for before it is done again: the ticket by our number in its
title, a note by the mark in its last line. So is the ticket that an event finds without one: its opening was set
aside, or it is older than the settings. They hold our number for everybody to see; our table only saves the asking.
"""

from dataclasses import dataclass
from typing import Protocol

from classify.topics import Topics
from outbox.notes import Note, note_of, opening_text
from outbox.target import Telling
from store.forwarding import Elsewhere
from store.records import Ticket
from tickets.ticket import Event

TITLE_MOST = 200  # characters of the citizen's subject; both have room for 250 and more


@dataclass(frozen=True, slots=True, kw_only=True)
class NewThere:
    """A ticket to be made there."""

    title: str  # with our number: by it it is found again
    text: str
    customer: str  # address
    closed: bool


class Api(Protocol):
    """One kind of help desk. Every method raises as outbox/target.py says."""

    async def find(self, number: str) -> Elsewhere | None:
        """The ticket that has our number in its title."""

    async def make(self, new: NewThere) -> Elsewhere:
        """A new one, at which nobody there writes to the citizen."""

    async def noted(self, there: Elsewhere, mark: str) -> bool:
        """Whether the ticket has a note with that mark."""

    async def note(self, there: Elsewhere, note: Note, *, customer: str) -> None:
        """Adds the note, and the state with it in the same request."""

    async def look(self) -> str:
        """Who we are there; changes nothing."""


class HelpDesk:
    """See outbox/target.py."""

    personal = True

    def __init__(self, name: str, api: Api, *, wanted: tuple[str, ...], topics: Topics, nobody: str) -> None:
        """`nobody`: the address that stands for a citizen without one."""
        self.name, self.wanted, self._api = name, wanted, api
        self._topics, self._nobody = topics, nobody

    async def tell(self, telling: Telling) -> Elsewhere | None:
        """(1) The ticket there: known, found, or made; (2) the note, unless the opening says all or it is there."""
        event = telling.event
        opening = event.what == Event.OPENED
        there, made = telling.known, False
        if there is None and (telling.maybe_told or not opening):
            there = await self._api.find(event.ticket.number)
        if there is None:
            there, made = await self._api.make(self._new(event.ticket, opening=opening)), True
        note = note_of(telling, self._topics)
        if note is not None and not (not made and telling.maybe_told and await self._api.noted(there, note.mark)):
            await self._api.note(there, note, customer=event.ticket.address or self._nobody)
        return there

    async def look(self) -> str:
        """Who we are there."""
        return await self._api.look()

    def _new(self, ticket: Ticket, *, opening: bool) -> NewThere:
        """A ticket made late is made open: the note that follows closes it when it must be."""
        subject = " ".join(ticket.subject.split())[:TITLE_MOST] or "без темы"
        return NewThere(
            title=f"{subject} [{ticket.number}]",
            text=opening_text(ticket, self._topics),
            customer=ticket.address or self._nobody,
            closed=opening and ticket.state == "closed",
        )
