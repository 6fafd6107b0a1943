"""Assignments: who got which lead by our doing, when, and until when. One row per decision that gave a lead away.

They answer what the next decision asks: who had this lead before, who has leads of the same account, who must not get
it again. The account is a keyed hash: the rows say nothing without the install.

Some endings give the turn of a pool back. Anybody may end an assignment; only a drain moves the rotation, as it alone
holds the lease: so the ending notes that the credit is due, and the next round gives it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

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
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    not_,
    select,
    update,
)

from connector.store.base import Moment, insert, metadata
from connector.store.decisions import decision
from connector.store.installs import INSTALL_ID
from connector.store.timers import timer

Ending: TypeAlias = Literal["", "replaced", "timed out", "rejected", "undone", "merged", "gone", "converted"]
Credit: TypeAlias = Literal["", "due", "given"]
REFUSING: tuple[Ending, ...] = ("timed out", "rejected", "undone")
"""Endings after which the same person does not get the same lead again by a rule."""
FIRST: tuple[Ending, ...] = ("replaced", "timed out", "gone", "converted")
"""Endings that say nothing of what had ended before."""
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
    Column("credit", String(8), nullable=False, server_default="", comment="due or given: the turn goes back"),
    Index(None, "install_id", "credit"),
    Index(None, "ended_at"),
    Index(None, "install_id", "decision_key", unique=True),
    Index(None, "install_id", "lead_id", "id"),
    Index(None, "install_id", "account", "id"),
    Index(None, "install_id", "lane", "at"),
    Index(None, "install_id", "user_id", "id"),
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
    credit: Credit = ""


def holding(rows: Sequence[Assignment]) -> Assignment | None:
    """Return which of a lead's assignments holds, if any does."""
    return next((each for each in reversed(rows) if each.ended_at is None), None)


def add(connection: Connection, install_id: str, given: Sequence[Assignment]) -> None:
    """Note who got which lead; whoever had it before is replaced. One decision is noted once."""
    for each in given:
        others = {"of": install_id, "lead": each.lead_id, "in_mode": each.mode, "but": each.decision_key}
        connection.execute(_REPLACE, {**others, "now": each.at})
        values = {
            "install_id": install_id, "decision_key": each.decision_key, "lead_id": each.lead_id,
            "user_id": each.user_id, "account": each.account, "lane": each.lane, "mode": each.mode, "at": each.at,
            "ending": "", "credit": "",
        }  # fmt: skip
        connection.execute(insert(connection, assignment).values(**values).on_conflict_do_nothing())


_REPLACE = (
    update(assignment)
    .where(
        assignment.c.install_id == bindparam("of"),
        assignment.c.lead_id == bindparam("lead"),
        assignment.c.mode == bindparam("in_mode"),
        assignment.c.ended_at.is_(None),
        assignment.c.decision_key != bindparam("but"),
    )
    .values(ended_at=bindparam("now"), ending="replaced")
)


def end(
    connection: Connection,
    install_id: str,
    decision_key: str,
    ending: Ending,
    *,
    now: datetime,
    gives_back: bool = False,
) -> bool:
    """End what a decision gave; False when it gave nothing, or had ended already.

    What a person did (rejected, undone, merged) is told also of one that ended before: that is the reason why.
    `gives_back`: the turn of a pool that it was is due to go back; that is noted once, whatever ends it again.
    """
    mine = (assignment.c.install_id == install_id) & (assignment.c.decision_key == decision_key)
    if ending in FIRST:
        mine &= assignment.c.ended_at.is_(None)
    values: dict[str, Any] = {"ended_at": func.coalesce(assignment.c.ended_at, literal(now, Moment)), "ending": ending}
    if gives_back:
        fresh = (assignment.c.credit == "") & (assignment.c.lane != "")
        values["credit"] = case((fresh, "due"), else_=assignment.c.credit)
    return bool(connection.execute(update(assignment).where(mine).values(**values)).rowcount)


def owed(connection: Connection, install_id: str, *, limit: int) -> list[Assignment]:
    """Return the assignments whose turn is due to go back, oldest first."""
    mine = (assignment.c.install_id == install_id) & (assignment.c.credit == "due")
    query = select(assignment).where(mine).order_by(assignment.c.id).limit(limit)
    return [_read(row) for row in connection.execute(query)]


def credited(connection: Connection, install_id: str, decision_keys: Collection[str]) -> None:
    """The turns of these decisions have gone back."""
    if decision_keys:
        mine = (assignment.c.install_id == install_id) & assignment.c.decision_key.in_(list(decision_keys))
        connection.execute(update(assignment).where(mine).values(credit="given"))


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
    if not accounts:
        return {}
    mine = (assignment.c.install_id == install_id) & assignment.c.account.in_(list(accounts))
    live = (assignment.c.mode == mode) & assignment.c.ending.not_in(REFUSING)
    place = func.row_number().over(partition_by=assignment.c.account, order_by=assignment.c.id.desc()).label("place")
    latest = select(assignment.c.account, assignment.c.user_id, place).where(mine, live).subquery()
    query = select(latest).where(latest.c.place <= NEIGHBOURS).order_by(latest.c.account, latest.c.place)
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for row in connection.execute(query):
        found[row.account][row.user_id] = None
    return {account: tuple(users) for account, users in found.items()}


def moved(connection: Connection, install_id: str, *, since: datetime, mode: str) -> dict[str, int]:
    """Return by how many leads what each user has by our doing has grown or shrunk, from that moment on."""
    mine = (assignment.c.install_id == install_id) & (assignment.c.mode == mode)
    found: dict[str, int] = defaultdict(int)
    for sign, moment in ((1, assignment.c.at), (-1, assignment.c.ended_at)):
        query = select(assignment.c.user_id, func.count()).where(mine, moment >= since)
        for user, count in connection.execute(query.group_by(assignment.c.user_id)):
            found[user] += sign * count
    return dict(found)


def last_turn(connection: Connection, install_id: str, lane: str) -> datetime | None:
    """Return when the latest turn of a pool's lane was taken that is known."""
    mine = (assignment.c.install_id == install_id) & (assignment.c.lane == lane)
    found: datetime | None = connection.execute(select(func.max(assignment.c.at)).where(mine)).scalar_one()
    return found


def purge(connection: Connection, *, before: datetime) -> int:
    """Delete rows that ended before, and older ones still open of which nothing else tells any more.

    An open one stays as long as its decision is known, or a timer waits for its lead.
    """
    known = exists().where(
        decision.c.install_id == assignment.c.install_id, decision.c.key == assignment.c.decision_key
    )
    waits = exists().where(
        timer.c.install_id == assignment.c.install_id,
        timer.c.lead_id == assignment.c.lead_id,
        timer.c.state == "waiting",
    )
    forgotten = assignment.c.ended_at.is_(None) & (assignment.c.at < before) & not_(known) & not_(waits)
    return connection.execute(delete(assignment).where((assignment.c.ended_at < before) | forgotten)).rowcount


def _read(row: object) -> Assignment:
    return Assignment(**{name: getattr(row, name) for name in Assignment.__dataclass_fields__})
