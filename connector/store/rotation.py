"""Rotation state of each pool, written in the transaction that stores the decisions which moved it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import JSON, Column, Connection, ForeignKey, Table, Text, select

from connector.store.base import insert, metadata
from connector.store.installs import INSTALL_ID
from rules.model import Standing

rotation = Table(
    "rotation",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("pool", Text, primary_key=True),
    Column("state", JSON, nullable=False, comment="credit per member id"),
)


def states(connection: Connection, install_id: str) -> dict[str, Standing]:
    """Return the standing of every pool's members, by pool (in observe and suggest by its lane).

    The first version kept one number per member; such a state says too little and begins anew.
    """
    query = select(rotation.c.pool, rotation.c.state).where(rotation.c.install_id == install_id)
    found: dict[str, Standing] = {row.pool: row.state for row in connection.execute(query)}
    return {pool: state for pool, state in found.items() if all(isinstance(each, dict) for each in state.values())}


def put(connection: Connection, install_id: str, changed: Mapping[str, Standing]) -> None:
    """Store the new state of these pools."""
    for pool, standing in changed.items():
        state = {member_id: dict(counters) for member_id, counters in standing.items()}
        values = {"install_id": install_id, "pool": pool, "state": state}
        statement = insert(connection, rotation).values(**values)
        keys = ["install_id", "pool"]
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={"state": state}))
