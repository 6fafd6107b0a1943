"""Gaps that a territory plan shows: holes between ranges, segments led for some values only, values led nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from rules.linting.axes import MISSING, OrderedAxis
from rules.linting.finding import heading, several, values
from rules.linting.regions import Box, bits, meet, narrowed, without
from rules.linting.study import Claim, Study
from rules.wording.words import say

__all__ = ["NAMED", "OF_A_LEAD", "Gap", "holes", "left_out", "unled"]

OF_A_LEAD = ("lead.", "account.")
"""Fields that a territory plan goes by."""
NAMED = frozenset({"text", "any", "country", "state"})
"""Types of fields whose values rules name one by one."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Leads (`box`) that no specific rule takes, the item that it is told of, and what is odd about it."""

    record: str
    box: Box
    what: str


def holes(study: Study, specific: Sequence[Claim]) -> Iterator[Gap]:
    """Yield holes between the end of one rule's range and the beginning of another one's that asks the same fields."""
    covers = study.covers(specific)
    seen: set[frozenset[tuple[str, int]]] = set()
    for name, axis in study.ground.axes.items():
        if not isinstance(axis, OrderedAxis) or not name.startswith(OF_A_LEAD):
            continue
        ranges = [(claim, box) for claim in specific for box in claim.region if name in box]
        for claim, box in ranges:
            for other, twin in ranges:
                found = _hole(study, axis, box, twin, covers) if other.fields == claim.fields else None
                if found is not None and (key := frozenset(found.items())) not in seen:
                    seen.add(key)
                    names = several(f"“{each.rule.name}”" for each in (claim, other))
                    yield Gap(claim.record, found, say("lint.gap.hole", field=name, rules=names))


def _hole(study: Study, axis: OrderedAxis, lower: Box, upper: Box, covers: Sequence[Box]) -> Box | None:
    """Return leads between two ranges that no rule takes; None when there are none, or nothing between the ranges."""
    name = axis.field
    end, start = lower[name] & ~MISSING, upper[name] & ~MISSING
    if not end or not start or (start & -start) <= end:
        return None
    between = axis.full & ((start & -start) - 1) & -(1 << end.bit_length())
    if not between or (between & (between - 1) == 0 and axis.is_thin(between)):
        return None
    context = meet(without(lower, name), without(upper, name))
    return None if context is None else study.uncovered({**context, name: between}, covers)


def left_out(study: Study, specific: Sequence[Claim]) -> Iterator[Gap]:
    """Yield values whose leads are led nowhere in a segment where those of other values are, which rules treat alike.

    Alike: one condition names both, or two rules ask the same fields and part them by ranges. The others' leads must be
    led whatever their size: that large companies are so from another number on is no gap.
    """
    search = _LeftOut(study, study.covers(specific))
    for wide in specific:
        for name in sorted(wide.fields):
            axis = study.ground.axes[name]
            reach = wide.reach(name, study.ground)
            if axis.kind not in NAMED or not name.startswith(OF_A_LEAD) or reach & ~axis.named:
                continue
            for narrow in specific:
                if name in narrow.fields and narrow.fields <= wide.fields and narrow is not wide:
                    yield from search.beside(wide, narrow, name, reach)


_Asked: TypeAlias = tuple[str, int, frozenset[tuple[str, int]]]


@dataclass(slots=True)
class _LeftOut:
    """Looks for values that are left out; what was asked once is not asked again."""

    study: Study
    covers: Sequence[Box]
    asked: set[_Asked] = field(default_factory=set)
    led: dict[_Asked, bool] = field(default_factory=dict)

    def beside(self, wide: Claim, narrow: Claim, name: str, reach: int) -> Iterator[Gap]:
        """Yield the values of `wide` that lack what `narrow` does for others."""
        axis = self.study.ground.axes[name]
        for box in narrow.region:
            cells = box.get(name, axis.full)
            segment = without(box, name)
            if cells & ~axis.named or not self._alike(wide, narrow, name, box):
                continue
            if not all(self._is_led(name, cell, segment, wide.fields) for cell in bits(cells)):
                continue
            left, lead = 0, None
            for cell in bits(reach & ~cells):
                found = self._uncovered(name, cell, segment)
                left, lead = (left | cell, lead or found) if found is not None else (left, lead)
            if lead is not None:
                names, others = several(values(axis, left)), several(values(axis, cells))
                what = say("lint.gap.left out", rule=narrow.rule.name, others=others, values=names)
                yield Gap(wide.record, lead, what)

    def _alike(self, wide: Claim, narrow: Claim, name: str, box: Box) -> bool:
        ground = self.study.ground
        if box.get(name, 0) & wide.reach(name, ground):
            return True
        ranges = {axis for axis in wide.fields if isinstance(ground.axes[axis], OrderedAxis)}
        if wide.fields != narrow.fields or not ranges:
            return False
        kept = {axis: cells for axis, cells in box.items() if axis != name and axis not in ranges}
        return any(meet(kept, without(other, name)) is not None for other in wide.region)

    def _is_led(self, name: str, cell: int, segment: Box, fields: Iterable[str]) -> bool:
        """Tell whether rules lead all leads with a value somewhere, whatever their size: then it is no threshold."""
        axes = self.study.ground.axes
        whole = {axis: cells for axis, cells in segment.items() if not isinstance(axes[axis], OrderedAxis)}
        sizes = {axis: each.usual for axis in fields if isinstance(each := axes[axis], OrderedAxis)}
        key = (name, cell, frozenset({**whole, **sizes}.items()))
        if key not in self.led:
            self.led[key] = self.study.uncovered({**whole, **sizes, name: cell}, self.covers) is None
        return self.led[key]

    def _uncovered(self, name: str, cell: int, segment: Box) -> Box | None:
        key = (name, cell, frozenset(segment.items()))
        if key in self.asked:
            return None
        self.asked.add(key)
        context = narrowed(segment, name, cell, self.study.ground.full)
        return None if context is None else self.study.uncovered(context, self.covers)


def unled(study: Study, specific: Sequence[Claim]) -> Iterator[Gap]:
    """Yield values of lists that no condition uses, and that no rule leads anywhere although it names their like."""
    for name, line in study.idle_lists.items():
        axis = study.ground.axes[line.field]
        led = 0
        for claim in specific:
            led |= claim.reach(line.field, study.ground) if line.field in claim.fields else 0
        left = (axis.cells(line) or 0) & ~led
        if left:
            told = several(values(axis, left))
            yield Gap(heading("list", name), {line.field: left & -left}, say("lint.gap.list", values=told))
