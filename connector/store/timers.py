"""Timers: what is to happen with a lead at a certain time unless somebody acts, or something comes, before.

They live here and not in Redis: a restart loses none, and each fires once, because firing is a change of the row in the
transaction that stores what it led to. A timer names the decision that set it; what it does stands in that decision.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    delete,
    select,
    update,
)

from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID

State: TypeAlias = Literal["waiting", "fired", "stopped"]

timer = Table(
    "timer",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("decision_key", String(120), primary_key=True),
    Column("step", Integer, primary_key=True, comment="place among the decision's timers"),
    Column("lead_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False, comment="ask, remind, tell, reassign, return or idle"),
    Column("due_at", Moment, nullable=False),
    Column("state", String(8), nullable=False),
    Column("reason", String(32), nullable=False, server_default="", comment="why it was stopped"),
    Column("changed_at", Moment, nullable=False),
    Index(None, "state", "due_at"),
    Index(None, "install_id", "state", "due_at"),
    Index(None, "install_id", "lead_id", "state"),
    Index(None, "state", "changed_at"),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A timer: the `step`-th of a decision's, for one lead, due at a time."""

    decision_key: str
    step: int
    lead_id: str
    kind: str
    due_at: datetime
    state: State = "waiting"
    reason: str = ""


def add(connection: Connection, install_id: str, timers: Sequence[Waiting], *, now: datetime) -> None:
    """Set timers; one that is set already stays as it is."""
    rows = [
        {
            "install_id": install_id, "decision_key": each.decision_key, "step": each.step, "lead_id": each.lead_id,
            "kind": each.kind, "due_at": each.due_at, "state": "waiting", "reason": "", "changed_at": now,
        }
        for each in timers
    ]  # fmt: skip
    if rows:
        connection.execute(insert(connection, timer).on_conflict_do_nothing(), rows)


def due(connection: Connection, install_id: str, *, now: datetime, limit: int) -> list[Waiting]:
    """Return timers whose time has come, the earliest first."""
    mine = (timer.c.install_id == install_id) & (timer.c.state == "waiting") & (timer.c.due_at <= now)
    order = (timer.c.due_at, timer.c.decision_key, timer.c.step)
    return [_read(row) for row in connection.execute(select(timer).where(mine).order_by(*order).limit(limit))]


def installs_due(connection: Connection, *, now: datetime, install_id: str | None = None) -> set[str]:
    """Return the installs that have a timer whose time has come; only this one, when it is named."""
    query = select(timer.c.install_id).where(timer.c.state == "waiting", timer.c.due_at <= now).distinct()
    return set(connection.execute(query.where(timer.c.install_id == install_id) if install_id else query).scalars())


def fire(connection: Connection, install_id: str, one: Waiting, *, now: datetime) -> bool:
    """Mark a timer as fired; False when it is not waiting any more: it fires once."""
    changed = connection.execute(
        update(timer).where(_is(install_id, one), timer.c.state == "waiting").values(state="fired", changed_at=now)
    )
    return bool(changed.rowcount)


def stop(
    connection: Connection,
    install_id: str,
    lead_ids: Collection[str],
    reason: str,
    *,
    now: datetime,
    but: Collection[str] = (),
) -> int:
    """Stop what waits for leads, except the timers of the decisions `but`; return how many."""
    if not lead_ids:
        return 0
    mine = (timer.c.install_id == install_id) & (timer.c.state == "waiting") & timer.c.lead_id.in_(list(lead_ids))
    others = mine & timer.c.decision_key.not_in(list(but))
    return connection.execute(
        update(timer).where(others).values(state="stopped", reason=reason, changed_at=now)
    ).rowcount


def of_lead(connection: Connection, install_id: str, lead_id: str) -> list[Waiting]:
    """Return every timer of a lead, whatever became of it, by the time it is due."""
    mine = (timer.c.install_id == install_id) & (timer.c.lead_id == lead_id)
    return [_read(row) for row in connection.execute(select(timer).where(mine).order_by(timer.c.due_at, timer.c.step))]


def upcoming(connection: Connection, install_id: str, *, limit: int) -> list[Waiting]:
    """Return the next timers of an install."""
    mine = (timer.c.install_id == install_id) & (timer.c.state == "waiting")
    return [_read(row) for row in connection.execute(select(timer).where(mine).order_by(timer.c.due_at).limit(limit))]


def purge(connection: Connection, *, before: datetime) -> int:
    """Delete timers that fired or were stopped before."""
    over = (timer.c.state != "waiting") & (timer.c.changed_at < before)
    return connection.execute(delete(timer).where(over)).rowcount


def _is(install_id: str, one: Waiting) -> ColumnElement[bool]:
    mine = (timer.c.install_id == install_id) & (timer.c.decision_key == one.decision_key)
    return mine & (timer.c.step == one.step)


def _read(row: object) -> Waiting:
    return Waiting(**{name: getattr(row, name) for name in Waiting.__dataclass_fields__})
