"""Merges and their undoing, as the tests of this folder need them: works to perform, and what an org holds."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from connector.merging import Taken
from connector.salesforce.gateway import SalesforceCrm
from connector.work import Effect, Work
from rules.actions import Action, Member, Merge, Snapshot, Unmerge
from rules.model import Kind
from tests.connector.salesforce.conftest import LocalOrg
from tests.connector.salesforce.examples import decision, work

_NUMBERS = itertools.count(1)
STAMPS = {"LastModifiedDate", "LastModifiedById", "SystemModstamp", "LastActivityDate", "CreatedDate", "CreatedById"}
"""What Salesforce itself writes: nobody can give it back."""
REMADE = ("CampaignMember", "ContentDocumentLink", "OpportunityContactRole")
"""Objects whose rows come back with another id where a merge dropped them, or where they cannot change their parent."""
WATCHED = ("Lead", "Contact", "Account", "Opportunity", "Task", "Event", "Note", "Routing_Audit__c")


def key() -> str:
    """Return a decision key that no other test has."""
    return f"merge-{next(_NUMBERS)}"


def to_do(made: str, *actions: Action, uncertain: Sequence[str] = (), pending: Sequence[str] = ()) -> Work:
    """Return a decision on its way with these actions."""
    wanted = set(pending) or {action.key for action in actions}
    return work(decision(made, actions=actions), pending=wanted, uncertain=set(uncertain))


def merging(
    survivor: tuple[Kind, str], losers: Sequence[tuple[Kind, str]], **parts: Any
) -> tuple[str, Snapshot, Merge]:
    """Return a merge with its snapshot, under a key of its own."""
    first, rest = Member(*survivor), tuple(Member(*one) for one in losers)
    return key(), Snapshot((first, *rest)), Merge(first, rest, **parts)


def merge(crm: SalesforceCrm, *orders: tuple[str, Snapshot, Merge]) -> list[Effect]:
    """Take the snapshots and merge, as the line does it; return what became of the merges."""
    works = [to_do(made, snapshot, action) for made, snapshot, action in orders]
    taken = crm.apply("snapshot", works)
    assert [(each.status, each.detail) for each in taken] == [("done", "")] * len(works)
    return crm.apply("merge", works)


def undo(order: tuple[str, Snapshot, Merge], survivor_id: str = "") -> Work:
    """Return the undo of a merge as work to do."""
    made, _, action = order
    return to_do(key(), Unmerge(made, action, survivor_id or action.survivor.id))


def taken(effect: Effect) -> Taken:
    return Taken.read(effect.ref)


def state(org: LocalOrg) -> dict[str, dict[str, dict[str, Any]]]:
    """Return every living record of the objects that a merge touches, by id, without what Salesforce stamps."""
    found = {name: {row["Id"]: _plain(row) for row in org.rows(name) if not row["IsDeleted"]} for name in WATCHED}
    for name in REMADE:
        rows = [_plain(row, without={"Id"}) for row in org.rows(name) if not row["IsDeleted"]]
        found[name] = {str(number): row for number, row in enumerate(sorted(rows, key=str))}
    return found


def _plain(row: dict[str, Any], without: set[str] | None = None) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in STAMPS | (without or set())}
