"""The four steps in which a decision is performed, and who does what of each. The audit is written by storage.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.hubspot import audits, definitions, performing, tasks, undoing
from connector.work import Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.hubspot.routed import Routed
    from connector.hubspot.storage import Portal
    from connector.hubspot.tasks import Clockwork
    from connector.work import Effect, Work

BATCH = 100
"""Inputs that one batch call of the objects API may hold (HubSpot, "Using object APIs")."""

LINKED = 1000
"""Records whose associations one call may read, the smallest of the limits of the link step ("Associate records")."""

UPDATE = Step("update", performing.UPDATE_ACTIONS, BATCH)
LINK = Step("link", performing.LINK_ACTIONS | undoing.UNLINK_ACTIONS, LINKED)
TASK = Step("task", tasks.TASK_ACTIONS | undoing.WITHDRAW_ACTIONS, BATCH)
AUDIT = Step("audit", audits.AUDIT_ACTIONS, BATCH)
STEPS = (UPDATE, LINK, TASK, AUDIT)


def pending(step: str, work: Sequence[Work]) -> list[Work]:
    """Return the work that has something to do in a step."""
    actions = next(known.actions for known in STEPS if known.name == step)
    return [item for item in work if item.pending & actions]


def perform(portal: Portal, routed: Routed, clockwork: Clockwork, step: str, work: Sequence[Work]) -> list[Effect]:
    """Do one of the steps before the audit: one Effect per pending action. Raises when the call as a whole failed."""
    client = portal.client
    if step == UPDATE.name:
        lacking = definitions.lacking(client, portal.memo, portal.scopes, routed.object_type)
        return routed.update(client, work, lacking)
    if step == LINK.name:
        back, there = _parted(work, undoing.UNLINK_ACTIONS)
        return routed.link(client, there) + routed.unlink(client, back)
    back, there = _parted(work, undoing.WITHDRAW_ACTIONS)
    return tasks.task(client, there, clockwork, routed.anchor) + undoing.withdraw(client, back)


def _parted(work: Sequence[Work], actions: frozenset[str]) -> tuple[list[Work], list[Work]]:
    """Return the work that has one of these actions to do, and the other work: an undo does nothing else."""
    return [item for item in work if item.pending & actions], [item for item in work if not item.pending & actions]
