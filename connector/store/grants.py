"""Roles that an administrator has given to users of their CRM who are none; whoever has no row here is a rep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import Column, Connection, ForeignKey, String, Table, delete, select

from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID

Granted: TypeAlias = Literal["manager"]

role_grant = Table(
    "role_grant",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", String(64), primary_key=True, comment="the id by which the CRM's user owns leads"),
    Column("role", String(16), nullable=False),
    Column("by", String(80), nullable=False, comment="user id of who gave it"),
    Column("at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Grant:
    """A user has this role since then, by somebody's word."""

    user_id: str
    role: Granted
    by: str
    at: datetime


def give(connection: Connection, install_id: str, grant: Grant) -> bool:
    """Give a user a role; False when they have it already."""
    values = {"user_id": grant.user_id, "role": grant.role, "by": grant.by, "at": grant.at}
    statement = insert(connection, role_grant).values(install_id=install_id, **values).on_conflict_do_nothing()
    return connection.execute(statement.returning(role_grant.c.user_id)).first() is not None


def take(connection: Connection, install_id: str, user_id: str) -> bool:
    """Take a user's role away; False when they had none."""
    where = (role_grant.c.install_id == install_id) & (role_grant.c.user_id == user_id)
    return bool(connection.execute(delete(role_grant).where(where)).rowcount)


def of(connection: Connection, install_id: str, user_id: str) -> Grant | None:
    """Return the role that a user was given, or None."""
    return next((each for each in every(connection, install_id) if each.user_id == user_id), None)


def every(connection: Connection, install_id: str) -> list[Grant]:
    """Return all roles that were given, the oldest first."""
    query = select(role_grant).where(role_grant.c.install_id == install_id)
    rows = connection.execute(query.order_by(role_grant.c.at, role_grant.c.user_id))
    return [Grant(row.user_id, row.role, row.by, row.at) for row in rows]
