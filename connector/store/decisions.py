"""Decisions: intent before an action, outcome after it (see ledger.py). A retry resumes; it never decides again.

Here they are stored and read; what becomes of those that are not done yet is in unfinished.py. The decision itself is
sealed. Settled ones stay for a while (DECISION_DAYS) so that the console answers at once; the
CRM's audit record is the one that lasts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

import structlog
from sqlalchemy import (
    Column,
    CompoundSelect,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    Select,
    SmallInteger,
    String,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    tuple_,
)

from connector.store import codec, ledger, terms
from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID
from connector.store.ledger import Entry
from connector.store.seal import Seal
from rules.model import Assign, Decision

log = structlog.get_logger()

MERGES = "%m-____________"
"""Keys of decisions that merge records, or take a merge back (rules.decide.is_merging): they route nothing."""
TICK = timedelta(microseconds=1)
"""What a Moment tells apart."""

State: TypeAlias = Literal["intended", "settled", "parked"]

decision = Table(
    "decision",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(120), primary_key=True),
    Column("lead_id", String(64), nullable=False),
    Column("state", String(8), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("letters", Text, nullable=False, comment="ids of the letters it answers, space separated"),
    Column("trace", String(120), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Column("not_before", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", String(1000), nullable=False),
    Column(
        "part_of", String(120), nullable=False, server_default="", comment="key of the decision whose timer made it"
    ),
    Column("owed", SmallInteger, server_default="2", comment="by an older version: 2 terms and tallies, 1 terms"),
    Column("calls", Integer, comment="to the CRM, for all decisions that were carried out together"),
    Column("together", Integer, comment="how many those were"),
    Index(None, "install_id", "state", "not_before"),
    Index(None, "state", "not_before"),
    Index(None, "state", "created_at"),
    Index(None, "install_id", "created_at"),
    Index(None, "install_id", "lead_id", "created_at"),
    Index(None, "install_id", "owed", sqlite_where=text("owed IS NOT NULL"), postgresql_where=text("owed IS NOT NULL")),
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A decision as it lies in the database, with its ledger and the letters it answers.

    `calls` were made to the CRM for it and others, `together` in all; None: not known.
    """

    decision: Decision
    state: State
    letters: tuple[int, ...]
    ledger: Mapping[str, Entry]
    attempts: int
    reason: str
    trace: str
    created_at: datetime
    settled_at: datetime | None
    part_of: str = ""
    calls: int | None = None
    together: int = 0


@dataclass(frozen=True, slots=True)
class Intent:
    """A decision about to be performed, the letters it answers, and the trace it belongs to.

    `part_of` is the key of the decision whose timer made it: such a one tells somebody and routes nothing, so it is
    never a lead's latest.
    """

    decision: Decision
    letters: tuple[int, ...]
    trace: str = ""
    part_of: str = ""


def intend(
    connection: Connection, install_id: str, seal: Seal, intents: Sequence[Intent], *, now: datetime
) -> set[str]:
    """Store decisions before anything is done about them; return the keys of those that are new.

    One that is stored already is left as it is. Of one lead each is younger than those before it, also where this
    host's clock is behind that of the host which stored them: which one is the latest must not go by clocks.
    """
    moments = _moments(connection, install_id, intents, now)
    made = list(zip(intents, moments, strict=True))
    return _add(connection, install_id, seal, made, [_row(install_id, seal, *each, now=now) for each in made])


def recall(
    connection: Connection, install_id: str, seal: Seal, made: Sequence[tuple[Intent, str]], *, now: datetime
) -> set[str]:
    """Store decisions that were carried out long ago, as their audits tell; return the keys of those that are new.

    Each comes with why it is parked, "" when it is not. It was made when it says so itself.
    """
    rows = [
        _row(install_id, seal, intent, intent.decision.decided_at, now=now)
        | {
            "state": "parked" if reason else "settled",
            "settled_at": None if reason else intent.decision.decided_at,
            "reason": reason[:1000],
        }
        for intent, reason in made
    ]
    return _add(connection, install_id, seal, [(each, each.decision.decided_at) for each, _ in made], rows)


