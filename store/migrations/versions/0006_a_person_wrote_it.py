"""Let staff say that a person wrote a letter that looked like a robot's."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Adds the column."""
    op.add_column("letters", sa.Column("person", sa.Boolean, nullable=False, server_default=sa.false()))
