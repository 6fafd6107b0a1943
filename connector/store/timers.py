"""Timers: what is to happen with a lead at a certain time unless somebody acts, or something comes, before.

They live here and not in Redis: a restart loses none, and each fires once, because firing is a change of the row in the
transaction that stores what it led to. A timer names the decision that set it; what it does stands in that decision.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Table,
    bindparam,
    delete,
    exists,
    func,
    not_,
    select,
    update,
)

from connector.store import progress
from connector.store.base import Moment, insert, metadata
from connector.store.decisions import decision
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


ASK_ALL = "leads that wait"
"""The progress of asking about every lead that waits."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A timer: the `step`-th of a decision's, for one lead, due at a time.

    `reason` says why it was stopped, or which act an idle one waits from (jobs/deeds.py). `changed_at` is when it was
    set, put off, fired or stopped; None in one that is to be set.
    """

    decision_key: str
    step: int
    lead_id: str
    kind: str
    due_at: datetime
    state: State = "waiting"
    reason: str = ""
    changed_at: datetime | None = field(default=None, compare=False)


BROUGHT_BACK = "brought back"
"""The reason of a timer from before our database was lost: it waits for an admin to choose its mode again."""


def add(connection: Connection, install_id: str, timers: Sequence[Waiting], *, now: datetime) -> None:
    """Set timers; one that is set already stays as it is."""
    rows = [
        {
            "install_id": install_id, "decision_key": each.decision_key, "step": each.step, "lead_id": each.lead_id,
            "kind": each.kind, "due_at": each.due_at, "state": "waiting", "reason": each.reason,
            "changed_at": now,
        }
        for each in timers
    ]  # fmt: skip
    if rows:
        connection.execute(insert(connection, timer).on_conflict_do_nothing(), rows)


def due(connection: Connection, install_id: str, *, now: datetime, limit: int) -> list[Waiting]:
    """Return timers whose time has come, the earliest first; none of a lead whose decision is not performed yet."""
    given = {"install_id": install_id, "now": now, "most": limit}
    return [_read(row) for row in connection.execute(_TO_FIRE, given)]


def installs_due(connection: Connection, *, now: datetime, install_id: str | None = None) -> set[str]:
    """Return the installs that have a timer whose time has come; only this one, when it is named."""
    if not install_id:
        return set(connection.execute(_INSTALLS, {"now": now}).scalars())
    return set(connection.execute(_INSTALL, {"now": now, "install_id": install_id}).scalars())


def fire(connection: Connection, install_id: str, one: Waiting, *, now: datetime) -> bool:
    """Mark a timer as fired; False when it is not waiting any more: it fires once."""
    changed = connection.execute(
        update(timer).where(_is(install_id, one), timer.c.state == "waiting").values(state="fired", changed_at=now)
    )
    return bool(changed.rowcount)


def delay(
    connection: Connection, install_id: str, one: Waiting, *, until: datetime, now: datetime, reason: str | None = None
) -> None:
    """Put a timer off, for a new `reason` that it keeps; without one it could not fire, and counts from when it did."""
    mine = _is(install_id, one) & (timer.c.state == "waiting")
    values: dict[str, Any] = {"due_at": until}
    if reason is not None:
        values |= {"reason": reason, "changed_at": now}
    connection.execute(update(timer).where(mine).values(**values))


def ask_at(
    connection: Connection, install_id: str, decision_key: str, lead_id: str, due_at: datetime, *, now: datetime
) -> None:
    """Have a lead that waits asked about at that time, and at no other: a further timer of the decision it waits by."""
    mine = (timer.c.install_id == install_id) & (timer.c.lead_id == lead_id) & (timer.c.state == "waiting")
    asks = mine & (timer.c.kind == "ask")
    values = {"state": "stopped", "reason": "asked at another time", "changed_at": now}
    connection.execute(update(timer).where(asks, timer.c.due_at != due_at).values(**values))
    if connection.execute(select(timer.c.step).where(asks)).first():
        return
    steps = (timer.c.install_id == install_id) & (timer.c.decision_key == decision_key)
    last = connection.execute(select(func.max(timer.c.step)).where(steps)).scalar_one_or_none()
    again = Waiting(decision_key, 0 if last is None else last + 1, lead_id, "ask", due_at)
    add(connection, install_id, [again], now=now)


def stop(
    connection: Connection,
    install_id: str,
    lead_ids: Collection[str],
    reason: str,
    *,
    now: datetime,
    but: Collection[str] = (),
    spare: str = "",
) -> int:
    """Stop what waits for leads, except the timers of the decisions `but` and of the kind `spare`; return how many."""
    if not lead_ids:
        return 0
    given = {"of": install_id, "leads": list(lead_ids), "but": list(but), "spare": spare, "why": reason, "now": now}
    return connection.execute(_STOP, given).rowcount


def of_lead(connection: Connection, install_id: str, lead_id: str) -> list[Waiting]:
    """Return every timer of a lead, whatever became of it, by the time it is due."""
    mine = (timer.c.install_id == install_id) & (timer.c.lead_id == lead_id)
    return [_read(row) for row in connection.execute(select(timer).where(mine).order_by(timer.c.due_at, timer.c.step))]


def asking(connection: Connection, install_id: str, *, limit: int) -> list[str]:
    """Return the leads that wait and are to be asked about, the next first."""
    mine = (timer.c.install_id == install_id) & (timer.c.state == "waiting") & (timer.c.kind == "ask")
    query = select(timer.c.lead_id).where(mine).order_by(timer.c.due_at).limit(limit)
    return list(dict.fromkeys(connection.execute(query).scalars()))


def asking_page(connection: Connection, install_id: str, *, after: str, limit: int) -> list[str]:
    """Return the next leads that wait, by id, after that one."""
    mine = (timer.c.install_id == install_id) & (timer.c.state == "waiting") & (timer.c.kind == "ask")
    query = select(timer.c.lead_id).where(mine, timer.c.lead_id > after).distinct().order_by(timer.c.lead_id)
    return list(connection.execute(query.limit(limit)).scalars())


def ask_all(connection: Connection, install_id: str, *, now: datetime) -> None:
    """Have every lead that waits asked about: rules or people are not as they were. A drain does it (jobs/held.py)."""
    if asking(connection, install_id, limit=1):
        progress.start(connection, install_id, ASK_ALL, now=now)


def upcoming(connection: Connection, install_id: str, *, limit: int) -> list[Waiting]:
    """Return the next timers of an install."""
    mine = (timer.c.install_id == install_id) & (timer.c.state == "waiting")
    return [_read(row) for row in connection.execute(select(timer).where(mine).order_by(timer.c.due_at).limit(limit))]


def needed() -> Select[Any]:
    """Return the query for the install and key of each decision that a waiting timer was set by."""
    return select(timer.c.install_id, timer.c.decision_key).where(timer.c.state == "waiting")


def purge(connection: Connection, *, before: datetime) -> int:
    """Delete timers that fired or were stopped before."""
    over = (timer.c.state != "waiting") & (timer.c.changed_at < before)
    return connection.execute(delete(timer).where(over)).rowcount


def _due(now: datetime | BindParameter[Any]) -> ColumnElement[bool]:
    unfinished = exists().where(
        decision.c.install_id == timer.c.install_id,
        decision.c.lead_id == timer.c.lead_id,
        decision.c.state == "intended",
    )
    return (timer.c.state == "waiting") & (timer.c.due_at <= now) & not_(unfinished)


# Each round says these: building one anew takes longer than having it answered.
_INSTALLS = select(timer.c.install_id).where(_due(bindparam("now"))).distinct()
_INSTALL = _INSTALLS.where(timer.c.install_id == bindparam("install_id"))
_TO_FIRE = (
    select(timer)
    .where(timer.c.install_id == bindparam("install_id"), _due(bindparam("now")))
    .order_by(timer.c.due_at, timer.c.decision_key, timer.c.step)
    .limit(bindparam("most"))
)
_STOP = (
    update(timer)
    .where(
        timer.c.install_id == bindparam("of"),
        timer.c.state == "waiting",
        timer.c.lead_id.in_(bindparam("leads", expanding=True)),
        timer.c.decision_key.not_in(bindparam("but", expanding=True)),
        timer.c.kind != bindparam("spare"),
    )
    .values(state="stopped", reason=bindparam("why"), changed_at=bindparam("now"))
)


def _is(install_id: str, one: Waiting) -> ColumnElement[bool]:
    mine = (timer.c.install_id == install_id) & (timer.c.decision_key == one.decision_key)
    return mine & (timer.c.step == one.step)


def _read(row: object) -> Waiting:
    return Waiting(**{name: getattr(row, name) for name in Waiting.__dataclass_fields__})
