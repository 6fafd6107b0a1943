"""How good answers are, given the truth: precision, recall, F1, recall at a precision, calibration. Pure.

An answer is an account's id (or None) with a score. It counts only at or above a threshold. It is right when it
equals the truth; an answer to a lead whose truth is another account, or none, is a false positive. Recall is the share
of leads with a truth that are answered right. A lead that nobody answered is one that is answered with None.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

Predictions = Mapping[str, tuple[str | None, float]]
Truths = Mapping[str, str | None]

BINS = 15
"""Equal-width bins of the expected calibration error."""
STRICT = 0.99
"""The precision at which the recall is told beside the best F1."""


@dataclass(frozen=True)
class Point:
    """What comes out at one threshold: answers right and wrong, and how many leads want one."""

    threshold: float
    right: int
    wrong: int
    wanted: int

    @property
    def precision(self) -> float:
        """Return the share of answers that are right; 1 when there is no answer, as nothing wrong was said."""
        answered = self.right + self.wrong
        return self.right / answered if answered else 1.0

    @property
    def recall(self) -> float:
        """Return the share of leads with a truth that are answered right; 0 when no lead has a truth."""
        return self.right / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall; 0 when nothing is right."""
        return 2 * self.right / (self.right + self.wrong + self.wanted) if self.right else 0.0


@dataclass(frozen=True)
class Score:
    """Everything about one set of answers; `ece` is None when the scores are no probabilities."""

    threshold: float
    precision: float
    recall: float
    f1: float
    recall_at_99: float
    ece: float | None
    leads: int
    wanted: int
    right: int
    wrong: int
    by_kind: Mapping[str, float] = field(default_factory=dict)


def score(
    predictions: Predictions,
    truths: Truths,
    *,
    threshold: float | None = None,
    kinds: Mapping[str, str] | None = None,
) -> Score:
    """Return the score of `predictions` (lead -> account or None, score) against `truths` (lead -> account or None).

    Without a `threshold`, the one with the best F1 on these very leads is taken. `kinds` (lead -> kind) adds the share
    of leads of each kind that came out right. Raises ValueError for answers to unknown leads and for scores that are
    not finite.
    """
    chosen = best_threshold(predictions, truths) if threshold is None else threshold
    point = at_threshold(predictions, truths, chosen)
    return Score(
        threshold=chosen,
        precision=point.precision,
        recall=point.recall,
        f1=point.f1,
        recall_at_99=recall_at_precision(predictions, truths, STRICT),
        ece=calibration_error(predictions, truths),
        leads=len(truths),
        wanted=point.wanted,
        right=point.right,
        wrong=point.wrong,
        by_kind={} if kinds is None else right_by_kind(predictions, truths, kinds, chosen),
    )


def at_threshold(predictions: Predictions, truths: Truths, threshold: float) -> Point:
    """Return what comes out when answers with a score of at least `threshold` count."""
    outcomes = [right for right, value in _outcomes(predictions, truths) if value >= threshold]
    return Point(threshold, sum(outcomes), len(outcomes) - sum(outcomes), _wanted(truths))


def best_threshold(predictions: Predictions, truths: Truths) -> float:
    """Return the threshold with the best F1, the strictest of equals; infinity when no answer is right.

    It lies midway between two distinct scores, so that it says the same about these answers and is fair to others.
    """
    curve = _curve(predictions, truths)
    best = max(range(len(curve)), key=lambda at: (curve[at].f1, -at))
    if best in (0, len(curve) - 1):
        return curve[best].threshold
    lowest, below = curve[best].threshold, curve[best + 1].threshold
    middle = below + (lowest - below) / 2
    return middle if below < middle <= lowest else lowest


def recall_at_precision(predictions: Predictions, truths: Truths, floor: float = STRICT) -> float:
    """Return the best recall over all thresholds whose precision is at least `floor`; 0 when there is none."""
    return max(point.recall for point in _curve(predictions, truths) if point.precision >= floor)


def calibration_error(predictions: Predictions, truths: Truths) -> float | None:
    """Return the expected calibration error of the answers' scores; None without answers or probabilities.

    Scores fall into 15 bins of equal width, the last one closed; each bin's share of right answers is compared with its
    mean score, weighted by its size. A lead answered with None counts not at all.
    """
    outcomes = _outcomes(predictions, truths)
    if not outcomes or not all(0 <= value <= 1 for _, value in outcomes):
        return None
    edges = [step / BINS for step in range(1, BINS)]
    surplus = [0.0] * BINS
    for right, value in outcomes:
        surplus[bisect_right(edges, value)] += right - value
    return sum(abs(each) for each in surplus) / len(outcomes)


def right_by_kind(
    predictions: Predictions, truths: Truths, kinds: Mapping[str, str], threshold: float
) -> dict[str, float]:
    """Return kind -> share of its leads right at `threshold`: answered with the truth, or rightly not at all."""
    total: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for lead, truth in truths.items():
        answer, value = predictions.get(lead, (None, -math.inf))
        total[kinds[lead]] += 1
        right[kinds[lead]] += (answer if value >= threshold else None) == truth
    return {kind: right[kind] / total[kind] for kind in sorted(total)}


def _outcomes(predictions: Predictions, truths: Truths) -> list[tuple[bool, float]]:
    """Return (is it right, its score) for each answer that is not None."""
    unknown = predictions.keys() - truths.keys()
    if unknown:
        raise ValueError(f"Answers to {len(unknown)} leads that have no truth, such as {min(unknown)}.")
    given = [(answer == truths[lead], value) for lead, (answer, value) in predictions.items() if answer is not None]
    if not all(math.isfinite(value) for _, value in given):
        raise ValueError("A score is not a finite number.")
    return given


def _wanted(truths: Truths) -> int:
    return sum(truth is not None for truth in truths.values())


def _curve(predictions: Predictions, truths: Truths) -> list[Point]:
    """Return a point for each distinct score, strictest first, after one for no answer at all.

    Equal scores fall on the same side of every threshold, so only the last of a tie makes a point.
    """
    wanted = _wanted(truths)
    outcomes = sorted(_outcomes(predictions, truths), key=lambda outcome: -outcome[1])
    points = [Point(math.inf, 0, 0, wanted)]
    right = 0
    for answered, ((is_right, value), (_, following)) in enumerate(pairwise([*outcomes, (False, -math.inf)]), start=1):
        right += is_right
        if following < value:
            points.append(Point(value, right, answered - right, wanted))
    return points
