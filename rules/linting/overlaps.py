"""Rules that claim the same leads for different takers, where nothing but their order decides, hardly on purpose.

A specific rule before a more general one is how rule sets are written, and so is a carve-out ("France", then "EMEA from
500 employees"). What is told is a pair of which neither contains the other and that cross: both name values of one
field, and each has some that the other lacks; or they speak of the same fields, and either is narrower in one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from rules.linting.axes import OpaqueAxis, OrderedAxis
from rules.linting.finding import example, several
from rules.linting.regions import Box, TooComplex, meet, within
from rules.linting.study import Claim, Study
from rules.wording.words import say

__all__ = ["overlaps"]

_STATUS = frozenset({"match", "duplicate", "event"})
"""Scopes of what we found out about a lead: rules on them come first and cross everything; that is how it is meant."""
_MOST_PAIRS = 3
"""Overlaps told one by one of a rule; where it has more, the rest is named in the last of them."""
_MOST_ASKED = 12
"""Earlier rules with which one rule is compared in full; nobody mends more crossings of one rule at a time."""


def overlaps(study: Study) -> None:
    """Note pairs of rules that cross and whose common leads come to the first of them alone because it stands first."""
    living = [claim for claim in study.living if not claim.is_general]
    reach = {claim.number: {axis: claim.reach(axis, study.ground) for axis in claim.fields} for claim in living}
    for at, later in enumerate(living):
        crossing = (
            earlier
            for earlier in living[:at]
            if _goes_elsewhere(earlier, later) and _cross(study, reach[earlier.number], reach[later.number])
        )
        asked = ((earlier, _common(study, earlier, later)) for earlier in islice(crossing, _MOST_ASKED))
        _tell(study, later, [(earlier, common) for earlier, common in asked if common is not None])


def _goes_elsewhere(one: Claim, other: Claim) -> bool:
    return (one.rule.assign, one.rule.otherwise) != (other.rule.assign, other.rule.otherwise)


def _cross(study: Study, one: Mapping[str, int], other: Mapping[str, int]) -> bool:
    """Tell whether two rules cross, by the values that they reach on each field."""
    shared = [axis for axis in one if axis in other]
    if not shared or any(not one[axis] & other[axis] for axis in shared):
        return False
    if any(_crossing(study, axis, one[axis], other[axis]) for axis in shared):
        return True
    if one.keys() != other.keys() or any(_is_status(axis) for axis in one):
        return False
    narrower = {_compared(study, axis, one[axis], other[axis]) for axis in shared}
    return {"one", "other"} <= narrower and "unknown" not in narrower


def _crossing(study: Study, axis: str, one: int, other: int) -> bool:
    return not _is_status(axis) and _compared(study, axis, one, other) == "cross"


def _compared(study: Study, axis: str, one: int, other: int) -> str:
    """Return which side is narrower on an axis: ``one``, ``other``, ``same``, ``cross``, or ``unknown``.

    That two patterns may hold for one text is no crossing that anybody meant: it must be a value that a rule names.
    """
    if one == other:
        return "same"
    if not one & ~other:
        return "one"
    if not other & ~one:
        return "other"
    found = study.ground.axes[axis]
    if isinstance(found, OpaqueAxis):
        return "unknown"
    is_named = isinstance(found, OrderedAxis) or one & other & found.named
    return "cross" if is_named else "unknown"


def _is_status(axis: str) -> bool:
    return axis.partition(".")[0] in _STATUS


def _common(study: Study, earlier: Claim, later: Claim) -> Box | None:
    """Return leads that both claim and that come to the earlier one; None when there are none, or one contains all."""
    if _contains(earlier, later) or _contains(later, earlier):
        return None
    before = study.covers(claim for claim in study.living if claim.number < earlier.number)
    for one in earlier.region:
        for other in later.region:
            both = meet(one, other)
            if both is None:
                continue
            try:
                found = study.ground.uncovered(both, before)
            except TooComplex:
                continue
            if found is not None:
                return meet(both, found)
    return None


def _contains(outer: Claim, inner: Claim) -> bool:
    return all(any(within(box, other) for other in outer.region) for box in inner.region)


def _tell(study: Study, later: Claim, found: list[tuple[Claim, Box]]) -> None:
    for number, (earlier, common) in enumerate(found):
        others = found[number:]
        last = number == _MOST_PAIRS - 1 and len(others) > 1
        names = several((f"“{claim.rule.name}”" for claim, _ in others), most=10) if last else f"“{earlier.rule.name}”"
        lead = example(_within_fields(common, (*earlier.fields, *later.fields)), study.ground)
        message = say("lint.overlap", rules=names, lead=lead)
        study.say("overlap", "note", later.record, message, say("lint.overlap.remedy"))
        if last:
            return


def _within_fields(box: Box, fields: Iterable[str]) -> Box:
    wanted = set(fields)
    return {axis: cells for axis, cells in box.items() if axis in wanted}
