"""Find the tickets that were answered long ago, to close them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ANSWERED = sa.text("state = 'answered'")


def upgrade() -> None:
    """One index."""
    op.create_index(
        "ix_tickets_answered_ms", "tickets", ["answered_ms"], sqlite_where=ANSWERED, postgresql_where=ANSWERED
    )
