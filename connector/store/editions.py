"""Editions: every rule set that was live, sealed, with who made it live, when and why; the way back to each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, ForeignKey, Integer, LargeBinary, String, Table, delete, func, select

from connector.store.base import Moment, metadata
from connector.store.installs import INSTALL_ID
from connector.store.seal import Seal
from rules.ruleset import Source

KEPT = 200
"""Editions kept per install: years of weekly changes. The CRM's records hold only what is live."""

edition = Table(
    "edition",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, comment="1, 2, ... for each install"),
    Column("version", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="the texts, who made them live, and a note"),
    Column("at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Edition:
    """A rule set that went live as the `number`-th. `by` is a name, or empty for an edit of the CRM's own records."""

    number: int
    version: str
    sources: tuple[Source, ...]
    at: datetime
    by: str = ""
    note: str = ""


def add(
    connection: Connection,
    install_id: str,
    seal: Seal,
    *,
    sources: Sequence[Source],
    version: str,
    now: datetime,
    by: str = "",
    note: str = "",
) -> int:
    """Keep a rule set that went live; return its number. The one that is live already is not kept twice."""
    last = connection.execute(
        select(edition.c.number, edition.c.version)
        .where(edition.c.install_id == install_id)
        .order_by(edition.c.number.desc())
        .limit(1)
    ).one_or_none()
    if last and last.version == version:
        return int(last.number)
    number = int(last.number) + 1 if last else 1
    texts = [[source.record, source.text] for source in sources]
    sealed = seal.close({"texts": texts, "by": by, "note": note}, about=_about(number))
    values = {"install_id": install_id, "number": number, "version": version, "sealed": sealed, "at": now}
    connection.execute(edition.insert().values(**values))
    old = (edition.c.install_id == install_id) & (edition.c.number <= number - KEPT)
    connection.execute(delete(edition).where(old))
    return number


def of(connection: Connection, install_id: str, seal: Seal, *, limit: int = KEPT) -> list[Edition]:
    """Return the editions of an install, newest first."""
    query = select(edition).where(edition.c.install_id == install_id).order_by(edition.c.number.desc()).limit(limit)
    return [_read(seal, row) for row in connection.execute(query)]


def get(connection: Connection, install_id: str, seal: Seal, number: int) -> Edition | None:
    """Return one edition by its number."""
    mine = (edition.c.install_id == install_id) & (edition.c.number == number)
    row = connection.execute(select(edition).where(mine)).one_or_none()
    return _read(seal, row) if row else None


def by_version(connection: Connection, install_id: str, seal: Seal, version: str) -> Edition | None:
    """Return the newest edition with this version."""
    mine = (edition.c.install_id == install_id) & (edition.c.version == version)
    number = connection.execute(select(func.max(edition.c.number)).where(mine)).scalar_one_or_none()
    return get(connection, install_id, seal, number) if number else None


def _read(seal: Seal, row: object) -> Edition:
    number = int(row.number)  # type: ignore[attr-defined]
    told = seal.open(row.sealed, about=_about(number))  # type: ignore[attr-defined]
    sources = tuple(Source(record, text) for record, text in told["texts"])
    return Edition(number, row.version, sources, row.at, told["by"], told["note"])  # type: ignore[attr-defined]


def _about(number: int) -> str:
    return f"edition:{number}"
