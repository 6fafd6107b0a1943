"""One undo of a merge on its way: what the records were, which of them are back, and what is left as it is. PURE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.errors import Later, Next, Revoked
from connector.merging import Taken
from connector.salesforce.related import Relation
from connector.work import Effect, Work
from rules.actions import Unmerge


@dataclass(slots=True)
class Undo:
    """An undo to be done. `snapshot` is what was kept, `made` the records that an earlier attempt made anew.

    `now` says under which id each loser lives again, `left` what stays as it is, in plain words, `stopped` why it
    cannot go on. `changed` says whether this attempt did anything.
    """

    work: Work
    action: Unmerge
    snapshot: Mapping[str, Any]
    made: Mapping[str, str]
    now: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    stopped: Next | None = None
    changed: bool = False

    @property
    def key(self) -> str:
        """The key of the decision that undoes."""
        return self.work.decision.key

    @property
    def losers(self) -> list[str]:
        """The ids of the records that were merged away."""
        return [one.id for one in self.action.merge.losers]

    @property
    def converted(self) -> frozenset[str]:
        """The ids of the losers that were converted."""
        return frozenset(self.action.merge.converts)

    def row(self, record_id: str) -> Mapping[str, Any]:
        """Return what a record said before the merge; empty fields are not there."""
        for member in self.snapshot["members"]:
            if member["id"] == record_id:
                found: Mapping[str, Any] = member["row"]
                return found
        return {}

    def sobject(self, record_id: str) -> str:
        """Return the object of a record."""
        return next((str(each["object"]) for each in self.snapshot["members"] if each["id"] == record_id), "")

    def related(self) -> Iterator[tuple[Relation, str, Sequence[Mapping[str, Any]]]]:
        """Yield what hung on each record before the merge: the relation, the record, the rows."""
        for each in self.snapshot["related"]:
            yield Relation(str(each["object"]), str(each["field"])), str(each["parent"]), each["rows"]

    def stop(self, why: Next) -> None:
        """Note why it cannot go on; the first reason counts."""
        self.stopped = self.stopped or why

    def leave(self, sentence: str) -> None:
        """Note once what stays as it is."""
        if sentence not in self.left:
            self.left.append(sentence)

    def effect(self) -> Effect:
        """Return what became of it."""
        ref = Taken(dict(self.now), tuple(self.left)).text()
        if self.stopped is None:
            return Effect(self.key, Unmerge.key, "done" if self.changed else "already", ref=ref)
        if isinstance(self.stopped, Later | Revoked):
            seconds = self.stopped.seconds if isinstance(self.stopped, Later) else 0.0
            return Effect(self.key, Unmerge.key, "later", detail=str(self.stopped), seconds=seconds)
        back = f". Back already: {', '.join(self.now.values())}" if self.now else ""
        return Effect(self.key, Unmerge.key, "refused", ref=ref if self.now else "", detail=f"{self.stopped}{back}")


def action_of(work: Work) -> Unmerge | None:
    """Return the undo of a merge of a decision."""
    return next((action for action in work.decision.actions if isinstance(action, Unmerge)), None)
