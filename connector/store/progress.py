"""Progress of long work (the first backfill): where it stands, so that it can be shown and resumed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import Column, Connection, ForeignKey, Integer, String, Table, bindparam, delete, select, update

from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID

State: TypeAlias = Literal["waiting", "running", "paused", "done", "failed"]

UNDO = "undo:"
"""What the names of undoes begin with."""

progress = Table(
    "progress",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(100), primary_key=True, comment="e.g. backfill:account"),
    Column("state", String(8), nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer),
    Column("after", String(500), comment="where to go on"),
    Column("started_at", Moment),
    Column("updated_at", Moment, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("reason", String(1000), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one piece of long work is. `total` is None until the CRM has told."""

    install_id: str
    name: str
    state: State
    done: int
    total: int | None
    after: str | None
    started_at: datetime | None
    updated_at: datetime
    not_before: datetime
    reason: str

    def turned(
        self, *, done: int, after: str | None, is_last: bool, now: datetime, total: int | None = None, reason: str = ""
    ) -> dict[str, Any]:
        """Return what is to be written after a page: `total` counts until the last one, `reason` is said after it."""
        return {
            "state": "done" if is_last else "running",
            "done": done,
            "total": done if is_last else total,
            "after": after,
            "started_at": self.started_at or now,
            "reason": reason if is_last else "",
        }


def start(connection: Connection, install_id: str, name: str, *, now: datetime) -> None:
    """Ask for a piece of work, from the beginning; one under way starts over."""
    values = {"state": "waiting", "done": 0, "total": None, "after": None, "started_at": None, "reason": ""}
    moments = {"updated_at": now, "not_before": now}
    statement = insert(connection, progress).values(install_id=install_id, name=name, **values, **moments)
    keys = ["install_id", "name"]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={**values, **moments}))


def move(connection: Connection, install_id: str, name: str, *, now: datetime, **values: Any) -> None:
    """Write where it stands: any of state, done, total, after, started_at, not_before, reason."""
    if "reason" in values:
        values["reason"] = values["reason"][:1000]
    where = (progress.c.install_id == install_id) & (progress.c.name == name)
    connection.execute(update(progress).where(where).values(updated_at=now, **values))


def advance(connection: Connection, install_id: str, name: str, *, now: datetime, **values: Any) -> bool:
    """Write where it stands unless somebody has paused it meanwhile; False when so."""
    if "reason" in values:
        values["reason"] = values["reason"][:1000]
    where = (progress.c.install_id == install_id) & (progress.c.name == name)
    going = progress.c.state.in_(["waiting", "running"])
    return connection.execute(update(progress).where(where, going).values(updated_at=now, **values)).rowcount > 0


def pause(connection: Connection, install_id: str, names: Collection[str], *, now: datetime) -> int:
    """Let work of these names rest where it stands; return how many were under way."""
    where = (progress.c.install_id == install_id) & progress.c.name.in_(names)
    going = progress.c.state.in_(["waiting", "running"])
    return connection.execute(update(progress).where(where, going).values(state="paused", updated_at=now)).rowcount


def resume(connection: Connection, install_id: str, names: Collection[str], *, now: datetime) -> int:
    """Let paused work of these names go on where it stood; return how many were paused."""
    where = (progress.c.install_id == install_id) & progress.c.name.in_(names) & (progress.c.state == "paused")
    return connection.execute(update(progress).where(where).values(state="waiting", updated_at=now)).rowcount


def purge(connection: Connection, *, before: datetime, prefix: str) -> int:
    """Delete work whose name begins so and that ended before."""
    over = progress.c.state.in_(["done", "failed"]) & (progress.c.updated_at < before)
    mine = progress.c.name.startswith(prefix, autoescape=True)
    return connection.execute(delete(progress).where(over, mine)).rowcount


def of(connection: Connection, install_id: str) -> list[Progress]:
    """Return all long work of an install, by name."""
    return [Progress(**row) for row in connection.execute(_OF, {"install_id": install_id}).mappings()]


_OF = select(progress).where(progress.c.install_id == bindparam("install_id")).order_by(progress.c.name)


def named(connection: Connection, name: str) -> dict[str, Progress]:
    """Return the work of this name of every install that has some, by the install's id."""
    found = connection.execute(select(progress).where(progress.c.name == name)).mappings()
    return {row["install_id"]: Progress(**row) for row in found}


def due(connection: Connection, install_id: str, *, now: datetime) -> list[Progress]:
    """Return the work of an install that is not finished and may go on now."""
    return [
        each for each in of(connection, install_id) if each.state in {"waiting", "running"} and each.not_before <= now
    ]


def installs_due(connection: Connection, *, now: datetime, install_id: str | None = None) -> list[str]:
    """Return the installs with unfinished work that may go on now (or just this one, if it has)."""
    query = select(progress.c.install_id).where(
        progress.c.state.in_(["waiting", "running"]), progress.c.not_before <= now
    )
    if install_id is not None:
        query = query.where(progress.c.install_id == install_id)
    return list(connection.execute(query.distinct()).scalars())
