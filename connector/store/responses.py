"""Leads that wait for an answer: by when somebody was to work on each, when that is asked, and what came of it.

One row for each decision that gave a lead to a person with a task. What is found out is stored before it is written to
the CRM's audit record, and noted as told after: a worker that dies between the two writes the same once more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Float,
    ForeignKey,
    Index,
    Select,
    String,
    Table,
    delete,
    exists,
    func,
    select,
    update,
)

from connector.store import assignments
from connector.store.base import Moment, insert, metadata
from connector.store.decisions import decision
from connector.store.installs import INSTALL_ID
from connector.store.ledger import ledger
from rules.model import Assign, ResponseStatus
from rules.response import Response

State: TypeAlias = Literal["waiting", "found", "told"]

response = Table(
    "response",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("decision_key", String(120), primary_key=True),
    Column("lead_id", String(64), nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("ask_at", Moment, nullable=False, comment="when it is looked at again"),
    Column("state", String(8), nullable=False, comment="waiting, found, or told (to the CRM)"),
    Column("status", String(8), nullable=False, comment="as in the audit record"),
    Column("responded_at", Moment),
    Column("minutes", Float, comment="from the decision to the answer"),
    Column("changed_at", Moment, nullable=False),
    Index(None, "install_id", "state", "ask_at"),
    Index(None, "state", "ask_at"),
    Index(None, "state", "changed_at"),
)


@dataclass(frozen=True, slots=True)
class Awaited:
    """A lead that somebody was to work on by `due_at`; `status`, `responded_at` and `minutes` say what came of it."""

    decision_key: str
    lead_id: str
    decided_at: datetime
    due_at: datetime
    ask_at: datetime
    state: State = "waiting"
    status: ResponseStatus = "waiting"
    responded_at: datetime | None = None
    minutes: float | None = None


def add(connection: Connection, install_id: str, rows: Sequence[Awaited], *, now: datetime) -> None:
    """Begin to wait; what is waited for already stays as it is."""
    values = [
        {"install_id": install_id, "changed_at": now, **{name: getattr(each, name) for name in _NAMES}} for each in rows
    ]
    if values:
        connection.execute(insert(connection, response).on_conflict_do_nothing(), values)


def due(connection: Connection, install_id: str, *, now: datetime, limit: int) -> list[Awaited]:
    """Return what is to be looked at now, the earliest first: only of decisions that are carried out."""
    query = select(response).where(response.c.install_id == install_id, _due(now))
    order = (response.c.ask_at, response.c.decision_key)
    return [_read(row) for row in connection.execute(query.order_by(*order).limit(limit))]


def installs_due(connection: Connection, *, now: datetime) -> dict[str, int]:
    """Return the installs that have something to be looked at now, with how much."""
    query = select(response.c.install_id, func.count()).where(_due(now)).group_by(response.c.install_id)
    return {row[0]: row[1] for row in connection.execute(query)}


def find(connection: Connection, install_id: str, key: str, found: Response, *, now: datetime) -> bool:
    """Note what came of waiting by a decision, to be told to the CRM; False when that was noted before."""
    values = {"state": "found", "status": found.status, "responded_at": found.at, "minutes": found.minutes}
    waiting = _is(install_id, [key]) & (response.c.state == "waiting")
    changed = connection.execute(update(response).where(waiting).values(**values, ask_at=now, changed_at=now))
    return bool(changed.rowcount)


def put_off(connection: Connection, install_id: str, key: str, *, until: datetime) -> None:
    """Look at it again at that time."""
    connection.execute(update(response).where(_is(install_id, [key])).values(ask_at=until))


def told(connection: Connection, install_id: str, keys: Collection[str], *, now: datetime) -> None:
    """What came of these is in the CRM, or never will be."""
    if keys:
        connection.execute(update(response).where(_is(install_id, keys)).values(state="told", changed_at=now))


def drop(connection: Connection, install_id: str, keys: Collection[str]) -> None:
    """Wait no more for these: nobody got the lead after all."""
    if keys:
        connection.execute(delete(response).where(_is(install_id, keys)))


def of_decision(connection: Connection, install_id: str, key: str) -> Awaited | None:
    """Return what a decision waits for, or what came of it; None when it waits for nothing."""
    row = connection.execute(select(response).where(_is(install_id, [key]))).first()
    return None if row is None else _read(row)


def of_decisions(connection: Connection, install_id: str, keys: Collection[str]) -> dict[str, Awaited]:
    """Return what these decisions wait for, or what came of it, by their keys; none of those that wait for nothing."""
    rows = connection.execute(select(response).where(_is(install_id, keys))) if keys else ()
    return {row.decision_key: _read(row) for row in rows}


def overdue(connection: Connection, install_id: str, *, now: datetime) -> dict[str, int]:
    """Return who has how many leads whose answer is past due and was looked for in vain, by their id."""
    given = assignments.assignment
    same = (given.c.install_id == response.c.install_id) & (given.c.decision_key == response.c.decision_key)
    query = (
        select(given.c.user_id, func.count())
        .select_from(response.join(given, same))
        .where(response.c.install_id == install_id, response.c.state == "waiting")
        .where(response.c.due_at <= now, response.c.ask_at > response.c.due_at, given.c.ended_at.is_(None))
        .group_by(given.c.user_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def needed() -> Select[Any]:
    """Return the query for the install and key of each decision that waits for an answer."""
    return select(response.c.install_id, response.c.decision_key).where(response.c.state == "waiting")


def purge(connection: Connection, *, before: datetime) -> int:
    """Delete what came to an end before, and what could not be asked about or told since."""
    over = (response.c.changed_at < before) & (response.c.ask_at < before)
    return connection.execute(delete(response).where(over)).rowcount


_NAMES = tuple(Awaited.__dataclass_fields__)


def _due(now: datetime) -> ColumnElement[bool]:
    # A decision of which the CRM refused only the task or the link is parked, and somebody got its lead.
    given = exists().where(
        ledger.c.install_id == decision.c.install_id,
        ledger.c.decision_key == decision.c.key,
        ledger.c.action == Assign.key,
        ledger.c.state.in_(["done", "already"]),
    )
    done = exists().where(
        decision.c.install_id == response.c.install_id,
        decision.c.key == response.c.decision_key,
        (decision.c.state == "settled") | ((decision.c.state == "parked") & given),
    )
    return response.c.state.in_(["waiting", "found"]) & (response.c.ask_at <= now) & done


def _is(install_id: str, keys: Collection[str]) -> ColumnElement[bool]:
    return (response.c.install_id == install_id) & response.c.decision_key.in_(list(keys))


def _read(row: object) -> Awaited:
    return Awaited(**{name: getattr(row, name) for name in _NAMES})
