"""Calibration: what people's reviews in one install say about how far its probabilities can be trusted.

Platt scaling on log-odds: ``slope * log_odds + offset``, drawn towards doing nothing, so that a few odd reviews do not
turn the matching around. The same reviews always give the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

ENOUGH = 200
"""Fewer reviews than this say too little about one install."""
ENOUGH_OF_EACH = 20
"""Nor do reviews that nearly all say the same."""
STEEPEST = 4.0
FLATTEST = 0.2
"""The slope stays within these: a likelier account must stay the likelier one, and no review makes certainty."""

_FURTHEST = 12.0
"""Log-odds beyond this (six in a million) are a matter of rounding."""
_PULL = 10.0
"""How strongly slope and offset are held at 1 and 0, in reviews: little against ENOUGH of them."""
_STEPS = 60
_SMALL = 1e-10


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns the log-odds of a match into those that this install's reviews bear out; never changes their order."""

    slope: float = 1.0
    offset: float = 0.0
    reviews: int = 0

    def apply(self, log_odds: float) -> float:
        """Return calibrated log-odds."""
        return self.slope * log_odds + self.offset

    def probability(self, uncalibrated: float) -> float:
        """Return a probability (0 to 1) calibrated."""
        return uncalibrated if self == IDENTITY else logistic(self.apply(log_odds(uncalibrated)))

    def before(self, probability: float) -> float:
        """Return the uncalibrated log-odds of which a probability (0 to 1) came."""
        return (log_odds(probability) - self.offset) / self.slope


IDENTITY = Calibration()
"""Changes nothing: what an install begins with."""


def logistic(log_odds: float) -> float:
    """Return the probability (0 to 1) that log-odds mean."""
    if log_odds < 0:
        return math.exp(max(log_odds, -700)) / (1 + math.exp(max(log_odds, -700)))
    return 1 / (1 + math.exp(-log_odds))


def log_odds(probability: float) -> float:
    """Return a probability as log-odds, from -12 to 12."""
    if probability <= 0 or probability >= 1:
        return math.copysign(_FURTHEST, probability - 0.5)
    return _within(math.log(probability / (1 - probability)), -_FURTHEST, _FURTHEST)


def fit(pairs: Sequence[tuple[float, bool]]) -> Calibration:
    """Fit a calibration to reviews: the uncalibrated log-odds of a match, and whether a person said it was right.

    Returns IDENTITY for fewer than ENOUGH reviews, or fewer than ENOUGH_OF_EACH right or wrong ones.
    """
    known = [(_within(found, -_FURTHEST, _FURTHEST), right) for found, right in pairs if not math.isnan(found)]
    right = sum(verdict for _, verdict in known)
    if len(known) < ENOUGH or min(right, len(known) - right) < ENOUGH_OF_EACH:
        return IDENTITY
    slope, offset = _fitted(known, 1.0, 0.0, free=True)
    if not FLATTEST <= slope <= STEEPEST:
        slope, offset = _fitted(known, _within(slope, FLATTEST, STEEPEST), 0.0, free=False)
    return Calibration(round(slope, 6), round(offset, 6), len(known))


def _within(value: float, least: float, most: float) -> float:
    return min(max(value, least), most)


def _loss(pairs: Sequence[tuple[float, bool]], slope: float, offset: float) -> float:
    """Return what Newton's method makes small: the log loss of all reviews, and the pull towards doing nothing."""
    total = _PULL / 2 * ((slope - 1) ** 2 + offset**2)
    for found, right in pairs:
        against = -(slope * found + offset) if right else slope * found + offset
        total += max(against, 0.0) + math.log1p(math.exp(-abs(against)))
    return total


def _fitted(pairs: Sequence[tuple[float, bool]], slope: float, offset: float, *, free: bool) -> tuple[float, float]:
    """Return the best slope and offset by Newton's method; the slope stays as it is unless it is `free`."""
    at = _loss(pairs, slope, offset)
    for _ in range(_STEPS):
        step_slope, step_offset = _step(pairs, slope, offset, free=free)
        size = 1.0
        while size > _SMALL:
            tried = _loss(pairs, slope - size * step_slope, offset - size * step_offset)
            if tried <= at:
                break
            size /= 2
        slope, offset = slope - size * step_slope, offset - size * step_offset
        if at - tried < _SMALL:
            break
        at = tried
    return slope, offset


def _step(pairs: Sequence[tuple[float, bool]], slope: float, offset: float, *, free: bool) -> tuple[float, float]:
    """Return Newton's step: the inverse of the second derivatives, times the first."""
    by_slope, by_offset = _PULL * (slope - 1), _PULL * offset
    twice_slope, both, twice_offset = _PULL, 0.0, _PULL
    for found, right in pairs:
        likely = logistic(slope * found + offset)
        error, spread = likely - right, likely * (1 - likely)
        by_slope += error * found
        by_offset += error
        twice_slope += spread * found * found
        both += spread * found
        twice_offset += spread
    if not free:
        return 0.0, by_offset / twice_offset
    determinant = twice_slope * twice_offset - both * both
    return (
        (twice_offset * by_slope - both * by_offset) / determinant,
        (twice_slope * by_offset - both * by_slope) / determinant,
    )
