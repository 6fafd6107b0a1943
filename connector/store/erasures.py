"""Erasures: which people's data a CRM has told us to forget, until it is forgotten; and which ids were one record.

HubSpot tells of a privacy deletion by the contact's id alone. What we hold may stand under an id that was merged into
that one, so merges are kept as long as anything of the old id may be (see `purge`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
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
    Text,
    bindparam,
    delete,
    select,
    update,
)

from connector.erased import Left
from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID
from rules.model import Kind

Stage: TypeAlias = Literal["here", "crm"]
"""What is still to be done: forget it here and in the CRM, or only in the CRM."""

erasure = Table(
    "erasure",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("record_id", String(64), primary_key=True, comment="of a lead; gone as soon as all is forgotten"),
    Column("stage", String(8), nullable=False, comment="here or crm"),
    Column("there", Text, nullable=False, comment="JSON: ids of what the CRM still has (see Left)"),
    Column("asked_at", Moment, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", String(1000), nullable=False),
    Index(None, "stage", "not_before"),
)

merger = Table(
    "merger",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("old_id", String(64), primary_key=True),
    Column("new_id", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "install_id", "kind", "new_id"),
    Index(None, "at"),
)

LONGEST_CHAIN = 1000
"""Old ids of one record that are followed; HubSpot allows 250 merges into one contact."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """A lead to be forgotten; `there` is what the CRM still has of it once our own rows are gone."""

    record_id: str
    stage: Stage
    there: Left
    asked_at: datetime
    attempts: int


def ask(connection: Connection, install_id: str, record_ids: Iterable[str], *, now: datetime) -> None:
    """Have these leads forgotten. One that is being forgotten already begins anew: more may have come meanwhile."""
    rows = [
        {
            "install_id": install_id,
            "record_id": each,
            "stage": "here",
            "there": "{}",
            "asked_at": now,
            "not_before": now,
            "attempts": 0,
            "reason": "",
        }
        for each in dict.fromkeys(record_ids)
    ]
    if rows:
        again = {"stage": "here", "not_before": now}
        statement = insert(connection, erasure).values(rows)
        connection.execute(statement.on_conflict_do_update(index_elements=["install_id", "record_id"], set_=again))


def due(connection: Connection, install_id: str, stage: Stage, *, now: datetime, limit: int) -> list[Erasure]:
    """Return what is to be forgotten now, oldest first."""
    mine = (erasure.c.install_id == install_id) & (erasure.c.stage == stage) & (erasure.c.not_before <= now)
    rows = connection.execute(
        select(erasure).where(mine).order_by(erasure.c.asked_at, erasure.c.record_id).limit(limit)
    )
    return [Erasure(row.record_id, row.stage, _left(row.there), row.asked_at, row.attempts) for row in rows]


def waiting(connection: Connection, install_id: str) -> list[Erasure]:
    """Return all who are still to be forgotten, here or in the CRM, due or put off, oldest first."""
    rows = connection.execute(
        select(erasure).where(erasure.c.install_id == install_id).order_by(erasure.c.asked_at, erasure.c.record_id)
    )
    return [Erasure(row.record_id, row.stage, _left(row.there), row.asked_at, row.attempts) for row in rows]


def installs_due(
    connection: Connection, *, now: datetime, stage: Stage | None = None, install_id: str | None = None
) -> set[str]:
    """Return the installs that have something to forget now (at one stage, or just this install, if it has)."""
    if stage is None and install_id is not None:
        return set(connection.execute(_INSTALL, {"now": now, "install_id": install_id}).scalars())
    query = select(erasure.c.install_id).where(erasure.c.not_before <= now)
    if stage is not None:
        query = query.where(erasure.c.stage == stage)
    if install_id is not None:
        query = query.where(erasure.c.install_id == install_id).limit(1)
    return set(connection.execute(query.distinct()).scalars())


_INSTALL = (
    select(erasure.c.install_id)
    .where(erasure.c.not_before <= bindparam("now"), erasure.c.install_id == bindparam("install_id"))
    .limit(1)
    .distinct()
)
"""Whether one install has anything to forget: each round asks."""


def forgotten_here(connection: Connection, install_id: str, record_id: str, found: Left) -> None:
    """Our own rows are gone: note what the CRM still has, beside what was noted by an earlier try."""
    known = connection.execute(select(erasure.c.there).where(_is(install_id, [record_id]))).scalar_one_or_none()
    if known is not None:
        there = json.dumps({name: sorted(ids) for name, ids in asdict(_left(known) | found).items()})
        values = {"stage": "crm", "there": there}
        connection.execute(update(erasure).where(_is(install_id, [record_id])).values(**values))


def put_off(
    connection: Connection, install_id: str, record_ids: Collection[str], *, until: datetime, reason: str
) -> None:
    """Try again at `until`."""
    values = {"not_before": until, "attempts": erasure.c.attempts + 1, "reason": reason[:1000]}
    connection.execute(update(erasure).where(_is(install_id, record_ids)).values(**values))


def done(connection: Connection, install_id: str, record_ids: Collection[str]) -> None:
    """All is forgotten, here and in the CRM: forget that it was asked, and the ids. One asked anew meanwhile stays."""
    mine = _is(install_id, record_ids) & (erasure.c.stage == "crm")
    connection.execute(delete(erasure).where(mine))


def note_mergers(
    connection: Connection, install_id: str, kind: Kind, pairs: Iterable[tuple[str, str]], *, now: datetime
) -> None:
    """Remember of each pair that the first id was merged into the second."""
    rows = [
        {"install_id": install_id, "kind": kind, "old_id": old, "new_id": new, "at": now}
        for old, new in dict(pairs).items()
    ]
    if rows:
        statement = insert(connection, merger).values(rows)
        newer = {"new_id": statement.excluded.new_id, "at": statement.excluded.at}
        connection.execute(statement.on_conflict_do_update(index_elements=["install_id", "kind", "old_id"], set_=newer))


def names_of(connection: Connection, install_id: str, kind: Kind, record_id: str) -> set[str]:
    """Return the id of a record and all ids that were merged into it, over any number of merges."""
    found, fresh = {record_id}, {record_id}
    while fresh and len(found) < LONGEST_CHAIN:
        mine = (merger.c.install_id == install_id) & (merger.c.kind == kind) & merger.c.new_id.in_(fresh)
        fresh = set(connection.execute(select(merger.c.old_id).where(mine)).scalars()) - found
        found |= fresh
    return found


def forget_mergers(connection: Connection, install_id: str, kind: Kind, ids: Collection[str]) -> None:
    """Forget which ids these were."""
    mine = (merger.c.install_id == install_id) & (merger.c.kind == kind) & merger.c.old_id.in_(ids)
    connection.execute(delete(merger).where(mine))


def purge(connection: Connection, *, before: datetime) -> None:
    """Delete merges older than anything that is kept under an old id."""
    connection.execute(delete(merger).where(merger.c.at < before))


def _is(install_id: str, record_ids: Collection[str]) -> ColumnElement[bool]:
    return (erasure.c.install_id == install_id) & erasure.c.record_id.in_(record_ids)


def _left(there: str) -> Left:
    return Left(**{name: frozenset(ids) for name, ids in json.loads(there).items()})
