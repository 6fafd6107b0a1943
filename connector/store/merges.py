"""Merges that are not done yet, or that the CRM refused: what they are about, so that nothing else is done with it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, or_, select

from connector.store import decisions
from connector.store.decisions import MERGES, State, Stored, decision
from connector.store.seal import Seal
from rules.actions import Member, Merge, Unmerge
from rules.model import Decision

MOST = 1000
"""Merges of a kind that are looked through; there are more only while a CRM is away."""
_OPEN: Collection[State] = ("intended", "parked")

__all__ = ["busy", "held", "members", "refused", "undoable"]


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


def held(connection: Connection, install_id: str, seal: Seal) -> set[str]:
    """Return the keys of merges whose snapshot is needed: they, or what takes them back, are not done or were refused.

    What was refused waits for a person who tries it again.
    """
    mine = (decision.c.install_id == install_id) & decision.c.key.like(MERGES)
    query = select(decision.c.key).where(mine, decision.c.state.in_(_OPEN))
    keys = list(connection.execute(query).scalars())
    found = set(keys)
    for start in range(0, len(keys), MOST):
        stored = decisions.by_keys(connection, install_id, seal, keys[start : start + MOST])
        found |= {each.of for one in stored.values() for each in one.decision.actions if isinstance(each, Unmerge)}
    return found


def undoable(since: datetime) -> Select[Any]:
    """Return what merges, or takes a merge back (install id, key), and must be known: from `since` on it can be undone.

    Older ones too, while what takes them back is not done or was refused: it is about the same record.
    """
    other = decision.alias("other")
    same = (other.c.install_id == decision.c.install_id) & (other.c.lead_id == decision.c.lead_id)
    is_open = exists().where(same, other.c.key.like(MERGES), other.c.state.in_(_OPEN))
    young = decision.c.created_at >= since
    return select(decision.c.install_id, decision.c.key).where(decision.c.key.like(MERGES), or_(young, is_open))


def refused(connection: Connection, install_id: str, seal: Seal, ids: Collection[str]) -> dict[frozenset[str], Stored]:
    """Return the merges that the CRM refused, by the ids of their records, where the survivor is one of these."""
    mine = (decision.c.install_id == install_id) & decision.c.key.like(MERGES) & (decision.c.outcome == "merged")
    query = select(decision.c.key).where(mine, decision.c.state == "parked", decision.c.lead_id.in_(list(ids)))
    found = decisions.by_keys(connection, install_id, seal, list(connection.execute(query.limit(MOST)).scalars()))
    return {frozenset(one.id for one in members(each.decision)): each for each in found.values()}
