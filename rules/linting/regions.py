"""Sets of leads, exactly: boxes of cells, their intersections, and whether a box is covered by others.

A field's values fall into finitely many cells that no condition of the rule set tells apart
(:mod:`rules.linting.axes`). A set of cells is the bits of an integer, so intersection, union and complement are one
machine operation each. A box says for some fields (axes) in which cells the value lies; what it does not name may be
anything. A region is several boxes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

Box: TypeAlias = Mapping[str, int]
"""Axis -> cells (bits), never all of them and never none: an axis on which everything is allowed is left out."""

Region: TypeAlias = tuple[Box, ...]

EVERYTHING: Box = MappingProxyType({})


class TooComplex(Exception):  # noqa: N818 - it is an answer: neither yes nor no
    """The question needs more steps than were allowed; nothing is claimed then."""


CUTS = 4
"""Pieces that are cut in the time of one step."""


@dataclass(slots=True)
class Budget:
    """How many steps a search may still take."""

    left: int

    def spend(self, steps: int) -> None:
        """Take steps. Raises TooComplex when none is left."""
        if self.left <= 0:
            raise TooComplex
        self.left -= steps


def meet(one: Box, other: Box) -> Box | None:
    """Return what is in both boxes; None when nothing is."""
    found = dict(one)
    for axis, cells in other.items():
        both = found[axis] & cells if axis in found else cells
        if not both:
            return None
        found[axis] = both
    return found


def touches(one: Box, other: Box) -> bool:
    """Tell whether two boxes have anything in common."""
    for axis, cells in one.items():  # no generator: this is asked millions of times
        own = other.get(axis)
        if own is not None and not own & cells:
            return False
    return True


def within(inner: Box, outer: Box) -> bool:
    """Tell whether the whole of `inner` lies in `outer`."""
    return all(axis in inner and not inner[axis] & ~cells for axis, cells in outer.items())


def narrowed(box: Box, axis: str, cells: int, full: Mapping[str, int]) -> Box | None:
    """Return the part of a box with these cells on an axis; None when there is none."""
    left = box.get(axis, full[axis]) & cells
    if not left:
        return None
    rest = {name: value for name, value in box.items() if name != axis}
    return rest if left == full[axis] else {**rest, axis: left}


def bits(cells: int) -> Iterator[int]:
    """Yield the single cells of a set of them."""
    while cells:
        yield cells & -cells
        cells &= cells - 1


def without(box: Box, axis: str) -> Box:
    """Return the box with anything allowed on an axis."""
    return {name: cells for name, cells in box.items() if name != axis}


def uncovered(box: Box, covers: Sequence[Box], full: Mapping[str, int], budget: Budget) -> Box | None:
    """Return a part of `box` that lies in none of `covers`; None when they cover all of it (a proof either way).

    What a cover that ends on one axis only leaves is taken at once; else the box is cut along the axis on which the
    covers end that end on the fewest. So the depth is at most the number of axes. Raises TooComplex when the budget is
    spent.
    """
    near: Sequence[Box] = covers
    while True:
        near = [cover for cover in near if touches(cover, box)]
        if not near:
            return box
        budget.spend(len(near))
        left, ends = _left(box, near, full)
        if left is None:
            return None
        if left is box:
            break
        box = left
    axis = min(ends, key=lambda name: (-ends[name], name))
    masks = {cover[axis] for cover in near if axis in cover}
    for cells in _pieces(box.get(axis, full[axis]), masks, budget):
        found = uncovered({**box, axis: cells}, near, full, budget)
        if found is not None:
            return found
    return None


def _left(box: Box, near: Iterable[Box], full: Mapping[str, int]) -> tuple[Box | None, Mapping[str, float]]:
    """Return what covers leave of a box that end on one axis only (None: nothing), and how many end on each axis.

    A cover counts the less the more axes it ends on. The counts are whole only when the box is returned as it is.
    """
    ends: dict[str, float] = defaultdict(float)
    left = dict(box)
    is_less = False
    for cover in near:
        open_axes = [axis for axis, cells in cover.items() if left.get(axis, full[axis]) & ~cells]
        if not open_axes:
            return None, ends
        if len(open_axes) == 1:
            (axis,) = open_axes
            if cells := left.get(axis, full[axis]) & cover[axis]:
                left[axis] = left.get(axis, full[axis]) & ~cells
                is_less = True
            continue
        for axis in open_axes:
            ends[axis] += 4.0 ** -len(open_axes)
    return (left if is_less else box), ends


def _pieces(cells: int, masks: Iterable[int], budget: Budget) -> list[int]:
    """Cut cells along the masks; what lies in no mask comes first, where an uncovered part is likeliest.

    Each cut is paid for before the next: along thousands of masks, cutting itself takes seconds for each question.
    """
    pieces = [cells]
    for mask in sorted(masks):
        budget.spend(len(pieces) // CUTS)
        pieces = [piece for each in pieces for piece in (each & ~mask, each & mask) if piece]
    return pieces


def product(one: Region, other: Region, limit: int) -> Region:
    """Return what is in both regions. Raises TooComplex beyond `limit` boxes."""
    found = [both for left in one for right in other if (both := meet(left, right)) is not None]
    return union(found, limit)


def union(boxes: Iterable[Box], limit: int) -> Region:
    """Return the boxes as a region, without those that lie in another one. Raises TooComplex beyond `limit` boxes."""
    found: list[Box] = []
    for box in dict.fromkeys(map(_Key, boxes)):
        if any(within(box.box, other) for other in found):
            continue
        found = [*(other for other in found if not within(other, box.box)), box.box]
        if len(found) > limit:
            raise TooComplex
    return tuple(found)


class _Key:
    """A box that can be looked up."""

    __slots__ = ("_told", "box")

    def __init__(self, box: Box) -> None:
        self.box = box
        self._told = frozenset(box.items())

    def __hash__(self) -> int:
        return hash(self._told)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._told == other._told


def projection(region: Region, axis: str, full: Mapping[str, int]) -> int:
    """Return the cells of an axis that a region reaches."""
    cells = 0
    for box in region:
        cells |= box.get(axis, full[axis])
    return cells


def axes(region: Region) -> frozenset[str]:
    """Return the axes that a region says anything about."""
    return frozenset(axis for box in region for axis in box)
