"""The inbox: one row per event until it is settled. The row is the letter; the RQ job is only the doorbell."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    update,
)

from connector.store.base import Moment, insert, metadata
from connector.store.decisions import decision
from connector.store.installs import INSTALL_ID
from rules.model import Event, Kind

LIVE, BACKFILL = 0, 1
"""Priorities: what happens now goes before what is caught up with."""

LETTERS_A_RECORD = 20
"""How far a round looks ahead, in letters per record: a new HubSpot contact makes about ten, close together."""

letter = Table(
    "letter",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), nullable=False),
    Column("event_key", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("record_id", String(64), nullable=False),
    Column("change", String(16), nullable=False),
    Column("changed", String(2000), nullable=False, comment="field names, space separated; never values"),
    Column("occurred_at", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("trace", String(120), nullable=False, comment="sentry-trace header of the request or batch it came by"),
    Column("state", String(8), nullable=False, comment="waiting or parked"),
    Column("not_before", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", String(1000), nullable=False),
    UniqueConstraint("install_id", "event_key"),
    Index(None, "install_id", "state", "priority", "id"),
    Index(None, "state", "not_before"),
)


@dataclass(frozen=True, slots=True)
class Letter:
    """An event in the inbox. `trace` is the sentry-trace header it arrived with."""

    id: int
    event: Event
    received_at: datetime
    priority: int
    trace: str
    attempts: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A letter that is not answered yet: ``waiting``, not before this moment, or ``parked`` until a person acts."""

    letter: Letter
    state: str
    not_before: datetime


def receive(
    connection: Connection,
    install_id: str,
    events: Iterable[Event],
    *,
    now: datetime,
    priority: int = LIVE,
    trace: str = "",
) -> int:
    """Store events that are not ours and not known yet; return how many are new. Part of the caller's transaction."""
    rows = [_row(install_id, event, now=now, priority=priority, trace=trace) for event in events if not event.ours]
    if not rows:
        return 0
    statement = insert(connection, letter).on_conflict_do_nothing().returning(letter.c.id)
    return len(connection.execute(statement, rows).all())


def waiting(connection: Connection, install_id: str, *, now: datetime, records: int) -> list[Letter]:
    """Return the due letters of up to so many records, live before backfill, oldest first.

    All letters of a record come together: HubSpot sends one per property of a new contact, and they are one change.
    Letters of a lead with an unfinished decision wait until that is settled.
    """
    given = {"install_id": install_id, "now": now, "most": records * LETTERS_A_RECORD}
    chosen = set[tuple[Kind, str]]()
    found: list[Letter] = []
    for row in connection.execute(_WAITING, given):
        record = (row.kind, row.record_id)
        if record not in chosen and len(chosen) == records:
            continue
        chosen.add(record)
        found.append(_letter(row))
    return found


def due(now: datetime | BindParameter[Any]) -> ColumnElement[bool]:
    """Return the condition that a letter may be answered now."""
    blocked = exists().where(
        decision.c.install_id == letter.c.install_id,
        decision.c.lead_id == letter.c.record_id,
        decision.c.state == "intended",
    )
    free = or_(letter.c.kind != "lead", not_(blocked))
    return and_(letter.c.state == "waiting", letter.c.not_before <= now, free)


# Each round asks these: building one anew takes longer than having it answered.
_DUE = due(bindparam("now"))
_WAITING = (
    select(letter)
    .where(letter.c.install_id == bindparam("install_id"), _DUE)
    .order_by(letter.c.priority, letter.c.id)
    .limit(bindparam("most"))
)
_INSTALLS = select(letter.c.install_id).where(_DUE).distinct()
_INSTALL = select(letter.c.install_id).where(_DUE, letter.c.install_id == bindparam("install_id")).limit(1).distinct()


def parked(connection: Connection, install_id: str, *, limit: int = 100) -> list[Letter]:
    """Return letters that need a person, newest first."""
    query = select(letter).where(letter.c.install_id == install_id, letter.c.state == "parked")
    return [_letter(row) for row in connection.execute(query.order_by(letter.c.id.desc()).limit(limit))]


