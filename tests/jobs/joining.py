"""A fake CRM that merges: in one step after another, with snapshots, and by half where a test wants it."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from connector.merging import Taken
from connector.rows import Expired
from connector.work import Effect, Work
from rules.actions import Member, Merge, Snapshot, Unmerge
from rules.model import Record
from tests.fakes import JOINING, FakeCrm
from tests.jobs.conftest import House

SNAPSHOTS = 2
"""Snapshots that a page of expiring looks at."""


@dataclass
class JoiningCrm(FakeCrm):
    """Keeps a snapshot of records before it merges them, and brings them back from it.

    `merged` counts how often each loser
    was merged, `converted` are the leads that were converted. Of a merge of more than one, `half` does the first only.
    """

    half: bool = False
    snapshots: dict[str, tuple[Record, ...]] = field(default_factory=dict)
    taken_at: dict[str, datetime] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    converted: list[str] = field(default_factory=list)
    into: dict[str, str] = field(default_factory=dict)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def apply(self, step: str, work: Sequence[Work]) -> list[Effect]:
        """Do a step of merging, or any other."""
        if step not in {each.name for each in JOINING}:
            return super().apply(step, work)
        self._call(f"apply:{step}")
        return [self._joined(step, each) for each in work if step in each.pending]

    def _joined(self, step: str, work: Work) -> Effect:
        if (told := self.answer(work, step)) is not None:
            return replace(told, decision_key=work.decision.key, action=step)
        action = next(each for each in work.decision.actions if each.key == step)
        if isinstance(action, Snapshot):
            return self._kept(work, action)
        if isinstance(action, Merge):
            return self._merge(work, action)
        assert isinstance(action, Unmerge)
        return self._unmerge(work, action)

    def _kept(self, work: Work, action: Snapshot) -> Effect:
        found = tuple(self.records[(each.kind, each.id)] for each in action.members)
        self.snapshots.setdefault(work.decision.key, found)
        self.taken_at[work.decision.key] = work.decision.decided_at
        return Effect(work.decision.key, Snapshot.key, "done", ref=str(len(found)))

    def expire(self, *, before: datetime, but: Collection[str], after: str | None = None) -> Expired:
        """Delete the next old snapshots, two at a time."""
        self._call("expire")
        old = [key for key, at in sorted(self.taken_at.items()) if at < before and key > (after or "")]
        gone = [key for key in old[:SNAPSHOTS] if key not in but]
        for key in gone:
            del self.snapshots[key], self.taken_at[key]
        return Expired(len(gone), old[SNAPSHOTS - 1] if len(old) > SNAPSHOTS else None)

    def _merge(self, work: Work, action: Merge) -> Effect:
        key = work.decision.key
        if key not in self.snapshots:
            return Effect(key, Merge.key, "refused", detail="No snapshot")
        kept = self.into.get(action.survivor.id, action.survivor.id)
        now = {each.id: kept for each in action.losers if each.id in self.into}
        for each in action.losers:
            if each.id in now:
                continue
            if self.half and now:
                left = Taken(dict(now)).text()
                return Effect(key, Merge.key, "refused", ref=left, detail=f"{each.id} was not merged")
            kept = self._take(action, each, kept)
            now = {**dict.fromkeys(now, kept), each.id: kept}
        if kept != action.survivor.id:
            now[action.survivor.id] = kept
        return Effect(key, Merge.key, "done", ref=Taken(now).text())

    def _take(self, action: Merge, loser: Member, kept: str) -> str:
        survivor = self.records.pop((action.survivor.kind, kept))
        if loser.id in action.converts:
            lead = self.records[("lead", loser.id)]
            self.records[("lead", loser.id)] = replace(lead, fields={**lead.fields, "converted": True})
            self.converted.append(loser.id)
        else:
            self.drop(loser.kind, loser.id, self.clock, master=kept)
            self.merged.append(loser.id)
        new = f"n{next(self.numbers)}" if self.renames else kept
        self.into |= {loser.id: new} | ({kept: new} if new != kept else {})
        values = {**survivor.fields, **action.values}
        self.add(replace(survivor, id=new, fields=values, owner_id=action.owner_id or survivor.owner_id))
        return new

    def _unmerge(self, work: Work, action: Unmerge) -> Effect:
        before = {each.id: each for each in self.snapshots[action.of]}
        now: dict[str, str] = {}
        for each in action.merge.losers:
            new = self.into.get(f"back {each.id}") or (f"n{next(self.numbers)}" if self.renames else each.id)
            self.into[f"back {each.id}"] = new
            self.into.pop(each.id, None)
            self.add(replace(before[each.id], id=new))
            self.bin.pop((each.kind, each.id), None)
            now[each.id] = new
        kept = self.records[(action.merge.survivor.kind, action.survivor_id)]
        was = before[action.merge.survivor.id]
        self.add(replace(was, id=kept.id, fields={**was.fields, "decision": kept.fields.get("decision")}))
        left = ("The date of creation is a new one",) if self.renames else ()
        return Effect(work.decision.key, Unmerge.key, "done", ref=Taken(now, left).text())

    def _refusal(self, work: Work, pending: frozenset[str]) -> str:
        """Contacts may be told of as well as leads."""
        lead = work.decision.lead
        return (
            "" if lead.kind == "contact" and (lead.kind, lead.id) in self.records else super()._refusal(work, pending)
        )

    @property
    def clock(self):  # type: ignore[no-untyped-def]
        """When records are deleted: the youngest moment that a record knows."""
        return max(each.modified_at for each in self.records.values() if each.modified_at)


def joining(house: House, *, renames: bool = False) -> JoiningCrm:
    """Have a house's CRM merge, as one or the other CRM does."""
    before = house.crm
    made = JoiningCrm(**{each.name: getattr(before, each.name) for each in fields(before)} | {"renames": renames})
    house.crm = made
    return made
