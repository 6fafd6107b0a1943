"""The sealed OAuth tokens of each install. Only oauth.vault reads and writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Integer, LargeBinary, Table, bindparam, select

from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID

token = Table(
    "token",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False, comment="counts refreshes: who finds a newer one need not refresh"),
    Column("expires_at", Moment, comment="when the CRM tells (HubSpot); NULL = found out by a 401 (Salesforce)"),
)


def get(connection: Connection, install_id: str) -> tuple[bytes, int, datetime | None] | None:
    """Return (sealed token, version, expiry), or None."""
    row = connection.execute(select(token).where(token.c.install_id == install_id)).one_or_none()
    return (row.sealed, row.version, row.expires_at) if row else None


def version(connection: Connection, install_id: str) -> int:
    """Return how often the token has been replaced; 0 when there is none."""
    return connection.execute(_VERSION, {"install_id": install_id}).scalar_one_or_none() or 0


_VERSION = select(token.c.version).where(token.c.install_id == bindparam("install_id"))


def put(connection: Connection, install_id: str, sealed: bytes, *, expires_at: datetime | None) -> None:
    """Replace the token; its version goes up by one."""
    values: dict[str, Any] = {"sealed": sealed, "expires_at": expires_at}
    statement = insert(connection, token).values(install_id=install_id, version=1, **values)
    values["version"] = token.c.version + 1
    connection.execute(statement.on_conflict_do_update(index_elements=["install_id"], set_=values))
