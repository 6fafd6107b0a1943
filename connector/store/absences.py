"""Absences that people plan ahead, by days in their own zone: while one runs, they get no leads, as with a pause.

A pause is one click and one row (pauses.py, which tells the router of both); these are as many as somebody plans.
Members of a pool may also be absent by the text of the rules: then the clocks of their leads stand still. Here they do
not: a lead that somebody has is escalated while they are away, unless the rules say otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from sqlalchemy import Column, Connection, Date, ForeignKey, Index, String, Table, delete, func, select

from connector.store import timers
from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID

absence = Table(
    "absence",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", String(64), primary_key=True),
    Column("first", Date, primary_key=True, comment="their first day away"),
    Column("last", Date, nullable=False, comment="their last day away"),
    Column("begins_at", Moment, nullable=False, comment="midnight before the first day, in their zone"),
    Column("ends_at", Moment, nullable=False, comment="midnight after the last day, in their zone"),
    Column("since", Moment, nullable=False),
    Column("by", String(64), nullable=False, comment="user id of who planned it"),
    Index(None, "install_id", "ends_at"),
    Index(None, "ends_at"),
)


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody gets no leads on these days of their own; `begins_at` and `ends_at` are what that is in UTC."""

    user_id: str
    first: date
    last: date
    begins_at: datetime
    ends_at: datetime
    since: datetime
    by: str


def planned(user_id: str, first: date, last: date, *, zone: tzinfo, by: str, now: datetime) -> Absence:
    """Return an absence of whole days in somebody's zone."""
    begins = datetime.combine(first, time(), zone).astimezone(UTC)
    ends = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
    return Absence(user_id, first, last, begins, ends, now, by)


def put(connection: Connection, install_id: str, each: Absence, *, now: datetime) -> None:
    """Keep an absence; it replaces one with the same first day. Leads that wait are asked about again."""
    values = {name: getattr(each, name) for name in Absence.__dataclass_fields__}
    statement = insert(connection, absence).values(install_id=install_id, **values)
    keys = ["install_id", "user_id", "first"]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))
    timers.ask_all(connection, install_id, now=now)


def remove(connection: Connection, install_id: str, user_id: str, first: date, *, now: datetime) -> bool:
    """Forget an absence by its first day; False when there is none. Leads that wait are asked about again."""
    mine = (absence.c.install_id == install_id) & (absence.c.user_id == user_id) & (absence.c.first == first)
    gone = bool(connection.execute(delete(absence).where(mine)).rowcount)
    if gone:
        timers.ask_all(connection, install_id, now=now)
    return gone


def every(connection: Connection, install_id: str, *, now: datetime, user_id: str | None = None) -> list[Absence]:
    """Return the absences that run or are to come, the earliest first; optionally only those of one person."""
    query = select(absence).where(absence.c.install_id == install_id, absence.c.ends_at > now)
    if user_id is not None:
        query = query.where(absence.c.user_id == user_id)
    return [_read(row) for row in connection.execute(query.order_by(absence.c.begins_at, absence.c.user_id))]


def count(connection: Connection, install_id: str, user_id: str, *, now: datetime) -> int:
    """Return how many absences of somebody run or are to come."""
    mine = (absence.c.install_id == install_id) & (absence.c.user_id == user_id) & (absence.c.ends_at > now)
    return int(connection.execute(select(func.count()).where(mine)).scalar_one())


def until(found: Iterable[Absence], *, away_until: datetime) -> datetime:
    """Return when somebody is back who is away until then, with the absences that begin before they would be."""
    for each in sorted(found, key=lambda one: one.begins_at):
        if each.begins_at <= away_until < each.ends_at:
            away_until = each.ends_at
    return away_until


def purge(connection: Connection, *, now: datetime) -> int:
    """Delete absences that are over."""
    return connection.execute(delete(absence).where(absence.c.ends_at <= now)).rowcount


def _read(row: object) -> Absence:
    return Absence(**{name: getattr(row, name) for name in Absence.__dataclass_fields__})
