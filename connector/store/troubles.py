"""Troubles: what stands still or was put off in an install, by reason, and when anything last came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import Connection, func, select

from connector.store import decisions
from connector.store.cursors import cursor
from connector.store.decisions import Stored, decision
from connector.store.leases import lease
from connector.store.letters import letter
from connector.store.seal import Seal

What: TypeAlias = Literal["letter", "decision"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """So many letters or decisions wait, or stand still, for one reason; `at`: when the latest of them came."""

    what: What
    state: str
    reason: str
    count: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Arrivals:
    """When anything came in: the oldest letter that waits and is due, the latest one that waits, the latest decision,
    and when the place in the change stream was last stored.
    """  # noqa: D205 - one sentence

    oldest: datetime | None
    latest: datetime | None
    decided: datetime | None
    place: datetime | None


def by_reason(connection: Connection, install_id: str, *, since: datetime, limit: int) -> list[Trouble]:
    """Return why letters and decisions wait or stand still that came since then, by reason, the latest first."""
    at, many = func.max(letter.c.received_at), func.count()
    mine = (letter.c.install_id == install_id) & (letter.c.reason != "") & (letter.c.received_at >= since)
    group = (letter.c.state, letter.c.reason)
    ours = select(*group, many, at).where(mine).group_by(*group).order_by(at.desc()).limit(limit)
    found = [Trouble("letter", *row) for row in connection.execute(ours)]
    at, state = func.max(decision.c.created_at), decision.c.state.in_(["intended", "parked"])
    mine = (decision.c.install_id == install_id) & state & (decision.c.reason != "") & (decision.c.created_at >= since)
    group = (decision.c.state, decision.c.reason)
    ours = select(*group, many, at).where(mine).group_by(*group).order_by(at.desc()).limit(limit)
    found += [Trouble("decision", *row) for row in connection.execute(ours)]
    return sorted(found, key=lambda each: each.at, reverse=True)[:limit]


def refused(connection: Connection, install_id: str, seal: Seal, *, limit: int) -> Sequence[Stored]:
    """Return the decisions that stand still until a person asks for another try, the newest first."""
    mine = (decision.c.install_id == install_id) & (decision.c.state == "parked")
    query = select(decision.c.key).where(mine).order_by(decision.c.created_at.desc(), decision.c.key).limit(limit)
    keys = connection.execute(query).scalars().all()
    return list(decisions.by_keys(connection, install_id, seal, keys).values())


def arrivals(connection: Connection, install_id: str, *, now: datetime) -> Arrivals:
    """Return when anything came in."""
    mine = (letter.c.install_id == install_id) & (letter.c.state == "waiting")
    oldest = select(func.min(letter.c.received_at)).where(mine, letter.c.not_before <= now)
    latest = select(func.max(letter.c.received_at)).where(mine)
    decided = select(func.max(decision.c.created_at)).where(decision.c.install_id == install_id)
    place = select(func.max(cursor.c.at)).where(cursor.c.install_id == install_id)
    return Arrivals(*(connection.execute(each).scalar_one() for each in (oldest, latest, decided, place)))


def held_until(connection: Connection, name: str, *, now: datetime) -> datetime | None:
    """Return until when somebody holds a lease; None when nobody does."""
    until = connection.execute(select(lease.c.until).where(lease.c.name == name)).scalar_one_or_none()
    return until if until is not None and until >= now else None
