"""From a decision's actions to rows, and from verdicts back to effects. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from connector.errors import Later
from connector.hubspot.batches import Done
from connector.hubspot.fields import CONTACT_ID
from connector.work import Effect
from rules.actions import Merge, Snapshot, Unassign, Unlink, Unmerge, Unstamp, Withdraw
from rules.model import Assign, Link, Notify, Stamp, Task

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from connector.hubspot.batches import Verdict
    from connector.work import Work
    from rules.model import Decision

ActionT = TypeVar(
    "ActionT", Assign, Link, Stamp, Task, Notify, Unassign, Unlink, Unstamp, Withdraw, Snapshot, Merge, Unmerge
)


def action(item: Work, kind: type[ActionT]) -> ActionT | None:
    """Return the decision's action of that kind when it is still to be done."""
    if kind.key not in item.pending:
        return None
    return next(found for found in item.decision.actions if isinstance(found, kind))


def effects(item: Work, actions: Collection[str], verdict: Verdict, *, ref: str = "") -> Iterator[Effect]:
    """Say for each pending one of `actions` what became of it. `ref` is used where HubSpot returned no id."""
    for name in sorted(item.pending & set(actions)):
        key = item.decision.key
        if isinstance(verdict, Done):
            yield Effect(key, name, "done", ref=ref or str(verdict.result.get("id", "")))
        elif isinstance(verdict, Later):
            yield Effect(key, name, "later", detail=str(verdict), seconds=verdict.seconds)
        else:
            yield Effect(key, name, "refused", detail=verdict.words)


def already(item: Work, actions: Collection[str], ref: str) -> Iterator[Effect]:
    """Say of each pending one of `actions` that it was found done."""
    return (Effect(item.decision.key, name, "already", ref=ref) for name in sorted(item.pending & set(actions)))


def hubspot_defined(type_id: int) -> list[Mapping[str, Any]]:
    """Name one of HubSpot's own association types."""
    return [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]


def contact_of(decision: Decision) -> str:
    """Return the id of the contact that a decision is about; empty when a lead had none."""
    return decision.lead.text(CONTACT_ID)
