"""Cursors: how far each change stream was stored, in the same transaction as the letters it brought."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, ForeignKey, LargeBinary, String, Table, delete, select

from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID

cursor = Table(
    "cursor",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("topic", String(200), primary_key=True),
    Column("position", LargeBinary, nullable=False, comment="opaque; never compared"),
    Column("at", Moment, nullable=False),
)


def get(connection: Connection, install_id: str, topic: str) -> tuple[bytes, datetime] | None:
    """Return where the stream stands and when that was written, or None for a new one."""
    where = (cursor.c.install_id == install_id) & (cursor.c.topic == topic)
    row = connection.execute(select(cursor.c.position, cursor.c.at).where(where)).one_or_none()
    return (row.position, row.at) if row else None


def put(connection: Connection, install_id: str, topic: str, position: bytes, now: datetime) -> None:
    """Remember where the stream stands."""
    values = {"position": position, "at": now}
    statement = insert(connection, cursor).values(install_id=install_id, topic=topic, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["install_id", "topic"], set_=values))


def drop(connection: Connection, install_id: str, topic: str) -> None:
    """Forget a position that the CRM no longer accepts."""
    connection.execute(delete(cursor).where(cursor.c.install_id == install_id, cursor.c.topic == topic))
