"""Leave for support: an administrator lets the people who run Switchyard look at one install, for some hours.

A leave is a code that serves once. Who types it gets a session that is named by the leave's epoch, and ends when the
leave does: by the hour, or when an administrator ends it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    delete,
    select,
    update,
)

from connector.store.base import Moment, metadata
from connector.store.installs import EPOCH_BYTES, INSTALL_ID
from connector.store.seal import Seal

support_leave = Table(
    "support_leave",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("code", String(64), nullable=False, comment="SHA-256 of the code; it has 125 random bits"),
    Column(
        "epoch", String(2 * EPOCH_BYTES), nullable=False, comment="named by the session of who came in; empty: none"
    ),
    Column("by", String(80), nullable=False, comment="user id of who gave it"),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("entered_at", Moment, comment="when the code was used"),
    Column("entered_by", LargeBinary, comment="the name that was given then, sealed"),
    Column("ended_at", Moment, comment="when an administrator, or who was in, ended it"),
    Index(None, "code", unique=True),
)


@dataclass(frozen=True, slots=True)
class Leave:
    """A leave: whose word it was, how long it lasts, and who has used it when ("" and None: nobody yet)."""

    id: str
    by: str
    since: datetime
    until: datetime
    entered_at: datetime | None = None
    entered_by: str = ""
    ended_at: datetime | None = None

    def lasts(self, now: datetime) -> bool:
        """Whether it still lets somebody in or look."""
        return self.ended_at is None and now < self.until


def make(connection: Connection, install_id: str, *, code: str, by: str, now: datetime, until: datetime) -> str:
    """Note a leave until then for whoever types `code`; return its id."""
    leave_id = secrets.token_hex(16)
    values = {"id": leave_id, "code": _digest(code), "epoch": "", "by": by, "since": now, "until": until}
    connection.execute(support_leave.insert().values(install_id=install_id, **values))
    return leave_id


def install_of(connection: Connection, code: str, *, now: datetime) -> str:
    """Return the id of the install that a code opens; empty when it opens none, or was used."""
    query = select(support_leave.c.install_id).where(_usable(code, now))
    return connection.execute(query).scalar_one_or_none() or ""


def enter(
    connection: Connection, install_id: str, seal: Seal, code: str, *, name: str, now: datetime
) -> tuple[Leave, str] | None:
    """Use a code up; return its leave and the epoch of the session that it opens, None when it does not serve."""
    epoch = secrets.token_hex(EPOCH_BYTES)
    where = _usable(code, now) & (support_leave.c.install_id == install_id)
    found = connection.execute(select(support_leave.c.id).where(where)).scalar_one_or_none()
    values = {"epoch": epoch, "entered_at": now, "entered_by": seal.close(name, about="leave")}
    if found is None or not connection.execute(update(support_leave).where(where).values(**values)).rowcount:
        return None
    return next(each for each in every(connection, install_id, seal) if each.id == found), epoch


def stays(connection: Connection, install_id: str, leave_id: str, epoch: str, *, now: datetime) -> bool:
    """Whether a session of this epoch may look at this install now."""
    own = (support_leave.c.install_id == install_id) & (support_leave.c.id == leave_id)
    where = own & (support_leave.c.epoch == epoch) & (support_leave.c.epoch != "") & _lasting(now)
    return connection.execute(select(support_leave.c.id).where(where)).first() is not None


def end(connection: Connection, install_id: str, leave_id: str, *, now: datetime) -> bool:
    """End a leave and the session it opened; False when it was over."""
    own = (support_leave.c.install_id == install_id) & (support_leave.c.id == leave_id)
    statement = update(support_leave).where(own & _lasting(now)).values(ended_at=now, epoch="")
    return bool(connection.execute(statement).rowcount)


def leave(connection: Connection, install_id: str, leave_id: str, epoch: str, *, now: datetime) -> bool:
    """Who came in by a leave goes: it is over. Another epoch than theirs ends nothing."""
    if not stays(connection, install_id, leave_id, epoch, now=now):
        return False
    return end(connection, install_id, leave_id, now=now)


def every(connection: Connection, install_id: str, seal: Seal) -> list[Leave]:
    """Return all leaves that are remembered, the newest first."""
    query = select(support_leave).where(support_leave.c.install_id == install_id)
    rows = connection.execute(query.order_by(support_leave.c.since.desc(), support_leave.c.id))
    return [
        Leave(
            id=row.id,
            by=row.by,
            since=row.since,
            until=row.until,
            entered_at=row.entered_at,
            entered_by=str(seal.open(row.entered_by, about="leave")) if row.entered_by else "",
            ended_at=row.ended_at,
        )
        for row in rows
    ]


def purge(connection: Connection, *, before: datetime) -> int:
    """Delete leaves that were over before then; that they were given stands among the changes."""
    return connection.execute(delete(support_leave).where(support_leave.c.until < before)).rowcount


def _digest(code: str) -> str:
    return sha256(code.encode()).hexdigest()


def _lasting(now: datetime) -> ColumnElement[bool]:
    return support_leave.c.ended_at.is_(None) & (support_leave.c.until > now)


def _usable(code: str, now: datetime) -> ColumnElement[bool]:
    return (support_leave.c.code == _digest(code)) & support_leave.c.entered_at.is_(None) & _lasting(now)
