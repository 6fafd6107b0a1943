"""Assignments: who got which lead by our doing, when, and until when. One row per decision that gave a lead away.

They answer what the next decision asks: who had this lead before, who has leads of the same account, who must not get
it again; and what people ask: who has how many. The account is a keyed hash: the rows say nothing without the install.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    delete,
    func,
    select,
    update,
)

from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID

Ending: TypeAlias = Literal["", "replaced", "timed out", "rejected", "undone"]
REFUSING: tuple[Ending, ...] = ("timed out", "rejected", "undone")
"""Endings after which the same person does not get the same lead again by a rule."""
NEIGHBOURS = 20
"""People of one account that are remembered for the next lead of it: the latest."""

assignment = Table(
    "assignment",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), nullable=False),
    Column("decision_key", String(120), nullable=False),
    Column("lead_id", String(64), nullable=False),
    Column("user_id", String(64), nullable=False),
    Column("account", BigInteger, comment="keyed hash of the matched account's id"),
    Column("lane", Text, nullable=False, comment="the pool's lane whose turn it was; empty without one"),
    Column("mode", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("ending", String(16), nullable=False, server_default=""),
    Index(None, "install_id", "decision_key", unique=True),
    Index(None, "install_id", "lead_id", "id"),
    Index(None, "install_id", "account", "id"),
    Index(None, "install_id", "lane", "at"),
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A lead given to somebody by a decision. `account` is a keyed hash, None without a matched account."""

    decision_key: str
    lead_id: str
    user_id: str
    account: int | None
    lane: str
    mode: str
    at: datetime
    ended_at: datetime | None = None
    ending: Ending = ""


def add(connection: Connection, install_id: str, given: Sequence[Assignment]) -> None:
    """Note who got which lead; whoever had it before is replaced. One decision is noted once."""
    for each in given:
        mine = (assignment.c.install_id == install_id) & (assignment.c.lead_id == each.lead_id)
        same = mine & (assignment.c.mode == each.mode) & assignment.c.ended_at.is_(None)
        others = same & (assignment.c.decision_key != each.decision_key)
        connection.execute(update(assignment).where(others).values(ended_at=each.at, ending="replaced"))
        values = {
            "install_id": install_id, "decision_key": each.decision_key, "lead_id": each.lead_id,
            "user_id": each.user_id, "account": each.account, "lane": each.lane, "mode": each.mode, "at": each.at,
            "ending": "",
        }  # fmt: skip
        connection.execute(insert(connection, assignment).values(**values).on_conflict_do_nothing())


def end(connection: Connection, install_id: str, decision_key: str, ending: Ending, *, now: datetime) -> bool:
    """End what a decision gave; also one that was replaced gets the reason why. False when it gave nothing."""
    mine = (assignment.c.install_id == install_id) & (assignment.c.decision_key == decision_key)
    moment = func.coalesce(assignment.c.ended_at, now)
    return bool(connection.execute(update(assignment).where(mine).values(ended_at=moment, ending=ending)).rowcount)


def of_leads(
    connection: Connection, install_id: str, lead_ids: Collection[str], *, mode: str
) -> dict[str, list[Assignment]]:
    """Return everything that leads were given, by lead id, oldest first."""
    mine = (assignment.c.install_id == install_id) & (assignment.c.mode == mode)
    query = select(assignment).where(mine, assignment.c.lead_id.in_(list(lead_ids))).order_by(assignment.c.id)
    found: dict[str, list[Assignment]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.lead_id].append(_read(row))
    return dict(found)


def neighbours(
    connection: Connection, install_id: str, accounts: Collection[int], *, mode: str
) -> dict[int, tuple[str, ...]]:
    """Return, per keyed hash of an account, who has leads of it, the latest first."""
    found: dict[int, tuple[str, ...]] = {}
    for account in accounts:
        mine = (assignment.c.install_id == install_id) & (assignment.c.account == account)
        live = (assignment.c.mode == mode) & assignment.c.ending.not_in(REFUSING)
        query = select(assignment.c.user_id).where(mine, live).order_by(assignment.c.id.desc()).limit(NEIGHBOURS)
        if users := tuple(dict.fromkeys(connection.execute(query).scalars())):
            found[account] = users
    return found


def counts(connection: Connection, install_id: str, *, since: datetime, mode: str) -> Mapping[tuple[str, str], int]:
    """Return how many leads each (lane, user id) got since, those that were undone or rejected left out."""
    mine = (assignment.c.install_id == install_id) & (assignment.c.at >= since) & (assignment.c.mode == mode)
    query = select(assignment.c.lane, assignment.c.user_id, func.count()).where(
        mine, assignment.c.ending.not_in(("rejected", "undone"))
    )
    return {(lane, user): n for lane, user, n in connection.execute(query.group_by("lane", "user_id"))}


def forget(connection: Connection, install_id: str, lead_ids: Iterable[str]) -> None:
    """Delete what is known of leads that are gone for good (privacy)."""
    mine = assignment.c.install_id == install_id
    connection.execute(delete(assignment).where(mine, assignment.c.lead_id.in_(list(lead_ids))))


def purge(connection: Connection, *, before: datetime) -> int:
    """Delete rows that ended before; what still holds stays."""
    return connection.execute(delete(assignment).where(assignment.c.ended_at < before)).rowcount


def _read(row: object) -> Assignment:
    return Assignment(**{name: getattr(row, name) for name in Assignment.__dataclass_fields__})
