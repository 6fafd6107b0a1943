"""How many decisions of an install came to what, and what those wait for that are not done yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Connection, func, select, type_coerce

from connector.store.base import EPOCH
from connector.store.decisions import decision

HOUR_MICROSECONDS = 3600 * 1_000_000


@dataclass(frozen=True, slots=True)
class PutOff:
    """So many decisions wait for the same reason; the first of them is tried again at `at`."""

    reason: str
    count: int
    at: datetime


def counts(connection: Connection, install_id: str, *, since: datetime) -> dict[str, int]:
    """Return decisions since then by outcome, and under ``parked``/``intended`` those that are not settled."""
    mine = decision.c.install_id == install_id
    by_outcome = select(decision.c.outcome, func.count()).where(mine, decision.c.created_at >= since)
    open_ones = select(decision.c.state, func.count()).where(mine, decision.c.state != "settled")
    found = {row[0]: row[1] for row in connection.execute(by_outcome.group_by(decision.c.outcome))}
    found |= {row[0]: row[1] for row in connection.execute(open_ones.group_by(decision.c.state))}
    return found


def put_off(connection: Connection, install_id: str, *, now: datetime) -> list[PutOff]:
    """Return what unfinished decisions wait for, by reason, most of them first."""
    at = func.min(decision.c.not_before).label("at")
    query = (
        select(decision.c.reason, func.count().label("count"), at)
        .where(decision.c.install_id == install_id, decision.c.state == "intended", decision.c.not_before > now)
        .group_by(decision.c.reason)
        .order_by(func.count().desc(), decision.c.reason)
    )
    return [PutOff(*row) for row in connection.execute(query)]


def by_hour(connection: Connection, install_id: str, *, since: datetime) -> dict[datetime, dict[str, int]]:
    """Return decisions since then by the hour in which they were made and by outcome; empty hours are left out."""
    hour = (type_coerce(decision.c.created_at, BigInteger) // HOUR_MICROSECONDS).label("hour")
    query = select(hour, decision.c.outcome, func.count().label("count"))
    query = query.where(decision.c.install_id == install_id, decision.c.created_at >= since)
    found: dict[datetime, dict[str, int]] = {}
    for row in connection.execute(query.group_by(hour, decision.c.outcome)):
        found.setdefault(EPOCH + timedelta(hours=row.hour), {})[row.outcome] = row[2]
    return found
