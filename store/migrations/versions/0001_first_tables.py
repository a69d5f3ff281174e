"""Make the tables of the first program.

A migration is never changed once it was released, and takes nothing from store.schema: that page goes on.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Letters first, then what is made of them."""
    _mailboxes()
    _letters()
    _tickets()
    _parts_of_tickets()
    _outbox()
    if op.get_context().dialect.name == "postgresql":  # SQLite could name the table that did not exist yet
        op.create_foreign_key("fk_letters_ticket_id", "letters", "tickets", ["ticket_id"], ["id"])


def _mailboxes() -> None:
    op.create_table(
        "mailboxes",
        _id(),
        _text("identity", nullable=False),
        _number("uidvalidity"),
        _number("since_ms", nullable=False),
        _number("older"),
        _text("holder"),
        _number("due", nullable=False, server_default="0"),
        _number("attempts", nullable=False, server_default="0"),
        _number("last_poll_ms"),
        _text("last_error"),
        sa.PrimaryKeyConstraint("id", name="pk_mailboxes"),
        sa.UniqueConstraint("identity", name="uq_mailboxes_identity"),
    )
    op.create_table(
        "failed_fetches",
        sa.Column("mailbox_id", ID, autoincrement=False, nullable=False),
        _number("uidvalidity", nullable=False),
        _number("uid", nullable=False),
        _number("failures", nullable=False),
        _refers("failed_fetches", "mailbox_id", "mailboxes"),
        sa.PrimaryKeyConstraint("mailbox_id", "uidvalidity", "uid", name="pk_failed_fetches"),
    )


def _letters() -> None:
    on_sqlite = op.get_context().dialect.name == "sqlite"
    op.create_table(
        "letters",
        _id(),
        sa.Column("mailbox_id", ID, nullable=False),
        _number("uidvalidity"),
        _number("uid"),
        _text("sha256"),
        _number("size", nullable=False),
        _text("blob"),
        sa.Column("too_large", sa.Boolean, nullable=False, server_default=sa.false()),
        _number("arrived_ms", nullable=False),
        _number("received_ms", nullable=False),
        _text("message_id"),
        _text("sender"),
        _text("state", nullable=False),
        _number("turn", nullable=False),
        _number("due", nullable=False),
        _number("attempts", nullable=False, server_default="0"),
        _number("lapses", nullable=False, server_default="0"),
        _number("deaths", nullable=False, server_default="0"),
        sa.Column("verdict", DOCUMENT),
        _text("content_key"),
        sa.Column("ticket_id", ID),
        sa.Column("same_as", ID),
        _text("reason"),
        _number("settled_ms"),
        _number("moved_ms"),
        _text("where_on_server"),
        _refers("letters", "mailbox_id", "mailboxes"),
        _refers("letters", "same_as", "letters"),
        *([_refers("letters", "ticket_id", "tickets")] if on_sqlite else []),
        sa.PrimaryKeyConstraint("id", name="pk_letters"),
        sa.UniqueConstraint("sha256", name="uq_letters_sha256"),
        sa.UniqueConstraint("blob", name="uq_letters_blob"),
        sa.UniqueConstraint("mailbox_id", "uidvalidity", "uid", name="uq_letters_mailbox_id_uidvalidity_uid"),
        sa.CheckConstraint(
            "state IN ('received', 'settled', 'automatic', 'duplicate', 'parked')", name=op.f("ck_letters_state")
        ),
        sa.CheckConstraint("state <> 'received' OR blob IS NOT NULL", name=op.f("ck_letters_bytes")),
        sqlite_autoincrement=True,
    )
    _index("letters", "line", "turn", "id", where="state = 'received' AND attempts >= 0")
    _index("letters", "sender_line", "sender", "turn", "id", where="state = 'received'")
    _index("letters", "content_key", "content_key", where="content_key IS NOT NULL")
    _index("letters", "ticket_id", "ticket_id", "id")
    _index("letters", "parked", "id", where="state = 'parked'")
    _index("letters", "unanswered", "id", where="reason IS NOT NULL AND state IN ('automatic', 'settled', 'duplicate')")


