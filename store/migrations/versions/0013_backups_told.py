"""When the desk was last backed up is found without reading the whole access log."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """One small index."""
    condition = sa.text("what = 'backed-up'")
    op.create_index("ix_audit_backed_up", "audit", ["at_ms"], sqlite_where=condition, postgresql_where=condition)
