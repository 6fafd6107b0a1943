"""A CRM in memory that merges: what a clean-up needs of one, beside the adapters' own tests of how they merge."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from connector.merging import Mergeable, Taken
from connector.work import Effect, Step, Work
from rules.actions import Member, Merge, Snapshot
from rules.merging.abilities import SALESFORCE
from rules.merging.facts import RecordFacts
from rules.model import Record, Value
from tests.fakes import FakeCrm

MERGING = (
    Step("snapshot", frozenset({"snapshot"}), 2),
    Step("merge", frozenset({"merge"}), 2),
    Step("unmerge", frozenset({"unmerge"}), 2),
)


@dataclass
class MergingCrm(FakeCrm):
    """Merges records; `snapshots` are what was kept before, by the decision's key, `merged` what was done."""

    steps: tuple[Step, ...] = (*MERGING, *FakeCrm.steps)
    facts: dict[str, RecordFacts] = field(default_factory=dict)
    snapshots: dict[str, tuple[Record, ...]] = field(default_factory=dict)
    merged: list[Merge] = field(default_factory=list)

    def mergeable(self, members: Collection[Member]) -> Mergeable:
        """Read what is there, with everything."""
        self._call("mergeable")
        found = {each: self.records[each.kind, each.id] for each in members if (each.kind, each.id) in self.records}
        return Mergeable(found, self.facts, {}, SALESFORCE)

    def _do(self, work: Work, action: str) -> Effect:
        key = work.decision.key
        found = next((each for each in work.decision.actions if each.key == action), None)
        if isinstance(found, Snapshot):
            self.snapshots[key] = tuple(self.records[each.kind, each.id] for each in found.members)
            return Effect(key, action, "done", ref="1")
        if isinstance(found, Merge):
            self._merge(found)
            now = {each.id: found.survivor.id for each in found.losers}
            return Effect(key, action, "done", ref=Taken(now=now).text())
        return super()._do(work, action)

    def _merge(self, found: Merge) -> None:
        self.merged.append(found)
        kept = self.records[found.survivor.kind, found.survivor.id]
        values: dict[str, Value] = {**kept.fields, **found.values}
        self.add(replace(kept, fields=values, owner_id=found.owner_id or kept.owner_id))
        for each in found.losers:
            del self.records[each.kind, each.id]
