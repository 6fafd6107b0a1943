"""Rotation state of each pool, written in the transaction that stores the decisions which moved it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import JSON, Column, Connection, ForeignKey, Table, Text, select

from connector.store.base import insert, metadata
from connector.store.installs import INSTALL_ID

rotation = Table(
    "rotation",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("pool", Text, primary_key=True),
    Column("state", JSON, nullable=False, comment="credit per member id"),
)


def states(connection: Connection, install_id: str) -> dict[str, Mapping[str, int]]:
    """Return the credit of every pool's members, by pool (in observe and suggest by its lane)."""
    query = select(rotation.c.pool, rotation.c.state).where(rotation.c.install_id == install_id)
    return {row.pool: row.state for row in connection.execute(query)}


def put(connection: Connection, install_id: str, changed: Mapping[str, Mapping[str, int]]) -> None:
    """Store the new state of these pools."""
    for pool, state in changed.items():
        values = {"install_id": install_id, "pool": pool, "state": dict(state)}
        statement = insert(connection, rotation).values(**values)
        keys = ["install_id", "pool"]
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={"state": dict(state)}))
