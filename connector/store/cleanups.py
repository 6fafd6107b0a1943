"""Clean-ups: scans of a whole CRM for records that are one person, what they found, and what came of it.

How far one is stands in its row of progress (see progress.py), of the same name. What it found are ties between two
records, until they are put together to the suggestions that people are asked (pairs.py). A run that only suggests, such
as accounts for contacts (SUGGESTS), keeps its ties: they are what it found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cattrs import Converter
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Float,
    ForeignKeyConstraint,
    LargeBinary,
    Row,
    String,
    Table,
    and_,
    delete,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy import ForeignKey as Key

from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID
from connector.store.seal import Seal
from rules.model import Kind

cleanup = Table(
    "cleanup",
    metadata,
    Column("install_id", INSTALL_ID, Key("install.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
)
cleanup_tie = Table(
    "cleanup_tie",
    metadata,
    Column("install_id", INSTALL_ID, primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("one", String(64), primary_key=True, comment="the smaller id"),
    Column("other", String(64), primary_key=True),
    Column("kinds", String(32), nullable=False, comment="what the two are, in this order"),
    Column("confidence", Float, nullable=False),
    ForeignKeyConstraint(["install_id", "name"], ["cleanup.install_id", "cleanup.name"], ondelete="CASCADE"),
)

PREFIX = "cleanup:"
"""What the names of clean-ups begin with."""
SUGGESTS = "suggest:"
"""What the names of runs begin with that only suggest; they are no clean-ups."""
KEPT = timedelta(days=365)
"""How long a run and its report are kept; what it found stays."""

_converter = Converter()
_converter.register_unstructure_hook(datetime, lambda value: value.isoformat())
_converter.register_structure_hook(datetime, lambda value, _type: datetime.fromisoformat(value))


@dataclass(frozen=True, slots=True)
class Cleanup:
    """A clean-up as it was asked for, and what came of it.

    `applies`: what is surely one person is merged without being asked about, where the policy lets us. `kinds` are
    those that are scanned. `counts` are numbers of what was found and done, `calls` the estimate of API calls at its
    beginning, `spent` what reading and planning used so far. `version` is that of the rules it was begun with.
    """

    name: str
    by: str
    created_at: datetime
    applies: bool = False
    kinds: tuple[Kind, ...] = ()
    version: str = ""
    calls: int = 0
    spent: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    def counting(self, more: Mapping[str, int], *, spent: int = 0) -> Cleanup:
        """Return it with so much more found or done."""
        names = {**self.counts, **more}
        counts = {name: self.counts.get(name, 0) + more.get(name, 0) for name in names}
        return replace(self, counts=counts, spent=self.spent + spent)


@dataclass(frozen=True, slots=True)
class Tie:
    """Two records that a clean-up found to be one person perhaps, with the probability (0 to 1)."""

    one: str
    other: str
    kinds: tuple[Kind, Kind]
    confidence: float

    @property
    def place(self) -> tuple[float, str, str]:
        """Where it stands among those of its run, the surest first."""
        return self.confidence, self.one, self.other


def put(connection: Connection, install_id: str, seal: Seal, each: Cleanup) -> None:
    """Store a clean-up, or what has come of it by now, or that it was asked for anew."""
    sealed = seal.close(_converter.unstructure(each), about=f"cleanup:{each.name}")
    values = {"install_id": install_id, "name": each.name, "sealed": sealed, "created_at": each.created_at}
    statement = insert(connection, cleanup).values(**values)
    told = {"sealed": sealed, "created_at": each.created_at}
    connection.execute(statement.on_conflict_do_update(index_elements=["install_id", "name"], set_=told))


def get(connection: Connection, install_id: str, seal: Seal, name: str) -> Cleanup | None:
    """Return one clean-up, or None."""
    mine = (cleanup.c.install_id == install_id) & (cleanup.c.name == name)
    row = connection.execute(select(cleanup).where(mine)).one_or_none()
    return _cleanup(seal, row) if row else None


def every(connection: Connection, install_id: str, seal: Seal) -> list[Cleanup]:
    """Return all clean-ups of an install, the newest first."""
    mine = (cleanup.c.install_id == install_id) & ~cleanup.c.name.startswith(SUGGESTS, autoescape=True)
    query = select(cleanup).where(mine).order_by(cleanup.c.created_at.desc())
    return [_cleanup(seal, row) for row in connection.execute(query)]


def tie(connection: Connection, install_id: str, name: str, found: Iterable[Tie]) -> None:
    """Keep what a clean-up found; what it found from the other side already is left."""
    rows = [_tie_row(install_id, name, each) for each in found]
    if rows:
        connection.execute(insert(connection, cleanup_tie).on_conflict_do_nothing(), rows)


def ties(connection: Connection, install_id: str, name: str) -> list[Tie]:
    """Return all that a clean-up found and that is not put together yet."""
    ordered = select(cleanup_tie).where(_of(install_id, name)).order_by(cleanup_tie.c.one, cleanup_tie.c.other)
    return list(map(_tie, connection.execute(ordered)))


def likeliest(
    connection: Connection, install_id: str, name: str, *, limit: int, after: tuple[float, str, str] | None = None
) -> list[Tie]:
    """Return what a run found, the surest first, a page behind `after` (the `place` of a tie); None begins."""
    query = select(cleanup_tie).where(_of(install_id, name))
    if after is not None:
        sure, *ids = after
        same = and_(cleanup_tie.c.confidence == sure, tuple_(*ids) < _IDS)
        query = query.where(or_(cleanup_tie.c.confidence < sure, same))
    return list(map(_tie, connection.execute(query.order_by(*_SUREST).limit(limit))))


def count(connection: Connection, install_id: str, name: str) -> int:
    """Return how many ties of a run are kept."""
    return int(
        connection.execute(select(func.count()).select_from(cleanup_tie).where(_of(install_id, name))).scalar_one()
    )


def keep(connection: Connection, install_id: str, name: str, *, most: int) -> None:
    """Let go of the ties of a run that are not among its `most` surest."""
    mine = _of(install_id, name)
    others = select(cleanup_tie.c.one, cleanup_tie.c.other).where(mine).order_by(*_SUREST).offset(most)
    ids = [tuple(row) for row in connection.execute(others.limit(_MOST_IDS))]
    while ids:
        connection.execute(delete(cleanup_tie).where(mine, _IDS.in_(ids)))
        ids = [tuple(row) for row in connection.execute(others.limit(_MOST_IDS))]


def untie(connection: Connection, install_id: str, name: str) -> None:
    """Forget the ties of a run: they are put together, or it begins anew."""
    connection.execute(delete(cleanup_tie).where(_of(install_id, name)))


def forget(connection: Connection, install_id: str, ids: Collection[str]) -> None:
    """Delete what clean-ups found about these records."""
    theirs = cleanup_tie.c.one.in_(list(ids)) | cleanup_tie.c.other.in_(list(ids))
    connection.execute(delete(cleanup_tie).where(cleanup_tie.c.install_id == install_id, theirs))


def purge(connection: Connection, *, before: datetime) -> int:
    """Delete clean-ups that were asked for before; return how many there were."""
    return connection.execute(delete(cleanup).where(cleanup.c.created_at < before)).rowcount


_SUREST = (cleanup_tie.c.confidence.desc(), cleanup_tie.c.one, cleanup_tie.c.other)
_IDS = tuple_(cleanup_tie.c.one, cleanup_tie.c.other)
_MOST_IDS = 500
"""Pairs of ids in one statement: databases take some thousands of values."""


def _of(install_id: str, name: str) -> ColumnElement[bool]:
    return (cleanup_tie.c.install_id == install_id) & (cleanup_tie.c.name == name)


def _tie(row: Row[Any]) -> Tie:
    return Tie(row.one, row.other, tuple(row.kinds.split(" ")), row.confidence)


def _tie_row(install_id: str, name: str, each: Tie) -> dict[str, Any]:
    (one, kind), (other, others) = sorted(zip((each.one, each.other), each.kinds, strict=True))
    told = {"one": one, "other": other, "kinds": f"{kind} {others}", "confidence": each.confidence}
    return {"install_id": install_id, "name": name, **told}


def _cleanup(seal: Seal, row: Row[Any]) -> Cleanup:
    """Open a clean-up. Raises Unreadable."""
    return _converter.structure(seal.open(row.sealed, about=f"cleanup:{row.name}"), Cleanup)
