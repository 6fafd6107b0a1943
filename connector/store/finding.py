"""Finding decisions by what is said about them: the search of the console and its API."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeAlias

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, exists, func, literal, or_, select

from connector.store import decisions, terms
from connector.store.decisions import State, Stored, decision
from connector.store.ledger import ledger
from connector.store.seal import Seal
from connector.store.terms import Field, term

AnyOf: TypeAlias = tuple[tuple[Field, str], ...]
"""One of these must be among the terms of a decision."""
Holds: TypeAlias = Callable[[AnyOf], ColumnElement[bool]]
"""The condition that a row of terms holds one of some."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for; everything that is given must be so. Nothing given: all decisions.

    `terms`: of each, one must be there. `leads`: ids of the lead, any of them. `key` is its own, `trace` (32 hex
    digits) that in which it was made, which looks through all of them. `since` until before `until` it was stored.
    """

    terms: tuple[AnyOf, ...] = ()
    leads: tuple[str, ...] = ()
    key: str = ""
    trace: str = ""
    state: State | None = None
    since: datetime | None = None
    until: datetime | None = None


def search(
    connection: Connection,
    install_id: str,
    seal: Seal,
    sought: Sought,
    *,
    limit: int,
    after: tuple[datetime, str] | None = None,
) -> list[Stored]:
    """Return the newest decisions that are sought, newest first, by key within a moment.

    `after` pages on: what comes after the decision of this moment and key.
    """
    holds = partial(_holds, seal, is_sqlite=connection.dialect.name == "sqlite")
    # A lead, a key, a trace, or nothing but the time and the state is looked up among the decisions themselves.
    named = sought.leads or sought.key or sought.trace
    found = _by_terms(sought, holds) if sought.terms and not named else _by_record(sought, holds)
    where: list[ColumnElement[bool]] = [found.created >= sought.since] if sought.since else []
    where += [found.created < sought.until] if sought.until else []
    if after is not None:
        moment, last = after
        where.append(or_(found.created < moment, and_(found.created == moment, found.key > last)))
    query = select(found.key).where(found.table.c.install_id == install_id, *found.where, *where)
    keys = connection.execute(query.order_by(found.created.desc(), found.key).limit(limit)).scalars().all()
    return list(decisions.by_keys(connection, install_id, seal, keys).values())


def knows(connection: Connection, install_id: str, lead_ids: Collection[str]) -> bool:
    """Whether any decision about one of these leads is kept."""
    mine = (decision.c.install_id == install_id) & decision.c.lead_id.in_(list(lead_ids))
    return connection.execute(select(decision.c.key).where(mine).limit(1)).first() is not None


def done_at(connection: Connection, install_id: str, key: str) -> dict[str, datetime]:
    """Return when what became of each action of a decision was last written down, by the action."""
    mine = (ledger.c.install_id == install_id) & (ledger.c.decision_key == key)
    return {row.action: row.at for row in connection.execute(select(ledger.c.action, ledger.c.at).where(mine))}


@dataclass(frozen=True)
class _Way:
    """Where keys are looked for, and by what."""

    table: Table
    key: Column[str]
    created: Column[datetime]
    where: Sequence[ColumnElement[bool]]


def _by_terms(sought: Sought, holds: Holds) -> _Way:
    where = [holds(one) for one in sought.terms]
    if sought.state:
        mine = (decision.c.install_id == term.c.install_id) & (decision.c.key == term.c.decision_key)
        where.append(exists().where(mine, decision.c.state == sought.state))
    return _Way(term, term.c.decision_key, term.c.created_at, where)


def _by_record(sought: Sought, holds: Holds) -> _Way:
    where: list[ColumnElement[bool]] = [decision.c.lead_id.in_(sought.leads)] if sought.leads else []
    where += [decision.c.key == sought.key] if sought.key else []
    where += [decision.c.trace.startswith(sought.trace, autoescape=True)] if sought.trace else []
    where += [decision.c.state == sought.state] if sought.state else []
    mine = (term.c.install_id == decision.c.install_id) & (term.c.decision_key == decision.c.key)
    where += [exists().where(mine, holds(one)) for one in sought.terms]
    return _Way(decision, decision.c.key, decision.c.created_at, where)


def _holds(seal: Seal, one: AnyOf, *, is_sqlite: bool) -> ColumnElement[bool]:
    """Whether the marks of a row hold one of some terms.

    That eight bytes across two marks look like one happens once in 2^60 tries.
    """
    found = list[ColumnElement[bool]]()
    for field, text in one:
        part = literal(terms.mark(seal, field, text))
        found.append((func.instr(term.c.marks, part) if is_sqlite else func.position(part.op("in")(term.c.marks))) > 0)
    return or_(*found)
