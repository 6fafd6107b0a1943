"""Streams: how each Salesforce org's change stream is, for the console; and which orgs no listener has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import Column, Connection, ForeignKey, String, Table, literal, or_, select, update

from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID, install
from connector.store.leases import lease

Standing: TypeAlias = Literal["live", "polling", "broken"]

PREFIX = "stream:"
"""What the name of an org's lease begins with; its install's id follows."""

stream = Table(
    "stream",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("standing", String(8), nullable=False, comment="live, polling or broken"),
    Column("since", Moment, nullable=False, comment="when that standing began"),
    Column("reason", String(1000), nullable=False),
    Column("next_try", Moment, comment="when the stream is opened again; NULL: it is open"),
    Column("asked_at", Moment, comment="polling: changes up to then have been asked for"),
)


@dataclass(frozen=True, slots=True)
class Stream:
    """How an org's stream is. ``polling``: the CRM sends no events until `next_try`, so we ask for what changed."""

    standing: Standing
    since: datetime
    reason: str = ""
    next_try: datetime | None = None
    asked_at: datetime | None = None


def get(connection: Connection, install_id: str) -> Stream | None:
    """Return how an install's stream is, None before its first event or keepalive."""
    row = connection.execute(select(stream).where(stream.c.install_id == install_id)).one_or_none()
    return Stream(row.standing, row.since, row.reason, row.next_try, row.asked_at) if row else None


def put(
    connection: Connection,
    install_id: str,
    standing: Standing,
    *,
    now: datetime,
    reason: str = "",
    next_try: datetime | None = None,
    asked_at: datetime | None = None,
) -> None:
    """Note how the stream is from now on; `since` stays as it is while the standing does."""
    known = get(connection, install_id)
    values: dict[str, Any] = {
        "standing": standing,
        "since": known.since if known is not None and known.standing == standing else now,
        "reason": reason[:1000],
        "next_try": next_try,
        "asked_at": asked_at,
    }
    statement = insert(connection, stream).values(install_id=install_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["install_id"], set_=values))


def asked(connection: Connection, install_id: str, at: datetime) -> None:
    """Note until when changes have been asked for while the stream is away."""
    connection.execute(update(stream).where(stream.c.install_id == install_id).values(asked_at=at))


def wanted(connection: Connection) -> list[str]:
    """Return the ids of the installs that a listener should listen to."""
    return list(connection.execute(select(install.c.id).where(*_LISTENED)).scalars())


def unheld(connection: Connection, *, now: datetime, limit: int) -> list[str]:
    """Return the ids of some installs that should be listened to and whose lease nobody holds, oldest first."""
    held = install.outerjoin(lease, lease.c.name == literal(PREFIX) + install.c.id)
    free = or_(lease.c.name.is_(None), lease.c.until < now)
    query = select(install.c.id).select_from(held).where(*_LISTENED, free)
    return list(connection.execute(query.order_by(install.c.created_at, install.c.id).limit(limit)).scalars())


_LISTENED = (install.c.status == "active", install.c.crm == "salesforce")
