"""The cells of each field: its values, cut so finely that no condition of the rule set tells two of one cell apart.

Bit 0 of every axis is the missing value. What cannot be are cells outside of :attr:`Axis.full`. An operator that an
axis cannot follow (a pattern, a time that moves) gets None from :meth:`Axis.cells`: rules.linting.ground then treats
that condition as a yes or no of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from rules.conditions import Condition
from rules.fields import FieldType
from rules.model import Value

MISSING = 1
"""The cell of the missing value, on every axis."""

NEGATIVE: Mapping[str, str] = {
    "is not": "is",
    "!=": "is",
    "not in": "in",
    "is not empty": "is empty",
    "does not contain": "contains",
}
"""Operators that hold wherever another one does not, the missing value included."""
SAME = frozenset({"is", "==", "in"})
PATTERNS = frozenset({"contains", "contains all of", "starts with", "ends with"})

CLOSED: Mapping[str, tuple[str, ...]] = {
    "match.status": ("matched", "review", "none"),
    "duplicate.status": ("same", "unsure", "different"),
    "duplicate.kind": ("lead", "contact"),
}
"""Fields of ours that can only hold these values."""
NEVER_MISSING = frozenset(
    {
        "match.status", "match.confidence", "duplicate.status", "event.first", "event.received_at", "event.now",
        "opportunity.is_open",
    }
)  # fmt: skip
COUNTS = frozenset({"employees", "contacts", "open_opportunities", "lost_opportunities"})
"""Numbers that count something: whole, and not below 0."""


@dataclass(frozen=True)
class Axis:
    """The cells of one field. `samples` has a value for each bit, `named` are the cells that the rules name."""

    field: str
    kind: FieldType
    samples: tuple[Value, ...]
    full: int
    named: int = 0

    @property
    def others(self) -> int:
        """The cells of values that no rule names."""
        return self.full & ~self.named & ~MISSING

    def cells(self, condition: Condition) -> int | None:
        """Return the cells for which a condition holds; None when they cannot be told."""
        positive = NEGATIVE.get(condition.operator)
        if positive is None:
            found = self._holding(condition.operator, condition)
            return None if found is None else found & self.full
        found = self._holding(positive, condition)
        return None if found is None else self.full & ~found

    def _holding(self, operator: str, condition: Condition) -> int | None:
        if operator == "is empty":
            return MISSING
        return self.positive(operator, condition)

    def positive(self, operator: str, condition: Condition) -> int | None:
        """Return the cells of an operator that is not negative; this axis follows none."""
        del operator, condition
        return None


@dataclass(frozen=True)
class OrderedAxis(Axis):
    """Numbers or days. Bits: missing, below the first constant, the constant, between it and the next, and so on."""

    constants: tuple[float, ...] = ()

    def positive(self, operator: str, condition: Condition) -> int | None:
        """Return the cells of a comparison."""
        values = [_place(operand) for operand in condition.operands]
        found = [2 + 2 * self._index[value] for value in values if value in self._index]
        if None in values or not values or len(found) != len(values):
            return None
        above = (1 << len(self.samples)) - 1
        at = found[0]
        from_, beyond = above >> at << at, above >> (at + 1) << (at + 1)
        if operator in SAME:
            return sum(1 << one for one in set(found))
        if operator == "between" and len(found) == 2:  # noqa: PLR2004 - from, to
            return from_ & ((1 << (found[1] + 1)) - 1)
        below = {">=": from_, ">": beyond, "<": (1 << at) - 2, "<=": (1 << (at + 1)) - 2}
        return below.get(operator)

    @property
    def usual(self) -> int:
        """The cells of the values that leads have: none is missing, and nothing below 1 is counted."""
        below_one = 0b10 if self.constants and self.constants[0] <= 1 else 0
        return self.full & ~MISSING & ~below_one

    def is_thin(self, cell: int) -> bool:
        """Tell whether a cell holds nothing but fractions, between two whole numbers that follow each other."""
        at, is_gap = divmod(cell.bit_length() - 2, 2)
        if is_gap or not 0 < at < len(self.constants):
            return False
        return math.ceil(self.constants[at]) - math.floor(self.constants[at - 1]) <= 1

    @property
    def _index(self) -> Mapping[float | None, int]:
        return {value: number for number, value in enumerate(self.constants)}


@dataclass(frozen=True)
class OpaqueAxis(Axis):
    """A condition that nothing is known of but that it holds or not: the cells are no and yes."""


Axes: TypeAlias = dict[str, Axis]


def opaque(name: str) -> OpaqueAxis:
    """Return the axis of one condition that cannot be followed."""
    return OpaqueAxis(name, "bool", (False, True), 0b11)


def _place(operand: object) -> float | None:
    """Return where a number or a day lies; None for what lies nowhere."""
    if isinstance(operand, bool | datetime):
        return None
    if isinstance(operand, int | float):
        return float(operand)
    return float(operand.toordinal()) if isinstance(operand, date) else None


def ordered(name: str, kind: FieldType, conditions: Iterable[Condition]) -> OrderedAxis:
    """Return the axis of a field of numbers or days, cut where conditions name one."""
    told = {_place(operand) for condition in conditions for operand in condition.operands}
    constants = sorted(value for value in told if value is not None)
    counts = name.partition(".")[2] in COUNTS
    whole = kind == "time" or counts
    span = _SPANS.get(name, (0.0, math.inf) if counts else (-math.inf, math.inf))
    samples: list[Value] = [None]
    full = 0 if name in NEVER_MISSING else MISSING
    for before, after in zip([-math.inf, *constants], [*constants, math.inf], strict=True):
        between = _between(before, after, span, whole=whole)
        full |= (between is not None) << len(samples)
        samples.append(_shown(kind, before if between is None else between))
        if after != math.inf:
            full |= (span[0] <= after <= span[1] and (not whole or after.is_integer())) << len(samples)
            samples.append(_shown(kind, after))
    named = sum(1 << at for at in range(2, len(samples), 2))
    return OrderedAxis(name, kind, tuple(samples), full, named, tuple(constants))


_SPANS: Mapping[str, tuple[float, float]] = {"match.confidence": (0.0, 1.0)}


def _between(before: float, after: float, span: tuple[float, float], *, whole: bool) -> float | None:
    """Return a number between two others and within a span; None when there is none."""
    low, high = max(before, span[0]), min(after, span[1])
    low_in, high_in = before < span[0], after > span[1]
    if whole:
        low = low if math.isinf(low) else math.ceil(low) if low_in else math.floor(low) + 1
        high = high if math.isinf(high) else math.floor(high) if high_in else math.ceil(high) - 1
        low_in = high_in = True
    if low > high or (low == high and not (low_in and high_in)):
        return None
    if math.isinf(low):
        return 0.0 if math.isinf(high) else high - (not high_in)
    if low_in:
        return float(high if math.isinf(before) and math.isfinite(high) and whole else low)
    if high_in and not math.isinf(high):
        return high
    return low + 1 if low + 1 < high else (low + high) / 2


def _shown(kind: FieldType, value: float) -> Value:
    if kind == "time":
        return date.fromordinal(int(value)) if 1 <= value <= date.max.toordinal() else date.max
    return int(value) if math.isfinite(value) and float(value).is_integer() else value
