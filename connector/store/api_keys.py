"""Keys of the JSON API: of one install each, with scopes; only what a key's secret comes to is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    ForeignKey,
    Index,
    LargeBinary,
    RowMapping,
    String,
    Table,
    delete,
    or_,
    select,
    update,
)

from connector.store.base import Moment, metadata
from connector.store.installs import INSTALL_ID
from connector.store.seal import Seal

USED_EVERY = timedelta(minutes=1)
"""How exactly it is known when a key was last used: not every request writes."""

api_key = Table(
    "api_key",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String(16), primary_key=True, comment="stands in the key, and is shown"),
    Column("digest", String(64), nullable=False, comment="SHA-256 of the whole key; it has 192 random bits"),
    Column("name", LargeBinary, nullable=False, comment="what an administrator calls it, sealed"),
    Column("scopes", JSON, nullable=False),
    Column("by", String(80), nullable=False, comment="user id of who made it"),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, comment="none: until it is revoked"),
    Column("revoked_at", Moment),
    Column("used_at", Moment, comment="last used, within a minute"),
    Index(None, "id", unique=True),
)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, without its secret. `expires_at` None: until it is revoked."""

    id: str
    name: str
    scopes: frozenset[str]
    by: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    def opens(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def put(connection: Connection, install_id: str, seal: Seal, key: ApiKey, *, digest: str) -> None:
    """Keep a new key, whose whole text comes to `digest`."""
    connection.execute(
        api_key.insert().values(
            install_id=install_id,
            id=key.id,
            digest=digest,
            name=seal.close(key.name, about=f"api key:{key.id}"),
            scopes=sorted(key.scopes),
            by=key.by,
            created_at=key.created_at,
            expires_at=key.expires_at,
        )
    )


def find(connection: Connection, key_id: str) -> tuple[str, str] | None:
    """Return the install that a key id belongs to and what the key comes to; None when there is no such key."""
    query = select(api_key.c.install_id, api_key.c.digest).where(api_key.c.id == key_id)
    row = connection.execute(query).one_or_none()
    return (row.install_id, row.digest) if row else None


def get(connection: Connection, install_id: str, seal: Seal, key_id: str) -> ApiKey | None:
    """Return a key of an install, or None."""
    where = (api_key.c.install_id == install_id) & (api_key.c.id == key_id)
    row = connection.execute(select(api_key).where(where)).mappings().one_or_none()
    return _key(row, seal) if row else None


def every(connection: Connection, install_id: str, seal: Seal) -> list[ApiKey]:
    """Return all keys of an install, the newest first; those that open nothing any more too."""
    query = select(api_key).where(api_key.c.install_id == install_id)
    rows = connection.execute(query.order_by(api_key.c.created_at.desc(), api_key.c.id)).mappings()
    return [_key(row, seal) for row in rows]


def used(connection: Connection, install_id: str, key_id: str, *, now: datetime) -> None:
    """Note that a key was used; nothing is written when that is known for this minute."""
    own = (api_key.c.install_id == install_id) & (api_key.c.id == key_id)
    stale = or_(api_key.c.used_at.is_(None), api_key.c.used_at <= now - USED_EVERY)
    connection.execute(update(api_key).where(own, stale).values(used_at=now))


def revoke(connection: Connection, install_id: str, key_id: str, *, now: datetime) -> bool:
    """Let a key open nothing any more; False when there is none that did."""
    own = (api_key.c.install_id == install_id) & (api_key.c.id == key_id) & api_key.c.revoked_at.is_(None)
    return bool(connection.execute(update(api_key).where(own).values(revoked_at=now)).rowcount)


def purge(connection: Connection, *, before: datetime) -> int:
    """Delete keys that were revoked or ran out before then."""
    over = or_(api_key.c.revoked_at < before, api_key.c.expires_at < before)
    return connection.execute(delete(api_key).where(over)).rowcount


def _key(row: RowMapping, seal: Seal) -> ApiKey:
    return ApiKey(
        id=row["id"],
        name=str(seal.open(row["name"], about=f"api key:{row['id']}")),
        scopes=frozenset(row["scopes"]),
        by=row["by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        used_at=row["used_at"],
    )
