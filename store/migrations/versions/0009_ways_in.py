"""Make room for the ways in beside mail: keys of programs, their requests, the form's letters before confirmation."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Three tables."""
    op.create_table(
        "api_keys",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("hashed", sa.Text, nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("revoked_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("name", name="uq_api_keys_name"),
        sa.UniqueConstraint("hashed", name="uq_api_keys_hashed"),
    )
    op.create_table(
        "api_requests",
        sa.Column("id", ID, nullable=False),
        sa.Column("key_id", ID, nullable=False),
        sa.Column("idempotency", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("letter_id", sa.BigInteger),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_api_requests"),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name="fk_api_requests_key_id"),
        sa.UniqueConstraint("key_id", "idempotency", name="uq_api_requests_key_id_idempotency"),
        sa.UniqueConstraint("token", name="uq_api_requests_token"),
    )
    op.create_table(
        "submissions",
        sa.Column("id", ID, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("taken_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
        sa.UniqueConstraint("token", name="uq_submissions_token"),
    )
    op.create_index("ix_submissions_address", "submissions", ["address"])
