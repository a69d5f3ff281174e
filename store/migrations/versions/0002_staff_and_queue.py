"""Make the tables of the staff's page: accounts, sessions, decisions, corrections, views, snippets, search.

The search lies beside the tickets in each database's own way: FTS5 on SQLite, a tsvector under GIN on PostgreSQL.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
LIVE = "state IN ('new', 'open')"


def upgrade() -> None:
    """The queue's order first, then the people, then what they do."""
    _queue()
    _people()
    _doings()
    _search()


def _queue() -> None:
    op.add_column("tickets", sa.Column("margin", sa.Float, nullable=False, server_default="-1"))
    op.add_column("tickets", _number("snoozed_until_ms", nullable=True))
    op.add_column("tickets", _text("closed_as", nullable=True))
    op.add_column("tickets", _number("searched", server_default="0"))
    op.drop_index("ix_tickets_state", "tickets")
    op.drop_index("ix_tickets_review", "tickets")
    op.drop_index("ix_tickets_waiting_until_ms", "tickets")
    _index("tickets", "unsure", "margin", "id", "first_due_ms", where=LIVE)
    _index("tickets", "review", "margin", "id", "first_due_ms", where="needs_review AND state <> 'closed'")
    _index("tickets", "review_due", "first_due_ms", "id", where=f"needs_review AND {LIVE}")
    _index("tickets", "waiting", "waiting_until_ms", "id", where="state = 'waiting'")
    _index("tickets", "done", "updated_ms", "id", where="state IN ('answered', 'closed')")
    _index("tickets", "assignee", "assignee", "first_due_ms", where="assignee IS NOT NULL")
    _index("tickets", "linked_to", "linked_to", where="linked_to IS NOT NULL")
    _index("tickets", "unsearched", "id", where="searched <> version")


def _people() -> None:
    op.create_table(
        "staff",
        _id(),
        _text("login"),
        _text("name"),
        _text("role"),
        _text("team", nullable=True),
        _text("password", nullable=True),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("habits", DOCUMENT, nullable=False),
        _number("made_ms"),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("login", name="uq_staff_login"),
    )
    op.create_table(
        "sessions",
        _id(),
        _text("token"),
        sa.Column("staff_id", ID, nullable=False),
        _number("begun_ms"),
        _number("seen_ms"),
        _text("browser"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("token", name="uq_sessions_token"),
        _refers("sessions", "staff_id", "staff"),
    )
    _index("sessions", "staff_id", "staff_id")
    op.create_table(
        "audit",
        _id(),
        _number("at_ms"),
        _text("who"),
        _text("what"),
        sa.Column("ticket_id", ID),
        sa.Column("data", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        _refers("audit", "ticket_id", "tickets"),
    )
    _index("audit", "ticket_id", "ticket_id")


def _doings() -> None:
    op.create_table(
        "decisions",
        _id(),
        _text("batch"),
        sa.Column("ticket_id", ID, nullable=False),
        _text("who"),
        _number("at_ms"),
        _text("what"),
        sa.Column("before", DOCUMENT, nullable=False),
        _number("version"),
        _number("reply_id", nullable=True),
        _number("undone_ms", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        _refers("decisions", "ticket_id", "tickets"),
    )
    _index("decisions", "ticket_id", "ticket_id")
    _index("decisions", "who", "who", "id")
    _index("decisions", "batch", "batch")
    op.create_table(
        "corrections",
        _id(),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("decision_id", ID),
        _number("at_ms"),
        _text("who"),
        _text("topic"),
        _text("said"),
        sa.Column("confidence", sa.Float, nullable=False),
        _text("model"),
        sa.Column("hidden", sa.Boolean, nullable=False),
        sa.Column("undone", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
        _refers("corrections", "ticket_id", "tickets"),
        _refers("corrections", "decision_id", "decisions"),
    )
    _index("corrections", "ticket_id", "ticket_id")
    op.create_table(
        "views",
        _id(),
        _text("owner", nullable=True),
        _text("name"),
        _text("query"),
        sa.PrimaryKeyConstraint("id", name="pk_views"),
    )
    op.create_table(
        "snippets",
        _id(),
        _text("topic", nullable=True),
        _text("name"),
        _text("text"),
        sa.PrimaryKeyConstraint("id", name="pk_snippets"),
    )


def _search() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE search USING fts5(words, tokenize = 'unicode61 remove_diacritics 0')")
        return
    op.create_table(
        "search",
        sa.Column("ticket_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("words", TSVECTOR, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_search"),
        _refers("search", "ticket_id", "tickets"),
    )
    op.create_index("ix_search_words", "search", ["words"], postgresql_using="gin")


def _id() -> sa.Column[int]:
    return sa.Column("id", ID, nullable=False)


def _number(name: str, *, nullable: bool = False, server_default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable, server_default=server_default, autoincrement=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")


def _index(table: str, name: str, *columns: str, where: str | None = None) -> None:
    # a bare boolean column is `= 1` to SQLite, which compares conditions by their words
    lite = None if where is None else sa.text(where.replace("needs_review", "needs_review = 1"))
    whole = None if where is None else sa.text(where)
    op.create_index(f"ix_{table}_{name}", table, list(columns), sqlite_where=lite, postgresql_where=whole)
