"""Installs: one row per connected org or portal, who administers it, and its wrapped key."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    ForeignKey,
    LargeBinary,
    RowMapping,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    select,
    update,
)

from connector.crm import CrmName, Routes
from connector.store.base import Moment, insert, metadata
from rules.model import Mode

Status: TypeAlias = Literal["active", "paused", "revoked"]

INSTALL_ID = String(32)
ADMIN_FOR = timedelta(hours=12)
"""How long it counts that a CRM called somebody an administrator; a session in the console is as long."""
EPOCH_BYTES = 16

install = Table(
    "install",
    metadata,
    Column("id", INSTALL_ID, primary_key=True),
    Column("crm", String(16), nullable=False),
    Column("tenant_id", String(64), nullable=False, comment="18-character org id, or portal id"),
    Column("name", String(255), nullable=False),
    Column("base_url", String(255), nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", String(1000), nullable=False, server_default=""),
    Column("mode", String(16), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("key", LargeBinary, nullable=False, comment="this install's key, wrapped by the master key"),
    Column("created_at", Moment, nullable=False),
    Column("routes", String(24), nullable=False, server_default="contacts", comment="what counts as a lead in HubSpot"),
    Column("routes_since", Moment, comment="when that was chosen; NULL: it has been so since we were installed"),
    UniqueConstraint("crm", "tenant_id"),
)

admin = Table(
    "admin",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", String(64), primary_key=True, comment="the CRM's user id"),
    Column("since", Moment, nullable=False, comment="first called an administrator; who came first installed us"),
    Column("seen_at", Moment, nullable=False, comment="last called an administrator; counts for ADMIN_FOR"),
    Column("epoch", String(2 * EPOCH_BYTES), nullable=False, comment="named by each session; a new one ends them all"),
)


@dataclass(frozen=True, slots=True)
class Install:
    """One connected org or portal. `mode` says how far decisions go; `key` is wrapped.

    `routes` says what counts as a lead in HubSpot, and since when (None: from the beginning); in Salesforce nothing.
    """

    id: str
    crm: CrmName
    tenant_id: str
    name: str
    base_url: str
    status: Status
    reason: str
    mode: Mode
    scopes: frozenset[str]
    key: bytes
    created_at: datetime
    routes: Routes = "contacts"
    routes_since: datetime | None = None

    @property
    def leads_since(self) -> datetime:
        """Since when what counts as a lead now is routed: older ones were there before us."""
        return max(self.created_at, self.routes_since or self.created_at)


def connect(
    connection: Connection,
    *,
    crm: CrmName,
    tenant_id: str,
    name: str,
    base_url: str,
    scopes: frozenset[str],
    new_key: bytes,
    now: datetime,
) -> tuple[Install, bool]:
    """Create the install of a tenant, or wake the one that exists; the flag says whether it is new.

    An existing install keeps its id, key and mode: connecting again must not lose what is sealed.
    """
    values = {
        "name": name[:255],
        "base_url": base_url,
        "scopes": sorted(scopes),
        "status": "active",
        "reason": "",
    }
    found = by_tenant(connection, crm, tenant_id)
    if found is None:
        fresh = {"id": uuid.uuid4().hex, "crm": crm, "tenant_id": tenant_id, "mode": "observe", "key": new_key}
        statement = insert(connection, install).values(**fresh, **values, created_at=now).on_conflict_do_nothing()
        connection.execute(statement)
    else:
        connection.execute(update(install).where(install.c.id == found.id).values(**values))
    made = by_tenant(connection, crm, tenant_id)
    if made is None:  # pragma: no cover - the row was written in this transaction
        raise RuntimeError("the install vanished while it was written")
    return made, found is None


def by_id(connection: Connection, install_id: str) -> Install | None:
    """Return an install, or None."""
    row = connection.execute(_BY_ID, {"install_id": install_id}).mappings().one_or_none()
    return _install(row) if row else None


_BY_ID = select(install).where(install.c.id == bindparam("install_id"))


def by_tenant(connection: Connection, crm: CrmName, tenant_id: str) -> Install | None:
    """Return the install of an org or portal, or None."""
    where = (install.c.crm == crm) & (install.c.tenant_id == tenant_id)
    row = connection.execute(select(install).where(where)).mappings().one_or_none()
    return _install(row) if row else None


def every(connection: Connection, *, status: Status | None = None, crm: CrmName | None = None) -> list[Install]:
    """Return all installs, oldest first; optionally only those of one status or CRM."""
    query = select(install).order_by(install.c.created_at, install.c.id)
    if status is not None:
        query = query.where(install.c.status == status)
    if crm is not None:
        query = query.where(install.c.crm == crm)
    return [_install(row) for row in connection.execute(query).mappings()]


def set_status(connection: Connection, install_id: str, status: Status, reason: str = "") -> None:
    """Pause, revoke or wake an install, with the sentence its admin will read."""
    values = {"status": status, "reason": reason[:1000]}
    connection.execute(update(install).where(install.c.id == install_id).values(**values))


def set_mode(connection: Connection, install_id: str, mode: Mode) -> None:
    """Say how far decisions go from now on."""
    connection.execute(update(install).where(install.c.id == install_id).values(mode=mode))


def set_routes(connection: Connection, install_id: str, routes: Routes, *, now: datetime) -> None:
    """Say what counts as a lead in this portal from now on; jobs/choice.py does what follows from it."""
    values = {"routes": routes, "routes_since": now}
    connection.execute(update(install).where(install.c.id == install_id).values(**values))


def set_key(connection: Connection, install_id: str, wrapped: bytes) -> None:
    """Store the install's key, wrapped anew by another master key."""
    connection.execute(update(install).where(install.c.id == install_id).values(key=wrapped))


