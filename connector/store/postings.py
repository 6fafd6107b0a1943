"""The tables of the match index; `connector.index` reads and writes them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, String, Table

from connector.store.base import metadata
from connector.store.installs import INSTALL_ID

entry = Table(
    "index_entry",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("record_id", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

key = Table(
    "index_key",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), primary_key=True),
    Column("record_id", String(64), primary_key=True),
    sqlite_with_rowid=False,
)
