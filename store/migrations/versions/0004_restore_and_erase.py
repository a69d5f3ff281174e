"""Make room for restoring (letters that nobody answers) and for erasing (what was, what the server still has)."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Columns of letters, the journal of what was erased, the index of replies that failed."""
    op.add_column("letters", sa.Column("silent", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("letters", sa.Column("erase_asked_ms", sa.BigInteger))
    _index("letters", "erase_asked", "mailbox_id", "id", where="erase_asked_ms IS NOT NULL")
    _index("outbox", "failed", "id", where="state = 'failed'")
    op.create_table(
        "erasures",
        sa.Column("id", ID, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("row_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
        sqlite_autoincrement=True,
    )
    _index("erasures", "act", "act", "id")


def _index(table: str, name: str, *columns: str, where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(f"ix_{table}_{name}", table, list(columns), sqlite_where=condition, postgresql_where=condition)
