"""Arrears: what an older version did not note of the decisions it stored: their terms, and their place in the tallies.

Done a little at a time, by the clock; where nothing is owed, asking costs a look at an index that is empty.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from connector.store import counting, decisions, tallies, terms
from connector.store.decisions import decision
from connector.store.seal import Seal

TALLIES_TOO = 2
"""Of a decision that was settled before: those that were not are counted when they are."""


def installs(connection: Connection) -> list[str]:
    """Return the installs that have decisions of which something is owed."""
    query = select(decision.c.install_id).where(decision.c.owed.is_not(None)).distinct()
    return sorted(connection.execute(query).scalars())


def pay(connection: Connection, install_id: str, seal: Seal, *, limit: int) -> int:
    """Note what is owed of some decisions; return of how many. One that cannot be read is owed nothing any more."""
    mine = (decision.c.install_id == install_id) & decision.c.owed.is_not(None)
    owing = select(decision.c.key, decision.c.owed).where(mine).limit(limit).with_for_update()
    owed = {row.key: row.owed for row in connection.execute(owing)}
    if not owed:
        return 0
    found = decisions.by_keys(connection, install_id, seal, owed)
    terms.add(connection, install_id, seal, [(each.decision, each.created_at) for each in found.values()])
    settled = [each for key, each in found.items() if owed[key] == TALLIES_TOO]
    tallies.add(connection, install_id, seal, [(each.created_at, counting.of_decision(each)) for each in settled])
    theirs = (decision.c.install_id == install_id) & decision.c.key.in_(list(owed))
    connection.execute(update(decision).where(theirs).values(owed=None))
    return len(owed)
