"""Decisions that are not done yet: which wait, and what becomes of each: settled, parked, put off, tried again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select, update

from connector.store import decisions, ledger, terms
from connector.store.decisions import MERGES, Stored, decision
from connector.store.seal import Seal
from rules.model import Assign, Decision

MOST_OPEN = 1000
"""Unfinished decisions looked through for who gets what; there are more only while a CRM is away."""


def due(
    connection: Connection, install_id: str, seal: Seal, *, now: datetime, limit: int
) -> tuple[list[Stored], list[str]]:
    """Return decisions that were intended and not settled, and whose time has come, oldest first.

    Second, the keys of those that cannot be read (damage, or another version's shape): park them.
    """
    rows = connection.execute(_FIRST_DUE, {"install_id": install_id, "now": now, "most": limit}).all()
    found = decisions.stored(connection, install_id, seal, rows)
    readable = {each.decision.key for each in found}
    return found, [row.key for row in rows if row.key not in readable]


def given(connection: Connection, install_id: str, seal: Seal) -> dict[str, str]:
    """Return the owner that each unfinished decision gives its lead: the CRM and the index do not know yet."""
    opened = [decisions.opened(seal, row) for row in connection.execute(_OPEN, {"install_id": install_id})]
    return {
        each.lead.id: action.owner_id
        for each in opened
        if each is not None
        for action in each.actions
        if isinstance(action, Assign)
    }


def superseded(connection: Connection, install_id: str, keys: Collection[str]) -> set[str]:
    """Return which of these decisions have a newer one about the same lead."""
    newer = decision.alias("newer")
    query = select(decision.c.key).where(
        decision.c.install_id == install_id,
        decision.c.key.in_(keys),
        exists().where(
            newer.c.install_id == decision.c.install_id,
            newer.c.lead_id == decision.c.lead_id,
            newer.c.created_at > decision.c.created_at,
            newer.c.part_of == "",
            newer.c.key.not_like(MERGES),
        ),
    )
    return set(connection.execute(query).scalars())


def leads(connection: Connection, install_id: str) -> set[str]:
    """Return the ids of leads with an unfinished decision, due or not: their new letters wait."""
    query = select(decision.c.lead_id).where(decision.c.install_id == install_id, decision.c.state == "intended")
    return set(connection.execute(query).scalars())


def installs(connection: Connection, *, now: datetime, install_id: str | None = None) -> list[str]:
    """Return the installs with a due unfinished decision (or just this one, if it has)."""
    if install_id is None:
        return list(connection.execute(_INSTALLS, {"now": now}).scalars())
    return list(connection.execute(_INSTALL, {"now": now, "install_id": install_id}).scalars())


def amend(connection: Connection, install_id: str, seal: Seal, changed: Decision) -> None:
    """Store an unfinished decision as what comes of it: the next one for its lead goes by that."""
    mine = (decision.c.install_id == install_id) & (decision.c.key == changed.key) & (decision.c.state == "intended")
    if connection.execute(
        update(decision).where(mine).values(sealed=decisions.closed(seal, changed), outcome=changed.outcome)
    ).rowcount:
        terms.amend(connection, install_id, seal, changed)


def settle(
    connection: Connection, install_id: str, keys: Collection[str], *, now: datetime, calls: int = 0
) -> set[str]:
    """The decisions are done, all effects ledgered; return the keys of those that were not done before.

    `calls` is how often the CRM was asked for all of them together.
    """
    given = {"of": install_id, "keys": list(keys), "now": now, "asked": calls, "with_all": len(keys)}
    return set(connection.execute(_SETTLE, given).scalars()) if keys else set()


def park(connection: Connection, install_id: str, reasons: Mapping[str, str]) -> None:
    """The CRM will not do part of it: keep the decision visible with the reason until a person retries it."""
    for key, reason in reasons.items():
        where = (decision.c.install_id == install_id) & (decision.c.key == key)
        connection.execute(update(decision).where(where).values(state="parked", reason=reason[:1000]))


def postpone(
    connection: Connection, install_id: str, keys: Collection[str], *, until: datetime, reason: str, failed: bool
) -> None:
    """Try these again at `until`; `failed` counts as an attempt of ours."""
    values: dict[str, Any] = {"not_before": until, "reason": reason[:1000]}
    if failed:
        values["attempts"] = decision.c.attempts + 1
    if keys:
        where = (decision.c.install_id == install_id) & decision.c.key.in_(keys)
        connection.execute(update(decision).where(where).values(**values))


def retry_parked(
    connection: Connection,
    install_id: str,
    *,
    now: datetime,
    key: str | None = None,
    leads: Collection[str] | None = None,
) -> int:
    """Intend parked decisions again (one, those of some leads, or all of an install); what was refused is pending."""
    where = (decision.c.install_id == install_id) & (decision.c.state == "parked")
    if key is not None:
        where &= decision.c.key == key
    if leads is not None:
        where &= decision.c.lead_id.in_(leads)
    keys = select(decision.c.key).where(where)
    ledger.forget_refused(connection, install_id, keys)
    values = {"state": "intended", "not_before": now, "attempts": 0, "reason": ""}
    return connection.execute(update(decision).where(where).values(**values)).rowcount


# Each round says these: building one anew takes longer than having it answered.
_MINE = decision.c.install_id == bindparam("install_id")
_INTENDED = decision.c.state == "intended"
_DUE = _INTENDED & (decision.c.not_before <= bindparam("now"))
_FIRST_DUE = (
    select(decision).where(_MINE, _DUE).order_by(decision.c.created_at, decision.c.key).limit(bindparam("most"))
)
_OPEN = select(decision).where(_MINE, _INTENDED).limit(MOST_OPEN)
_INSTALLS = select(decision.c.install_id).where(_DUE).distinct()
_INSTALL = _INSTALLS.where(_MINE).limit(1)
_KEYS = decision.c.key.in_(bindparam("keys", expanding=True))
_SETTLE = (
    update(decision)
    .where(decision.c.install_id == bindparam("of"), _KEYS, decision.c.state != "settled")
    .values(
        state="settled",
        settled_at=bindparam("now"),
        reason="",
        calls=bindparam("asked"),
        together=bindparam("with_all"),
    )
    .returning(decision.c.key)
)
