"""How Alembic reaches our tables; `connector.store.migrate` calls it with an open connection."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from connector.store.base import Moment
from connector.store.schema import metadata


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column type as what it is in the database, so that a migration never depends on today's code."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Moment) else False


connection = context.config.attributes["connection"]
# SQLite cannot alter a column in place: batch mode copies the table.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, render_item=render)
with context.begin_transaction():
    context.run_migrations()
