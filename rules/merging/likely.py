"""How likely two records are one person, as merging asks it: the one place where it gets its evidence."""

from __future__ import annotations

from dataclasses import dataclass

from rules import dedupe
from rules.calibrate import logistic
from rules.model import Evidence, Record

__all__ = ["Likely", "likely"]


@dataclass(frozen=True, slots=True)
class Likely:
    """A probability (0 to 1) that two records are one person, its log-odds, and why."""

    confidence: float
    log_odds: float
    evidence: tuple[Evidence, ...]


def likely(one: Record, other: Record) -> Likely:
    """Return how likely two people's records are one person; the same in both directions but for the words.

    Records without any clue that they are the same are none, however little tells them apart.
    """
    who, whom = dedupe.person(one), dedupe.person(other)
    found = tuple(evidence for clue in dedupe.CLUES if (evidence := clue(who, whom)))
    if not any(each.weight > 0 for each in found):
        return Likely(0.0, -dedupe.WEIGHTS["same_email"], found)
    score = sum(each.weight for each in found)
    return Likely(logistic(score), score, found)
