"""The tables. Migrations make them (store/migrations); a test holds that both agree on both databases.

Times are milliseconds since the epoch, UTC, named *_ms. `due` is schedule, back-off and lease in one: a row may be
claimed when it has passed. `attempts` counts claims and is the token of the claim: a result is written only
`WHERE attempts = mine`. Words of other rooms are plain text; lists that our own queries depend on are held by CHECK.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
    text,
    true,
)
from sqlalchemy.sql import ColumnElement

from store.columns import Bytes, Clean, Document, Id, Word
from store.records import LetterState, ReplyState

TOLD = 2.0  # the margin of a topic that a person has told: over any model's
TICKET_STATES = ("new", "waiting", "open", "answered", "closed")  # tickets.ticket.State; a test compares

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _one_of(column: str, words: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ('" + "', '".join(words) + "')", name=column)


def fixed(word: str) -> ColumnElement[str]:
    """A word of ours written into the SQL itself: a bound one keeps SQLite from seeing that a partial index fits."""
    return literal_column(f"'{word}'")


def _where(condition: str) -> dict[str, Any]:
    """A partial index's condition. A bare boolean is `= 1` to SQLite, which compares conditions by their words."""
    return {
        "sqlite_where": text(condition.replace("needs_review", "needs_review = 1")),
        "postgresql_where": text(condition),
    }


mailboxes = Table(
    "mailboxes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("identity", Text, nullable=False, unique=True),  # host, login, folder, normalised; no password
    Column("uidvalidity", BigInteger),  # as last seen
    Column("since_ms", BigInteger, nullable=False),  # letters that arrived earlier stay untouched
    Column("older", BigInteger),  # how many those are, as last counted
    Column("holder", Text),  # who polls it, while due has not passed
    Column("due", BigInteger, nullable=False, server_default="0"),
    Column("attempts", BigInteger, nullable=False, server_default="0"),
    Column("last_poll_ms", BigInteger),  # the last poll that succeeded
    Column("last_error", Clean),  # null when the last poll succeeded
)

failed_fetches = Table(  # letters the server did not hand over; after the third failure they are parked
    "failed_fetches",
    metadata,
    Column("mailbox_id", Id, ForeignKey("mailboxes.id"), primary_key=True, autoincrement=False),
    Column("uidvalidity", BigInteger, primary_key=True, autoincrement=False),
    Column("uid", BigInteger, primary_key=True, autoincrement=False),
    Column("failures", BigInteger, nullable=False),
)

