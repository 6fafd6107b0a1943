"""Small choices of an install that are no rule: how long decisions are kept, which steps of the first run are done.

Never anything of a lead or a person: the values lie here as they are.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, ForeignKey, String, Table, delete, select

from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID

DECISION_DAYS = "decision_days"
"""The note that says for how many days an install keeps its decisions."""
MERGE_UNDO_DAYS = "merge_undo_days"
"""The note that says for how many days an install's merges can be taken back."""
SNAPSHOTS_GONE = "snapshots_gone"
"""The note that says from before when merges have no snapshot any more (ISO time): longer days bring none back."""

LAST_DECISION = "last_decision"
"""The note that says when the last decision was made that a lost database's audits tell of (ISO time)."""
MISSED_LEADS = "missed_leads"
"""The note that counts the leads that came after that, and before the CRM was connected again."""
MISSED_TOLD = "missed_told"
"""The note that says at last how many they were, as a sentence."""
ANSWERS_MOVED = "answers_moved"
"""The note that counts how often what people said of matches followed a record to another id."""

note = Table(
    "note",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("value", String(1000), nullable=False),
    Column("at", Moment, nullable=False),
)


def put(connection: Connection, install_id: str, name: str, value: str, *, now: datetime) -> None:
    """Keep `value` under `name`."""
    values = {"value": value, "at": now}
    statement = insert(connection, note).values(install_id=install_id, name=name, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["install_id", "name"], set_=values))


def drop(connection: Connection, install_id: str, name: str) -> bool:
    """Forget what stands under `name`; False when nothing did."""
    where = (note.c.install_id == install_id) & (note.c.name == name)
    return bool(connection.execute(delete(note).where(where)).rowcount)


def of(connection: Connection, install_id: str) -> dict[str, str]:
    """Return all that an install has chosen, by name."""
    query = select(note.c.name, note.c.value).where(note.c.install_id == install_id)
    return {row.name: row.value for row in connection.execute(query)}


def days(chosen: str | None, *, most: int) -> int:
    """Return the days that an install has chosen, within what the operator allows; `most` where it has chosen none."""
    return min(most, int(chosen)) if chosen else most


def named(connection: Connection, name: str) -> dict[str, str]:
    """Return what the installs have chosen under one name, by install id."""
    query = select(note.c.install_id, note.c.value).where(note.c.name == name)
    return {row.install_id: row.value for row in connection.execute(query)}
