"""One decision's merge on its way: what is to be merged and converted, what is done, and what failed and why. PURE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.errors import Later, Next, Refused, Revoked
from connector.merging import Taken
from connector.work import Effect, Work
from rules.actions import Merge
from rules.model import Value


@dataclass(slots=True)
class Order:
    """A merge to be done. `values` are what the survivor gets, by API name.

    `taken` are the losers that live on in the survivor, `failed` those that do not, and why. `found` says that nothing
    had to be done any more, `written` that the survivor's values are not ours to write (again), `unwritten` why they
    could not be.
    """

    work: Work
    action: Merge
    sobject: str
    values: Mapping[str, Any] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    failed: dict[str, Next] = field(default_factory=dict)
    found: bool = True
    unwritten: Next | None = None

    @property
    def key(self) -> str:
        """The decision's key."""
        return self.work.decision.key

    @property
    def survivor_id(self) -> str:
        """The id of the record that takes the others in."""
        return self.action.survivor.id

    @property
    def joins(self) -> list[str]:
        """The losers that are still to be merged."""
        return [one.id for one in self.action.losers if one.id not in self.action.converts and self._is_open(one.id)]

    @property
    def converts(self) -> list[str]:
        """The leads that are still to be converted; none while something of the order has failed."""
        return [] if self.failed else [one for one in self.action.converts if self._is_open(one)]

    @property
    def writes_apart(self) -> bool:
        """Whether the values are to be written by themselves: a merge writes them, a conversion does not."""
        only = len(self.action.converts) == len(self.action.losers)
        return only and bool(self.values) and not self.failed and self.taken >= set(self.action.converts)

    def effect(self) -> Effect:
        """Return what became of the order."""
        problems = [*self.failed.values(), *([self.unwritten] if self.unwritten else [])]
        ref = Taken(dict.fromkeys(sorted(self.taken), self.survivor_id)).text()
        if not problems:
            return Effect(self.key, Merge.key, "already" if self.found else "done", ref=ref)
        later = [each for each in problems if isinstance(each, Later | Revoked)]
        if later:
            waits = [each for each in later if isinstance(each, Later)]
            applied = bool(self.taken) or any(each.applied for each in waits)
            seconds = max((each.seconds for each in waits), default=0.0)
            return Effect(self.key, Merge.key, "later", detail=str(later[0]), seconds=seconds, applied=applied)
        return Effect(self.key, Merge.key, "refused", ref=ref if self.taken else "", detail=self._told())

    def fail(self, losers: list[str], why: Next) -> None:
        """Note why losers were not merged."""
        self.failed.update(dict.fromkeys(losers, why))

    def _is_open(self, loser: str) -> bool:
        return loser not in self.taken and loser not in self.failed

    def _told(self) -> str:
        """Say what was done and what was not, in full: a person has to finish or undo it."""
        said = [f"{one} was not merged into {self.survivor_id}: {why}" for one, why in self.failed.items()]
        if self.unwritten:
            said.append(f"The fields of {self.survivor_id} were not written: {self.unwritten}")
        if self.taken:
            said.append(f"Merged all the same: {', '.join(sorted(self.taken))}")
        return ". ".join(said)


def action_of(work: Work) -> Merge | None:
    """Return the merge of a decision."""
    return next((action for action in work.decision.actions if isinstance(action, Merge)), None)


def unknown_names(values: Mapping[str, Value], known: Mapping[str, object]) -> Refused | None:
    """Say which fields of a plan the connected user cannot write (any more); None when they can write all."""
    lacking = sorted(name for name in values if name not in known)
    return Refused(f"Missing or read-only for the connected user: {', '.join(lacking)}") if lacking else None
