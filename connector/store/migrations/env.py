"""How Alembic reaches our tables; `connector.store.migrate` calls it with an open connection."""

from __future__ import annotations

from alembic import context

from connector.store.schema import metadata

connection = context.config.attributes["connection"]
# SQLite cannot alter a column in place: batch mode copies the table.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
