"""Pauses: people who take no leads for a while, by their own click or an admin's; no rule set changes for that.

The router asks here alone who is away (:func:`of`): absences that were planned ahead (absences.py) count as well.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, ForeignKey, String, Table, delete, or_, select

from connector.store import absences, timers
from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID

pause = Table(
    "pause",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", String(64), primary_key=True),
    Column("until", Moment, comment="none: until further notice"),
    Column("since", Moment, nullable=False),
    Column("by", String(64), nullable=False, comment="user id, or who sat at the command line"),
)


@dataclass(frozen=True, slots=True)
class Pause:
    """Somebody takes no leads until then (None: until further notice)."""

    user_id: str
    until: datetime | None
    since: datetime
    by: str


def put(
    connection: Connection, install_id: str, user_id: str, *, until: datetime | None, by: str, now: datetime
) -> None:
    """Pause somebody until then; without a time, until further notice. Leads that wait are asked about again."""
    values = {"until": until, "since": now, "by": by}
    statement = insert(connection, pause).values(install_id=install_id, user_id=user_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["install_id", "user_id"], set_=values))
    timers.ask_all(connection, install_id, now=now)


def end(connection: Connection, install_id: str, user_id: str, *, now: datetime) -> bool:
    """Have somebody take leads again; False when they were not paused. Leads that wait are asked about again."""
    mine = (pause.c.install_id == install_id) & (pause.c.user_id == user_id)
    ended = bool(connection.execute(delete(pause).where(mine)).rowcount)
    if ended:
        timers.ask_all(connection, install_id, now=now)
    return ended


def of(connection: Connection, install_id: str, *, now: datetime) -> dict[str, datetime | None]:
    """Return who takes no leads now, paused or away, by user id, and until when: of what follows at once, the end."""
    ends = {each.user_id: each.until for each in every(connection, install_id, now=now)}
    planned: dict[str, list[absences.Absence]] = defaultdict(list)
    for each in absences.every(connection, install_id, now=now):
        planned[each.user_id].append(each)
    for user_id, own in planned.items():
        away_until = ends.get(user_id, now)
        if away_until is not None:
            back = absences.until(own, away_until=away_until)
            if back > now:
                ends[user_id] = back
    return ends


def every(connection: Connection, install_id: str, *, now: datetime) -> list[Pause]:
    """Return the pauses that run, the oldest first."""
    live = or_(pause.c.until.is_(None), pause.c.until > now)
    query = select(pause).where(pause.c.install_id == install_id, live).order_by(pause.c.since, pause.c.user_id)
    return [Pause(row.user_id, row.until, row.since, row.by) for row in connection.execute(query)]


def purge(connection: Connection, *, now: datetime) -> int:
    """Delete pauses that are over, and absences."""
    absences.purge(connection, now=now)
    return connection.execute(delete(pause).where(pause.c.until <= now)).rowcount
