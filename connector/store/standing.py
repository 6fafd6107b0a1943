"""How many decisions of an install came to what, and what those wait for that are not done yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from connector.store.decisions import decision


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
