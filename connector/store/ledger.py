"""The ledger: what became of each action of a decision so far. A line is written before a try and after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal, TypeAlias

from sqlalchemy import (
    Column,
    Connection,
    ForeignKeyConstraint,
    Select,
    String,
    Table,
    Text,
    bindparam,
    delete,
    select,
    tuple_,
    update,
)

from connector.store.base import Moment, insert, insert_on, metadata
from connector.store.installs import INSTALL_ID

LedgerState: TypeAlias = Literal["begun", "done", "already", "refused", "unknown"]

FINAL: frozenset[LedgerState] = frozenset({"done", "already", "refused", "unknown"})
"""States after which an action is not tried again by itself."""

ledger = Table(
    "ledger",
    metadata,
    Column("install_id", INSTALL_ID, primary_key=True),
    Column("decision_key", String(120), primary_key=True),
    Column("action", String(16), primary_key=True),
    Column("state", String(8), nullable=False),
    Column("ref", Text, nullable=False),
    Column("detail", String(1000), nullable=False),
    Column("at", Moment, nullable=False),
    ForeignKeyConstraint(["install_id", "decision_key"], ["decision.install_id", "decision.key"], ondelete="CASCADE"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: what became of one action of a decision so far."""

    state: LedgerState
    ref: str = ""
    detail: str = ""


def begin(connection: Connection, install_id: str, pairs: Iterable[tuple[str, str]], *, now: datetime) -> None:
    """Note that these (decision key, action) are about to be tried: after a crash they are uncertain."""
    rows = [_line(install_id, key, action, Entry("begun"), now) for key, action in pairs]
    if rows:
        connection.execute(insert(connection, ledger).on_conflict_do_nothing(), rows)


def record(connection: Connection, install_id: str, lines: Iterable[tuple[str, str, Entry]], *, now: datetime) -> None:
    """Write what became of (decision key, action)."""
    rows = [_line(install_id, key, action, entry, now) for key, action, entry in lines]
    if not rows:
        return
    connection.execute(_recorded(connection.dialect.name), rows)


@cache
def _recorded(dialect: str) -> Any:
    """Return the statement that writes lines; built once, as each step of each round has some to write."""
    statement = insert_on(dialect, ledger)
    keep = {name: statement.excluded[name] for name in ("state", "ref", "detail", "at")}
    return statement.on_conflict_do_update(index_elements=["install_id", "decision_key", "action"], set_=keep)


def forget_begun(connection: Connection, install_id: str, pairs: Collection[tuple[str, str]]) -> None:
    """The CRM said that nothing happened: these (decision key, action) are certain again."""
    if pairs:
        where = (ledger.c.install_id == install_id) & tuple_(ledger.c.decision_key, ledger.c.action).in_(pairs)
        connection.execute(delete(ledger).where(where, ledger.c.state == "begun"))


def forget_refused(connection: Connection, install_id: str, keys: Select[Any]) -> None:
    """What the CRM refused of these decisions is pending anew."""
    mine = (ledger.c.install_id == install_id) & ledger.c.decision_key.in_(keys) & (ledger.c.state == "refused")
    connection.execute(delete(ledger).where(mine))


def forget_refs(connection: Connection, install_id: str, action: str) -> None:
    """What this action made stands elsewhere now: its ids would name other records."""
    where = (ledger.c.install_id == install_id) & (ledger.c.action == action)
    connection.execute(update(ledger).where(where).values(ref=""))


def of(connection: Connection, install_id: str, keys: Collection[str]) -> dict[str, dict[str, Entry]]:
    """Return the lines of these decisions by key and action."""
    lines: dict[str, dict[str, Entry]] = {key: {} for key in keys}
    if not lines:
        return lines  # the usual answer of a round: nothing is unfinished
    for line in connection.execute(_LINES, {"install_id": install_id, "keys": list(keys)}):
        lines[line.decision_key][line.action] = Entry(line.state, line.ref, line.detail)
    return lines


_LINES = select(ledger).where(
    ledger.c.install_id == bindparam("install_id"), ledger.c.decision_key.in_(bindparam("keys", expanding=True))
)


def done(connection: Connection, install_id: str, keys: Collection[str], action: str) -> set[str]:
    """Return which of these decisions have got this action done."""
    if not keys:
        return set()
    mine = (ledger.c.install_id == install_id) & ledger.c.decision_key.in_(list(keys)) & (ledger.c.action == action)
    query = select(ledger.c.decision_key).where(mine, ledger.c.state.in_(["done", "already"]))
    return set(connection.execute(query).scalars())


def _line(install_id: str, key: str, action: str, entry: Entry, now: datetime) -> dict[str, Any]:
    line = {"state": entry.state, "ref": entry.ref, "detail": entry.detail[:1000], "at": now}
    return {"install_id": install_id, "decision_key": key, "action": action, **line}
