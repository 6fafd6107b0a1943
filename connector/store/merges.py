"""Merges that are not done yet, or that the CRM refused: what they are about, so that nothing else is done with it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from connector.store import decisions
from connector.store.decisions import MERGES, Stored, decision
from connector.store.seal import Seal
from rules.actions import Member, Merge, Unmerge
from rules.model import Decision

MOST = 1000
"""Merges of a kind that are looked through; there are more only while a CRM is away."""

__all__ = ["busy", "members", "refused"]


def members(made: Decision) -> tuple[Member, ...]:
    """Return the records that a decision makes one of, or had made one of; none when it is no merge.

    Of one that is taken apart also what it is called by now.
    """
    for action in made.actions:
        merge = action.merge if isinstance(action, Unmerge) else action
        if isinstance(merge, Merge):
            kept = [Member(merge.survivor.kind, action.survivor_id)] if isinstance(action, Unmerge) else []
            return tuple(dict.fromkeys((merge.survivor, *merge.losers, *kept)))
    return ()


def busy(connection: Connection, install_id: str, seal: Seal) -> dict[Member, str]:
    """Return the records of merges, and of undoes of merges, that are not done yet, each with the decision's key."""
    mine = (decision.c.install_id == install_id) & decision.c.key.like(MERGES)
    query = select(decision.c.key).where(mine, decision.c.state == "intended").limit(MOST)
    found = decisions.by_keys(connection, install_id, seal, list(connection.execute(query).scalars()))
    return {member: each.decision.key for each in found.values() for member in members(each.decision)}


def refused(connection: Connection, install_id: str, seal: Seal, ids: Collection[str]) -> dict[frozenset[str], Stored]:
    """Return the merges that the CRM refused, by the ids of their records, where the survivor is one of these."""
    mine = (decision.c.install_id == install_id) & decision.c.key.like(MERGES) & (decision.c.outcome == "merged")
    query = select(decision.c.key).where(mine, decision.c.state == "parked", decision.c.lead_id.in_(list(ids)))
    found = decisions.by_keys(connection, install_id, seal, list(connection.execute(query.limit(MOST)).scalars()))
    return {frozenset(one.id for one in members(each.decision)): each for each in found.values()}