def add_admin(connection: Connection, install_id: str, user_id: str, now: datetime) -> str:
    """The CRM has just called this user an administrator: let them in; return the epoch of their sessions."""
    fresh = {"install_id": install_id, "user_id": user_id, "since": now, "epoch": secrets.token_hex(EPOCH_BYTES)}
    statement = insert(connection, admin).values(**fresh, seen_at=now)
    again = statement.on_conflict_do_update(index_elements=["install_id", "user_id"], set_={"seen_at": now})
    return str(connection.execute(again.returning(admin.c.epoch)).scalar_one())


def remove_admin(connection: Connection, install_id: str, user_id: str) -> None:
    """The CRM no longer calls this user an administrator: every session of theirs here ends."""
    connection.execute(delete(admin).where(admin.c.install_id == install_id, admin.c.user_id == user_id))


def end_sessions(connection: Connection, install_id: str, user_id: str, epoch: str) -> None:
    """Begin a new epoch: no session of the old one counts any more. Another epoch than theirs ends nothing."""
    where = (admin.c.install_id == install_id) & (admin.c.user_id == user_id) & (admin.c.epoch == epoch)
    connection.execute(update(admin).where(where).values(epoch=secrets.token_hex(EPOCH_BYTES)))


def is_admin(connection: Connection, install_id: str, user_id: str, *, epoch: str, now: datetime) -> bool:
    """Whether a session of this epoch may see this install: its CRM called the user an administrator a while ago."""
    where = (admin.c.install_id == install_id) & (admin.c.user_id == user_id) & (admin.c.epoch == epoch)
    query = select(admin.c.user_id).where(where, admin.c.seen_at > now - ADMIN_FOR)
    return connection.execute(query).first() is not None


def last_admitted(connection: Connection, install_id: str) -> datetime | None:
    """Return when the CRM last called anybody an administrator, as it does whenever an install is connected."""
    query = select(func.max(admin.c.seen_at)).where(admin.c.install_id == install_id)
    return connection.execute(query).scalar_one_or_none()


def remove(connection: Connection, install_id: str) -> None:
    """Destroy the install's key first, then every row of it (all tables cascade from here)."""
    set_key(connection, install_id, b"")
    connection.execute(delete(install).where(install.c.id == install_id))


def _install(row: RowMapping) -> Install:
    values: dict[str, Any] = dict(row)
    values["scopes"] = frozenset(values["scopes"])
    return Install(**values)
