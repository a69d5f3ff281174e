"""Indexes under the queue when it is narrowed to a topic or a team: a desk's own team is how most people see it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Adds them."""
    has_team = sa.text("team IS NOT NULL")
    op.create_index("ix_tickets_topic", "tickets", ["topic", "state"])
    op.create_index("ix_tickets_team", "tickets", ["team", "state"], sqlite_where=has_team, postgresql_where=has_team)
