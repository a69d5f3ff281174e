"""A letter keeps the UID it was moved to, until it is filed into the folder of its topic."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Two columns, and the index of those that are still to be filed."""
    op.add_column("letters", sa.Column("lies_as", sa.BigInteger))
    op.add_column("letters", sa.Column("lies_under", sa.BigInteger))
    condition = sa.text("lies_as IS NOT NULL AND state = 'settled'")
    op.create_index(
        "ix_letters_lies_as", "letters", ["mailbox_id", "id"], sqlite_where=condition, postgresql_where=condition
    )
