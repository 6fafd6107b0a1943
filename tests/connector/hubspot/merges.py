"""Decisions to merge and to undo a merge, taken through the adapter's steps, and a portal compared record by record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from connector.merging import Taken
from connector.work import Work
from rules.actions import Member, Merge, Snapshot, Unmerge
from rules.model import ActionResult
from tests.connector.hubspot.conftest import join, work

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connector.hubspot.gateway import HubSpotCrm
    from connector.work import Effect
    from rules.model import Action, Kind
    from tests.connector.hubspot.conftest import Portal
    from tests.sandbox.hubspot import Sandbox

NEARBY = ("contacts", "companies", "deals", "tasks", "notes", "leads")


def unlimited(sandbox: Sandbox) -> Portal:
    """Return an Enterprise portal that is set up and limits no calls, for all tests of a module."""
    made = join(sandbox, tier="enterprise")
    made.order("limits", general=None, search=None, associations=None)
    made.crm().prepare()
    return made


def decided(key: str, lead_id: str, *actions: Action, uncertain: Sequence[str] = ()) -> Work:
    """Make the work of a decision with these actions, all of them to be done."""
    item = work(lead_id, "", key=key, actions=())
    decision = replace(item.decision, actions=actions)
    return replace(
        item, decision=decision, pending=frozenset(each.key for each in actions), uncertain=frozenset(uncertain)
    )


def to_merge(survivor: str, *losers: str, kind: Kind = "lead", uncertain: Sequence[str] = (), **more: Any) -> Work:
    """Decide to merge records; `more` goes into the Merge."""
    members = [Member(kind, each) for each in (survivor, *losers)]
    merge = Merge(members[0], tuple(members[1:]), **more)
    return decided(f"merge-{survivor}", survivor, Snapshot(tuple(members)), merge, uncertain=uncertain)


def to_undo(item: Work, now: str, *, uncertain: Sequence[str] = ()) -> Work:
    """Decide to undo a merge whose survivor is called `now`."""
    merge = merge_of(item)
    unmerge = Unmerge(item.decision.key, merge, now)
    return decided(f"undo-{item.decision.key}", now, unmerge, uncertain=uncertain)


def merge_of(item: Work) -> Merge:
    return next(each for each in item.decision.actions if isinstance(each, Merge))


def apply(crm: HubSpotCrm, step: str, items: Sequence[Work]) -> list[Effect]:
    """Do a step for all, in batches."""
    size = next(each.batch for each in crm.steps if each.name == step)
    return [e for start in range(0, len(items), size) for e in crm.apply(step, items[start : start + size])]


def merged(crm: HubSpotCrm, items: Sequence[Work]) -> list[Taken]:
    """Keep and merge; return what became of whom."""
    kept = apply(crm, "snapshot", items)
    assert [(each.status, each.ref) for each in kept] == [("done", "1")] * len(items), kept
    return taken(apply(crm, "merge", items))


def undone(crm: HubSpotCrm, items: Sequence[Work], became: Sequence[Taken], **more: Any) -> list[Taken]:
    """Undo merges; return what became of whom."""
    orders = [to_undo(item, survivor_now(item, each), **more) for item, each in zip(items, became, strict=True)]
    return taken(apply(crm, "unmerge", orders))


def taken(effects: Iterable[Effect]) -> list[Taken]:
    found = list(effects)
    assert {each.status for each in found} <= {"done"}, found
    return [Taken.read(each.ref) for each in found]


def survivor_now(item: Work, became: Taken) -> str:
    survivor = merge_of(item).survivor.id
    return became.now.get(survivor, survivor)


def told(item: Work, effect: Effect) -> Work:
    """Return the work as the line hands it to the steps after the merge."""
    results = (*item.entry.results, ActionResult(effect.action, "done", effect.ref))
    return replace(item, entry=replace(item.entry, results=results))


def photograph(portal: Portal, old: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return every record with what an app can write and what it is tied to; `old` ids stand for new ones."""
    names = old or {}
    rows = [(kind, row) for kind in NEARBY for row in portal.rows(kind) if not is_ours(row)]
    theirs = {row["id"] for _, row in rows}
    return {
        names.get(row["id"], row["id"]): (
            kind,
            {name: value for name, value in row["properties"].items() if writable(portal, kind, name)},
            sorted(
                (end["toObjectType"], names.get(end["toObjectId"], end["toObjectId"]), end["category"], end["typeId"])
                for end in row["associations"]
                if end["toObjectId"] in theirs
            ),
        )
        for kind, row in rows
    }


def is_ours(row: Mapping[str, Any]) -> bool:
    """Tell whether a note is our audit or snapshot."""
    return "Switchyard record" in row["properties"].get("hs_note_body", "")


def writable(portal: Portal, kind: str, name: str) -> bool:
    """Tell whether a value is people's, and not worked out by HubSpot or our mark; additional addresses count."""
    hub = portal.sandbox.hub
    prop = hub.properties.of(portal.id, hub.portals.object_type(portal.id, kind).id)[name]
    follows = name in {"hs_additional_emails", "hs_additional_domains", "associatedcompanyid"}
    return (not prop.read_only and name != "switchyard_restored") or follows