def _tickets() -> None:
    op.create_table(
        "tickets",
        _id(),
        _text("number", nullable=False),
        sa.Column("letter_id", ID),
        _text("state", nullable=False),
        _text("topic", nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("needs_review", sa.Boolean, nullable=False),
        _text("kind", nullable=False),
        _text("team"),
        _text("assignee"),
        _text("address"),
        _text("subject", nullable=False),
        sa.Column("fields", DOCUMENT, nullable=False),
        sa.Column("missing", DOCUMENT, nullable=False),
        _number("first_due_ms"),
        _number("final_due_ms"),
        _number("waiting_until_ms"),
        _number("opened_ms", nullable=False),
        _number("updated_ms", nullable=False),
        _number("answered_ms"),
        _number("closed_ms"),
        _number("version", nullable=False, server_default="1"),
        sa.Column("linked_to", ID),
        _refers("tickets", "letter_id", "letters"),
        _refers("tickets", "linked_to", "tickets"),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
        sa.UniqueConstraint("number", name="uq_tickets_number"),
        sa.UniqueConstraint("letter_id", name="uq_tickets_letter_id"),
        sa.CheckConstraint("state IN ('new', 'waiting', 'open', 'answered', 'closed')", name=op.f("ck_tickets_state")),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_tickets_confidence")),
        sqlite_autoincrement=True,
    )
    _index("tickets", "address", "address", "opened_ms")
    _index("tickets", "state", "state", "id")
    _index("tickets", "review", "id", where="needs_review AND state <> 'closed'")
    _index("tickets", "first_due_ms", "first_due_ms", "id", where="state IN ('new', 'open')")
    _index("tickets", "waiting_until_ms", "waiting_until_ms", where="state = 'waiting'")
    op.create_table(
        "counters",
        _number("year", nullable=False),
        _number("last", nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_counters"),
    )


def _parts_of_tickets() -> None:
    op.create_table(
        "fields_history",
        _id(),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("letter_id", ID),
        _text("field", nullable=False),
        _text("value", nullable=False),
        _number("at_ms", nullable=False),
        _text("who", nullable=False),
        _refers("fields_history", "ticket_id", "tickets"),
        _refers("fields_history", "letter_id", "letters"),
        sa.PrimaryKeyConstraint("id", name="pk_fields_history"),
    )
    _index("fields_history", "ticket_id", "ticket_id")
    op.create_table(
        "files",
        _id(),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("letter_id", ID, nullable=False),
        _number("position", nullable=False),
        _text("name"),
        _number("size", nullable=False),
        _text("type", nullable=False),
        sa.Column("accepted", sa.Boolean, nullable=False),
        _text("reason"),
        _refers("files", "ticket_id", "tickets"),
        _refers("files", "letter_id", "letters"),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.UniqueConstraint("letter_id", "position", name="uq_files_letter_id_position"),
    )
    _index("files", "ticket_id", "ticket_id")
    op.create_table(
        "history",
        _id(),
        sa.Column("ticket_id", ID, nullable=False),
        _number("at_ms", nullable=False),
        _text("who", nullable=False),
        _text("what", nullable=False),
        sa.Column("data", DOCUMENT, nullable=False),
        _refers("history", "ticket_id", "tickets"),
        sa.PrimaryKeyConstraint("id", name="pk_history"),
    )
    _index("history", "ticket_id", "ticket_id", "id")


def _outbox() -> None:
    op.create_table(
        "outbox",
        _id(),
        sa.Column("letter_id", ID),
        sa.Column("ticket_id", ID),
        _text("kind", nullable=False),
        sa.Column("automatic", sa.Boolean, nullable=False),
        sa.Column("counted", sa.Boolean, nullable=False, server_default=sa.true()),
        _text("recipient", nullable=False),
        _text("envelope_from", nullable=False),
        _text("message_id", nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        _text("state", nullable=False),
        _number("due", nullable=False),
        _number("attempts", nullable=False, server_default="0"),
        _number("created_ms", nullable=False),
        _number("sent_ms"),
        _text("last_error"),
        _refers("outbox", "letter_id", "letters"),
        _refers("outbox", "ticket_id", "tickets"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("message_id", name="uq_outbox_message_id"),
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed', 'held', 'dropped')", name=op.f("ck_outbox_state")),
        sqlite_autoincrement=True,
    )
    _index("outbox", "letter_id_kind", "letter_id", "kind", where="automatic", unique=True)
    _index("outbox", "queued", "due", "id", where="state = 'queued'")
    _index("outbox", "held", "id", where="state = 'held'")
    _index("outbox", "sent_ms", "sent_ms", where="sent_ms IS NOT NULL")
    _index("outbox", "recipient", "recipient", "created_ms")
    _index("outbox", "ticket_id", "ticket_id", "id")
    op.create_table(
        "bounces",
        _text("address", nullable=False),
        _number("at_ms", nullable=False),
        _text("message_id", nullable=False),
        sa.PrimaryKeyConstraint("address", name="pk_bounces"),
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", ID, nullable=False)


def _number(name: str, *, nullable: bool = True, server_default: str | None = None) -> sa.Column[int]:
    # never counting up by itself, as PostgreSQL would make a lone integer key do
    return sa.Column(name, sa.BigInteger, nullable=nullable, server_default=server_default, autoincrement=False)


def _text(name: str, *, nullable: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")


def _index(table: str, name: str, *columns: str, where: str | None = None, unique: bool = False) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(
        f"{'uq' if unique else 'ix'}_{table}_{name}",
        table,
        list(columns),
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )
