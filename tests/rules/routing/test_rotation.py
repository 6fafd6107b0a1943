"""The rotation against the theorem: exact fractions are the oracle, thousands of random weight sets the streams."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.model import Standing, Turn
from rules.routing.rotation import UNIT, after, bound, give_back, next_taker, settle, split

WEIGHTS = st.lists(st.integers(1, 1000), min_size=1, max_size=30)
SMALL = st.lists(st.integers(1, 5), min_size=1, max_size=8)
ONE = Fraction(1)


def pool(weights: list[int]) -> dict[str, int]:
    return {f"m{number:02}": weight for number, weight in enumerate(weights)}


def run(weights: Mapping[str, int], turns: int, standing: Standing | None = None) -> tuple[list[str], Standing]:
    now = standing or {}
    takers = []
    for _ in range(turns):
        takers.append(next_taker(now, weights))
        now = after(now, takers[-1], weights)
    return takers, now


def dues(standing: Standing) -> dict[str, int]:
    return {member: row["due"] for member, row in standing.items()}


def worst(standing: Standing) -> Fraction:
    return Fraction(max(map(abs, dues(standing).values()), default=0), UNIT)


def tijdemans_bound(members: int) -> Fraction:
    return ONE - Fraction(1, 2 * members - 2) if members > 1 else Fraction(0)


def check_theorem(weights: Mapping[str, int], turns: int) -> None:
    """After every turn: count against turns * weight / sum of weights, in exact fractions."""
    total, members = sum(weights.values()), len(weights)
    limit = tijdemans_bound(members) + Fraction(turns, UNIT)
    assert limit < 1
    low, high = -limit * total, limit * total
    counts = dict.fromkeys(weights, 0)
    standing: Standing = {}
    for done in range(1, turns + 1):
        taker = next_taker(standing, weights)
        counts[taker] += 1
        standing = after(standing, taker, weights)
        for member, weight in weights.items():
            assert low <= done * weight - counts[member] * total <= high, (weights, done, member)
    assert {member: row["got"] for member, row in standing.items()} == counts
    assert all(row["due"] == row["entitled"] - row["got"] * UNIT for row in standing.values())
    assert sum(dues(standing).values()) == 0


@given(WEIGHTS, st.integers(1, 120))
@settings(max_examples=150, deadline=None)
def test_every_count_is_within_tijdemans_bound_of_its_share_after_every_turn(weights: list[int], turns: int) -> None:
    check_theorem(pool(weights), turns)


def test_two_thousand_random_weight_sets_keep_the_bound() -> None:
    draw = random.Random(1980)
    for _ in range(2000):
        highest = draw.choice([1, 2, 9, 100, 1000])
        check_theorem(pool([draw.randint(1, highest) for _ in range(draw.randint(1, 12))]), 40)


@pytest.mark.parametrize("seed", range(6))
def test_thousands_of_turns_keep_the_bound(seed: int) -> None:
    draw = random.Random(seed)
    check_theorem(pool([draw.randint(1, 1000) for _ in range(draw.choice([2, 3, 13, 30]))]), 2500)


@pytest.mark.parametrize(
    "weights",
    [
        [1],
        [1000],
        [1, 1],
        [1, 1000],
        [1000, 1],
        [999, 1000],
        [1] * 30,
        [1000, *[1] * 29],
        [1, 2, 4, 8, 16, 32, 64, 128],
    ],
    ids=str,
)
def test_lopsided_pools_keep_the_bound(weights: list[int]) -> None:
    check_theorem(pool(weights), 1100)


def best_possible(weights: list[int], turns: int, limit: Fraction) -> bool:
    """Brute force: tell whether any sequence of takers stays within `limit` for so many turns."""
    total = sum(weights)
    states = {tuple(0 for _ in weights)}
    for done in range(1, turns + 1):
        states = {
            new
            for state in states
            for at in range(len(weights))
            for new in [(*state[:at], state[at] + 1, *state[at + 1 :])]
            if all(abs(Fraction(done * w, total) - c) <= limit for w, c in zip(weights, new, strict=True))
        }
    return bool(states)


@given(st.lists(st.integers(1, 6), min_size=2, max_size=4))
@settings(max_examples=40, deadline=None)
def test_the_rule_never_misses_the_bound_that_brute_force_says_can_be_kept(weights: list[int]) -> None:
    limit = tijdemans_bound(len(weights))
    assert best_possible(weights, 12, limit)
    check_theorem(pool(weights), 12)


def test_one_member_takes_all_and_is_never_owed_anything() -> None:
    takers, standing = run({"a": 7}, 5)
    assert takers == ["a"] * 5
    assert standing == {"a": {"due": 0, "got": 5, "entitled": 5 * UNIT}}


def test_two_members_are_never_more_than_half_a_lead_off() -> None:
    for weights in ([1, 1], [1, 2], [3, 7], [1, 1000]):
        standing: Standing = {}
        for _ in range(sum(weights)):
            standing = after(standing, next_taker(standing, pool(weights)), pool(weights))
            assert worst(standing) <= Fraction(1, 2)
        assert set(dues(standing).values()) == {0} or sum(weights) > 30


def test_equal_weights_go_round_exactly_by_id() -> None:
    assert run({"c": 1, "a": 1, "b": 1}, 6)[0] == ["a", "b", "c", "a", "b", "c"]


def test_weights_are_spread_and_not_served_in_blocks() -> None:
    takers = run({"a": 5, "b": 1, "c": 1}, 70)[0]
    assert Counter(takers) == {"a": 50, "b": 10, "c": 10}
    assert all({"a", "b", "c"} == set(takers[start : start + 9]) for start in range(60))


@given(WEIGHTS)
def test_shares_sum_to_one_lead_exactly_and_are_off_by_less_than_one_unit(weights: list[int]) -> None:
    shares = split(pool(weights))
    assert sum(shares.values()) == UNIT
    for member, weight in pool(weights).items():
        assert abs(shares[member] - Fraction(weight * UNIT, sum(weights))) < 1


@given(SMALL)
@settings(deadline=None)
def test_a_full_round_gives_everybody_exactly_their_weight(weights: list[int]) -> None:
    takers, standing = run(pool(weights), sum(weights))
    assert Counter(takers) == pool(weights)
    if UNIT % sum(weights) == 0:
        assert not any(dues(standing).values())


@given(SMALL, st.integers(0, 40), st.integers(0, 40))
@settings(deadline=None)
def test_many_at_once_are_as_many_one_by_one_in_any_order_of_the_text(
    weights: list[int], first: int, then: int
) -> None:
    members = pool(weights)
    once, standing = run(members, first)
    rest, end = run(dict(reversed(members.items())), then, standing)
    assert (once + rest, end) == run(members, first + then)


class Stream:
    """A random life of a pool: `change` says what may happen before a turn."""

    def __init__(self, seed: int, changes: frozenset[str]) -> None:
        self.draw = random.Random(seed)
        self.changes = changes
        self.highest = self.draw.choice([1, 3, 10, 1000])
        self.weights = pool([self.weight() for _ in range(self.draw.randint(2, 30))])
        self.most = len(self.weights)
        self.presence = self.draw.choice([0.1, 0.5, 0.9])
        self.off: set[str] = set()
        self.standing: Standing = {}
        self.worst = Fraction(0)

    def weight(self) -> int:
        return self.draw.randint(1, self.highest)

    def change(self) -> None:
        draw = self.draw
        if "leave" in self.changes and draw.random() < 0.03 and len(self.weights) > 1:
            self.weights.pop(draw.choice(sorted(self.weights)))
        if "join" in self.changes and draw.random() < 0.03 and len(self.weights) < 30:
            self.weights[f"n{draw.randrange(10**9):09}"] = self.weight()
            self.most = max(self.most, len(self.weights))
        if "weigh" in self.changes and draw.random() < 0.05:
            self.weights[draw.choice(sorted(self.weights))] = self.weight()
        if "shift" in self.changes:
            self.off ^= {member for member in self.weights if draw.random() < 0.02}

    def ready(self) -> dict[str, int]:
        ready = {member: weight for member, weight in self.weights.items() if member not in self.off}
        if "flicker" in self.changes:
            ready = {member: weight for member, weight in ready.items() if self.draw.random() < self.presence}
        return ready

    def run(self, turns: int) -> Stream:
        for _ in range(turns):
            self.change()
            settled = settle(self.standing, self.weights.keys())
            self.standing = settled
            if ready := self.ready():
                taker = next_taker(settled, ready)
                assert taker in ready
                self.standing = after(settled, taker, ready)
                for member in settled.keys() - ready.keys():
                    assert self.standing[member] is settled[member]
            assert sum(dues(self.standing).values()) == 0
            self.worst = max(self.worst, worst(self.standing))
        return self


@pytest.mark.parametrize(
    "changes",
    [{"join"}, {"leave"}, {"weigh"}, {"join", "leave", "weigh"}],
    ids=lambda changes: "+".join(sorted(changes)),
)
def test_joins_leaves_and_new_weights_in_random_streams_keep_every_due_below_one(changes: set[str]) -> None:
    for seed in range(15):
        assert Stream(seed, frozenset(changes)).run(400).worst < 1


@pytest.mark.parametrize(
    "changes",
    [{"shift"}, {"flicker"}, {"shift", "flicker", "join", "leave", "weigh"}],
    ids=lambda changes: "+".join(sorted(changes)),
)
def test_absences_in_random_streams_keep_every_due_below_two(changes: set[str]) -> None:
    for seed in range(15):
        assert Stream(seed, frozenset(changes)).run(400).worst < 2


@pytest.mark.parametrize("members", [2, 3, 5, 12])
def test_whoever_chooses_who_is_there_cannot_push_a_due_past_the_bound(members: int) -> None:
    """An adversary tries subsets and takes the one that drives dues apart most."""
    draw = random.Random(members)
    weights = pool([draw.randint(1, 9) for _ in range(members)])
    standing: Standing = settle({}, weights)
    for _ in range(250):
        by_due = sorted(weights, key=lambda member: standing[member]["due"])
        tries = []
        for _ in range(6):
            at, size = draw.randrange(members), draw.randint(2, members)
            ready = {member: weights[member] for member in by_due[at : at + size]}
            tries.append(after(standing, next_taker(standing, ready), ready))
        standing = max(tries, key=lambda each: sum((due / UNIT) ** 4 for due in dues(each).values()))
        assert worst(standing) <= bound(members)


def test_a_newcomer_is_neither_flooded_nor_starved() -> None:
    _, standing = run({"a": 1, "b": 1, "c": 1}, 1001)
    takers, _ = run({"a": 1, "b": 1, "c": 1, "new": 1}, 40, settle(standing, {"a", "b", "c", "new"}))
    assert Counter(takers) == {"a": 10, "b": 10, "c": 10, "new": 10}
    assert all("new" in takers[start : start + 7] for start in range(33))
    assert "new,new" not in ",".join(takers)


def test_who_comes_back_is_neither_flooded_nor_starved() -> None:
    everyone = {"a": 1, "b": 1, "c": 1, "d": 1}
    _, standing = run(everyone, 102)
    without = dict.fromkeys("abc", 1)
    _, later = run(without, 500, standing)
    assert later["d"] == standing["d"]
    takers, end = run(everyone, 40, later)
    assert all(abs(count - 10) <= 1 for count in Counter(takers).values())
    assert worst(end) < 1


@given(SMALL, st.integers(0, 60), st.data())
@settings(deadline=None)
def test_when_members_leave_nobodys_due_grows_or_turns_and_the_dues_still_sum_to_nothing(
    weights: list[int], turns: int, data: st.DataObject
) -> None:
    members = pool(weights)
    _, standing = run(members, turns, settle({}, members))
    stay = data.draw(st.sets(st.sampled_from(sorted(members))))
    rest = settle(standing, stay)
    assert rest.keys() == stay
    assert sum(dues(rest).values()) == 0
    for member in stay:
        old, new = standing[member], rest[member]
        assert abs(new["due"]) <= abs(old["due"])
        assert new["due"] * old["due"] >= 0
        assert new["got"] == old["got"]
        assert new["due"] == new["entitled"] - new["got"] * UNIT


def test_new_weights_leave_the_dues_as_they_are() -> None:
    _, standing = run({"a": 1, "b": 2}, 4)
    shares = split({"a": 5, "b": 1})
    taker = next_taker(standing, {"a": 5, "b": 1})
    end = after(standing, taker, {"a": 5, "b": 1})
    for member, share in shares.items():
        assert end[member]["due"] == standing[member]["due"] + share - (UNIT if member == taker else 0)


def test_when_all_who_are_there_are_ahead_the_least_ahead_takes_it() -> None:
    standing = {
        "a": {"due": -UNIT, "got": 3, "entitled": 2 * UNIT},
        "b": {"due": -UNIT + 1, "got": 3, "entitled": 2 * UNIT + 1},
        "away": {"due": 2 * UNIT - 1, "got": 0, "entitled": 2 * UNIT - 1},
    }
    assert next_taker(standing, {"a": 1, "b": 1}) == "b"


def turn(standing: Standing, weights: Mapping[str, int]) -> Turn:
    settled = settle(standing, weights.keys())
    taker = next_taker(settled, weights)
    return Turn("P", taker, settled, after(settled, taker, weights))


@given(SMALL, st.integers(1, 30), st.data())
@settings(deadline=None)
def test_turns_are_given_back_exactly_and_in_any_order(weights: list[int], count: int, data: st.DataObject) -> None:
    members = pool(weights)
    turns: list[Turn] = []
    standing: Standing = settle({}, members)
    start = standing
    for _ in range(count):
        turns.append(turn(standing, members))
        standing = turns[-1].after
        assert give_back(standing, turns[-1]) == turns[-1].before
    for each in data.draw(st.permutations(turns)):
        standing = give_back(standing, each)
        assert sum(dues(standing).values()) == 0
    assert standing == start


def test_a_turn_given_back_among_later_turns_leaves_those_as_they_were() -> None:
    members = {"a": 3, "b": 2, "c": 1}
    first = turn({}, members)
    second = turn(first.after, {"a": 3, "b": 2})
    back = give_back(second.after, first)
    again = after(settle({}, members), second.member_id, {"a": 3, "b": 2})
    assert {name: row["due"] for name, row in settle(back, "ab").items()} == {
        name: row["due"] for name, row in settle(again, "ab").items()
    }


def test_who_gives_a_lead_back_is_owed_one_more() -> None:
    members = {"a": 1, "b": 1}
    first = turn({}, members)
    second = turn(first.after, members)
    assert [first.member_id, second.member_id] == ["a", "b"]
    back = give_back(second.after, first)
    assert back["a"]["got"] == 0
    assert next_taker(back, members) == "a"


def test_a_turn_is_given_back_when_its_taker_has_left_the_pool() -> None:
    members = {"a": 1, "b": 1, "c": 1}
    first = turn({}, members)
    left = settle(first.after, {"b", "c"})
    back = give_back(left, first)
    assert back.keys() == {"b", "c"}
    assert sum(dues(back).values()) == 0
    assert all(row["got"] == 0 for row in back.values())


def test_a_newcomer_since_is_not_touched_when_an_older_turn_is_given_back() -> None:
    first = turn({}, {"a": 1, "b": 1})
    later = turn(first.after, {"a": 1, "b": 1, "new": 1})
    assert give_back(later.after, first)["new"] == later.after["new"]
