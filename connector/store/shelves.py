"""Where the rules and audits of a HubSpot portal stand, and (sealed) the rules of one that has no objects for them.

Where the CRM can hold rules as records, they stand there, and only the choice stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    select,
    update,
)

from connector.rows import RuleRow
from connector.store.base import Database, Moment, insert, metadata
from connector.store.installs import INSTALL_ID
from connector.store.seal import Seal

MOST_WORDS = 1000

shelf = Table(
    "shelf",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), nullable=False, comment="app_objects, custom_objects or properties"),
    Column("target", String(16), nullable=False, comment="where everything is being moved to; empty: nowhere"),
    Column("why", String(MOST_WORDS), nullable=False),
    Column("since", Moment, nullable=False),
)
shelf_rule = Table(
    "shelf_rule",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="one rule as a record of the CRM would hold it"),
    Index(None, "install_id"),
)

_ABOUT = "shelf rule"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where rules and audits stand and why; `target` is where they are being moved to. Empty: nothing chosen yet."""

    kind: str = ""
    target: str = ""
    why: str = ""


def standing(connection: Connection, install_id: str) -> Standing:
    """Return where the rules and audits of an install stand."""
    where = shelf.c.install_id == install_id
    row = connection.execute(select(shelf.c.kind, shelf.c.target, shelf.c.why).where(where)).one_or_none()
    return Standing() if row is None else Standing(*row)


def choose(connection: Connection, install_id: str, chosen: Standing, *, now: datetime) -> None:
    """Note where they stand from now on."""
    values = {"kind": chosen.kind, "target": chosen.target, "why": chosen.why[:MOST_WORDS], "since": now}
    statement = insert(connection, shelf).values(install_id=install_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["install_id"], set_=values))


def rules(connection: Connection, install_id: str, seal: Seal) -> tuple[RuleRow, ...]:
    """Return the rules of an install by position, then as they were made."""
    query = select(shelf_rule.c.id, shelf_rule.c.sealed).where(shelf_rule.c.install_id == install_id)
    found = [_row(row.id, row.sealed, seal) for row in connection.execute(query.order_by(shelf_rule.c.id))]
    return tuple(sorted(found, key=lambda row: row.position))


def put(connection: Connection, install_id: str, seal: Seal, rows: Sequence[RuleRow]) -> tuple[str, ...]:
    """Make (id None) or rewrite rules; return their ids in order. Raises KeyError for an id that is not there.

    As in a CRM, what only a mark writes stays as it is.
    """
    known = _locked(connection, install_id, seal, [row.id for row in rows if row.id is not None])
    ids: list[str] = []
    for row in rows:
        old = known[row.id] if row.id is not None else RuleRow("", "", 0, "")
        kept = replace(row, standing=old.standing, received=old.received, difference=old.difference)
        if row.id is None:
            made = insert(connection, shelf_rule).values(install_id=install_id, sealed=_sealed(kept, seal))
            ids.append(str(connection.execute(made.returning(shelf_rule.c.id)).scalar_one()))
        else:
            _write(connection, install_id, kept, seal)
            ids.append(row.id)
    return tuple(ids)


def mark(connection: Connection, install_id: str, seal: Seal, rows: Sequence[RuleRow], names: Collection[str]) -> None:
    """Write only these fields of some rules; one that is gone is passed over."""
    known = _locked(connection, install_id, seal, [row.id for row in rows if row.id is not None])
    for row in rows:
        if row.id in known:
            _write(connection, install_id, replace(known[row.id], **{name: getattr(row, name) for name in names}), seal)


def clear(connection: Connection, install_id: str) -> None:
    """Delete the rules of an install: they stand in its CRM now."""
    connection.execute(delete(shelf_rule).where(shelf_rule.c.install_id == install_id))


class StoredShelf:
    """The shelf of one install; implements connector.hubspot.shelf.Shelf. `clock` returns the time now in UTC."""

    def __init__(self, database: Database, install_id: str, seal: Seal, clock: Callable[[], datetime]) -> None:
        self._database, self._install_id, self._seal, self._clock = database, install_id, seal, clock

    def standing(self) -> Standing:
        """Return where rules and audits stand."""
        with self._database.read() as connection:
            return standing(connection, self._install_id)

    def choose(self, kind: str, *, why: str = "", target: str = "") -> None:
        """Note where they stand from now on, or where they are being moved to."""
        with self._database.write() as connection:
            choose(connection, self._install_id, Standing(kind, target, why), now=self._clock())

    def rules(self) -> tuple[RuleRow, ...]:
        """Return the rules by position, then as they were made."""
        with self._database.read() as connection:
            return rules(connection, self._install_id, self._seal)

    def put(self, rows: Sequence[RuleRow]) -> tuple[str, ...]:
        """Make or rewrite rules; return their ids in order. Raises KeyError for an id that is not there."""
        with self._database.write() as connection:
            return put(connection, self._install_id, self._seal, rows)

    def mark(self, rows: Sequence[RuleRow], names: Collection[str]) -> None:
        """Write only these fields of some rules."""
        with self._database.write() as connection:
            mark(connection, self._install_id, self._seal, rows, names)

    def clear(self) -> None:
        """Delete the rules."""
        with self._database.write() as connection:
            clear(connection, self._install_id)


def _locked(connection: Connection, install_id: str, seal: Seal, ids: Collection[str]) -> dict[str, RuleRow]:
    """Read rules that are about to be written, so that nobody else writes them before."""
    wanted = shelf_rule.c.id.in_([int(each) for each in ids if each.isdecimal()])
    query = select(shelf_rule).where(shelf_rule.c.install_id == install_id, wanted).with_for_update()
    return {str(row.id): _row(row.id, row.sealed, seal) for row in connection.execute(query)}


def _write(connection: Connection, install_id: str, row: RuleRow, seal: Seal) -> None:
    where = (shelf_rule.c.install_id == install_id) & (shelf_rule.c.id == int(row.id or 0))
    connection.execute(update(shelf_rule).where(where).values(sealed=_sealed(row, seal)))


def _sealed(row: RuleRow, seal: Seal) -> bytes:
    return seal.close(asdict(replace(row, id=None)), about=_ABOUT)


def _row(number: int, sealed: bytes, seal: Seal) -> RuleRow:
    return RuleRow(**{**seal.open(sealed, about=_ABOUT), "id": str(number)})
