"""The tables of forwarding: which other systems are told of events on tickets, and how far each of them is."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Table, Text, false

from store.columns import Clean, Id
from store.schema import metadata

forwards = Table(  # one row a target; its lease as of a mailbox
    "forwards",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),  # as in the settings
    Column("last", BigInteger, nullable=False),  # every line of the history up to this one is settled for it
    Column("holder", Text),
    Column("due", BigInteger, nullable=False, server_default="0"),
    Column("attempts", BigInteger, nullable=False, server_default="0"),  # the token of the hold
    Column("tries", BigInteger, nullable=False, server_default="0"),  # of the event that is next
    Column("retry_ms", BigInteger, nullable=False, server_default="0"),  # not before
    Column("failing_ms", BigInteger),  # since when nothing gets through; null: the last one did
    Column("last_error", Clean),  # of a status or the network; no words of the other side that may be a person's
    Column("told_ms", BigInteger),  # when it last took an event
    Column("careful_until", BigInteger, nullable=False, server_default="0"),  # up to this one it may know already
)

forward_aside = Table(  # events that a target did not take; they wait for a person
    "forward_aside",
    metadata,
    Column("forward_id", Id, ForeignKey("forwards.id"), primary_key=True, autoincrement=False),
    Column("history_id", Id, ForeignKey("history.id"), primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),  # when it was set aside
    Column("reason", Clean, nullable=False),
    Column("again", Boolean, nullable=False, server_default=false()),  # a person asks for another try
)

forward_tickets = Table(  # what a ticket is called in a help desk elsewhere
    "forward_tickets",
    metadata,
    Column("forward_id", Id, ForeignKey("forwards.id"), primary_key=True, autoincrement=False),
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True, autoincrement=False),
    Column("their_id", Text, nullable=False),
    Column("their_number", Text, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
)
