"""What the conversation needs: since when we wait, when we remind, repeats, and the breaker's count."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

UNTOLD = "raised > 0 AND escalated_ms IS NULL AND answered_ms IS NULL AND state <> 'closed'"


def upgrade() -> None:
    """Columns first, then the index of each timed act."""
    op.add_column("tickets", sa.Column("waiting_since_ms", sa.BigInteger))
    op.add_column("tickets", sa.Column("remind_ms", sa.BigInteger))
    op.add_column("tickets", sa.Column("raised", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("tickets", sa.Column("escalated_ms", sa.BigInteger))
    _index("ix_tickets_remind_ms", "tickets", "remind_ms", "state = 'waiting' AND remind_ms IS NOT NULL")
    _index("ix_tickets_raised", "tickets", "opened_ms", UNTOLD)
    op.create_index("ix_outbox_created_ms", "outbox", ["created_ms"])
    _index("ix_outbox_last_error", "outbox", "last_error", "state = 'held'")


def _index(name: str, table: str, column: str, where: str) -> None:
    op.create_index(name, table, [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
