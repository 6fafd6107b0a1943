from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.matching.calibrate import (
    ENOUGH,
    ENOUGH_OF_EACH,
    FLATTEST,
    IDENTITY,
    STEEPEST,
    Calibration,
    fit,
    log_odds,
    logistic,
)

Reviews = list[tuple[float, bool]]


def reviews(count: int, *, slope: float, offset: float, seed: int) -> Reviews:
    """Make reviews of matches whose true log-odds are ``slope * shown + offset``."""
    draw = random.Random(seed)
    shown = [draw.uniform(-3, 6) for _ in range(count)]
    return [(each, draw.random() < logistic(slope * each + offset)) for each in shown]


def loss(calibration: Calibration, pairs: Reviews) -> float:
    return -sum(math.log(logistic(calibration.apply(each) * (1 if right else -1))) for each, right in pairs) / len(
        pairs
    )


@settings(max_examples=25, deadline=None)
@given(st.floats(0.4, 2.5), st.floats(-2, 2), st.integers(0, 10**6))
def test_calibration_finds_the_truth_and_never_does_much_harm(slope: float, offset: float, seed: int) -> None:
    found = fit(reviews(1500, slope=slope, offset=offset, seed=seed))
    held_out = reviews(1500, slope=slope, offset=offset, seed=seed + 1)
    if found != IDENTITY:
        assert loss(found, held_out) <= loss(IDENTITY, held_out) + 0.01
        assert found.slope == pytest.approx(slope, rel=0.35, abs=0.25)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([(0.5, -1.0), (0.6, 1.0), (1.0, -1.5), (2.0, -1.0)]), st.integers(0, 10**6))
def test_calibration_lowers_the_loss_on_matches_it_has_not_seen(truth: tuple[float, float], seed: int) -> None:
    slope, offset = truth
    found = fit(reviews(800, slope=slope, offset=offset, seed=seed))
    held_out = reviews(2000, slope=slope, offset=offset, seed=seed + 1)
    assert loss(found, held_out) < loss(IDENTITY, held_out)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-50, 50) | st.just(math.nan), st.booleans()), min_size=ENOUGH, max_size=400),
    st.lists(st.floats(-12, 12), min_size=2, max_size=8),
)
def test_the_likelier_account_stays_the_likelier_one(pairs: Reviews, shown: list[float]) -> None:
    found = fit(pairs)
    assert FLATTEST <= found.slope <= STEEPEST
    assert math.isfinite(found.offset)
    calibrated = [found.apply(each) for each in sorted(shown)]
    assert calibrated == sorted(calibrated)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [(0, 0), (ENOUGH, 0), (ENOUGH, ENOUGH_OF_EACH - 1), (ENOUGH_OF_EACH - 1, ENOUGH), (100, 99)],
)
def test_too_few_reviews_change_nothing(right: int, wrong: int) -> None:
    assert fit([(1.0, True)] * right + [(1.0, False)] * wrong) == IDENTITY


def test_reviews_against_all_evidence_do_not_turn_it_around() -> None:
    found = fit([(4.0, False)] * 150 + [(-4.0, True)] * 150)
    assert found.slope == FLATTEST
    assert found.reviews == 300


def test_reviews_that_agree_with_the_evidence_change_little() -> None:
    found = fit(reviews(1000, slope=1.0, offset=0.0, seed=7))
    assert found.slope == pytest.approx(1, abs=0.2)
    assert found.offset == pytest.approx(0, abs=0.3)


def test_the_same_reviews_give_the_same_calibration_in_any_order() -> None:
    known = reviews(500, slope=0.7, offset=-0.5, seed=3)
    one, other = fit(known), fit(known[::-1])
    assert fit(known) == one
    assert (one.slope, one.offset) == pytest.approx((other.slope, other.offset), abs=1e-5)


@pytest.mark.parametrize("probability", [0.0, 1e-9, 0.2, 0.5, 0.97, 1.0])
def test_probabilities_and_log_odds_are_the_same_thing(probability: float) -> None:
    assert logistic(log_odds(probability)) == pytest.approx(probability, abs=1e-5)
    assert IDENTITY.probability(probability) == probability
    assert 0 <= Calibration(2, -1).probability(probability) <= 1
