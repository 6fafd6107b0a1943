"""Who changed what in an install, and when: what it was about is sealed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    select,
    update,
)

from connector.store.base import Moment, metadata
from connector.store.installs import INSTALL_ID
from connector.store.seal import Seal

ABOUT = "change"
OF_NUMBERS = ("decision days", "undo days", "leave given", "retry")
"""What is done about a number of days, hours or things alone: it is no record's id, however alike it looks."""

change = Table(
    "change",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(80), nullable=False, comment="a user's id, key:<id> of an API key, or support:<leave>"),
    Column("did", String(40), nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="what it was about, and what was before"),
    Index(None, "install_id", "id"),
    Index(None, "at"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody (`by`) did something (`did`) about something; `before` is what stood there, "" where nothing did."""

    id: int
    at: datetime
    by: str
    did: str
    about: str
    before: str


def add(
    connection: Connection, install_id: str, seal: Seal, *, by: str, did: str, about: str, before: str, now: datetime
) -> None:
    """Note a change."""
    sealed = seal.close({"about": about, "before": before}, about=ABOUT)
    connection.execute(change.insert().values(install_id=install_id, at=now, by=by[:80], did=did[:40], sealed=sealed))


def page(
    connection: Connection,
    install_id: str,
    seal: Seal,
    *,
    limit: int,
    before: int | None = None,
    did: str = "",
    by: str = "",
) -> list[Change]:
    """Return changes, the newest first: those older than the one numbered `before`, of one kind or person if asked."""
    query = select(change).where(change.c.install_id == install_id).order_by(change.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(change.c.id < before)
    if did:
        query = query.where(change.c.did == did)
    if by:
        query = query.where(change.c.by == by)
    found = []
    for row in connection.execute(query):
        told = seal.open(row.sealed, about=ABOUT)
        found.append(Change(row.id, row.at, row.by, row.did, told["about"], told["before"]))
    return found


def kinds(connection: Connection, install_id: str) -> tuple[list[str], list[str]]:
    """Return what was done at all, and who did anything, each in order."""
    own = change.c.install_id == install_id
    did = connection.execute(select(change.c.did).where(own).distinct()).scalars()
    by = connection.execute(select(change.c.by).where(own).distinct()).scalars()
    return sorted(did), sorted(by)


def empty(connection: Connection, install_id: str, seal: Seal, ids: Collection[int]) -> None:
    """Take out of these changes what they were about: that somebody did something stays."""
    mine = (change.c.install_id == install_id) & change.c.id.in_(ids)
    sealed = seal.close({"about": "", "before": ""}, about=ABOUT)
    connection.execute(update(change).where(mine).values(sealed=sealed))


def purge(connection: Connection, *, before: datetime) -> int:
    """Delete what was noted before then."""
    return connection.execute(delete(change).where(change.c.at < before)).rowcount