def about(
    connection: Connection, install_id: str, *, records: Collection[str] = (), trace: str = "", event: str = ""
) -> list[Standing]:
    """Return the letters about one of these leads, of a trace (32 hex digits) or of an event, oldest first.

    It looks through all letters of the install.
    """
    named = [letter.c.event_key == event] if event else []
    named += [(letter.c.kind == "lead") & letter.c.record_id.in_(list(records))] if records else []
    named += [letter.c.trace.startswith(trace, autoescape=True)] if trace else []
    query = select(letter).where(letter.c.install_id == install_id, or_(false(), *named)).order_by(letter.c.id)
    return [Standing(_letter(row), row.state, row.not_before) for row in connection.execute(query)]


def settle(connection: Connection, install_id: str, ids: Collection[int]) -> None:
    """The letters have been answered: they leave the inbox."""
    if ids:
        connection.execute(delete(letter).where(letter.c.install_id == install_id, letter.c.id.in_(ids)))


def postpone(
    connection: Connection, install_id: str, ids: Collection[int], *, until: datetime, reason: str, failed: bool
) -> None:
    """Put letters off; `failed` counts it as an attempt (our fault), a busy CRM does not."""
    values: dict[str, Any] = {"not_before": until, "reason": reason[:1000]}
    if failed:
        values["attempts"] = letter.c.attempts + 1
    if ids:
        where = (letter.c.install_id == install_id) & letter.c.id.in_(ids)
        connection.execute(update(letter).where(where).values(**values))


def park(connection: Connection, install_id: str, ids: Collection[int], *, reason: str) -> None:
    """Set letters aside, with the reason, until a person asks for another try."""
    if ids:
        where = (letter.c.install_id == install_id) & letter.c.id.in_(ids)
        connection.execute(update(letter).where(where).values(state="parked", reason=reason[:1000]))


def retry_parked(connection: Connection, install_id: str, *, now: datetime) -> int:
    """Put every parked letter of an install back into the inbox; return how many."""
    where = (letter.c.install_id == install_id) & (letter.c.state == "parked")
    values = {"state": "waiting", "not_before": now, "attempts": 0, "reason": ""}
    return connection.execute(update(letter).where(where).values(**values)).rowcount


def installs_waiting(connection: Connection, *, now: datetime, install_id: str | None = None) -> list[str]:
    """Return the installs that have a due letter (or just this one, if it has)."""
    if install_id is None:
        return list(connection.execute(_INSTALLS, {"now": now}).scalars())
    return list(connection.execute(_INSTALL, {"now": now, "install_id": install_id}).scalars())


def counts(connection: Connection, install_id: str) -> dict[str, int]:
    """Return how many letters wait and how many are parked."""
    query = select(letter.c.state, func.count()).where(letter.c.install_id == install_id).group_by(letter.c.state)
    found = {row[0]: row[1] for row in connection.execute(query)}
    return {"waiting": found.get("waiting", 0), "parked": found.get("parked", 0)}


def _row(install_id: str, event: Event, *, now: datetime, priority: int, trace: str) -> dict[str, Any]:
    return {
        "install_id": install_id,
        "event_key": event.key,
        "kind": event.kind,
        "record_id": event.record_id,
        "change": event.change,
        "changed": " ".join(event.changed)[:2000],
        "occurred_at": event.at,
        "received_at": now,
        "priority": priority,
        "trace": trace,
        "state": "waiting",
        "not_before": now,
        "attempts": 0,
        "reason": "",
    }


def _letter(row: Row[Any]) -> Letter:
    event = Event(
        key=row.event_key,
        kind=row.kind,
        record_id=row.record_id,
        change=row.change,
        at=row.occurred_at,
        changed=tuple(row.changed.split()),
    )
    return Letter(row.id, event, row.received_at, row.priority, row.trace, row.attempts, row.reason)
