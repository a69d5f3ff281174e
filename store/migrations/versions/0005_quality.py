"""Indexes under the quality page, which counts weeks of letters and tickets."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_DOUBTED = sa.text("needs_review AND state <> 'closed'")


def upgrade() -> None:
    """Adds them."""
    op.create_index("ix_letters_arrived", "letters", ["received_ms", "state"])
    op.create_index("ix_tickets_mix", "tickets", ["opened_ms", "topic", "confidence"])
    op.create_index("ix_tickets_doubt", "tickets", ["id"], sqlite_where=_DOUBTED, postgresql_where=_DOUBTED)
