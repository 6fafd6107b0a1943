from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.pools import Seat, lane, take

WEIGHTS = st.lists(st.integers(1, 9), min_size=1, max_size=12)


def run(seats: list[Seat], turns: int, state: dict[str, int] | None = None) -> tuple[list[str], dict[str, int]]:
    now = dict(state or {})
    takers = []
    for _ in range(turns):
        turn = take("P", seats, now)
        assert turn is not None
        takers.append(turn.member_id)
        now = dict(turn.after)
    return takers, now


def test_equal_weights_go_round_exactly_by_id() -> None:
    assert run([Seat("c"), Seat("a"), Seat("b")], 6)[0] == ["a", "b", "c", "a", "b", "c"]


def test_weights_are_spread_and_not_served_in_blocks() -> None:
    assert run([Seat("a", 5), Seat("b", 1), Seat("c", 1)], 7)[0] == ["a", "a", "b", "a", "c", "a", "a"]


@given(WEIGHTS, st.integers(1, 80))
@settings(max_examples=150)
def test_nobody_is_a_whole_turn_ahead_nor_two_behind_their_share(weights: list[int], turns: int) -> None:
    seats = [Seat(f"m{number:02}", weight) for number, weight in enumerate(weights)]
    counts: Counter[str] = Counter()
    state: dict[str, int] = {}
    for done in range(1, turns + 1):
        turn = take("P", seats, state)
        assert turn is not None
        counts[turn.member_id] += 1
        state = dict(turn.after)
        for seat in seats:
            due = done * seat.weight / sum(weights)
            assert counts[seat.id] < due + 1
            assert counts[seat.id] > due - min(2, max(1, len(seats) - 1))


@given(WEIGHTS)
def test_a_full_round_gives_everybody_exactly_their_weight(weights: list[int]) -> None:
    seats = [Seat(f"m{number:02}", weight) for number, weight in enumerate(weights)]
    takers, state = run(seats, sum(weights))
    assert Counter(takers) == {seat.id: seat.weight for seat in seats}
    assert not any(state.values())


@given(WEIGHTS, st.integers(0, 40), st.integers(0, 40))
def test_many_at_once_are_as_many_one_by_one(weights: list[int], first: int, second: int) -> None:
    seats = [Seat(f"m{number:02}", weight) for number, weight in enumerate(weights)]
    once, state = run(seats, first)
    then, _ = run(list(reversed(seats)), second, state)
    assert once + then == run(seats, first + second)[0]


@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=60))
def test_absence_leaves_credits_bounded_and_untouched(days: list[list[bool]]) -> None:
    weights = [1, 2, 3, 4]
    state: dict[str, int] = {}
    for day in days:
        seats = [Seat(f"m{n}", weight, there) for n, (weight, there) in enumerate(zip(weights, day, strict=True))]
        turn = take("P", seats, state)
        if turn is None:
            assert not any(day)
            continue
        taker = next(seat for seat in seats if seat.id == turn.member_id)
        assert taker.available
        absent = [seat.id for seat in seats if not seat.available]
        assert all(turn.after[one] == turn.before[one] for one in absent)
        assert sum(turn.after.values()) == sum(turn.before.values()) == 0
        assert all(abs(credit) <= 3 * sum(weights) for credit in turn.after.values())
        state = dict(turn.after)


def test_who_comes_back_is_not_flooded() -> None:
    seats = [Seat("a"), Seat("b"), Seat("c")]
    _, state = run(seats, 3)
    _, state = run([Seat("a"), Seat("b"), Seat("c", available=False)], 50, state)
    takers, _ = run(seats, 9, state)
    assert Counter(takers) == {"a": 3, "b": 3, "c": 3}


def test_a_newcomer_starts_at_nought_and_a_leaver_is_forgotten() -> None:
    turn = take("P", [Seat("a"), Seat("new")], {"a": -3, "left": 7})
    assert turn is not None
    assert turn.before == {"a": -3, "new": 0}
    assert (turn.member_id, turn.after) == ("new", {"a": -2, "new": -1})


@pytest.mark.parametrize("seats", [[], [Seat("a", available=False)]])
def test_nobody_there_is_no_turn(seats: list[Seat]) -> None:
    assert take("P", seats, {}) is None


def test_watching_has_a_lane_of_its_own() -> None:
    assert lane("EMEA", "act") == "EMEA"
    assert len({lane("EMEA", "act"), lane("EMEA", "suggest"), lane("EMEA", "observe")}) == 3
