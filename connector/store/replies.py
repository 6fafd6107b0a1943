"""Answers that the JSON API gave to writes, so that the same write sent again is answered again and not done again.

A caller names each write by a key of their own. Who sends it is part of that name: `key` here is made of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from sqlalchemy import BigInteger, Column, Connection, ForeignKey, LargeBinary, Table, delete, select, update

from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID
from connector.store.seal import Seal

ABOUT = "reply"
KEPT = timedelta(hours=24)
"""How long a write that comes again is answered as the first time."""
AT_WORK = timedelta(minutes=2)
"""How long a write without an answer may be at work still; longer than any request, so its process has died."""

api_reply = Table(
    "api_reply",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("key", BigInteger, primary_key=True, autoincrement=False, comment="keyed hash of who names it and how"),
    Column("request", BigInteger, nullable=False, comment="keyed hash of what was asked"),
    Column("sealed", LargeBinary, comment="the answer; none while it is made"),
    Column("at", Moment, nullable=False, index=True),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered: the status and the body."""

    status: int
    body: str


Claim: TypeAlias = Reply | Literal["new", "busy", "other"]
"""A reply given before; ``new``: do it; ``busy``: the first one is at work; ``other``: the key named another write."""


def claim(connection: Connection, install_id: str, seal: Seal, key: str, request: str, *, now: datetime) -> Claim:
    """Say what a write named `key`, which asks for `request`, meets; when it is ``new``, it is this one's to do."""
    where = (api_reply.c.install_id == install_id) & (api_reply.c.key == seal.hash(f"reply:{key}"))
    lost = api_reply.c.sealed.is_(None) & (api_reply.c.at <= now - AT_WORK)
    connection.execute(delete(api_reply).where(where & (lost | (api_reply.c.at <= now - KEPT))))
    asked = seal.hash(f"request:{request}")
    values = {"install_id": install_id, "key": seal.hash(f"reply:{key}"), "request": asked, "at": now}
    fresh = insert(connection, api_reply).values(**values).on_conflict_do_nothing().returning(api_reply.c.key)
    if connection.execute(fresh).first() is not None:
        return "new"
    row = connection.execute(select(api_reply).where(where)).one()
    if row.request != asked:
        return "other"
    if row.sealed is None:
        return "busy"
    told = seal.open(row.sealed, about=ABOUT)
    return Reply(told["status"], told["body"])


def keep(connection: Connection, install_id: str, seal: Seal, key: str, reply: Reply) -> None:
    """Keep what was answered to the write named `key`."""
    sealed = seal.close({"status": reply.status, "body": reply.body}, about=ABOUT)
    where = (api_reply.c.install_id == install_id) & (api_reply.c.key == seal.hash(f"reply:{key}"))
    connection.execute(update(api_reply).where(where).values(sealed=sealed))


def drop(connection: Connection, install_id: str, seal: Seal, key: str) -> None:
    """Forget the write named `key`: nothing was done, so it may be sent again."""
    where = (api_reply.c.install_id == install_id) & (api_reply.c.key == seal.hash(f"reply:{key}"))
    connection.execute(delete(api_reply).where(where))


def purge(connection: Connection, *, now: datetime) -> int:
    """Delete answers whose time is over."""
    return connection.execute(delete(api_reply).where(api_reply.c.at <= now - KEPT)).rowcount