def latest(connection: Connection, install_id: str, seal: Seal, lead_ids: Collection[str]) -> dict[str, Decision]:
    """Return the newest decision we still hold of each of these leads; one that is parked has the outcome refused.

    Unless it gave its lead to somebody all the same: what was refused beside that takes the lead from nobody. One that
    merges records, or takes that back, is never the newest: it routes nothing.
    """
    if not lead_ids:
        return {}
    given = {"install_id": install_id, "leads": list(lead_ids)}
    found = {row.lead_id: row for row in connection.execute(_OF_LEADS, given)}
    parked = [row.key for row in found.values() if row.state == "parked"]
    refused = set(parked) - ledger.done(connection, install_id, parked, Assign.key)
    read = {lead_id: opened(seal, row) for lead_id, row in found.items()}
    return {
        lead_id: replace(each, outcome="refused") if each.key in refused else each
        for lead_id, each in read.items()
        if each is not None
    }


def recent(
    connection: Connection, install_id: str, seal: Seal, *, limit: int, before: datetime | None = None, key: str = ""
) -> list[Stored]:
    """Return the newest decisions, newest first, by key within a moment (a batch shares one).

    `before` pages back: what is older, and with `key` also what comes after that key in the same moment.
    """
    query = select(decision).where(decision.c.install_id == install_id)
    if before is not None:
        older = decision.c.created_at < before
        same = and_(decision.c.created_at == before, decision.c.key > key)
        query = query.where(or_(older, same) if key else older)
    rows = list(connection.execute(query.order_by(decision.c.created_at.desc(), decision.c.key).limit(limit)))
    return stored(connection, install_id, seal, rows)


def by_key(connection: Connection, install_id: str, seal: Seal, key: str) -> Stored | None:
    """Return one decision, or None."""
    return by_keys(connection, install_id, seal, [key]).get(key)


def by_keys(connection: Connection, install_id: str, seal: Seal, keys: Collection[str]) -> dict[str, Stored]:
    """Return these decisions by key, in the order of `keys`."""
    if not keys:
        return {}
    rows = connection.execute(_BY_KEYS, {"install_id": install_id, "keys": list(keys)}).all()
    found = {each.decision.key: each for each in stored(connection, install_id, seal, rows)}
    return {key: found[key] for key in keys if key in found}


def of_trace(connection: Connection, install_id: str, seal: Seal, trace_id: str) -> list[Stored]:
    """Return the decisions that were made in one trace (32 hex digits), newest first. It looks through all of them."""
    mine = (decision.c.install_id == install_id) & decision.c.trace.startswith(trace_id, autoescape=True)
    rows = list(connection.execute(select(decision).where(mine).order_by(decision.c.created_at.desc())))
    return stored(connection, install_id, seal, rows)


def of_lead(connection: Connection, install_id: str, seal: Seal, lead_id: str) -> list[Stored]:
    """Return the decisions about one lead that we still hold, newest first."""
    query = select(decision).where(decision.c.install_id == install_id, decision.c.lead_id == lead_id)
    rows = list(connection.execute(query.order_by(decision.c.created_at.desc())))
    return stored(connection, install_id, seal, rows)


def purge(
    connection: Connection,
    *,
    before: datetime,
    but: Select[Any] | CompoundSelect[Any] | None = None,
    state: State = "settled",
    install_id: str | None = None,
) -> int:
    """Delete decisions of a state older than that, except those of `but` (install id, key); the CRM's audits stay.

    Those of all installs, or of one.
    """
    where = (decision.c.state == state) & (decision.c.created_at < before)
    if install_id is not None:
        where &= decision.c.install_id == install_id
    if but is not None:
        where &= tuple_(decision.c.install_id, decision.c.key).not_in(but)
    return connection.execute(delete(decision).where(where)).rowcount


def about(key: str) -> str:
    """Return what the sealed text of a decision is bound to (see Seal)."""
    return f"decision:{key}"


def closed(seal: Seal, made: Decision) -> bytes:
    """Seal a decision."""
    return seal.close_bytes(codec.dump(made), about=about(made.key))


