"""How much waits, everywhere at once: what monitoring reads. No tenant is named, installs only by their id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from connector.store.decisions import decision
from connector.store.erasures import erasure
from connector.store.installs import install
from connector.store.leases import lease
from connector.store.letters import letter
from connector.store.progress import progress
from connector.store.streams import stream
from connector.store.usage import api_limit, api_usage

REASONS = 2_000
"""Different reasons that are read at once; a CRM that words each of its answers differently would have us read all."""
HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Inbox:
    """The letters of one install: how many wait and are parked, and since when the oldest waits that is due."""

    install_id: str
    waiting: int
    parked: int
    oldest: datetime | None


def installs(connection: Connection) -> list[tuple[str, str, str, int]]:
    """Return how many installs there are by CRM, status and mode."""
    group = (install.c.crm, install.c.status, install.c.mode)
    rows = connection.execute(select(*group, func.count()).group_by(*group))
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def inboxes(connection: Connection, *, now: datetime) -> list[Inbox]:
    """Return the inboxes that are not empty."""
    states = (letter.c.install_id, letter.c.state, func.count())
    found: dict[str, dict[str, int]] = {}
    for install_id, state, count in connection.execute(select(*states).group_by(letter.c.install_id, letter.c.state)):
        found.setdefault(install_id, {})[state] = count
    due = (letter.c.state == "waiting") & (letter.c.not_before <= now)
    oldest = select(letter.c.install_id, func.min(letter.c.received_at)).where(due).group_by(letter.c.install_id)
    since = {row[0]: row[1] for row in connection.execute(oldest)}
    return [
        Inbox(each, counts.get("waiting", 0), counts.get("parked", 0), since.get(each))
        for each, counts in sorted(found.items())
    ]


def unsettled(connection: Connection) -> list[tuple[str, str, int]]:
    """Return how many decisions are intended and parked, by install."""
    group = (decision.c.install_id, decision.c.state)
    query = select(*group, func.count()).where(decision.c.state.in_(["intended", "parked"])).group_by(*group)
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def outcomes(connection: Connection, *, now: datetime) -> list[tuple[str, int]]:
    """Return how many decisions of the last hour came to what."""
    # Every state is named because the index begins with it.
    recent = decision.c.state.in_(["intended", "parked", "settled"]) & (decision.c.created_at >= now - HOUR)
    query = select(decision.c.outcome, func.count()).where(recent)
    return [(row[0], row[1]) for row in connection.execute(query.group_by(decision.c.outcome))]


def reasons(connection: Connection) -> list[tuple[str, str, str, int]]:
    """Return why things wait or stand still, everywhere: letter or decision, its state, the reason, how many.

    Reasons are a CRM's own words and may quote somebody's field: whoever asks tells their kind alone.
    """
    found: list[tuple[str, str, str, int]] = []
    for what, table, states in (
        ("letter", letter, ("waiting", "parked")),
        ("decision", decision, ("intended", "parked")),
    ):
        group = (table.c.state, table.c.reason)
        query = select(*group, func.count()).where(table.c.state.in_(states), table.c.reason != "").group_by(*group)
        found += [(what, state, reason, count) for state, reason, count in connection.execute(query.limit(REASONS))]
    return found


def erasures(connection: Connection) -> list[tuple[str, int, datetime]]:
    """Return how many people are still to be forgotten here or in the CRM, and since when the oldest was asked for."""
    query = select(erasure.c.stage, func.count(), func.min(erasure.c.asked_at)).group_by(erasure.c.stage)
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def work(connection: Connection) -> list[tuple[str, str, int]]:
    """Return how many pieces of long work (by the part of their name before the colon) are in which state."""
    found: dict[tuple[str, str], int] = {}
    query = select(progress.c.name, progress.c.state, func.count()).group_by(progress.c.name, progress.c.state)
    for name, state, count in connection.execute(query):
        kind = name.split(":", 1)[0]
        found[kind, state] = found.get((kind, state), 0) + count
    return [(kind, state, count) for (kind, state), count in sorted(found.items())]


def streams(connection: Connection) -> list[tuple[str, int]]:
    """Return how many change streams are live, polled and broken."""
    query = select(stream.c.standing, func.count()).group_by(stream.c.standing)
    return [(row[0], row[1]) for row in connection.execute(query)]


def calls(connection: Connection, *, now: datetime) -> list[tuple[str, int, int | None]]:
    """Return, per install, our calls of the last 24 hours, and how many the CRM allows everybody (None: unknown)."""
    ours = (
        select(api_usage.c.install_id, func.sum(api_usage.c.calls).label("ours"))
        .where(api_usage.c.hour > now - DAY)
        .group_by(api_usage.c.install_id)
        .subquery()
    )
    query = select(ours.c.install_id, ours.c.ours, api_limit.c.total).outerjoin(
        api_limit, api_limit.c.install_id == ours.c.install_id
    )
    return [(row[0], int(row[1]), row[2]) for row in connection.execute(query)]


def held(connection: Connection, name: str, *, now: datetime) -> bool:
    """Whether somebody holds this lease now."""
    query = select(lease.c.name).where(lease.c.name == name, lease.c.until >= now)
    return connection.execute(query).first() is not None
