"""Rotation state of each pool, written in the transaction that stores the decisions which moved it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import JSON, Column, Connection, ForeignKey, String, Table, select

from connector.store.base import insert, metadata
from connector.store.installs import INSTALL_ID
from rules.model import Mode

rotation = Table(
    "rotation",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("mode", String(16), primary_key=True, comment="watching must not move the rotation that counts"),
    Column("pool", String(255), primary_key=True),
    Column("state", JSON, nullable=False, comment="credit per member id"),
)


def states(connection: Connection, install_id: str, mode: Mode) -> dict[str, Mapping[str, int]]:
    """Return the credit of every pool's members in one mode."""
    where = (rotation.c.install_id == install_id) & (rotation.c.mode == mode)
    query = select(rotation.c.pool, rotation.c.state).where(where)
    return {row.pool: row.state for row in connection.execute(query)}


def put(connection: Connection, install_id: str, mode: Mode, changed: Mapping[str, Mapping[str, int]]) -> None:
    """Store the new state of these pools."""
    for pool, state in changed.items():
        values = {"install_id": install_id, "mode": mode, "pool": pool, "state": dict(state)}
        statement = insert(connection, rotation).values(**values)
        keys = ["install_id", "mode", "pool"]
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={"state": dict(state)}))
