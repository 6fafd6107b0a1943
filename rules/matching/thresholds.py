"""What a threshold would be worth, by what people said of pairs: how many it takes, and how often it is right."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

USUAL: tuple[float, ...] = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99)
"""The thresholds that are compared, beside the one in force."""
FEW = 50
"""With fewer pairs than this a figure says little: of 50 that are all right, 1 in 14 may still be wrong."""
_SURE = 1.96
"""Standard deviations that 95 of 100 such ranges hold."""


@dataclass(frozen=True, slots=True)
class Point:
    """A threshold: how many pairs it takes, how many of them are right, and what that makes.

    `precision` is the share of right ones among those taken, `recall` that of those taken among all right ones (0 to 1,
    None of nothing). `low` and `high` are between what the precision may lie with so few pairs (95 of 100 times).
    """

    threshold: float
    taken: int
    right: int
    precision: float | None
    recall: float | None
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What thresholds would be worth: on how many `pairs` it rests, and how many of them are right."""

    points: tuple[Point, ...]
    pairs: int
    right: int

    @property
    def is_thin(self) -> bool:
        """Whether there are too few pairs to go by."""
        return self.pairs < FEW or self.right in {0, self.pairs}

    def least(self, precision: float) -> Point | None:
        """Return the lowest threshold that keeps this precision on these pairs, and takes any; None without one."""
        found = [each for each in self.points if each.precision is not None and each.precision >= precision]
        return found[0] if found else None


def measured(pairs: Sequence[tuple[float, bool]], in_force: Iterable[float] = ()) -> Measured:
    """Return what the usual thresholds, and those in force, would be worth: probability (0 to 1), and was it right."""
    whole = sum(right for _, right in pairs)
    wanted = sorted({*USUAL, *(round(each, 4) for each in in_force)})
    return Measured(tuple(_point(each, pairs, whole) for each in wanted), len(pairs), whole)


def _point(threshold: float, pairs: Sequence[tuple[float, bool]], whole: int) -> Point:
    taken = [right for likely, right in pairs if likely >= threshold]
    right = sum(taken)
    low, high = _range(right, len(taken))
    return Point(
        threshold,
        len(taken),
        right,
        right / len(taken) if taken else None,
        right / whole if whole else None,
        low,
        high,
    )


def _range(right: int, count: int) -> tuple[float, float]:
    """Return between what a share lies (Wilson's score interval); anywhere, of nothing."""
    if not count:
        return 0.0, 1.0
    share, square = right / count, _SURE**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = _SURE / (1 + square / count) * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)
