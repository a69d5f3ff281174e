"""A ticket keeps which share of its words the model did not know: what the quality page watches for drift."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """One column, in the index that the quality page reads alone."""
    op.add_column("tickets", sa.Column("unknown", sa.Float))
    op.drop_index("ix_tickets_mix", "tickets")
    op.create_index("ix_tickets_mix", "tickets", ["opened_ms", "topic", "confidence", "unknown"])
