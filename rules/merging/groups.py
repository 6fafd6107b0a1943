"""Which of the records that were compared are one person: groups in which every two were judged to be the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

from rules.merging.policy import MergePolicy
from rules.model import DuplicateStatus, Record

__all__ = ["Group", "Judged", "Judgement", "groups", "judged"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found about two records. `by` names the person who said so; empty when the evidence did."""

    status: DuplicateStatus
    confidence: float = 0.0
    by: str = ""


Judged: TypeAlias = Mapping[frozenset[str], Judgement]
"""What was found about pairs, by the ids of both records."""
_UNKNOWN = Judgement("different")


@dataclass(frozen=True, slots=True)
class Group:
    """Records that hang together by pairs judged the same, and all that was judged about them."""

    records: tuple[Record, ...]
    judged: Judged

    def about(self, one: Record, other: Record) -> Judgement:
        """Return what was found about two of them; a pair that nobody compared is not the same."""
        return self.judged.get(frozenset({one.id, other.id}), _UNKNOWN)

    @property
    def pairs(self) -> tuple[tuple[Record, Record], ...]:
        """Every two of the records, in the order of their ids."""
        return tuple(combinations(sorted(self.records, key=lambda record: (record.id, record.kind)), 2))


def judged(
    confidences: Mapping[frozenset[str], float], policy: MergePolicy, people: Mapping[frozenset[str], Judgement]
) -> dict[frozenset[str], Judgement]:
    """Return a judgement for each pair by the policy's thresholds; what `people` said always wins."""
    found = {pair: Judgement(policy.judge(sure), sure) for pair, sure in confidences.items()}
    return found | dict(people)


def groups(records: Sequence[Record], pairs: Judged, policy: MergePolicy, *, alike: bool = False) -> tuple[Group, ...]:
    """Return the groups of two and more among the records, each in the order of its ids, by the first id.

    Pairs of kinds that the policy does not compare tie nothing together. `alike` as in Abilities.
    """
    by_id = {record.id: record for record in sorted(records, key=lambda record: (record.id, record.kind))}
    ties: dict[str, set[str]] = {each: set() for each in by_id}
    for pair, judgement in pairs.items():
        known = sorted(pair & by_id.keys())
        if judgement.status != "same" or len(known) != 2:  # noqa: PLR2004 - both of the pair
            continue
        one, other = known
        if policy.covers(by_id[one].kind, by_id[other].kind, alike=alike):
            ties[one].add(other)
            ties[other].add(one)
    return tuple(_group([by_id[each] for each in ids], pairs) for ids in _together(ties) if len(ids) > 1)


def _group(records: Iterable[Record], pairs: Judged) -> Group:
    found = tuple(records)
    ids = {record.id for record in found}
    return Group(found, {pair: judgement for pair, judgement in pairs.items() if pair <= ids})


def _together(ties: Mapping[str, set[str]]) -> Iterable[list[str]]:
    """Yield what hangs together, each in the order of its ids."""
    seen: set[str] = set()
    for start in sorted(ties):
        if start in seen:
            continue
        found, ahead = {start}, [start]
        while ahead:
            fresh = ties[ahead.pop()] - found
            found |= fresh
            ahead += fresh
        seen |= found
        yield sorted(found)
