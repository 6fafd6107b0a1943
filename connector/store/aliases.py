"""Aliases: what became of the ids of records that we merged, or brought back by an undo.

What a CRM tells of a merged record is an echo of what we did; an alias says so. A record that an undo brought back may
have another id than before, and is nobody's new lead.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import Column, Connection, ForeignKey, Index, String, Table, bindparam, delete, or_, select, update

from connector.store.assignments import assignment
from connector.store.base import Moment, insert, metadata
from connector.store.decisions import MERGES, decision
from connector.store.installs import INSTALL_ID
from connector.store.responses import response
from connector.store.timers import timer
from rules.actions import Member
from rules.model import Kind

Why: TypeAlias = Literal["merged", "renamed", "restored"]
"""``merged``: it is part of another record; ``renamed``: the survivor, under the id it got by that; ``restored``."""

SOME = 400
"""Ids a question: SQLite takes 32,766 values."""

alias = Table(
    "alias",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("old_id", String(64), primary_key=True),
    Column("new_kind", String(16), nullable=False),
    Column("new_id", String(64), nullable=False),
    Column("why", String(8), nullable=False, comment="merged, renamed or restored"),
    Column("decision_key", String(120), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "install_id", "new_id"),
    Index(None, "at"),
)


@dataclass(frozen=True, slots=True)
class Alias:
    """Where the person of an old id lives now, and by which decision."""

    kind: Kind
    old_id: str
    new_kind: Kind
    new_id: str
    why: Why
    decision_key: str
    at: datetime


def put(connection: Connection, install_id: str, found: Sequence[Alias]) -> None:
    """Remember these; each replaces what was known of its old id, and what led to that leads on."""
    for each in found:
        if each.old_id != each.new_id:
            led = (alias.c.install_id == install_id) & (alias.c.new_kind == each.kind)
            led &= (alias.c.new_id == each.old_id) & (alias.c.why != "restored")
            further = {"new_kind": each.new_kind, "new_id": each.new_id}
            connection.execute(update(alias).where(led).values(**further))
        values = {name: getattr(each, name) for name in Alias.__dataclass_fields__}
        statement = insert(connection, alias).values(install_id=install_id, **values)
        keys = ["install_id", "kind", "old_id"]
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))


def of(connection: Connection, install_id: str, kind: Kind, ids: Collection[str]) -> dict[str, Alias]:
    """Return what became of records of a kind, by the old id."""
    ordered, found = sorted(ids), dict[str, Alias]()
    for start in range(0, len(ordered), SOME):
        mine = (alias.c.install_id == install_id) & (alias.c.kind == kind)
        query = select(alias).where(mine, alias.c.old_id.in_(ordered[start : start + SOME]))
        found |= {row.old_id: _read(row) for row in connection.execute(query)}
    return found


def living(
    connection: Connection, install_id: str, members: Collection[Member], *, at: datetime
) -> dict[Member, Member]:
    """Return as what each of these records lives now, if that changed since `at`; itself where it did not.

    What is told of a record after it became part of another is about one that somebody has restored outside of us.
    """
    found = {each: each for each in members}
    for kind in dict.fromkeys(each.kind for each in members):
        for old_id, one in of(connection, install_id, kind, [each.id for each in members if each.kind == kind]).items():
            if at <= one.at:
                found[Member(kind, old_id)] = Member(one.new_kind, one.new_id)
    return found


def restored(connection: Connection, install_id: str, kind: Kind, ids: Collection[str]) -> dict[str, datetime]:
    """Return which of these records an undo brought back, by the id they have now, and when."""
    ordered, found = sorted(ids), dict[str, datetime]()
    for start in range(0, len(ordered), SOME):
        given = {"install_id": install_id, "kind": kind, "ids": ordered[start : start + SOME]}
        found |= {row.new_id: row.at for row in connection.execute(_RESTORED, given)}
    return found


_RESTORED = select(alias.c.new_id, alias.c.at).where(
    alias.c.install_id == bindparam("install_id"),
    alias.c.new_kind == bindparam("kind"),
    alias.c.why == "restored",
    alias.c.new_id.in_(bindparam("ids", expanding=True)),
)


def move_lead(connection: Connection, install_id: str, old_id: str, new_id: str, *, of: str = "") -> None:
    """Have all that we hold of a lead stand under another id: who has it, what waits for it, what was decided.

    `of`: only what was decided about the lead of that id, but for merges; it stands with another one meanwhile.
    """
    for table in (decision, assignment, timer, response):
        key = table.c.key if table is decision else table.c.decision_key
        mine = (table.c.install_id == install_id) & (table.c.lead_id == old_id)
        if of:
            mine &= key.like(f"{_plain(of)}-%", escape="\\") & key.not_like(MERGES)
        connection.execute(update(table).where(mine).values(lead_id=new_id))


def forget(connection: Connection, install_id: str, ids: Collection[str]) -> None:
    """Forget what these records were called."""
    theirs = or_(alias.c.old_id.in_(list(ids)), alias.c.new_id.in_(list(ids)))
    connection.execute(delete(alias).where(alias.c.install_id == install_id, theirs))


def purge(connection: Connection, *, before: datetime) -> None:
    """Delete those older than anything that is kept under an old id."""
    connection.execute(delete(alias).where(alias.c.at < before))


def _plain(text: str) -> str:
    """Return a text in which LIKE finds nothing to fill in."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _read(row: object) -> Alias:
    return Alias(**{name: getattr(row, name) for name in Alias.__dataclass_fields__})
