"""Endings: since when an install has been cut off by its CRM, so that it is cleared away after a time of grace.

Until then its admin can connect again and everything goes on. A row is made by whoever first sees the install revoked.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, ForeignKey, Index, Table, delete, select

from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID, install

ending = Table(
    "ending",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("since", Moment, nullable=False, comment="first seen revoked"),
    Index(None, "since"),
)


def note(connection: Connection, *, now: datetime) -> None:
    """Note which installs are revoked now, each since it was first seen so; one that was connected again has no row."""
    revoked = select(install.c.id).where(install.c.status == "revoked")
    connection.execute(delete(ending).where(ending.c.install_id.not_in(revoked)))
    fresh = [{"install_id": each, "since": now} for each in connection.execute(revoked).scalars()]
    if fresh:
        connection.execute(insert(connection, ending).values(fresh).on_conflict_do_nothing())


def over(connection: Connection, *, before: datetime) -> list[str]:
    """Return the installs that have been revoked since before then."""
    query = select(ending.c.install_id).where(ending.c.since < before).order_by(ending.c.since, ending.c.install_id)
    return list(connection.execute(query).scalars())


def since(connection: Connection, install_id: str) -> datetime | None:
    """Return since when an install has been revoked, as far as was seen; None when it is not."""
    return connection.execute(select(ending.c.since).where(ending.c.install_id == install_id)).scalar_one_or_none()
