"""The score of a benchmark, against its definition written out the slow way."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.scoring import (
    BINS,
    Predictions,
    Truths,
    at_threshold,
    best_threshold,
    calibration_error,
    recall_at_precision,
    score,
)

# Few accounts and few scores, so that right answers and ties are common.
ACCOUNTS = st.sampled_from([None, "a", "b"])
VALUES = st.one_of(st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0]), st.floats(0, 1))
CASES = st.lists(st.tuples(ACCOUNTS, st.one_of(st.none(), st.tuples(ACCOUNTS, VALUES))), max_size=25)
Case = list[tuple[str | None, tuple[str | None, float] | None]]


def split(case: Case) -> tuple[Predictions, Truths]:
    """Return predictions and truths; a lead may have no prediction."""
    predictions = {str(at): given for at, (_, given) in enumerate(case) if given is not None}
    return predictions, {str(at): truth for at, (truth, _) in enumerate(case)}


def slow(predictions: Predictions, truths: Truths, threshold: float) -> tuple[float, float, float]:
    """Return precision, recall and F1 from the definition."""
    accepted = {lead: answer for lead, (answer, value) in predictions.items() if answer and value >= threshold}
    right = sum(truths[lead] == answer for lead, answer in accepted.items())
    wanted = sum(truth is not None for truth in truths.values())
    precision = right / len(accepted) if accepted else 1.0
    recall = right / wanted if wanted else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0


def thresholds(predictions: Predictions) -> list[float]:
    return [math.inf, *(value for answer, value in predictions.values() if answer)]


@given(CASES, VALUES)
def test_a_threshold_gives_what_the_definition_says(case: Case, threshold: float) -> None:
    predictions, truths = split(case)
    point = at_threshold(predictions, truths, threshold)
    assert (point.precision, point.recall, point.f1) == pytest.approx(slow(predictions, truths, threshold))


@given(CASES)
def test_no_threshold_beats_the_best_one(case: Case) -> None:
    predictions, truths = split(case)
    best = max(slow(predictions, truths, each)[2] for each in thresholds(predictions))
    assert slow(predictions, truths, best_threshold(predictions, truths))[2] == pytest.approx(best)


@given(CASES)
def test_the_recall_at_a_precision_is_the_best_of_all_thresholds_that_reach_it(case: Case) -> None:
    predictions, truths = split(case)
    for floor in (0.5, 0.99, 1.0):
        points = [slow(predictions, truths, each) for each in thresholds(predictions)]
        best = max(recall for precision, recall, _ in points if precision >= floor)
        assert recall_at_precision(predictions, truths, floor) == best


@given(CASES)
def test_the_calibration_error_is_the_weighted_gap_between_score_and_share_right(case: Case) -> None:
    predictions, truths = split(case)
    given_ = [(truths[lead] == answer, value) for lead, (answer, value) in predictions.items() if answer]
    gap = 0.0
    for step in range(BINS):
        low, high = step / BINS, (step + 1) / BINS
        inside = [(right, value) for right, value in given_ if low <= value and (value < high or step == BINS - 1)]
        if inside:
            share = sum(right for right, _ in inside) / len(inside)
            mean = sum(value for _, value in inside) / len(inside)
            gap += len(inside) / len(given_) * abs(share - mean)
    assert calibration_error(predictions, truths) == (pytest.approx(gap, abs=1e-12) if given_ else None)


@given(CASES, st.sampled_from([None, 0.5]))
def test_a_score_is_made_of_its_parts(case: Case, threshold: float | None) -> None:
    predictions, truths = split(case)
    whole = score(predictions, truths, threshold=threshold)
    assert whole.threshold == (best_threshold(predictions, truths) if threshold is None else threshold)
    assert (whole.precision, whole.recall, whole.f1) == pytest.approx(slow(predictions, truths, whole.threshold))
    assert whole.recall_at_99 == recall_at_precision(predictions, truths)
    assert whole.leads == len(case)


def test_answers_with_one_score_are_taken_or_left_together() -> None:
    predictions: Predictions = {"1": ("a", 0.9), "2": ("b", 0.5), "3": ("b", 0.5), "4": ("b", 0.5), "5": ("b", 0.5)}
    truths: Truths = {"1": "a", "2": "b", "3": "a", "4": None, "5": None}
    assert recall_at_precision(predictions, truths) == pytest.approx(1 / 3)
    assert best_threshold(predictions, truths) == pytest.approx(0.7)


def test_a_threshold_of_one_half_serves_leads_between_the_scores_of_the_other() -> None:
    known: Predictions = {"1": ("a", 0.8), "2": ("a", 0.4)}
    assert best_threshold(known, {"1": "a", "2": None}) == pytest.approx(0.6)


def test_scores_a_hairs_breadth_apart_are_told_apart() -> None:
    high = math.nextafter(0.5, 1)
    truths: Truths = {"1": "a", "2": None}
    assert at_threshold({"1": ("a", high), "2": ("a", 0.5)}, truths, high).precision == 1
    assert best_threshold({"1": ("a", high), "2": ("a", 0.5)}, truths) == high


def test_a_kind_is_right_when_its_leads_get_their_account_or_rightly_none() -> None:
    truths: Truths = {"1": "a", "2": "a", "3": None, "4": None}
    predictions: Predictions = {"1": ("a", 0.9), "2": ("a", 0.1), "3": ("b", 0.2), "4": ("b", 0.9)}
    kinds = {"1": "real", "2": "real", "3": "none", "4": "none"}
    assert score(predictions, truths, threshold=0.5, kinds=kinds).by_kind == {"none": 0.5, "real": 0.5}


def test_scores_that_are_no_probabilities_have_no_calibration_error() -> None:
    assert calibration_error({"1": ("a", 87.0)}, {"1": "a"}) is None
    assert calibration_error({"1": (None, 87.0), "2": ("a", 1.0)}, {"1": "a", "2": "a"}) == 0


def test_nothing_right_means_that_no_answer_is_the_best_answer() -> None:
    assert best_threshold({"1": ("b", 0.5)}, {"1": "a"}) == math.inf
    assert best_threshold({}, {}) == math.inf


def test_answers_to_unknown_leads_and_scores_without_a_value_are_refused() -> None:
    with pytest.raises(ValueError, match="no truth, such as 2"):
        score({"2": ("a", 0.5)}, {"1": "a"})
    with pytest.raises(ValueError, match="finite"):
        score({"1": ("a", math.nan)}, {"1": "a"})