def opened(seal: Seal, row: Row[Any]) -> Decision | None:
    """Open a decision; None when it cannot be read, which must stop nobody else's.

    A merge may have given its lead another id since, or the lead's decisions to another one (aliases.move_lead).
    """
    try:
        found = codec.load(seal.open_bytes(row.sealed, about=about(row.key)))
    except Exception as error:  # noqa: BLE001 - damage shows as anything
        log.warning("decision unreadable", decision=row.key, error=type(error).__name__)
        return None
    return found if found.lead.id == row.lead_id else replace(found, lead=replace(found.lead, id=row.lead_id))


def stored(connection: Connection, install_id: str, seal: Seal, rows: Sequence[Row[Any]]) -> list[Stored]:
    """Return whole rows as what they hold, without those that cannot be read."""
    lines = ledger.of(connection, install_id, [row.key for row in rows])
    return [
        Stored(
            decision=made,
            state=row.state,
            letters=tuple(int(each) for each in row.letters.split()),
            ledger=lines[row.key],
            attempts=row.attempts,
            reason=row.reason,
            trace=row.trace,
            created_at=row.created_at,
            settled_at=row.settled_at,
            calls=row.calls,
            together=row.together or 0,
            part_of=row.part_of,
        )
        for row in rows
        if (made := opened(seal, row)) is not None
    ]


def _moments(connection: Connection, install_id: str, intents: Sequence[Intent], now: datetime) -> list[datetime]:
    """Return when each of these counts as made: now, or right after what its lead has already."""
    given = {"install_id": install_id, "leads": [*{intent.decision.lead.id for intent in intents}]}
    last: dict[str, datetime] = {row.lead_id: row.at for row in connection.execute(_YOUNGEST, given)}
    found: list[datetime] = []
    for intent in intents:
        lead_id = intent.decision.lead.id
        last[lead_id] = max(now, last[lead_id] + TICK) if lead_id in last else now
        found.append(last[lead_id])
    return found


def _row(install_id: str, seal: Seal, intent: Intent, at: datetime, *, now: datetime) -> dict[str, Any]:
    """Return a decision that was made at a moment as it is stored before anything is done about it."""
    return {
        "install_id": install_id,
        "key": intent.decision.key,
        "lead_id": intent.decision.lead.id,
        "state": "intended",
        "outcome": intent.decision.outcome,
        "sealed": closed(seal, intent.decision),
        "letters": " ".join(map(str, intent.letters)),
        "trace": intent.trace,
        "created_at": at,
        "not_before": now,
        "attempts": 0,
        "reason": "",
        "part_of": intent.part_of,
        "owed": None,
    }


def _add(
    connection: Connection,
    install_id: str,
    seal: Seal,
    made: Sequence[tuple[Intent, datetime]],
    rows: Sequence[Mapping[str, Any]],
) -> set[str]:
    """Store the rows of these decisions, but none that is stored already; return the keys of those that are new."""
    if not rows:
        return set()
    statement = insert(connection, decision).on_conflict_do_nothing().returning(decision.c.key)
    new = set(connection.execute(statement, rows).scalars())
    found = [(each.decision, at) for each, at in made if each.decision.key in new]
    terms.add(connection, install_id, seal, found)
    return new


# Each round says these: building one anew takes longer than having it answered.
_MINE = decision.c.install_id == bindparam("install_id")
_LEADS = decision.c.lead_id.in_(bindparam("leads", expanding=True))
_KEYS = decision.c.key.in_(bindparam("keys", expanding=True))
_OF_LEADS = (
    select(decision)
    .where(_MINE, _LEADS, decision.c.part_of == "", decision.c.key.not_like(MERGES))
    .order_by(decision.c.created_at, decision.c.key)
)
_BY_KEYS = select(decision).where(_MINE, _KEYS)
_YOUNGEST = (
    select(decision.c.lead_id, func.max(decision.c.created_at).label("at"))
    .where(_MINE, _LEADS)
    .group_by(decision.c.lead_id)
)
