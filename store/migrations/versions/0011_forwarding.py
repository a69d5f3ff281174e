"""Make room for forwarding: other systems that are told of events on tickets."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Three tables."""
    op.create_table(
        "forwards",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.Text),
        sa.Column("due", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("attempts", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("tries", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("retry_ms", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("failing_ms", sa.BigInteger),
        sa.Column("last_error", sa.Text),
        sa.Column("told_ms", sa.BigInteger),
        sa.Column("careful_until", sa.BigInteger, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_forwards"),
        sa.UniqueConstraint("name", name="uq_forwards_name"),
    )
    op.create_table(
        "forward_aside",
        sa.Column("forward_id", ID, nullable=False),
        sa.Column("history_id", ID, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("again", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("forward_id", "history_id", name="pk_forward_aside"),
        sa.ForeignKeyConstraint(["forward_id"], ["forwards.id"], name="fk_forward_aside_forward_id"),
        sa.ForeignKeyConstraint(["history_id"], ["history.id"], name="fk_forward_aside_history_id"),
    )
    op.create_table(
        "forward_tickets",
        sa.Column("forward_id", ID, nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("their_id", sa.Text, nullable=False),
        sa.Column("their_number", sa.Text, nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("forward_id", "ticket_id", name="pk_forward_tickets"),
        sa.ForeignKeyConstraint(["forward_id"], ["forwards.id"], name="fk_forward_tickets_forward_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_forward_tickets_ticket_id"),
    )
