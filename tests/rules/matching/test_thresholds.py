"""What a threshold would be worth, by what people said."""

from __future__ import annotations

import pytest

from rules.matching.thresholds import FEW, USUAL, measured


def test_each_threshold_says_how_many_it_takes_and_how_many_of_them_are_right() -> None:
    found = measured([(0.95, True), (0.85, True), (0.75, False), (0.65, True)], [0.9])
    by = {each.threshold: each for each in found.points}
    assert [each.threshold for each in found.points] == sorted(USUAL)
    assert (by[0.6].taken, by[0.6].right, by[0.6].precision, by[0.6].recall) == (4, 3, 0.75, 1.0)
    assert (by[0.8].taken, by[0.8].precision) == (2, 1.0)
    assert by[0.8].recall == pytest.approx(2 / 3)
    assert (by[0.99].taken, by[0.99].precision, by[0.99].recall) == (0, None, 0.0)


def test_the_threshold_in_force_is_among_them_once() -> None:
    found = measured([(0.95, True)], [0.93, 0.9])
    assert [each.threshold for each in found.points].count(0.9) == 1
    assert 0.93 in {each.threshold for each in found.points}


def test_of_nothing_nothing_is_said() -> None:
    found = measured([])
    assert (found.pairs, found.right, found.is_thin) == (0, 0, True)
    assert all((each.precision, each.recall, each.low, each.high) == (None, None, 0.0, 1.0) for each in found.points)
    assert found.least(0.5) is None


@pytest.mark.parametrize(
    ("right", "count", "low", "high"), [(10, 10, 0.722, 1.0), (45, 50, 0.786, 0.957), (0, 4, 0.0, 0.49)]
)
def test_few_pairs_leave_a_wide_range(right: int, count: int, low: float, high: float) -> None:
    """Against the figures of a published table of Wilson's interval."""
    found = measured([(0.9, place < right) for place in range(count)])
    point = next(each for each in found.points if each.threshold == 0.9)
    assert point.low == pytest.approx(low, abs=0.001)
    assert point.high == pytest.approx(high, abs=0.001)


def test_figures_are_thin_with_few_pairs_or_answers_of_one_kind() -> None:
    mixed = [(0.9, place % 2 == 0) for place in range(FEW)]
    assert not measured(mixed).is_thin
    assert measured(mixed[1:]).is_thin
    assert measured([(0.9, True)] * 200).is_thin


def test_the_lowest_threshold_of_a_precision_is_found() -> None:
    found = measured([(0.97, True)] * 99 + [(0.72, False)] + [(0.995, False)])
    best = found.least(0.99)
    assert best is not None
    assert best.threshold == 0.75
    assert found.least(1.0) is None
