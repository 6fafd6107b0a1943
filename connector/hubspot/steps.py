"""The steps in which a decision is performed, and who does what of each. The audit is written by storage.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.hubspot import audits, definitions, merging, performing, snapshots, tasks, undoing, unmerging
from connector.work import Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.hubspot.routed import Routed
    from connector.hubspot.storage import Portal, Storage
    from connector.hubspot.tasks import Clockwork
    from connector.work import Effect, Work

BATCH = 100
"""Inputs that one batch call of the objects API may hold (HubSpot, "Using object APIs")."""

LINKED = 1000
"""Records whose associations one call may read, the smallest of the limits of the link step ("Associate records")."""

MERGED = 50
"""Merges of one step: each takes a call of its own, of the 110 in ten seconds."""

SNAPSHOT = Step("snapshot", snapshots.SNAPSHOT_ACTIONS, MERGED)
MERGE = Step("merge", merging.MERGE_ACTIONS, MERGED)
UNMERGE = Step("unmerge", unmerging.UNMERGE_ACTIONS, MERGED)
UPDATE = Step("update", performing.UPDATE_ACTIONS, BATCH)
LINK = Step("link", performing.LINK_ACTIONS | undoing.UNLINK_ACTIONS, LINKED)
TASK = Step("task", tasks.TASK_ACTIONS | undoing.WITHDRAW_ACTIONS, BATCH)
AUDIT = Step("audit", audits.AUDIT_ACTIONS, BATCH)
MERGING = (SNAPSHOT, MERGE, UNMERGE)
STEPS = (*MERGING, UPDATE, LINK, TASK, AUDIT)


def pending(step: str, work: Sequence[Work]) -> list[Work]:
    """Return the work that has something to do in a step; after its merge with the id that its lead has by then."""
    actions = next(known.actions for known in STEPS if known.name == step)
    return [merging.moved(item) for item in work if item.pending & actions]


def perform_merging(
    portal: Portal, storage: Storage, names: Mapping[str, str], step: str, work: Sequence[Work]
) -> list[Effect]:
    """Do one of the steps of a merge; `names` are the portal's own fields behind names of ours."""
    if step == SNAPSHOT.name:
        return snapshots.take(portal, storage, names, work)
    if step == MERGE.name:
        return merging.merge(portal.client, work, lead_type=portal.lead_type, names=names)
    return unmerging.unmerge(portal, storage, names, work)


def perform(portal: Portal, routed: Routed, clockwork: Clockwork, step: str, work: Sequence[Work]) -> list[Effect]:
    """Do one of the steps before the audit: one Effect per pending action. Raises when the call as a whole failed."""
    client = portal.client
    if step == UPDATE.name:
        lacking = definitions.lacking(client, portal.memo, portal.scopes, routed.object_type)
        return routed.update(client, work, lacking)
    if step == LINK.name:
        back, there = _parted(work, undoing.UNLINK_ACTIONS)
        return routed.link(client, there) + routed.unlink(client, back)
    # A decision that takes a lead from somebody has both to do; who gets it is told first.
    there = [item for item in work if item.pending & tasks.TASK_ACTIONS]
    back = [item for item in work if item.pending & undoing.WITHDRAW_ACTIONS]
    return tasks.task(client, there, clockwork, routed.anchor) + undoing.withdraw(client, back)


def _parted(work: Sequence[Work], actions: frozenset[str]) -> tuple[list[Work], list[Work]]:
    """Return the work that has one of these actions to do, and the other work: an undo does nothing else."""
    return [item for item in work if item.pending & actions], [item for item in work if not item.pending & actions]
