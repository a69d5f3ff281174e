"""Run by Alembic inside `store.upgrade`, on the connection (and in the transaction) given to it."""

from alembic import context

import store.schema_forward  # its tables belong to the metadata
import store.schema_ways  # noqa: F401  # its tables belong to the metadata
from store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by making it anew
)
context.run_migrations()