letters = Table(
    "letters",
    metadata,
    Column("id", Id, primary_key=True),
    Column("mailbox_id", Id, ForeignKey("mailboxes.id"), nullable=False),
    Column("uidvalidity", BigInteger),
    Column("uid", BigInteger),
    Column("sha256", Text, unique=True),  # hex, of the bytes in the blob: the same bytes are the same letter
    Column("size", BigInteger, nullable=False),  # bytes, as the server has them
    Column("blob", Text, unique=True),  # its name; null: parked without bytes. Never shared between rows
    Column("too_large", Boolean, nullable=False, server_default=false()),  # the blob holds its headers only
    Column("arrived_ms", BigInteger, nullable=False),  # INTERNALDATE
    Column("received_ms", BigInteger, nullable=False),  # when it became durable here
    Column("message_id", Clean),
    Column("sender", Clean),  # lower case; null: no usable From
    Column("state", Word(LetterState), nullable=False),
    Column("turn", BigInteger, nullable=False),  # its place in the line, see arrivals.py
    Column("due", BigInteger, nullable=False),
    Column("attempts", BigInteger, nullable=False, server_default="0"),
    Column("lapses", BigInteger, nullable=False, server_default="0"),  # claims of which nothing was heard again
    Column("deaths", BigInteger, nullable=False, server_default="0"),  # workers of its own that died or overran
    Column("verdict", Document),
    Column("content_key", Text),  # hash of From, Message-ID, decoded text and files (rulings 6)
    Column("ticket_id", Id, ForeignKey("tickets.id", use_alter=True)),
    Column("same_as", Id, ForeignKey("letters.id")),  # the letter it repeats
    Column("reason", Clean),  # why it is parked, automatic, a duplicate, or settled without an answer
    Column("settled_ms", BigInteger),
    Column("moved_ms", BigInteger),
    Column("where_on_server", Text),  # the folder it was moved to
    Column("lies_as", BigInteger),  # its UID there, while it is still to be filed by topic (filing.py)
    Column("lies_under", BigInteger),  # that folder's UIDVALIDITY
    Column("silent", Boolean, nullable=False, server_default=false()),  # it opens its ticket, no robot answers it
    Column("person", Boolean, nullable=False, server_default=false()),  # staff say that a person wrote it
    Column("erase_asked_ms", BigInteger),  # its copy on the server is to be deleted by intake
    UniqueConstraint("mailbox_id", "uidvalidity", "uid"),
    _one_of("state", tuple(LetterState)),
    CheckConstraint("state <> 'received' OR blob IS NOT NULL", name="bytes"),
    sqlite_autoincrement=True,
)
# claim_letters: the line, and whether an earlier letter of the same sender is still in it. `attempts >= 0` is true of
# every row and said by the line's query alone: so PostgreSQL, whose statistics know nothing of a flood that has just
# arrived, cannot take the whole line for looking up one sender (a claim took 0.9 s at 10,000 letters of one sender)
Index("ix_letters_lies_as", letters.c.mailbox_id, letters.c.id, **_where("lies_as IS NOT NULL AND state = 'settled'"))
Index("ix_letters_line", letters.c.turn, letters.c.id, **_where("state = 'received' AND attempts >= 0"))
Index("ix_letters_sender_line", letters.c.sender, letters.c.turn, letters.c.id, **_where("state = 'received'"))
# copies_to_erase
Index("ix_letters_erase_asked", letters.c.mailbox_id, letters.c.id, **_where("erase_asked_ms IS NOT NULL"))
# the quality page's letters a day, counted from the index alone
Index("ix_letters_arrived", letters.c.received_ms, letters.c.state)
# standing: an earlier letter with the same content
Index("ix_letters_content_key", letters.c.content_key, **_where("content_key IS NOT NULL"))
Index("ix_letters_ticket_id", letters.c.ticket_id, letters.c.id)
# the tabs «Отложенные сбоем» and «Без ответа»
Index("ix_letters_parked", letters.c.id, **_where("state = 'parked'"))
Index(
    "ix_letters_unanswered",
    letters.c.id,
    **_where("reason IS NOT NULL AND state IN ('automatic', 'settled', 'duplicate')"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Text, nullable=False, unique=True),  # 26-0012345-5
    Column("letter_id", Id, ForeignKey("letters.id"), unique=True),  # one letter, one ticket; null: by hand
    Column("state", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("needs_review", Boolean, nullable=False),
    Column("kind", Text, nullable=False),
    Column("team", Text),
    Column("assignee", Text),
    Column("address", Clean),  # the only one its letters go to; lower-case domain
    Column("subject", Clean, nullable=False),  # the citizen's, for staff only
    Column("fields", Document, nullable=False),  # current values
    Column("missing", Document, nullable=False),  # in the order in which they are asked for
    Column("first_due_ms", BigInteger),  # the first answer
    Column("final_due_ms", BigInteger),
    Column("waiting_until_ms", BigInteger),  # for the citizen's answer
    Column("waiting_since_ms", BigInteger),  # the clocks stand still since then; null: they run
    Column("remind_ms", BigInteger),  # when we remind the citizen; null: not, or no more
    Column("raised", BigInteger, nullable=False, server_default="0"),  # how often the citizen wrote of it again
    Column("escalated_ms", BigInteger),  # when it went to the one in charge
    Column("opened_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Column("answered_ms", BigInteger),
    Column("closed_ms", BigInteger),
    Column("version", BigInteger, nullable=False, server_default="1"),  # counts changes
    Column("linked_to", Id, ForeignKey("tickets.id")),
    Column("margin", Float, nullable=False, server_default="-1"),  # p1 - p2: how sure; TOLD once a person has told
    Column("unknown", Float),  # share of its words that the model did not know; null: no words, or opened by hand
    Column("snoozed_until_ms", BigInteger),  # out of the queue until then
    Column("closed_as", Text),  # spam, duplicate, done; null: not closed by a person
    Column("searched", BigInteger, nullable=False, server_default="0"),  # the version whose words the search has
    _one_of("state", TICKET_STATES),
    CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
    sqlite_autoincrement=True,
)
# tickets of one address lately (joining); then the page's tabs in the order of each, see queue.py. There is none on the
# state alone: SQLite would take it for every tab and sort
Index("ix_tickets_address", tickets.c.address, tickets.c.opened_ms)
# the quality page: what came and what it was, counted over weeks
Index("ix_tickets_mix", tickets.c.opened_ms, tickets.c.topic, tickets.c.confidence, tickets.c.unknown)
_LIVE = "state IN ('new', 'open')"
_DOUBTED = "needs_review AND state <> 'closed'"
Index("ix_tickets_first_due_ms", tickets.c.first_due_ms, tickets.c.id, **_where(_LIVE))
Index("ix_tickets_unsure", tickets.c.margin, tickets.c.id, tickets.c.first_due_ms, **_where(_LIVE))
Index("ix_tickets_review", tickets.c.margin, tickets.c.id, tickets.c.first_due_ms, **_where(_DOUBTED))
Index("ix_tickets_doubt", tickets.c.id, **_where(_DOUBTED))
Index("ix_tickets_review_due", tickets.c.first_due_ms, tickets.c.id, **_where(f"needs_review AND {_LIVE}"))
Index("ix_tickets_waiting", tickets.c.waiting_until_ms, tickets.c.id, **_where("state = 'waiting'"))
Index("ix_tickets_done", tickets.c.updated_ms, tickets.c.id, **_where("state IN ('answered', 'closed')"))
Index("ix_tickets_assignee", tickets.c.assignee, tickets.c.first_due_ms, **_where("assignee IS NOT NULL"))
Index("ix_tickets_topic", tickets.c.topic, tickets.c.state)  # the queue narrowed to a topic or a team
Index("ix_tickets_team", tickets.c.team, tickets.c.state, **_where("team IS NOT NULL"))
Index("ix_tickets_linked_to", tickets.c.linked_to, **_where("linked_to IS NOT NULL"))
# the acts of the clock, see silence.py
Index("ix_tickets_remind_ms", tickets.c.remind_ms, **_where("state = 'waiting' AND remind_ms IS NOT NULL"))
Index("ix_tickets_answered_ms", tickets.c.answered_ms, **_where("state = 'answered'"))
_UNTOLD = "raised > 0 AND escalated_ms IS NULL AND answered_ms IS NULL AND state <> 'closed'"
Index("ix_tickets_raised", tickets.c.opened_ms, **_where(_UNTOLD))
Index("ix_tickets_unsearched", tickets.c.id, **_where("searched <> version"))

fields_history = Table(  # values that were replaced: the current ones are the ticket's
    "fields_history",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("letter_id", Id, ForeignKey("letters.id")),  # the letter that brought the new one
    Column("field", Text, nullable=False),
    Column("value", Clean, nullable=False),  # the old one
    Column("at_ms", BigInteger, nullable=False),  # when it was replaced
    Column("who", Text, nullable=False),  # by whom: "letter", or a login
)

files = Table(  # what each attached file is; its bytes are in the letter's blob
    "files",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("letter_id", Id, ForeignKey("letters.id"), nullable=False),
    Column("position", BigInteger, nullable=False),  # in the letter, MIME order, from 0
    Column("name", Clean),
    Column("size", BigInteger, nullable=False),  # bytes after decoding
    Column("type", Text, nullable=False),  # sniffed
    Column("accepted", Boolean, nullable=False),
    Column("reason", Text),
    UniqueConstraint("letter_id", "position"),
)

history = Table(  # append only: no function here changes or deletes a line
    "history",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", Text, nullable=False),  # "desk", "post", "letter", or a login
    Column("what", Text, nullable=False),  # tickets.ticket.Event; no CHECK: the list grows with every room
    Column("data", Document, nullable=False),
)
Index("ix_history_ticket_id", history.c.ticket_id, history.c.id)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("letter_id", Id, ForeignKey("letters.id")),  # the letter it answers
    Column("ticket_id", Id, ForeignKey("tickets.id")),
    Column("kind", Text, nullable=False),
    Column("automatic", Boolean, nullable=False),  # a robot wrote it
    Column("counted", Boolean, nullable=False, server_default=true()),  # uses up the address's daily share
    Column("recipient", Clean, nullable=False),  # lower-case domain
    Column("envelope_from", Clean, nullable=False),  # "": the null path
    Column("message_id", Text, nullable=False, unique=True),  # without brackets; made once, before sending
    Column("raw", Bytes, nullable=False),  # the whole letter
    Column("state", Word(ReplyState), nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("attempts", BigInteger, nullable=False, server_default="0"),
    Column("created_ms", BigInteger, nullable=False),
    Column("sent_ms", BigInteger),
    Column("last_error", Clean),
    _one_of("state", tuple(ReplyState)),
    sqlite_autoincrement=True,
)
# at most one automatic letter of a kind answers one letter: the database refuses the second
Index("uq_outbox_letter_id_kind", outbox.c.letter_id, outbox.c.kind, unique=True, **_where("automatic"))
# claim_reply, change_replies and drop_held, the breaker, the limits of an address, a ticket's letters
Index("ix_outbox_queued", outbox.c.due, outbox.c.id, **_where("state = 'queued'"))
Index("ix_outbox_held", outbox.c.id, **_where("state = 'held'"))
Index("ix_outbox_failed", outbox.c.id, **_where("state = 'failed'"))
Index("ix_outbox_sent_ms", outbox.c.sent_ms, **_where("sent_ms IS NOT NULL"))
Index("ix_outbox_recipient", outbox.c.recipient, outbox.c.created_ms)
Index("ix_outbox_created_ms", outbox.c.created_ms)
Index("ix_outbox_last_error", outbox.c.last_error, **_where("state = 'held'"))
Index("ix_outbox_ticket_id", outbox.c.ticket_id, outbox.c.id)

bounces = Table(  # addresses to which no robot letter goes any more (rulings 19)
    "bounces",
    metadata,
    Column("address", Clean, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("message_id", Text, nullable=False),  # our letter that came back
)

counters = Table(  # the ticket numbers' sequence, which begins anew each year
    "counters",
    metadata,
    Column("year", BigInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
)

staff = Table(  # who may use the page
    "staff",
    metadata,
    Column("id", Id, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),  # as colleagues read it
    Column("role", Text, nullable=False),  # triage.access.Role
    Column("team", Text),
    Column("password", Text),  # an argon2id hash; null: enters by the organisation's own login (OIDC) only
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("habits", Document, nullable=False),  # keys on or off, where to go after a decision
    Column("made_ms", BigInteger, nullable=False),
)

sessions = Table(  # who is logged in; the cookie's token is known by its hash alone
    "sessions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token", Text, nullable=False, unique=True),  # SHA-256, hex
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False, index=True),
    Column("begun_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    Column("browser", Clean, nullable=False),  # for the person's own list of sessions
)

audit = Table(  # who opened, looked at and changed what; append only
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", Text, nullable=False),  # a login
    Column("what", Text, nullable=False),  # triage.access.Seen
    Column("ticket_id", Id, ForeignKey("tickets.id"), index=True),
    Column("data", Document, nullable=False),
)
Index("ix_audit_backed_up", audit.c.at_ms, **_where("what = 'backed-up'"))

decisions = Table(  # what staff decided, one row a ticket, with all that undoing needs
    "decisions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("batch", Text, nullable=False),  # one decision on many tickets
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("who", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("what", Text, nullable=False),  # tickets.decide.Decided
    Column("before", Document, nullable=False),  # the columns it changed, as they were
    Column("version", BigInteger, nullable=False),  # of the ticket after it
    Column("reply_id", BigInteger),  # the letter it queued; no reference: undoing deletes the letter
    Column("undone_ms", BigInteger),
)
Index("ix_decisions_who", decisions.c.who, decisions.c.id)
Index("ix_decisions_batch", decisions.c.batch)

corrections = Table(  # topics told by people: what the classifier learns from
    "corrections",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("decision_id", Id, ForeignKey("decisions.id")),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("topic", Text, nullable=False),  # what the person says
    Column("said", Text, nullable=False),  # what the model said
    Column("confidence", Float, nullable=False),
    Column("model", Text, nullable=False),  # its version
    Column("hidden", Boolean, nullable=False),  # the person had not been shown what the model said
    Column("undone", Boolean, nullable=False, server_default=false()),
)

views = Table(  # saved filters of the queue
    "views",
    metadata,
    Column("id", Id, primary_key=True),
    Column("owner", Text),  # a login; null: everybody's
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),  # the address after "?"; structured filters only, nobody's data
)

snippets = Table(  # ready answers
    "snippets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("topic", Text),  # offered first for it
    Column("name", Text, nullable=False),
    Column("text", Text, nullable=False),
)

erasures = Table(  # what was erased, kept after it for the act and the journal; names nobody
    "erasures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("act", Text, nullable=False),  # the act that lists it
    Column("at_ms", BigInteger, nullable=False),
    Column("who", Text, nullable=False),  # who ran it
    Column("reason", Text, nullable=False),  # store.erasing.Reason
    Column("kind", Text, nullable=False),  # store.erasing.Erased
    Column("number", Text),  # the ticket's, by which the person concerned is named in the act
    Column("row_id", BigInteger, nullable=False),  # of the letter, ticket or reply
    sqlite_autoincrement=True,
)
Index("ix_erasures_act", erasures.c.act, erasures.c.id)
