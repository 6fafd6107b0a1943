"""From conditions to regions: every `when` of a rule set as boxes over the cells of its fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rules.conditions import Condition
from rules.conditions import Part as ConditionPart
from rules.fields import FieldType, type_of
from rules.linting.axes import MISSING, NEGATIVE, NEVER_MISSING, PATTERNS, Axes, Axis, opaque, ordered
from rules.linting.regions import EVERYTHING, Box, Budget, Region, meet, narrowed, product, uncovered, union
from rules.linting.texts import flags, language, postal_codes, texts

MOST_BOXES = 256
"""The most boxes that the conditions of one rule may come to; beyond it they are too complex to check."""
STEPS = 100_000
"""How many comparisons of boxes one question may cost: some tenths of a second."""
MOST_STEPS = 5_000_000
FEW_STEPS = 2_000
"""How many all questions may cost, enough for 500 rules; beyond it each gets few. 2,000 rules take some ten seconds."""

_NOT_WHEN_MISSING = PATTERNS | {
    "matches",
    "within last",
    "within next",
    "is",
    "==",
    "in",
    "between",
    ">",
    ">=",
    "<",
    "<=",
}
"""Operators that may not be followed but are known not to hold for a missing value."""
_DEPEND: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "match.status": ("matched", ("account.", "opportunity.", "match.account_id", "match.account_name")),
    "duplicate.status": ("same", ("contact.",)),
}
"""What is known only when a status has a certain value: everything that begins like this is missing otherwise."""


@dataclass(slots=True)
class Ground:
    """All fields that a rule set asks about, with their cells, and the regions of its conditions."""

    axes: Axes
    full: dict[str, int]
    spent: int = 0

    @classmethod
    def of(cls, conditions: Iterable[Condition]) -> Ground:
        """Return the ground that these conditions stand on."""
        by_field: dict[str, list[Condition]] = defaultdict(list)
        for line in conditions:
            by_field[line.field].append(line)
        axes = {name: _axis(name, lines) for name, lines in by_field.items()}
        return cls(axes, {name: axis.full for name, axis in axes.items()})

    def region(self, when: Sequence[ConditionPart]) -> Region:
        """Return the leads for which all of `when` hold. Raises TooComplex."""
        return self._all([(part, True) for part in when])

    def uncovered(self, box: Box, covers: Sequence[Box]) -> Box | None:
        """Return a part of `box` that can occur and is in none of `covers`; None when there is none.

        Raises TooComplex.
        """
        budget = Budget(allowed := STEPS if self.spent < MOST_STEPS else FEW_STEPS)
        try:
            found = uncovered(box, covers, self.full, budget)
            if found is None or self.possible(found):
                return found
            pieces = (uncovered(piece, covers, self.full, budget) for piece in self.possible(box))
            return next((piece for piece in pieces if piece is not None), None)
        finally:
            self.spent += allowed - budget.left

    def possible(self, box: Box) -> Region:
        """Return the parts of a box that can occur: what hangs on a status is missing unless the status is right."""
        found: list[Box] = [box]
        for status, (value, prefixes) in _DEPEND.items():
            axis = self.axes.get(status)
            dependents = [name for name in self.full if name != status and name.startswith(prefixes)]
            if axis is None or not dependents:
                continue
            known = 1 << axis.samples.index(value)
            found = [piece for each in found for piece in self._split(each, status, known, dependents)]
        return tuple(found)

    def _split(self, box: Box, status: str, known: int, dependents: Sequence[str]) -> Iterable[Box]:
        if (with_it := narrowed(box, status, known, self.full)) is not None:
            yield with_it
        without = narrowed(box, status, self.full[status] & ~known, self.full)
        for name in dependents:
            if without is not None and self.full[name] & MISSING and name not in self._opaque:
                without = narrowed(without, name, MISSING, self.full)
        if without is not None:
            yield without

    @property
    def _opaque(self) -> frozenset[str]:
        return frozenset(name for name in self.full if " " in name)

    def _part(self, part: ConditionPart, *, holds: bool) -> Region:
        if isinstance(part, Condition):
            return self.line(part, holds=holds)
        wanted = holds != (part.kind in {"not", "none"})  # not: its parts do not all hold; none: not any of them
        inner = [(each, wanted) for each in part.parts]
        together = (part.kind not in {"any", "none"}) == wanted
        return self._all(inner) if together else self._any(inner)

    def _all(self, parts: Sequence[tuple[ConditionPart, bool]]) -> Region:
        found: Region = (EVERYTHING,)
        for part, holds in parts:
            found = product(found, self._part(part, holds=holds), MOST_BOXES)
        return found

    def _any(self, parts: Sequence[tuple[ConditionPart, bool]]) -> Region:
        return self._joined([box for part, holds in parts for box in self._part(part, holds=holds)])

    def _joined(self, boxes: Sequence[Box]) -> Region:
        """Return the union of boxes; those that end on one and the same axis alone become one."""
        single: dict[str, int] = {}
        rest = []
        for box in boxes:
            if len(box) == 1:
                ((axis, cells),) = box.items()
                single[axis] = single.get(axis, 0) | cells
            else:
                rest.append(box)
        whole: list[Box] = [self._box(axis, cells) for axis, cells in single.items()]
        return union([*whole, *rest], MOST_BOXES)

    def _box(self, axis: str, cells: int) -> Box:
        return EVERYTHING if cells == self.full[axis] else {axis: cells}

    def line(self, line: Condition, *, holds: bool = True) -> Region:
        """Return the leads for which one condition holds, or does not."""
        axis = self.axes[line.field]
        cells = axis.cells(line)
        if cells is None:
            return self._guess(line, holds=holds)
        cells = cells if holds else axis.full & ~cells
        return (self._box(line.field, cells),) if cells else ()

    def _guess(self, line: Condition, *, holds: bool) -> Region:
        """Return the region of a condition that cannot be followed: a yes or no of its own."""
        positive = NEGATIVE.get(line.operator, line.operator)
        holds = holds == (positive == line.operator)
        name = f"{line.field} {positive} {line.list_name or ', '.join(map(str, line.operands))}"
        if name not in self.axes:
            self.axes[name] = opaque(name)
            self.full[name] = self.axes[name].full
        needs_value = positive in _NOT_WHEN_MISSING
        there = self.full[line.field] & ~MISSING
        if holds:
            both = meet({name: 0b10}, self._box(line.field, there) if needs_value else EVERYTHING)
            return (both,) if both else ()
        missing = self._box(line.field, MISSING) if needs_value and line.field not in NEVER_MISSING else None
        return ({name: 0b01}, *([missing] if missing else []))


def _axis(name: str, conditions: Sequence[Condition]) -> Axis:
    """Return the axis of a field, cut by all conditions on it; a custom field is of the type it is compared with."""
    kind = type_of(name)
    if kind == "any":
        types = {_type(operand) for line in conditions for operand in line.operands}
        kind = types.pop() if len(types) == 1 and "text" not in types else "any"
    if kind in {"number", "time"}:
        return ordered(name, kind, conditions)
    if kind == "bool":
        return flags(name)
    if kind == "postal":
        return postal_codes(name, conditions)
    return language(name, conditions) if kind == "language" else texts(name, kind, conditions)


def _type(operand: object) -> FieldType:
    if isinstance(operand, bool):
        return "bool"
    if isinstance(operand, int | float):
        return "number"
    return "time" if isinstance(operand, date) else "text"
