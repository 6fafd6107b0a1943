"""Calls made to a CRM, by hour and kind of work, and what the CRM itself says of its daily allowance.

One statement a round of a drain, not one a call. An hour is the grain: a day and the last 24 hours both add up from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal, TypeAlias

from sqlalchemy import Column, Connection, ForeignKey, Integer, String, Table, bindparam, delete, func, select

from connector.crm import Allowance
from connector.store.base import Moment, insert, insert_on, metadata
from connector.store.installs import INSTALL_ID, install

Work: TypeAlias = Literal["live", "backfill", "poll", "other"]
"""What calls were made for: leads that come now, catching up, comparing what changed, everything else."""

api_usage = Table(
    "api_usage",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("hour", Moment, primary_key=True, comment="its beginning, UTC"),
    Column("work", String(8), primary_key=True, comment="live, backfill, poll or other"),
    Column("calls", Integer, nullable=False),
)
api_limit = Table(
    "api_limit",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("used", Integer, comment="calls of everybody in 24 hours, as the CRM says"),
    Column("total", Integer, comment="how many it allows"),
    Column("told_at", Moment),
    Column("quiet", String(300), nullable=False, server_default="", comment="why it last asked for quiet"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the CRM said of its daily calls, and when."""

    allowance: Allowance
    at: datetime


def add(connection: Connection, install_id: str, spent: Mapping[Work, int], *, now: datetime) -> None:
    """Count calls that were just made; for a customer who has disconnected meanwhile nothing is kept."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    rows = [
        {"install_id": install_id, "hour": hour, "work": work, "calls": calls} for work, calls in spent.items() if calls
    ]
    if not rows or not _is_there(connection, install_id):
        return
    connection.execute(_counted(connection.dialect.name), rows)


def tell(connection: Connection, install_id: str, allowance: Allowance, *, now: datetime) -> None:
    """Keep what the CRM says of its daily calls."""
    _put(connection, install_id, {"used": allowance.used, "total": allowance.total, "told_at": now})


def quiet(connection: Connection, install_id: str, reason: str) -> None:
    """Keep why the CRM asked for quiet, for the console."""
    _put(connection, install_id, {"quiet": reason[:300]})


def why_quiet(connection: Connection, install_id: str) -> str:
    """Return why the CRM last asked for quiet, also when that is over; empty when it never did."""
    query = select(api_limit.c.quiet).where(api_limit.c.install_id == install_id)
    return connection.execute(query).scalar_one_or_none() or ""


def told(connection: Connection, install_id: str) -> Told | None:
    """Return what the CRM last said of its daily calls; None when it never did."""
    row = connection.execute(select(api_limit).where(api_limit.c.install_id == install_id)).first()
    if row is None or row.told_at is None:
        return None
    return Told(Allowance(used=row.used, total=row.total), row.told_at)


def spent(connection: Connection, install_id: str, *, since: datetime) -> Counter[Work]:
    """Return our calls by kind of work in the hours that began at `since` or later."""
    query = (
        select(api_usage.c.work, func.sum(api_usage.c.calls))
        .where(api_usage.c.install_id == install_id, api_usage.c.hour >= since)
        .group_by(api_usage.c.work)
    )
    return Counter({row[0]: int(row[1]) for row in connection.execute(query)})


def by_hour(connection: Connection, install_id: str, *, since: datetime) -> dict[datetime, int]:
    """Return our calls by the hour in which they were made, of those that began at `since` or later."""
    mine = (api_usage.c.install_id == install_id) & (api_usage.c.hour >= since)
    query = select(api_usage.c.hour, func.sum(api_usage.c.calls)).where(mine).group_by(api_usage.c.hour)
    return {row[0]: int(row[1]) for row in connection.execute(query.order_by(api_usage.c.hour))}


def purge(connection: Connection, *, before: datetime) -> int:
    """Delete the counts of hours that began before."""
    return connection.execute(delete(api_usage).where(api_usage.c.hour < before)).rowcount


@cache
def _counted(dialect: str) -> Any:
    """Return the statement that adds calls to what is counted; built once, as each round has some to add."""
    statement = insert_on(dialect, api_usage)
    more = {"calls": api_usage.c.calls + statement.excluded.calls}
    return statement.on_conflict_do_update(index_elements=["install_id", "hour", "work"], set_=more)


def _put(connection: Connection, install_id: str, values: Mapping[str, object]) -> None:
    if not _is_there(connection, install_id):
        return
    statement = insert(connection, api_limit).values(install_id=install_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["install_id"], set_=dict(values)))


def _is_there(connection: Connection, install_id: str) -> bool:
    """Whether the install is still there: a customer may disconnect while a worker is at it."""
    return connection.execute(_IS_THERE, {"install_id": install_id}).first() is not None


_IS_THERE = select(install.c.id).where(install.c.id == bindparam("install_id"))
